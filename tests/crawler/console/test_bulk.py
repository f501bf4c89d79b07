"""The same done to several incidents at once: counted, told and undone."""

import re
from html import unescape

import pytest

from crawler.console.acting import MOST_AT_ONCE
from crawler.installation import Installation
from search.state.tables import incidents
from tests.consoles import Answer, Visitor, served
from tests.crawler.console.test_acts import act, shown
from tests.crawler.console.test_refusals import HOUR, field, reason
from tests.recording import StillClock
from tests.shell import Otklik, posts

QUEUE = "/ozersk/queue?view=all"
BULK = "/ozersk/queue/bulk"


@pytest.fixture
def four(town: Otklik) -> Otklik:
    """Two more incidents: gas at another house of the street, a hole."""
    more = posts("Запах газа на улице Ленина, 7", "Яма на дороге, улица Мира, 1", first=20)
    assert town("ingest", town.folder / "ozersk.toml", input=more).code == 0
    return town


def sent(visitor: Visitor, numbers: list[int], **form: object) -> Answer:
    answer = visitor.act(QUEUE, BULK, number=numbers, back=QUEUE, **form)
    return visitor.get(answer.location) if answer.status == 303 else answer


def head(answer: Answer) -> str:
    return unescape(re.findall(r"<h1[^>]*>([^<]+)", answer.text)[0])


def states(town: Otklik) -> list[str]:
    return [shown(town, number)["incident"]["state"] for number in range(1, 5)]


def undone(visitor: Visitor, outcome: Answer) -> Answer:
    form = {name: outcome.hidden(name) for name in ("csrf", "back", "act", "acts")}
    return visitor.get(visitor.post(BULK, form).location)


def test_several_are_rejected_for_one_reason_and_that_is_undone(operator: Visitor, four: Otklik) -> None:
    act(operator, "decide", 3, decision="confirm")
    asked = sent(operator, [2, 3, 4], decision="reject")
    assert (asked.status, head(asked)) == (200, "Reject: 3")
    assert field(asked, "number") == ["2", "3", "4"]
    assert 'role="alert"' not in asked.text
    for reason_, why, said in (("", "", "Choose a reason"), ("other", " ", "“Other” needs words")):
        refused = sent(operator, [2, 3, 4], decision="reject", asked="yes", reason=reason_, why=why)
        assert (refused.status, said in reason(refused)) == (409, True)
        assert field(refused, "number") == ["2", "3", "4"]
    assert states(four) == ["new", "new", "confirmed", "new"]
    done = sent(operator, [2, 3, 4], decision="reject", asked="yes", reason="duplicate", why="of 1")
    assert head(done) == "Reject: 2 of 3"
    assert "Incident 3 is «confirmed»" in done.text
    assert states(four) == ["new", "rejected", "confirmed", "rejected"]
    assert shown(four, 4)["incident"]["rejected_for"] == "duplicate"
    assert shown(four, 4)["events"][-1]["reason"] == "duplicate: of 1"
    assert head(undone(operator, done)) == "Undo: 2 of 2"
    assert states(four) == ["new", "new", "confirmed", "new"]


def test_several_are_taken_but_not_from_a_colleague(operator: Visitor, port: int, four: Otklik) -> None:
    colleague = Visitor(port)
    colleague.sign_in("administrator")
    act(colleague, "take", 2)
    act(operator, "take", 3)
    done = sent(operator, [1, 2, 3], act="take")
    assert head(done) == "Take: 1 of 3"
    assert re.search(r"It was so already: <a[^>]*>№ 3</a>", done.text)
    assert "administrator&#39;s already" in done.text
    takers = [shown(four, number)["incident"]["assignee"] for number in (1, 2, 3)]
    assert takers == ["operator", "administrator", "operator"]
    # What a colleague did since is not undone.
    act(colleague, "take", 1, over="yes")
    again = undone(operator, done)
    assert head(again) == "Undo: 0 of 1"
    assert "rests on it" in again.text


@pytest.mark.usefixtures("four")
def test_several_are_put_off_until_one_time(installation: Installation, clock: StillClock) -> None:
    with installation.database.begin() as connection:
        soon = incidents.update().where(incidents.c.number == 1)
        connection.execute(soon.values(due_first=clock.at + HOUR / 2))
    with served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        asked = sent(operator, [1, 2, 4], act="put_off")
        assert (asked.status, head(asked)) == (200, "Put off: 3")
        for at, said in (("", "Until when is not said"), ("soon", "Not a time"), ("2100-01-01T00:00", "14 days")):
            refused = sent(operator, [1, 2, 4], act="put_off", asked="yes", at=at)
            assert (refused.status, said in reason(refused)) == (409, True)
            assert field(refused, "at") == [at]
        done = sent(operator, [1, 2, 4], act="put_off", asked="yes", until="1h")
        assert head(done) == "Put off: 2 of 3"
        assert "due within the hour" in done.text
        rows = re.findall(r'id="row-(\d+)"', operator.get("/ozersk/queue?view=aside").text)
        assert sorted(rows) == ["2", "4"]
        assert head(undone(operator, done)) == "Undo: 2 of 2"
        assert 'id="row-' not in operator.get("/ozersk/queue?view=aside").text


def test_several_are_joined_into_the_oldest_and_unlike_ones_are_asked_about(operator: Visitor, four: Otklik) -> None:
    done = sent(operator, [3, 1], act="join")
    assert head(done) == "Merge: 2 of 2"
    assert shown(four, 3)["incident"]["merged_into"] == 1
    undo = re.search(r'href="(/ozersk/incidents/1/undo\?act=\d+&amp;back=[^"]+)"', done.text)
    assert undo
    assert operator.get(unescape(undo[1])).hidden("back") == QUEUE
    asked = sent(operator, [4, 2], act="join")
    assert (asked.status, head(asked)) == (200, "Merge with № 2")
    assert "№ 4" in reason(asked)
    assert "its topic is “Ямы”" in reason(asked)
    assert shown(four, 4)["incident"]["state"] == "new"
    hidden = {name: asked.hidden(name) for name in ("csrf", "back", "seen")}
    meant = {"numbers": field(asked, "numbers"), "sure": field(asked, "sure")}
    last = operator.post("/ozersk/incidents/2/join", {**hidden, **meant})
    assert last.location.startswith("/ozersk/queue?view=all&at=2&said=")
    assert shown(four, 4)["incident"]["merged_into"] == 2


def test_what_people_work_on_is_what_the_others_go_into(operator: Visitor, four: Otklik) -> None:
    act(operator, "decide", 3, decision="confirm")
    assert head(sent(operator, [1, 3], act="join")) == "Merge: 2 of 2"
    assert shown(four, 1)["incident"]["merged_into"] == 3


def test_a_join_that_is_refused_comes_back_as_the_form_of_the_oldest(operator: Visitor, four: Otklik) -> None:
    act(operator, "decide", 3, decision="not_ours")
    refused = sent(operator, [1, 3], act="join")
    assert (refused.status, head(refused)) == (409, "Merge with № 1")
    assert "Incident 3 is «not ours»" in reason(refused)
    alone = sent(operator, [1], act="join")
    assert "Nothing is named that goes into 1" in reason(alone)
    assert sent(operator, [77, 78], act="join").status == 409
    assert states(four) == ["new", "new", "not_ours", "new"]


@pytest.mark.parametrize("form", [{"act": "erase"}, {"act": "split"}, {"decision": "erase"}, {}])
def test_what_is_no_act_on_several_does_nothing(operator: Visitor, town: Otklik, form: dict[str, str]) -> None:
    assert operator.act(QUEUE, BULK, number=["1"], **form).status == 400
    assert operator.act(QUEUE, BULK, act="undo", acts="77.x").status == 303
    assert shown(town)["incident"]["state"] == "new"


def test_what_a_colleague_did_since_the_page_was_loaded_is_not_overrun(
    operator: Visitor, port: int, four: Otklik
) -> None:
    stale = field(operator.get(QUEUE), "was")
    assert sorted(stale) == ["1-0", "2-0", "3-0", "4-0"]
    asked = sent(operator, [2, 3, 4], decision="reject", was=stale)
    assert field(asked, "was") == ["2-0", "3-0", "4-0"]
    colleague = Visitor(port)
    colleague.sign_in("administrator")
    act(colleague, "take", 2)
    act(colleague, "note", 3, text="Looked at")
    for form in (
        {"decision": "confirm"},
        {"act": "put_off", "asked": "yes", "until": "1h"},
        {"decision": "reject", "asked": "yes", "reason": "duplicate"},
    ):
        outcome = sent(operator, [2], was=stale, **form)
        assert head(outcome).endswith(": 0 of 1")
        assert re.search(r'<a href="/ozersk/incidents/2">№ 2</a>, administrator', outcome.text)
    assert states(four) == ["new"] * 4
    done = sent(operator, [2, 3, 4], decision="confirm", was=stale)
    assert head(done) == "Confirm: 2 of 3"
    assert states(four) == ["new", "new", "confirmed", "confirmed"]
    # Of those that are joined none may be another than it was.
    refused = sent(operator, [1, 2], act="join", was=stale)
    assert (refused.status, "administrator has just changed incident 2" in reason(refused)) == (409, True)
    assert states(four)[:2] == ["new", "new"]
    assert sent(operator, [1], decision="confirm", was=[*stale, "1-x", "x", f"1-{'9' * 5000}"]).status == 200


@pytest.mark.usefixtures("four")
def test_no_more_are_joined_than_can_be_at_once_and_none_is_left_out_silently(operator: Visitor) -> None:
    many = [1, 3, *range(500, 500 + MOST_AT_ONCE)]
    refused = sent(operator, many, act="join")
    assert (refused.status, f"{MOST_AT_ONCE + 1} are named. Nothing was recorded" in reason(refused)) == (409, True)
    # The last of many is looked at as the first is.
    typed = act(operator, "join", 1, numbers=" ".join(["3"] * 150 + ["777"]))
    assert (typed.status, "777" in reason(typed)) == (409, True)
    assert "Nothing was recorded" in reason(act(operator, "join", 1, numbers=" ".join(map(str, many))))


def test_what_several_need_is_asked_at_an_address_of_its_own(operator: Visitor, four: Otklik) -> None:
    many = [2, 3, *range(500, 500 + MOST_AT_ONCE)]
    answer = operator.act(QUEUE, BULK, number=many, was=["2-0", "3-0"], back=QUEUE, decision="reject")
    assert answer.status == 303
    assert answer.location.startswith(f"{BULK}/ask?")
    # The address is as long as what can be decided at once, however many were picked.
    assert len(answer.location) < 6_000
    for _ in range(2):
        asked = operator.get(answer.location)
        assert (asked.status, head(asked)) == (200, f"Reject: {MOST_AT_ONCE + 2}")
        assert field(asked, "number") == [str(number) for number in many[:MOST_AT_ONCE]]
        assert field(asked, "was") == ["2-0", "3-0"]
    form = {"csrf": asked.hidden("csrf"), "back": QUEUE, "number": ["2"], "left": asked.hidden("left")}
    answered = {"decision": "reject", "asked": "yes", "reason": "duplicate"}
    assert operator.post(BULK, {**form, **answered, "csrf": "another"}).status == 403
    assert states(four)[1] == "new"
    done = operator.get(operator.post(BULK, {**form, **answered}).location)
    assert head(done) == "Reject: 1 of 3"
    assert re.search(r"Untouched and waiting in the queue:\s+2<", done.text)
    assert states(four)[1] == "rejected"


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("query", ["", "decision=confirm&number=1", "act=take&number=1", "act=put_off&number=x"])
def test_nothing_is_asked_where_nothing_is_to_be_said(operator: Visitor, query: str) -> None:
    assert operator.get(f"{BULK}/ask?{query}").status == 400
