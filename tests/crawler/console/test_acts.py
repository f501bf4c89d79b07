import re
import time
from datetime import timedelta
from html import escape, unescape
from typing import Any

import pytest

from crawler.installation import Installation
from search.state.tables import reports
from tests.consoles import Answer, Visitor, served
from tests.recording import StillClock
from tests.shell import Otklik, posts

PAGE = "/ozersk/incidents/1"


def shown(town: Otklik, number: int = 1) -> dict[str, Any]:
    one: dict[str, Any] = town("incidents", town.folder / "ozersk.toml", "show", number, "--json").lines[0]
    return one


def act(visitor: Visitor, name: str, number: int = 1, **form: object) -> Answer:
    page = f"/ozersk/incidents/{number}"
    opened = visitor.get(page)
    sent = {"csrf": opened.hidden("csrf"), "seen": opened.hidden("seen"), "back": page, **form}
    return visitor.post(f"{page}/{name}", sent)


def test_one_takes_an_incident_and_everybody_sees_it(operator: Visitor, port: int, town: Otklik) -> None:
    answer = act(operator, "take")
    assert answer.status == 303
    assert operator.get("/ozersk/queue?view=mine").text.count('id="row-') == 1
    assert "№ 1: taken" in operator.get(answer.location).text
    other = Visitor(port)
    other.sign_in("administrator")
    assert other.get("/ozersk/queue?view=mine").text.count('id="row-') == 0
    assert act(other, "take").status == 409
    assert act(other, "take", over="yes").status == 303
    assert shown(town)["incident"]["assignee"] == "administrator"
    assert act(operator, "give_back").status == 409


def test_who_decides_by_an_old_page_is_told_who_was_quicker(operator: Visitor, port: int, town: Otklik) -> None:
    old = operator.get(PAGE)
    other = Visitor(port)
    other.sign_in("administrator")
    act(other, "decide", decision="not_ours")
    form = {"csrf": old.hidden("csrf"), "seen": old.hidden("seen"), "decision": "confirm"}
    answer = operator.post(f"{PAGE}/decide", form)
    assert answer.status == 409
    assert "administrator" in answer.text
    assert shown(town)["incident"]["state"] == "not_ours"


def test_an_executor_a_severity_and_notes(operator: Visitor, town: Otklik) -> None:
    assert act(operator, "assign", executor="ТСЖ <b>Мира</b>").status == 303
    assert act(operator, "weigh", severity="low", why="checked by telephone").status == 303
    assert act(operator, "weigh", severity="of none", why="x").status == 400
    assert act(operator, "note", text="Позвонить в 14:00 <i>").status == 303
    told = shown(town)
    assert (told["incident"]["executor"], told["incident"]["severity"]) == ("ТСЖ <b>Мира</b>", "low")
    page = operator.get(PAGE).text
    assert "&lt;i&gt;" in page
    assert "ТСЖ &lt;b&gt;Мира" in page
    assert act(operator, "remove_note", note=told["notes"][0]["id"]).status == 303
    assert shown(town)["notes"] == []
    assert act(operator, "assign", route="of none", executor="").status == 409


def test_incidents_are_joined_split_and_set_back(operator: Visitor, town: Otklik) -> None:
    line = posts("Опять запах газа на улице Мира, 9", first=9)
    assert town("ingest", town.folder / "ozersk.toml", input=line).code == 0
    before = shown(town)
    joined = act(operator, "join", other="№ 3", why="one pipe", sure="3")
    assert joined.status == 303
    assert len(shown(town)["reports"]) == 3
    assert shown(town, 3)["incident"]["merged_into"] == 1
    for page in ("/ozersk/incidents/3", "/ozersk/incidents/3/pane"):
        assert re.search(r'went into <a href="/ozersk/incidents/1">', operator.get(page).text)
    preview = operator.get(f"{PAGE}/undo").text
    assert "Reports that go from 1 to 3: 1." in preview
    assert act(operator, "undo").status == 303
    assert [one["post"] for one in shown(town)["reports"]] == [one["post"] for one in before["reports"]]
    assert shown(town, 3)["incident"]["state"] == "new"

    split = act(operator, "split", post=before["reports"][1]["post"])
    assert split.location == "/ozersk/incidents/4"
    assert len(shown(town, 4)["reports"]) == 1
    moved = act(operator, "split", 4, post=before["reports"][1]["post"], to="1")
    assert moved.location == PAGE
    assert len(shown(town)["reports"]) == 2


def test_an_undo_from_the_queue_comes_back_to_its_row(operator: Visitor) -> None:
    row = "/ozersk/queue?view=all&at=1"
    acted = operator.act(row, f"{PAGE}/take", back=row)
    offered = re.findall(r'href="([^"]+/undo\?act=[^"]+)"', operator.get(acted.location).text)[0]
    page = operator.get(unescape(offered))
    assert page.text.count(f'href="{escape(row)}"') == 2
    undone = operator.act(row, f"{PAGE}/undo", act=page.hidden("act"), back=page.hidden("back"))
    assert undone.location.startswith(f"{row}&said=")


def test_an_undo_is_offered_where_there_is_something_to_undo(operator: Visitor) -> None:
    assert f"{PAGE}/undo" not in operator.get(PAGE).text
    act(operator, "take")
    assert f"{PAGE}/undo" in operator.get(PAGE).text
    act(operator, "undo")
    assert "undone" in operator.get(PAGE).text
    assert act(operator, "undo").status == 409


def test_a_decision_is_delivered_without_a_runner(operator: Visitor, installation: Installation) -> None:
    assert act(operator, "decide", 2, decision="confirm").status == 303
    states: set[str] = set()
    for _ in range(600):
        with installation.database.read() as connection:
            states = set(connection.exec_driver_sql("SELECT state FROM deliveries").scalars())
        if states == {"sent"}:
            break
        time.sleep(0.05)
    assert states == {"sent"}


def test_an_act_that_cannot_be_read_undoes_nothing(operator: Visitor, town: Otklik) -> None:
    act(operator, "take")
    assert act(operator, "undo", act="zzz").status == 400
    assert shown(town)["incident"]["assignee"] == "operator"


def test_the_course_is_told_in_one_language(operator: Visitor) -> None:
    act(operator, "take")
    act(operator, "weigh", severity="low", why="проверено")
    act(operator, "note", text="заметка")
    act(operator, "decide", decision="reject", reason="old")
    # A rejected one has nothing to decide: its undo is a page of its own.
    assert operator.act(f"{PAGE}/undo", f"{PAGE}/undo").status == 303
    operator.get("/language/ru?next=/")
    page = operator.get(PAGE).text
    for words in (
        "берёт на себя",
        "меняет важность: низкая",
        "пишет заметку",
        "отклоняет",
        "давнее",
        "отменяет действие",
    ):
        assert words in page, words
    course = page[page.index('<ol class="tl">') : page.index("</ol>", page.index('<ol class="tl">'))]
    assert (
        re.findall(r"\b(took|taken|severity|low|note|old|undid|undone|rejected)\b", re.sub(r"<[^>]*>", " ", course))
        == []
    )


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_refusal_speaks_of_no_command_line(operator: Visitor, port: int, language: str) -> None:
    boss = Visitor(port)
    boss.sign_in("administrator")
    for one in (operator, boss):
        one.get(f"/language/{language}?next=/")
    act(boss, "take")
    act(boss, "decide", decision="confirm")
    first = re.findall(r'name="act" value="(\d+)"', boss.get(f"{PAGE}/undo?act=1").text)[0]
    refused = [
        act(operator, "take"),
        act(operator, "weigh", severity="low"),
        act(operator, "decide", 2, decision="reject"),
        act(operator, "undo", act="999"),
        operator.act("/ozersk/queue", "/ozersk/incidents/77/take"),
        operator.act("/ozersk/register", "/ozersk/register", topic="Вода"),
        operator.act("/ozersk/register", "/ozersk/register", topic="Вода", text="нет воды", at="вчера"),
        act(boss, "decide", 2, decision="not_ours"),
        operator.act("/ozersk/queue", "/ozersk/incidents/2/take"),
        operator.get(f"{PAGE}/undo?act={first}"),
    ]
    assert [one.status for one in refused] == [409] * 7 + [303, 409, 200]
    for answer in refused:
        assert re.findall(r"[^<>\n]*(?:\s--\w|\botklik \w)[^<>\n]*", answer.text) == []


def rows(visitor: Visitor, view: str) -> list[str]:
    return re.findall(r'id="row-(\d+)"', visitor.get(f"/ozersk/queue?view={view}").text)


def test_what_is_put_off_is_away_until_its_time_and_can_be_brought_back(
    installation: Installation, clock: StillClock
) -> None:
    with served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        assert "view=aside" not in operator.get("/ozersk/queue").text
        assert act(operator, "put_off", until="1h").status == 303
        assert (rows(operator, "all"), rows(operator, "new"), rows(operator, "aside")) == (["2"], ["2"], ["1"])
        page = operator.get("/ozersk/queue").text
        assert re.findall(r'view=aside"[^>]*>Put off <span class="n num"[^>]*>(\d+)', page) == ["1"]
        assert re.findall(r'view=all"[^>]*>All <span class="n num"[^>]*>(\d+)', page) == ["1"]
        assert re.search(r">1</b>not taken", page)
        assert rows(operator, "all&find=1") == []
        assert operator.get("/ozersk/queue?find=%D0%9B%D0%B5%D0%BD%D0%B8%D0%BD%D0%B0").text.count('id="row-1"') == 1
        assert "put it off until" in operator.get(PAGE).text
        clock.at += timedelta(hours=1, seconds=1)
        assert sorted(rows(operator, "all")) == ["1", "2"]
        assert act(operator, "bring_back").status == 409

        assert act(operator, "put_off", until="morning").status == 303
        assert act(operator, "bring_back").status == 303
        assert sorted(rows(operator, "all")) == ["1", "2"]
        assert "is put off again" in operator.get(f"{PAGE}/undo").text
        assert act(operator, "undo").status == 303
        assert rows(operator, "aside") == ["1"]
        assert act(operator, "undo").status == 303
        assert rows(operator, "aside") == []


def test_a_term_within_the_hour_brings_it_back(installation: Installation, clock: StillClock) -> None:
    with served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        act(operator, "put_off", at=(clock.at + timedelta(days=2)).isoformat())
        assert rows(operator, "aside") == ["1"]
        clock.at += timedelta(hours=3, minutes=1)
        assert (rows(operator, "aside"), "1" in rows(operator, "all")) == ([], True)
        shown_now = operator.get(PAGE).text
        assert [words for words in ("Back into the queue", "/put_off") if words in shown_now] == []
        assert "put off until" not in operator.get("/ozersk/queue").text
        assert 'name="until"' not in operator.get(f"{PAGE}/ask").text
        refused = act(operator, "put_off", until="3h")
        assert (refused.status, "due within the hour" in refused.text) == (409, True)


@pytest.mark.parametrize(
    ("until", "at"), [("", ""), ("never", ""), ("", "yesterday"), ("", "2020-01-01T00:00"), ("", "2100-01-01T00:00")]
)
def test_a_time_that_is_none_puts_nothing_off(operator: Visitor, until: str, at: str) -> None:
    assert act(operator, "put_off", until=until, at=at).status == 409
    assert rows(operator, "aside") == []


def test_a_decision_ends_it(operator: Visitor) -> None:
    act(operator, "put_off", until="3h")
    act(operator, "decide", decision="confirm")
    assert (rows(operator, "aside"), "1" in rows(operator, "work")) == ([], True)


def test_an_address_is_asked_for_by_hand_and_that_is_noted(operator: Visitor, town: Otklik) -> None:
    # No gazetteer here: no place has a point.
    page = operator.get(f"{PAGE}/ask").text
    assert "Otklik writes nothing there by itself" in page
    assert "Вы пишете: «Запах газа»" in page
    assert act(operator, "ask", until="3h").status == 303
    told = shown(town)
    assert [one["text"] for one in told["notes"]] == ["The resident was asked for the address."]
    assert rows(operator, "aside") == ["1"]
    assert act(operator, "undo").status == 303
    assert rows(operator, "aside") == []


def test_the_first_voice_has_its_own_time_and_those_of_a_joined_one_are_where_they_went(
    operator: Visitor, installation: Installation
) -> None:
    with installation.database.begin() as connection:
        said = reports.update().where(reports.c.incident == 1)
        connection.execute(said.values(published_at=installation.clock.now() - timedelta(days=40)))
    day = (installation.clock.now() - timedelta(days=40)).day
    assert re.search(rf"first [^<]*\b{day}\b", operator.get(PAGE).text)
    act(operator, "join", 2, numbers="1", sure="1")
    gone = operator.get(PAGE).text
    assert re.search(r'<b>voices</b><span>now in <a href="/ozersk/incidents/2">', gone)
    assert "0 voices" not in gone
    pane = operator.get(f"{PAGE}/pane").text
    assert re.search(r'They are now in <a href="/ozersk/incidents/2">', pane)
    row = operator.get("/ozersk/queue?view=over").text
    assert "voices in 2" in row
    assert re.search(r'id="rv-1">.*?→ 2</span>', row)


def test_who_takes_an_incident_changes_no_state_and_the_words_say_so(operator: Visitor, town: Otklik) -> None:
    operator.get("/language/ru?next=/")
    taken = operator.get(act(operator, "take").location).text
    assert "№ 1: взят на себя" in taken
    assert "в работ" not in taken.partition("</header>")[2].partition("<dialog")[0]
    assert shown(town)["incident"]["state"] == "new"
    assert "№ 1: отпущен, никем не взят" in operator.get(act(operator, "give_back").location).text


def test_handing_over_is_offered_where_it_happens(operator: Visitor, installation: Installation) -> None:
    # Gas is handed over at once by its route, water by its confirmation.
    assert re.search(r"Confirm, handed over already: Горгаз", operator.get(PAGE).text)
    assert re.search(r"Confirm and hand over: Дежурная служба", operator.get("/ozersk/incidents/2").text)
    act(operator, "assign", 2, executor="ТСЖ Мира")
    assert re.search(r"Confirm, executor: ТСЖ Мира", operator.get("/ozersk/incidents/2").text)
    with installation.database.begin() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET state = 'dead'")
    # What was refused goes out anew by the confirmation.
    assert re.search(r"Confirm and hand over: Горгаз", operator.get(PAGE).text)


def test_a_reason_leads_to_its_search_and_a_district_is_told_once(operator: Visitor, town: Otklik) -> None:
    city = town.folder / "ozersk.toml"
    (town.folder / "addresses.csv").write_text(
        'address,lat,lon,district\n"ул. Речная, 9",56.11,60.12,Заречье\n', encoding="utf-8"
    )
    city.write_text(city.read_text("utf-8") + '\n[gazetteer]\naddresses = "addresses.csv"\n', encoding="utf-8")
    assert town("ingest", city, input=posts("В районе Заречье нет воды", first=70)).code == 0
    number = max(map(int, re.findall(r'id="row-(\d+)"', operator.get("/ozersk/queue").text)))
    page = operator.get(f"/ozersk/incidents/{number}").text
    assert re.search(r"<h1>Заречье\s*<span[^>]*></span></h1>", page)
    assert "It is not on the map: no point is known." in page
    reason = re.search(r'<dt>Search</dt><dd><a href="([^"]+)">Нет воды</a>', page)
    assert reason
    assert "<h1" in operator.get(reason[1]).text


def test_a_resident_is_asked_in_russian_whatever_the_operator_reads(operator: Visitor) -> None:
    text = operator.get(f"{PAGE}/ask").text
    assert "Здравствуйте! Вы пишете: «" in text
    assert "Hello!" not in text


def test_why_something_cannot_be_put_off_stands_behind_its_key(operator: Visitor, clock: StillClock) -> None:
    reason = "It cannot be put off: its term is over or within the hour."
    assert reason not in operator.get(PAGE).text
    clock.at += timedelta(hours=11)
    assert f'data-no-key="KeyZ">{reason}' in operator.get(PAGE).text
