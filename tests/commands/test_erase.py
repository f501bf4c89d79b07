"""What is erased is nowhere any more: rows, raw bytes of every file, tickets; and nothing brings it back."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from demo.servers.webhook import TicketServer
from tests.grepping import found_in
from tests.shell import Otklik, posts, webhook

SECRET = "Квазидворняжка Шмумбриковна жалуется: запах газа на Ленина, 5, звоните Тютелькину"
WORDS = "Квазидворняжка Шмумбриковна Тютелькину"
# Enough other posts that the secret one shares pages and segments with them.
TALK = [f"Двор номер {number}: не убран снег, ждём уборки у подъезда {number % 7}" for number in range(300)]


def given(id_: str, text: str, **more: object) -> str:
    return json.dumps({"id": id_, "text": text, **more}, ensure_ascii=False) + "\n"


def filled(otklik: Otklik, city: Path) -> None:
    """The secret post in three versions by an author, with a comment of another person, among other posts."""
    lines = posts(*TALK[:150], first=1000)
    for version in ("", " Повторяю!", " Помогите!"):
        lines += given("secret", SECRET + version, author="Тютелькин Иннокентий", url="https://example.org/1")
        # Versions of a batch of their own.
        lines += posts(*TALK[:200], first=3000)
    lines += given("answer", "А у нас всё в порядке, спасибо", parent="secret", author="Другая")
    assert otklik("ingest", city, input=lines + posts(*TALK[150:], first=2000)).code == 0


def test_without_yes_nothing_is_erased(otklik: Otklik) -> None:
    city = otklik.city()
    filled(otklik, city)
    (told,) = otklik("erase", city, "given:ingest/secret", "--json").lines
    assert told["erased"] is False
    assert (told["counts"]["posts"], told["counts"]["versions"], told["counts"]["payloads"]) == (1, 3, 3)
    assert told["comments_left"] == ["given:ingest/answer"]
    shown = otklik("erase", city, "given:ingest/secret")
    assert (shown.code, "--yes" in shown.out) == (0, True)
    assert otklik.number("SELECT count(*) FROM tombstones") == 0
    assert found_in(otklik.home, WORDS)
    unknown = otklik("erase", city, "given:ingest/none", "--yes")
    assert (unknown.code, "neither such a post nor such an author" in unknown.err) == (1, True)


@pytest.mark.parametrize("what", ["given:ingest/secret", "given:Тютелькин Иннокентий", "Тютелькин Иннокентий"])
def test_no_byte_is_left_and_nothing_brings_it_back(otklik: Otklik, what: str) -> None:
    city = otklik.city()
    filled(otklik, city)
    kept = otklik.number("SELECT count(*) FROM posts") - 1
    run = otklik("erase", city, what, "--yes", "--why", "request 17", "--json")
    assert run.code == 0, run.err
    (told,) = run.lines
    assert told["counts"]["versions"] == told["counts"]["payloads"] == 3
    assert told["counts"]["authors"] == told["counts"]["reports"] == 1
    assert found_in(otklik.home, WORDS) == []
    assert otklik.number("SELECT count(*) FROM posts") == kept
    for table in ("post_versions", "payloads", "readings", "observations", "matches", "reports"):
        assert otklik.number(f"SELECT count(*) FROM {table} WHERE post LIKE '%secret'") == 0, table
    assert otklik.number("SELECT count(*) FROM authors") == 1
    (incident,) = otklik.rows("SELECT title, place, state FROM incidents")
    assert incident == ("Запах газа — место не названо", "null", "rejected")
    assert otklik.number("SELECT count(*) FROM deliveries WHERE external_id = ''") == 0
    (event,) = otklik.rows("SELECT reason, digest, subjects FROM events WHERE what = 'erased'")
    assert event[0] == "request 17"
    assert len(event[1]) == 32
    assert "secret" in event[2]

    again = otklik("ingest", city, "--json", input=given("secret", SECRET + " Снова", author="Тютелькин Иннокентий"))
    assert again.lines[0]["reasons"] == {"erased": 1}
    assert otklik("reindex", city, "--json").lines == [{"indexed": kept}]
    assert otklik("search", city, "запах газ", "--json").lines == []
    assert found_in(otklik.home, WORDS) == []
    next_one = given("other", "Запах газа на Мира, 7", author="Тютелькин Иннокентий")
    outcome = otklik("ingest", city, "--json", input=next_one).lines[0]["outcomes"]
    assert outcome == ({"new": 1} if what.endswith("secret") else {"rejected": 1})
    repeated = otklik("erase", city, what, "--yes", "--json")
    assert repeated.code == 0


def test_words_in_the_gap_of_a_page_make_the_file_be_written_anew(otklik: Otklik) -> None:
    city = otklik.city()
    filled(otklik, city)
    # As a program leaves them that deletes without overwriting, beside a row that stays.
    with closing(sqlite3.connect(otklik.home / "otklik.sqlite")) as raw:
        raw.executescript(
            "PRAGMA secure_delete=OFF; CREATE TABLE aside (said TEXT); INSERT INTO aside VALUES ('stays');"
            f"INSERT INTO aside VALUES ('{SECRET}'); DELETE FROM aside WHERE said != 'stays';"
        )
    run = otklik("erase", city, "given:ingest/secret", "--yes", "--json")
    assert (run.code, run.lines[0]["files_clean"]) == (0, True)
    assert found_in(otklik.home, WORDS) == []
    assert otklik.rows("SELECT said FROM aside") == [("stays",)]


def test_another_erasure_ends_the_one_that_was_cut_off(otklik: Otklik) -> None:
    city = otklik.city()
    filled(otklik, city)
    # Killed behind its first transaction.
    otklik.change("INSERT INTO tombstones (city, post, at, why) VALUES ('ozersk', 'given:ingest/secret', 0, '')")
    otklik.change("INSERT INTO installation (name, value) VALUES ('erasing:ozersk', '2026-03-02T12:00:00+00:00')")
    run = otklik("erase", city, "given:ingest/1000", "--yes", "--json")
    assert run.code == 0, run.err
    assert run.lines[0]["counts"]["posts"] == 2
    assert found_in(otklik.home, WORDS) == []


def test_comments_go_when_they_are_asked_for(otklik: Otklik) -> None:
    city = otklik.city()
    filled(otklik, city)
    otklik("ingest", city, input=given("deep", "Согласен с ответом", parent="answer"))
    kept = otklik.number("SELECT count(*) FROM posts")
    (told,) = otklik("erase", city, "given:ingest/secret", "--with-comments", "--yes", "--json").lines
    assert told["posts"] == ["given:ingest/secret", "given:ingest/answer", "given:ingest/deep"]
    assert otklik.number("SELECT count(*) FROM posts") == kept - 3
    assert otklik.number("SELECT count(*) FROM authors") == 0


def test_somebody_elses_same_words_stay_and_are_named(otklik: Otklik) -> None:
    city = otklik.city()
    long = "Второй день нет воды на улице Мира, 7, в управляющей компании никто не берёт трубку, помогите"
    otklik("ingest", city, input=posts(long, long, long))
    assert len(otklik("search", city, "is:copy", "--json").lines) == 2
    run = otklik("erase", city, "given:ingest/1", "--yes", "--json")
    assert run.code == 0, run.err
    assert run.lines[0]["copies_left"] == ["given:ingest/2", "given:ingest/3"]
    # The next one is the original from now on.
    assert len(otklik("search", city, "is:copy", "--json").lines) == 1
    (incident,) = otklik("incidents", city, "--json").lines
    assert (incident["reports"], incident["title"]) == (2, "Нет воды — улица Мира, 7")
    assert len(otklik("search", city, "вода", "--json").lines) == 2


def test_a_repost_with_words_of_its_own_stays_and_is_named(otklik: Otklik) -> None:
    city = otklik.city()
    otklik("ingest", city, input=given("secret", SECRET) + given("repost", "Вот что пишут. " + SECRET))
    origin = '{"source":"Группа","post":"given:ingest/secret"}'
    otklik.change(
        f"UPDATE post_versions SET content = json_set(content, '$.forwarded_from', json('{origin}')) "
        "WHERE post LIKE '%repost'"
    )
    (told,) = otklik("erase", city, "given:ingest/secret", "--yes", "--json").lines
    assert told["copies_left"] == ["given:ingest/repost"]


def test_an_index_of_another_form_is_not_called_clean(otklik: Otklik) -> None:
    city = otklik.city()
    filled(otklik, city)
    otklik.change("UPDATE embedded_indexes SET digest = 'older'")
    run = otklik("erase", city, "given:ingest/secret", "--yes", "--json")
    (told,) = run.lines
    assert (run.code, told["index_clean"]) == (1, False)
    assert f"otklik reindex {city.stem}" in " ".join(told["errors"])
    otklik("reindex", city)
    assert otklik("erase", city, "given:ingest/secret", "--yes").code == 0
    assert found_in(otklik.home, WORDS) == []


def test_an_index_of_an_engine_that_the_city_had_before_keeps_nothing(otklik: Otklik) -> None:
    filled(otklik, otklik.city())
    city = otklik.city(engine="elasticsearch:http://127.0.0.1:9")
    run = otklik("erase", city, "given:ingest/secret", "--yes", "--drain", 0, "--json")
    (told,) = run.lines
    assert (run.code, told["index_clean"], told["files_clean"]) == (1, False, True)
    assert found_in(otklik.home, WORDS) == []


def test_a_folder_of_backups_that_takes_no_writes_stops_no_erasure(otklik: Otklik) -> None:
    city = otklik.city()
    filled(otklik, city)
    folder = otklik.folder / "mounted"
    otklik("backup", "--to", folder)
    (folder / "erased.jsonl").mkdir()  # as a disk that is mounted read-only: also root cannot write it
    run = otklik("erase", city, "given:ingest/secret", "--yes", "--json")
    assert run.code == 0, run.err
    (error,) = run.lines[0]["errors"]
    assert error.startswith(str(folder))
    assert "cannot be noted there" in error
    assert found_in(otklik.home, WORDS) == []
    (folder / "erased.jsonl").rmdir()
    assert otklik("erase", city, "given:ingest/secret", "--yes").code == 0
    assert "given:ingest/secret" in (folder / "erased.jsonl").read_text(encoding="utf-8")


def test_tickets_are_redacted_or_listed(otklik: Otklik) -> None:
    otklik.environment["OTKLIK_TEST_DESK"] = "s"
    with TicketServer("s") as desk:
        city = otklik.city(routes=webhook(desk.url))
        otklik("ingest", city, input=given("secret", SECRET) + given("b", "Запах газа на Ленина, 5, опять"))
        (ticket,) = desk.tickets.values()
        assert "Квазидворняжка" in json.dumps(ticket.ticket, ensure_ascii=False)
        (told,) = otklik("erase", city, "given:ingest/secret", "--yes", "--json").lines
        assert [one["redaction"] for one in told["tickets"]] == ["redacted"]
        (ticket,) = desk.tickets.values()
        assert "Квазидворняжка" not in json.dumps(ticket.ticket, ensure_ascii=False)
        assert len(ticket.ticket["quotes"]) == 1

        desk.failures += ["500"] * 20
        (told,) = otklik("erase", city, "given:ingest/b", "--yes", "--drain", 1, "--json").lines
        assert [one["redaction"] for one in told["tickets"]] == ["waiting"]
        assert told["files_clean"]
    city = otklik.city()  # the desk is no destination of the city any more
    run = otklik("erase", city, "given:ingest/b", "--yes", "--drain", 0)
    assert "→ desk" in run.out
    assert "remove the text there by hand" in run.out


@pytest.mark.parametrize("what", ["+7 (914) 000-11-22", "89140001122", "given:+7 914 000-11-22"])
def test_a_caller_is_erased_by_the_telephone_number_in_any_form(otklik: Otklik, what: str) -> None:
    city = otklik.city()
    told = ("--topic", "Запах газа", "--text", "Пахнет газом", "--author", "8 914 000 11 22")
    assert otklik("register", city, *told).code == 0
    run = otklik("erase", city, what, "--json")
    assert run.code == 0, run.err
    (plan,) = run.lines
    assert plan["counts"]["posts"] == 1
