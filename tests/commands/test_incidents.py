import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.servers.webhook import TicketServer
from tests.shell import ROUTES, Otklik, posts, webhook


@pytest.fixture
def raised(otklik: Otklik) -> Otklik:
    """Two voices on a gas leak, one on water, and a copy."""
    text = "Второй день нет воды на улице Мира, 7, в управляющей компании никто не берёт трубку, помогите"
    lines = posts("Запах газа на улице Ленина, 5", "Пахнет! Запах газа возле Ленина, 5", text, text)
    assert otklik("ingest", otklik.city(), input=lines).code == 0
    return otklik


def test_explain_says_what_of_a_near_copy_is_the_same(raised: Otklik) -> None:
    text = "Во дворе дома 7 по улице Мира третий месяц не горит ни один фонарь, дети возвращаются в темноте"
    lines = [
        {"id": f"n{number}", "text": said, "published_at": f"2026-03-05T1{number}:00:00+11:00"}
        for number, said in enumerate([text + " Репост!", text.replace("фонарь", "фанарь").upper()])
    ]
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    assert raised("ingest", _city(raised), input=given).code == 0
    copy = raised("explain", _city(raised), "given:ingest/n1", "--json").lines[0]
    assert copy["copy_of"] == copy["copy_why"]["id"] == "given:ingest/n0"
    assert (copy["copy_why"]["kind"], 0.5 < copy["copy_why"]["score"] < 1) == ("near", True)
    assert "slips, cut or added to" in raised("explain", _city(raised), "given:ingest/n1").out
    # What an installation of before knows of its texts, a rebuild finds out.
    raised.change("DELETE FROM near_copies")
    raised.change("DELETE FROM copy_texts")
    assert raised("explain", _city(raised), "given:ingest/n1", "--json").lines[0]["copy_of"] == ""
    assert raised("reindex", _city(raised)).code == 0
    assert raised("explain", _city(raised), "given:ingest/n1", "--json").lines[0] == copy


def _city(otklik: Otklik) -> Path:
    return otklik.folder / "ozersk.toml"


def first_place(otklik: Otklik, city: Path) -> dict[str, Any]:
    place: dict[str, Any] = otklik("search", city, "вода", "--json").lines[0]["places"][0]
    return place


def test_the_queue_and_what_is_done_with_it(raised: Otklik) -> None:
    city = _city(raised)
    listed = raised("incidents", city)
    assert listed.code == 0
    assert "danger" in listed.out
    assert listed.out.index("Запах газа") < listed.out.index("Нет воды")
    gas, water = raised("incidents", city, "list", "--json").lines
    assert (gas["severity"], gas["reports"], gas["executor"]) == ("danger", 2, "Горгаз")
    assert (water["severity"], water["reports"]) == ("high", 2)

    needs_why = raised("incidents", city, "reject", water["number"])
    assert (needs_why.code, needs_why.out) == (1, "")
    assert "Traceback" not in needs_why.err
    rejected = raised("incidents", city, "reject", water["number"], "--why", "учение")
    assert (rejected.code, rejected.out) == (0, f"Incident {water['number']}: rejected.\n")
    confirmed = raised("--locale", "ru", "incidents", city, "confirm", gas["number"])
    first, ticket = confirmed.out.splitlines()
    assert (confirmed.code, first) == (0, f"Инцидент № {gas['number']}: подтверждён.")
    assert ticket == "→ учёт без отправки"
    again = raised("incidents", city, "confirm", gas["number"])
    assert again.code == 1
    assert "is «confirmed»" in again.err
    assert gas["place"].keys() == water["place"].keys() == first_place(raised, city).keys() - {"start", "end", "quote"}
    assert (gas["place"]["name"], gas["place"]["houses"]) == ("Ленина", ["5"])
    assert [one["state"] for one in raised("incidents", city, "--json").lines] == ["confirmed"]
    assert [one["state"] for one in raised("incidents", city, "--all", "--json").lines] == ["confirmed", "rejected"]

    (shown,) = raised("incidents", city, "show", water["number"], "--json").lines
    assert [event["what"] for event in shown["events"]][-1] == "rejected"
    assert shown["events"][-1]["reason"] == "учение"
    (shown,) = raised("incidents", city, "show", gas["number"], "--json").lines
    assert {report["post"] for report in shown["reports"]} == {"given:ingest/1", "given:ingest/2"}
    assert [delivery["state"] for delivery in shown["deliveries"]] == ["sent"]
    text = raised("incidents", city, "show", gas["number"]).out
    assert "Запах газа на улице Ленина, 5" in text
    # Where nobody gets a ticket its number tells nothing: programs read it.
    number = shown["deliveries"][0]["external_id"]
    assert (number in text, "→ kept, not sent" in text) == (False, True)
    undo = raised("incidents", city, "undo", gas["number"], "--dry-run").out
    assert "kept, not sent: what was recorded stays." in undo
    assert number not in undo


def test_people_are_told_in_their_language_and_not_in_the_words_of_the_state(otklik: Otklik) -> None:
    otklik.environment["OTKLIK_LOCALE"] = "ru"
    city = otklik.city(routes=ROUTES.replace('deliver = "at once"', ""))
    at = datetime(2026, 11, 20, tzinfo=UTC)
    edited = [("Яма на дороге у Ленина, 5", "Спасибо, починили"), ("На дороге яма, Ленина, 5",) * 2]
    for number in (0, 1):
        lines = [{"id": at_, "text": texts[number], "published_at": at.isoformat()} for at_, texts in enumerate(edited)]
        assert otklik("ingest", city, input="".join(json.dumps(line) + "\n" for line in lines)).code == 0
    assert otklik("incidents", city, "confirm", 1).code == 0
    shown = otklik("incidents", city, "show", 1).out
    events = [line.partition(": ")[2] for line in shown.splitlines() if re.match(r"\d\d\.\d\d \d\d:\d\d  \S+: ", line)]
    assert events[:3] == [
        "открывает инцидент",
        "добавляет обращение",
        "убирает обращение: больше не подходит",
    ]
    assert events[-1] == "подтверждает"
    again = otklik("incidents", city, "confirm", 1)
    assert again.err.strip() == (
        "Инцидент № 1 сейчас «подтверждён», сделать его «подтверждён» нельзя: дальше он может стать «в работе»."
    )
    explained = otklik("explain", city, "given:ingest/1").out
    assert "→ дом: Ленина, 5" in explained


def test_of_a_long_queue_people_see_the_first_and_how_many_more(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts(*(f"Яма на дороге у Мира, {house}" for house in range(1, 221)))).code == 0
    listed = otklik("incidents", city).out
    assert listed.count("Ямы — ") == 200
    assert "… and 20 more; all: --json" in listed
    assert len(otklik("incidents", city, "--json").lines) == 220


def test_one_trouble_told_on_two_platforms_is_one_incident_and_after_closing_a_repeat(otklik: Otklik) -> None:
    city = otklik.city()
    told = (
        ("tg:-1001591537674/45", "telegram", "Второй день нет воды на улице Мира, 7", "05T10:00"),
        ("vk:-12345_678", "vk", "ул. Мира д.7 опять воды нет, сколько можно", "05T12:00"),
        ("vk:-12345_679", "vk", "Мира, 9: нет воды", "05T12:30"),
    )
    for post in told:
        assert otklik("ingest", city, input=_line(*post)).code == 0
    first, other = sorted(otklik("incidents", city, "--json").lines, key=lambda one: one["number"])
    assert (first["reports"], first["place"]["houses"]) == (2, ["7"])
    assert (other["reports"], other["place"]["houses"]) == (1, ["9"])
    reports = otklik("incidents", city, "show", first["number"], "--json").lines[0]["reports"]
    assert sorted(report["post"] for report in reports) == [told[0][0], told[1][0]]
    for verb in ("confirm", "in_work", "answered", "close"):
        assert otklik("incidents", city, verb, first["number"]).code == 0
    again = _line("tg:-1001591537674/46", "telegram", "На Мира 7 снова нет воды!", "05T20:00")
    assert otklik("ingest", city, input=again).code == 0
    (repeat,) = [one for one in otklik("incidents", city, "--json").lines if one["number"] != other["number"]]
    assert (repeat["reports"], repeat["repeat_of"]) == (1, first["number"])


def _line(post: str, platform: str, text: str, at: str) -> str:
    """A line of `otklik ingest`; `at` is the day of March 2026 and the time."""
    line = {"id": post, "platform": platform, "text": text, "published_at": f"2026-03-{at}:00+11:00"}
    return json.dumps(line, ensure_ascii=False) + "\n"


def test_what_cannot_be_done_is_said(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("incidents", city).out == "No open incidents.\n"
    unknown = otklik("incidents", city, "confirm", 7)
    assert (unknown.code, "There is no incident 7" in unknown.err) == (1, True)
    assert otklik("incidents", city, "show", 7).code == 1
    which = otklik("incidents", city, "show")
    assert (which.code, which.err) == (1, "Which incident? otklik incidents CITY show N\n")
    assert otklik("incidents", city, "burn", 1).code == 2


def test_confirming_delivers_and_a_dead_receiver_delays_nothing_else(otklik: Otklik) -> None:
    otklik.environment["OTKLIK_TEST_DESK"] = "s"
    with TicketServer("s") as desk:
        city = otklik.city(routes=webhook(desk.url).replace("at once", "confirmed"))
        otklik("ingest", city, input=posts("Запах газа на Ленина, 5"))
        assert desk.tickets == {}
        assert otklik("incidents", city, "confirm", 1).code == 0
        assert [one.made for one in desk.tickets.values()] == [1]


def test_explain(raised: Otklik) -> None:
    city = _city(raised)
    first, copy = (raised("explain", city, f"given:ingest/{number}", "--json").lines[0] for number in (3, 4))
    assert {first["copy_of"], copy["copy_of"]} == {"", first["id"] if copy["copy_of"] else copy["id"]}
    (place,) = first["places"]
    assert (place["name"], place["houses"]) == ("Мира", ["7"])
    assert place["rule"]
    (match,) = first["matches"]
    assert match["search"] == "file:water"
    assert {why["words"] for why in match["why"]} == {"нет", "воды"}
    assert [report["number"] for report in first["reports"]] == [report["number"] for report in copy["reports"]]
    original, other = (first, copy) if copy["copy_of"] else (copy, first)
    assert other["copy_why"] == {"id": original["id"], "kind": "exact", "score": 1.0}
    assert original["copies_why"] == [{"id": other["id"], "kind": "exact", "score": 1.0}]
    assert "A copy of" in raised("explain", city, other["id"]).out
    text = raised("--locale", "ru", "explain", city, original["id"]).out
    assert other["id"] in text
    assert "Места:" in text
    unknown = raised("explain", city, "given:ingest/77")
    assert (unknown.code, unknown.out) == (1, "")
    assert "has no post given:ingest/77" in unknown.err


def test_reindex(raised: Otklik) -> None:
    city = _city(raised)
    (table,) = (name for (name,) in raised.rows("SELECT name FROM sqlite_master") if name.endswith("_posts"))
    raised.change(f"DELETE FROM {table}")
    assert raised("search", city, "", "--json").lines == []
    assert raised("reindex", city).out == "Done: 4 posts indexed.\n"
    assert raised("reindex", city, "--json").lines == [{"indexed": 4}]
    assert len(raised("search", city, "", "--json").lines) == 4


def test_terminal_texts_of_strangers_cannot_rewrite_the_screen(otklik: Otklik) -> None:
    city = otklik.city()
    evil = "\x1b[2J\x1b]0;owned\x07 Запах газа [bold]на[/bold] Ленина, 5\u202e"
    otklik("ingest", city, input=json.dumps({"id": "e\x1b[31m1", "text": evil, "title": "\x1b[1mх"}))
    for shown in (
        otklik("search", city, ""),
        otklik("incidents", city),
        otklik("incidents", city, "show", 1),
        otklik("explain", city, otklik.number("SELECT id FROM posts")),
    ):
        assert shown.code == 0, shown.err
        assert "газа [bold]на[/bold]" in shown.out or "Запах газа" in shown.out
        assert "\x1b" not in shown.out + shown.err
        assert "\u202e" not in shown.out
