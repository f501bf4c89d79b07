"""A form that is refused comes back: why at its head, what was typed and ticked in it, and a way on."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from crawler.installation import Installation
from search.state.tables import incidents
from tests.consoles import Answer, Visitor, served
from tests.crawler.console.test_acts import PAGE, act, shown
from tests.recording import StillClock
from tests.shell import Otklik

HOUR = timedelta(hours=1)
QUEUE = "/ozersk/queue?view=new&at=1"


def reason(answer: Answer) -> str:
    """The words of the one alert of a page."""
    (found,) = re.findall(r'role="alert">(.*?)</div></div>', answer.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


def field(answer: Answer, name: str) -> list[str]:
    """The values that fields of a name have."""
    written = re.findall(rf'name="{name}"[^>]*?value="([^"]*)"', answer.text)
    return [unescape(one) for one in written + re.findall(rf'<textarea[^>]*name="{name}"[^>]*>([^<]*)', answer.text)]


@pytest.fixture
def colleague(port: int, installation: Installation) -> Visitor:
    """An administrator whom colleagues call by another name than they sign in with."""
    with installation.database.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET shown = 'Kim I.' WHERE name = 'administrator'")
    made = Visitor(port)
    made.sign_in("administrator")
    return made


@pytest.mark.parametrize(
    ("name", "form", "kept"),
    [
        ("decide", {"decision": "reject", "reason": "other", "why": " "}, {}),
        ("put_off", {"at": "2100-01-01T00:00"}, {"at": "2100-01-01T00:00"}),
        ("weigh", {"severity": "low", "why": ""}, {}),
        ("weigh", {"severity": "none", "why": "checked <by> telephone"}, {"why": "checked <by> telephone"}),
        ("note", {"text": "<b>" + "x" * 4_000}, {"text": "<b>" + "x" * 4_000}),
        ("join", {"numbers": "77", "why": "one pipe"}, {"numbers": "77", "why": "one pipe"}),
        ("split", {"why": "two of them"}, {"why": "two of them", "to": ""}),
        ("assign", {"executor": "x" * 201}, {"executor": "x" * 201}),
    ],
)
def test_what_was_typed_stays_and_the_way_back_too(
    operator: Visitor, name: str, form: dict[str, Any], kept: dict[str, str]
) -> None:
    answer = act(operator, name, **{**form, "back": QUEUE})
    assert answer.status == (400 if form.get("severity") == "none" else 409)
    assert reason(answer)
    for one, value in kept.items():
        assert value in field(answer, one), one
    assert f'href="{QUEUE.replace("&", "&amp;")}"' in answer.text
    assert f'href="{PAGE}"' in answer.text
    # What is sent again leads to where one was.
    assert QUEUE in field(answer, "back")


def test_ticked_boxes_stay_ticked(operator: Visitor, town: Otklik) -> None:
    posts = [one["post"] for one in shown(town)["reports"]]
    answer = act(operator, "split", post=posts, topic="Ямы", to="", why="all of them")
    assert "all its reports are chosen" in reason(answer)
    assert len(re.findall(r'name="post" value="[^"]+" checked', answer.text)) == len(posts) == 2
    assert "<option selected>Ямы</option>" in answer.text
    sent = {"csrf": answer.hidden("csrf"), "seen": answer.hidden("seen"), "back": answer.hidden("back")}
    again = operator.post(f"{PAGE}/split", {**sent, "post": posts[1:], "why": field(answer, "why")[0]})
    assert again.location == "/ozersk/incidents/3"


def test_who_was_quicker_is_told_by_the_name_that_colleagues_know(operator: Visitor, colleague: Visitor) -> None:
    old = operator.get(f"{PAGE}/join")
    act(colleague, "weigh", severity="low", why="checked")
    act(colleague, "take")
    sent = {"csrf": old.hidden("csrf"), "seen": old.hidden("seen"), "back": PAGE, "numbers": "2", "why": "one pipe"}
    sent["sure"] = "2"
    answer = operator.post(f"{PAGE}/join", sent)
    said = reason(answer)
    assert answer.status == 409
    assert re.search(r"Kim I\. has just changed incident 1.*Kim I\.: severity: low.*Kim I\.: taken", said)
    assert "administrator" not in answer.text
    assert (field(answer, "numbers"), field(answer, "why")) == (["2"], ["one pipe"])
    # Whoever has read what happened sends the same form again, and it holds.
    again = operator.post(f"{PAGE}/join", {**sent, "seen": answer.hidden("seen")})
    assert again.status == 303


def test_a_draft_outlives_the_form_that_is_no_longer_offered(operator: Visitor, colleague: Visitor) -> None:
    old = operator.get(PAGE)
    act(colleague, "decide", decision="not_ours")
    sent = {"csrf": old.hidden("csrf"), "seen": old.hidden("seen"), "back": QUEUE, "why": "an exercise <of> theirs"}
    for name, more in (("decide", {"decision": "reject", "reason": "other"}), ("join", {"numbers": "2"})):
        answer = operator.post(f"{PAGE}/{name}", {**sent, **more})
        assert answer.status == 409
        assert "Typed: an exercise <of> theirs" in reason(answer)
        assert "Kim I.: not ours" in reason(answer)
        assert f'action="{PAGE}/{name}"' not in answer.text


def test_people_in_refusals_are_called_as_colleagues_know_them(operator: Visitor, colleague: Visitor) -> None:
    act(colleague, "take")
    for name in ("take", "give_back"):
        answer = act(operator, name)
        assert (answer.status, "Kim I." in reason(answer)) == (409, True)
        assert "administrator" not in answer.text


def test_htmx_gets_the_form_again_in_the_pane(operator: Visitor) -> None:
    page = operator.get(QUEUE)
    sent = {"decision": "reject", "reason": "other", "why": " ", "back": QUEUE, "seen": page.hidden("seen")}
    answer = operator.post(f"{PAGE}/decide", sent, HX_Request="true", X_CSRF_Token=page.hidden("csrf"))
    assert answer.status == 409
    assert "needs words" in reason(answer)
    assert re.search(r'<aside class="pane" id="pane"[^>]*hx-swap-oob="true"', answer.text)
    assert re.search(r'<details class="reasons" open><summary class="btn btn-x"', answer.text)
    assert '<div id="toast" hx-swap-oob="true"></div>' in answer.text


def test_an_incident_that_is_not_there_has_no_form_to_come_back(operator: Visitor) -> None:
    answer = operator.act("/ozersk/queue", "/ozersk/incidents/77/take", back=QUEUE)
    assert answer.status == 409
    assert "no incident 77" in answer.text
    assert f'href="{QUEUE.replace("&", "&amp;")}"' in answer.text


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("два", "Not the number of an incident: “два”."),
        ("2 <b>", "Not the number of an incident: “<b>”."),
        ("9999999999", "Not the number of an incident: “9999999999”."),
        ("1, 2", "several are named: “1, 2”."),
        ("77", "There is no incident 77"),
    ],
)
def test_a_number_that_cannot_be_read_moves_nothing_and_opens_nothing(
    operator: Visitor, town: Otklik, to: str, said: str
) -> None:
    before = shown(town)
    answer = act(operator, "split", post=before["reports"][1]["post"], to=to, why="another pipe")
    assert answer.status == 409
    assert said in reason(answer)
    assert (field(answer, "to"), field(answer, "why")) == ([to], ["another pipe"])
    assert len(re.findall(r'name="post" value="[^"]+" checked', answer.text)) == 1
    assert shown(town)["reports"] == before["reports"]
    assert operator.get("/ozersk/incidents/3").status == 404


def test_a_number_that_cannot_be_read_joins_nothing(operator: Visitor, town: Otklik) -> None:
    answer = act(operator, "join", numbers="2, третий")
    assert (answer.status, field(answer, "numbers")) == (409, ["2, третий"])
    assert "“третий”" in reason(answer)
    assert shown(town, 2)["incident"]["state"] == "new"


def test_a_person_who_was_not_added_stays_in_the_form_but_for_the_password(colleague: Visitor) -> None:
    sent = {"name": "ivanova", "shown": "Иванова <А.>", "role": "analyst", "city": "ozersk"}
    for password, again, status in (("long enough 1", "long enough 2", 400), ("short", "short", 409)):
        answer = colleague.act("/people", "/people", **sent, password=password, again=again)
        assert answer.status == status
        assert "Enter the password again" in reason(answer)
        assert (field(answer, "name"), field(answer, "shown")[-1:]) == (["ivanova"], ["Иванова <А.>"])
        assert '<option value="analyst" selected>' in answer.text
        assert password not in answer.text
    assert colleague.act("/people", "/people", **sent, password="long enough 1", again="long enough 1").status == 303


def test_a_change_of_a_person_that_is_refused_stands_at_that_person(colleague: Visitor) -> None:
    answer = colleague.act("/people", "/people/reader/password", password="long enough 1", again="another")
    assert (answer.status, "differ" in reason(answer)) == (400, True)
    assert answer.text.count("<details open>") == 1
    last = colleague.act("/people", "/people/administrator/role", role="reader")
    assert last.status == 409
    opened = last.text.partition("<details open>")[2].partition("</details>")[0]
    assert "/people/administrator/role" in opened
    assert '<option value="reader" selected>' in opened
    assert colleague.act("/people", "/people/nobody/role", role="reader").status == 409
    none = colleague.act("/people", "/people/reader/cities")
    assert "Tick a city" in reason(none)


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("split", {}, "No voice is marked: mark those voices of 1 that are about another trouble."),
        ("split", {"to": "2"}, "No voice is marked"),
        ("join", {}, "Nothing is named that goes into 1: tick one that is alike, or write its number."),
        ("join", {"numbers": "1"}, "Incident 1 cannot be joined with itself: name another number."),
        ("put_off", {}, "Until when is not said: choose from the list, or write a day and a time."),
        ("put_off", {"at": "tomorrow"}, "Not a time: “tomorrow”. It is written as 2026-12-01 09:30."),
        ("assign", {}, "No executor is named: choose a route of the city (gas, rest), or write a name."),
        ("decide", {"decision": "reject"}, "needs a reason of the list; “other” needs words"),
        ("weigh", {"severity": "low"}, "another severity needs a reason"),
        ("note", {"text": " "}, "A note has 1 to 4000 characters, this one 0."),
    ],
)
def test_who_sends_nothing_is_told_what_to_tick_or_type(
    operator: Visitor, name: str, form: dict[str, Any], said: str
) -> None:
    answer = act(operator, name, **form)
    assert (answer.status, said in reason(answer)) == (409, True), reason(answer)
    assert not re.search(r"--\w|\bshow\b", reason(answer))


def offered(visitor: Visitor) -> list[str]:
    return re.findall(r'name="until" value="(\w+)"', visitor.get(PAGE).text)


def test_no_time_is_offered_that_the_term_does_not_leave(installation: Installation, clock: StillClock) -> None:
    with served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        with installation.database.begin() as connection:
            connection.execute(incidents.update().where(incidents.c.number == 1).values(due_first=clock.at + 10 * HOUR))
        assert "3h" in offered(operator)
        clock.at += 6 * HOUR
        assert offered(operator) == ["1h", "3h"]
        clock.at += HOUR
        assert offered(operator) == ["1h"]
        assert re.findall(r'<option value="(\w*)"', operator.get(f"{PAGE}/ask").text) == ["", "1h"]
        clock.at += HOUR / 2
        assert offered(operator) == ["1h"]
        clock.at += HOUR * 0.6
        assert offered(operator) == []
        assert 'type="datetime-local"' in operator.get(PAGE).text


def test_a_form_that_would_be_refused_anyway_says_so_before_it_is_filled_in(operator: Visitor) -> None:
    act(operator, "join", 2, numbers="1", sure="1")
    for name in ("split", "join", "executor"):
        answer = operator.get(f"{PAGE}/{name}")
        assert (answer.status, reason(answer)[:14]) == (409, "1 went into 2:")
        assert f'action="{PAGE}/' not in re.sub(r'action="[^"]+/(note|undo)"', "", answer.text)
    act(operator, "undo", 2)
    alone = operator.get("/ozersk/incidents/2/split")
    assert (alone.status, "there is nothing to split" in reason(alone)) == (409, True)
    act(operator, "decide", 2, decision="not_ours")
    over = operator.get("/ozersk/incidents/2/join")
    assert (over.status, "only open ones" in reason(over)) == (409, True)


def test_what_stands_alone_is_neither_joined_nor_split(operator: Visitor, installation: Installation) -> None:
    with installation.database.begin() as connection:
        here = incidents.c.number == 1
        connection.execute(incidents.update().where(here).values(group_key='["report","x"]'))
    page = operator.get(PAGE).text
    assert (f"{PAGE}/join" in page, f"{PAGE}/split" in page) == (False, False)
    for name in ("join", "split"):
        assert "stands alone" in reason(operator.get(f"{PAGE}/{name}"))
