import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from crawler.accounts.roles import Role
from crawler.console.acting import MOST_AT_ONCE
from crawler.console.pages import queue as queue_page
from crawler.installation import Installation
from search.state.health import SourceHealth
from tests.consoles import Visitor, employ, served
from tests.crawler.console.conftest import opened, with_addresses
from tests.search.plans import queries
from tests.shell import Otklik, posts, source

BROKEN = {"broken": 1}
NUMBERS = re.compile(r'id="row-(\d+)"')


def test_the_queue_shows_danger_first_and_the_words_that_matched(operator: Visitor) -> None:
    page = operator.get("/ozersk/queue").text
    assert NUMBERS.findall(page) == ["1", "2"]
    assert "<mark>Запах</mark>" in page
    assert "<mark>газа</mark>" in page
    assert "Ленина, 5" in page


def test_a_row_whose_voices_are_of_other_days_says_of_which(operator: Visitor, town: Otklik) -> None:
    assert "the latest voice" not in operator.get("/ozersk/queue").text
    old = '{"id": "old", "text": "Запах газа на улице Мира, 7", "published_at": "2026-01-10T12:00:00+03:00"}'
    assert town("ingest", town.folder / "ozersk.toml", input=old).code == 0
    assert re.search(r'title="the latest voice: 10 January[^"]*">10 Jan</span>', operator.get("/ozersk/queue").text)


def test_a_decision_is_written_and_the_queue_is_where_it_was(operator: Visitor, town: Otklik) -> None:
    back = "/ozersk/queue?view=all&at=1"
    answer = operator.act(back, "/ozersk/incidents/1/decide", decision="confirm", back=back)
    assert (answer.status, answer.location.partition("&said=")[0]) == (303, back)
    assert "№ 1: confirmed" in operator.get(answer.location).text
    shown = town("incidents", town.folder / "ozersk.toml", "show", "1", "--json").lines[0]
    assert shown["incident"]["state"] == "confirmed"
    assert [(one["who"], one["what"]) for one in shown["events"]][-1] == ("operator", "confirmed")
    again = operator.act("/ozersk/queue", "/ozersk/incidents/1/decide", decision="confirm", back=back)
    assert again.status == 409
    assert "confirmed" in again.text


def test_a_rejection_has_a_reason(operator: Visitor, town: Otklik) -> None:
    refused = operator.act("/ozersk/queue", "/ozersk/incidents/2/decide", decision="reject")
    assert refused.status == 409
    assert "needs words" in refused.text
    assert "--reason" not in refused.text
    operator.act("/ozersk/queue", "/ozersk/incidents/2/decide", decision="reject", reason="old")
    shown = town("incidents", town.folder / "ozersk.toml", "show", "2", "--json").lines[0]
    assert (shown["incident"]["state"], shown["incident"]["rejected_for"]) == ("rejected", "old")
    assert NUMBERS.findall(operator.get("/ozersk/queue?view=all").text) == ["1"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?view=over").text) == ["2"]


def test_several_are_decided_one_by_one(operator: Visitor, town: Otklik) -> None:
    operator.act("/ozersk/queue", "/ozersk/incidents/2/decide", decision="not_ours")
    back = "/ozersk/queue?view=new"
    sent = operator.act(back, "/ozersk/queue/bulk", decision="confirm", number=["1", "2", "77"], back=back)
    assert sent.status == 303
    for _ in range(2):
        answer = operator.get(sent.location)
        assert answer.status == 200
        assert "Confirm: 1 of 3" in answer.text
        assert re.findall(r'href="/ozersk/incidents/(\d+)"', answer.text) == ["1"]
        assert "Incident 2 is «not ours»" in answer.text
        assert "no incident 77" in answer.text
        assert f'href="{back}"' in answer.text
    told = town("incidents", town.folder / "ozersk.toml", "show", "1", "--json").lines[0]
    assert [one["what"] for one in told["events"]].count("confirmed") == 1


def test_no_more_than_so_many_at_once_and_the_others_are_counted(operator: Visitor) -> None:
    numbers = ["1", *(str(number) for number in range(500, 500 + MOST_AT_ONCE - 1)), "2", "1", "900"]
    sent = operator.act("/ozersk/queue", "/ozersk/queue/bulk", decision="confirm", number=numbers)
    page = operator.get(sent.location).text
    assert f"Confirm: 1 of {MOST_AT_ONCE + 2}" in page
    assert "waiting in the queue: 2" in page
    assert NUMBERS.findall(operator.get("/ozersk/queue?view=new").text) == ["2"]


def test_an_outcome_names_only_what_was_done(operator: Visitor) -> None:
    operator.act("/ozersk/queue", "/ozersk/incidents/1/take")
    page = operator.get("/ozersk/queue/bulk?decision=confirm&acts=1.2.x.-3&back=https://evil.example/").text
    assert "Confirm: 0 of 0" in page
    assert 'href="https://evil.example' not in page
    assert operator.get("/ozersk/queue/bulk?decision=erase").status == 400


def test_sections_count_all_that_they_have(operator: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_page, "STEP", 1)
    page = operator.get("/ozersk/queue").text
    counts = [int(one) for one in re.findall(r'<h2 class="qsec[^>]*>.*?<span class="n num">(\d+)', page)]
    assert NUMBERS.findall(page) == ["1"]
    assert sum(counts) >= 1
    whole = operator.get("/ozersk/queue?rows=2").text
    every = [int(one) for one in re.findall(r'<h2 class="qsec[^>]*>.*?<span class="n num">(\d+)', whole)]
    assert (sum(every), counts) == (2, every[: len(counts)])


def test_htmx_gets_the_row_the_pane_and_a_word(operator: Visitor) -> None:
    csrf = operator.get("/ozersk/queue").hidden("csrf")
    form = {"decision": "confirm", "back": "/ozersk/queue?view=all&at=1"}
    answer = operator.post("/ozersk/incidents/1/decide", form, HX_Request="true", X_CSRF_Token=csrf)
    assert answer.status == 200
    assert NUMBERS.findall(answer.text) == ["1"]
    assert 'id="pane"' in answer.text
    assert "№ 1: confirmed" in answer.text
    refused = operator.post("/ozersk/incidents/1/decide", form, HX_Request="true", X_CSRF_Token=csrf)
    assert refused.status == 409
    assert 'hx-swap-oob="true"' in refused.text
    assert "<html" not in refused.text
    assert Visitor(operator.port).get("/ozersk/live", HX_Request="true").headers["hx-redirect"] == "/sign-in"


def test_views_and_filters_have_addresses(operator: Visitor) -> None:
    assert NUMBERS.findall(operator.get("/ozersk/queue?severity=danger").text) == ["1"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?topic=%D0%92%D0%BE%D0%B4%D0%B0").text) == ["2"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?find=%D0%BB%D0%B5%D0%BD%D0%B8%D0%BD%D0%B0").text) == ["1"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?find=%25").text) == []
    assert operator.get("/ozersk/queue?find=2").location == "/ozersk/incidents/2"
    assert NUMBERS.findall(operator.get("/ozersk/queue?view=nonsense&rows=-5&at=x").text) == ["1", "2"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?only=late").text) == []
    assert NUMBERS.findall(operator.get("/ozersk/queue?only=nobodys").text) == ["1", "2"]
    operator.act("/ozersk/queue", "/ozersk/incidents/1/take")
    assert NUMBERS.findall(operator.get("/ozersk/queue?only=nobodys").text) == ["2"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?at=99999").text) == ["1", "2"]
    assert NUMBERS.findall(operator.get("/ozersk/queue?district=%D0%9D%D0%B5%D1%82").text) == []


def test_hostile_words_are_words(operator: Visitor) -> None:
    for path in ("/ozersk/queue", "/ozersk/queue?at=2", "/ozersk/incidents/2", "/ozersk/incidents/2/pane"):
        answer = operator.get(path)
        assert answer.status == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "\u202e" not in answer.text
        assert "\x1b" not in answer.text
        assert len(answer.text) < 200_000
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in operator.get("/ozersk/incidents/2").text
    assert "{{ 7*7 }}" in operator.get("/ozersk/incidents/2").text


def test_a_failure_of_ours_is_told_by_a_code_and_nothing_else(operator: Visitor, installation: Installation) -> None:
    with installation.database.begin() as connection:
        connection.exec_driver_sql("UPDATE incidents SET severity = 'of a newer program'")
    answer = operator.get("/ozersk/queue")
    assert answer.status == 500
    assert re.search(r"code for the administrator: [0-9a-f]{8}", answer.text)
    assert "Traceback" not in answer.text
    assert "newer program" not in answer.text


def test_a_form_that_is_too_large_or_none_is_refused(operator: Visitor) -> None:
    csrf = operator.get("/ozersk/queue").hidden("csrf")
    assert operator.post("/ozersk/incidents/1/decide", {"csrf": csrf, "why": "x" * 1_000_001}).status == 413
    assert operator.post("/ozersk/incidents/1/decide", {"csrf": csrf, "a": ["1"] * 2_001}).status == 400
    sent = {"Content-Type": "application/json"}
    assert operator.ask("POST", "/ozersk/incidents/1/decide", b"{}", sent).status == 415


def test_russian_is_a_switch_away(operator: Visitor) -> None:
    assert "Queue" in operator.get("/ozersk/queue").text
    operator.get("/language/ru?next=/ozersk/queue")
    page = operator.get("/ozersk/queue").text
    assert '<html lang="ru"' in page
    assert "Очередь" in page


def test_of_the_people_a_page_asks_for_who_asks_and_for_no_other(operator: Visitor) -> None:
    with queries() as asked:
        assert operator.get("/ozersk/queue").status == 200
        assert operator.get("/ozersk/live?after=1", HX_Request="true").status == 200
    told = [statement for statement, _ in asked if "users" in statement]
    assert len(told) == 2
    assert all("sessions.digest = ?" in statement for statement in told)
    operator.act("/ozersk/queue", "/ozersk/incidents/1/take")
    assert '<span class="vh">operator</span>' in operator.get("/ozersk/queue").text


def test_an_empty_queue_says_which_sources_are_silent_and_since_when(tmp_path: Path) -> None:
    otklik = Otklik(tmp_path)
    names = ("failing", "lost", "never", "fine")
    otklik.city(sources="".join(source(name, "news", f"https://{name}.example.org/feed") for name in names))
    with opened(otklik) as installation:
        employ(installation, reader=Role.READER)
        now = installation.clock.now()
        for name, hours, outcomes in (
            ("failing", 30, {}),
            ("failing", 1, BROKEN),
            ("lost", 1, BROKEN),
            ("fine", 1, {}),
        ):
            at = now - timedelta(hours=hours)
            installation.write_health(SourceHealth("ozersk", name, f"{name}{hours}", at, at, outcomes=outcomes))
        with served(installation) as port:
            reader = Visitor(port)
            reader.sign_in("reader")
            page = reader.get("/ozersk/queue").text
            assert "All done" not in page
            assert "Nothing comes from 3 of 4" in page
            assert re.search(r"<b>failing</b> <span>cannot be read, last \S", page)
            assert "<b>lost</b> <span>cannot be read, never succeeded" in page
            assert "<b>never</b> <span>never crawled" in page
            assert "<b>fine</b>" not in page
            assert "Nothing here" in reader.get("/ozersk/queue?find=water").text
            for name in ("failing", "lost", "never"):
                installation.write_health(SourceHealth("ozersk", name, f"{name} now", now, now))
            assert "All done" in reader.get("/ozersk/queue").text


def found(visitor: Visitor, words: str, **more: str) -> list[str]:
    return NUMBERS.findall(visitor.get(f"/ozersk/queue?{urlencode({'find': words, **more})}").text)


def test_an_address_is_found_as_people_write_it(operator: Visitor) -> None:
    for words in ("ул. Ленина 5", "ленина, 5", "Ленина ул., 5", "УЛИЦА ЛЕНИНА", "ул", "лёнина"):
        assert "1" in found(operator, words), words
    assert found(operator, "ул. Речная, 5") == []


def test_a_kind_of_street_and_a_house_that_are_written_are_meant(town: Otklik) -> None:
    lines = posts(
        *(f"Запах газа {where}" for where in ("на улице Мира, 180", "на улице Мира, 18А", "в переулке Мира, 18")),
        *("Запах газа, Мира, 8", "Яма на дороге на улице Мира, 1"),
        first=50,
    )
    assert town("ingest", town.folder / "ozersk.toml", input=lines).code == 0
    with opened(town) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")

        def titles(words: str) -> set[str]:
            page = operator.get(f"/ozersk/queue?{urlencode({'find': words})}").text
            return set(re.findall(r"Мира, \d+А?", " ".join(re.findall(r'class="row.*?</li>', page, re.DOTALL))))

        assert titles("Мира") >= {"Мира, 180", "Мира, 18А", "Мира, 18", "Мира, 8"}
        assert titles("Мира 18") == {"Мира, 18А", "Мира, 18"}
        assert titles("Мира 18а") == {"Мира, 18А"}
        assert titles("пер. Мира") >= {"Мира, 18"}
        assert not titles("пер. Мира") & {"Мира, 180", "Мира, 18А"}
        assert titles("ул. Мира 18") == {"Мира, 18А"}
        # Of a house whose street was named without its type the one is as likely.
        assert "Мира, 8" in titles("пер. Мира") | titles("ул. Мира")
        assert titles("ямы дорога") == {"Мира, 1"}


def test_what_is_over_is_offered_where_words_find_nothing(operator: Visitor) -> None:
    operator.act("/ozersk/queue", "/ozersk/incidents/1/decide", decision="not_ours")
    page = operator.get(f"/ozersk/queue?{urlencode({'find': 'ул. Ленина'})}").text
    assert "Nothing here has these words" in page
    assert "okline" not in page
    href = next(one for one in re.findall(r'class="btn" href="([^"]+)"', page) if "view=over" in one)
    assert NUMBERS.findall(operator.get(unescape(href)).text) == ["1"]
    assert "Neither among open" in operator.get(f"/ozersk/queue?{urlencode({'find': 'Тридевятая'})}").text


def test_no_topic_is_no_choice_of_the_filter(operator: Visitor) -> None:
    page = operator.get("/ozersk/queue").text
    choices = page.partition('id="f-topic"')[2].partition("</select>")[0]
    assert "<option></option>" not in choices
    assert "<option selected></option>" not in choices


def test_districts_are_a_list_and_their_case_does_not_matter(town: Otklik) -> None:
    with opened(with_addresses(town)) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        for asked_for in ("Центральный", "центральный"):
            page = operator.get(f"/ozersk/queue?{urlencode({'district': asked_for})}").text
            assert "<option selected>Центральный</option>" in page
            assert "<option>Заречный</option>" in page


def test_what_is_over_stands_under_its_name_and_open_ones_without_a_term_under_theirs(operator: Visitor) -> None:
    operator.act("/ozersk/queue", "/ozersk/incidents/2/decide", decision="reject", reason="old")
    page = operator.get("/ozersk/queue?view=over").text
    assert re.search(r'<h2 class="qsec">Over <span class="n num">1</span>', page)
    assert "No term" not in page


def test_a_title_without_a_place_is_told_in_the_readers_language(operator: Visitor, town: Otklik) -> None:
    lines = posts("Опять нет воды!", first=60)
    assert town("ingest", town.folder / "ozersk.toml", input=lines).code == 0
    page = operator.get("/ozersk/map").text
    assert "no place named" in page
    assert "место не названо" not in page
    operator.get("/language/ru?next=/")
    assert "место не названо" in operator.get("/ozersk/map").text
