"""What people do with one incident: taking it, its executor, its severity, reasons, several at once, two at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from search import acting
from search.acting import assign, change, each, give_back, take, weigh
from search.acts import Hand, Kind
from search.state.tables import deliveries
from search.states import Rejection, State
from search.undoing import preview, undo
from search.verdicts import verdicts
from tests.search.town import CITY, GAS, HOUR, KEYS, NOON, WATER, Town, city_with, house, said


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town.open(tmp_path)
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    return town


def do(town: Town, act: Callable[..., Any], *given: Any, by: str = "anna", **named: Any) -> Any:
    with town.database.begin() as connection:
        return act(Hand(connection, town.city, KEYS, NOON + HOUR, by), *given, **named)


def state(town: Town, to: State, number: int = 1, by: str = "anna", **named: Any) -> None:
    with town.database.begin() as connection:
        change(connection, town.city, number, to, by, at=NOON + HOUR, keys=KEYS, **named)


def test_who_takes_an_incident_is_seen_and_in_the_journal_and_no_ticket_hears_of_it(town: Town) -> None:
    state(town, State.CONFIRMED)
    before = town.show(1).deliveries
    do(town, take, 1)
    shown = town.show(1)
    assert (shown.incident.assignee, shown.deliveries) == ("anna", before)
    assert [(event.what, event.who) for event in shown.events][-1] == ("taken", "anna")
    do(town, take, 1)  # twice is once
    assert town.show(1).events == shown.events
    do(town, give_back, 1)
    assert town.show(1).incident.assignee == ""
    assert [act.kind for act in town.show(1).acts] == [Kind.STATE, Kind.TAKE, Kind.GIVE_BACK]


def test_what_another_has_is_taken_over_only_on_purpose(town: Town) -> None:
    do(town, take, 1)
    with pytest.raises(OtklikError, match="anna"):
        do(town, take, 1, by="boris")
    with pytest.raises(OtklikError, match="не у вас"):
        do(town, give_back, 1, by="boris")
    do(town, take, 1, by="boris", over=True)
    assert (town.show(1).incident.assignee, town.show(1).events[-1].reason) == ("boris", "← anna")


def test_who_acts_on_what_another_has_changed_meanwhile_is_told_who_and_nothing_is_written(town: Town) -> None:
    seen = town.show(1).incident.last_act
    town.hear(said("tg:1/2", "нет воды", house("Садовая", 5)))  # what Otklik adds is in nobody's way
    do(town, take, 1, seen=seen)
    before = town.show(1)
    for act, *given in ((take, 1), (assign, 1, "boris"), (weigh, 1, Severity.LOW, "шутка")):
        named = {"executor": given.pop()} if act is assign else {}
        with pytest.raises(OtklikError, match=r"изменил.*anna: ничего не записано"):
            do(town, act, *given, by="boris", seen=seen, **named)
    with pytest.raises(OtklikError, match=r"изменил.*anna: ничего не записано"):
        state(town, State.CONFIRMED, seen=seen)
    assert town.show(1) == before
    state(town, State.CONFIRMED, seen=before.incident.last_act)


def test_what_is_over_is_neither_taken_nor_changed(town: Town) -> None:
    state(town, State.REJECTED, rejected_for=Rejection.OLD)
    for act, *given in ((take, 1), (give_back, 1), (weigh, 1, Severity.LOW, "why")):
        with pytest.raises(OtklikError, match="отклонён"):
            do(town, act, *given)
    with pytest.raises(OtklikError, match="№ 9"):
        do(town, take, 9)


def test_an_executor_that_a_person_chose_stays_when_a_worse_report_comes(tmp_path: Path) -> None:
    town = Town.open(tmp_path, city_with(WATER, replace(GAS, topic="вода", route="gas")))
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    do(town, assign, 1, route="roads")
    town.hear(said("tg:1/2", "газ", house("Садовая", 5)))
    shown = town.show(1)
    assert (shown.incident.severity, shown.incident.executor, shown.incident.route) == ("danger", "Дороги", "roads")
    assert shown.deliveries == ()
    state(town, State.CONFIRMED)
    assert [one.destination for one in town.show(1).deliveries] == ["hole"]
    # So it does when a report becomes worse by an edit.
    town.hear(said("tg:2/1", "нет воды", house("Мира", 7)))
    do(town, assign, 2, executor=" ТСЖ  «Мира» ")
    town.hear(said("tg:2/1", "нет воды, газ", house("Мира", 7), version=2))
    assert (town.show(2).incident.severity, town.show(2).incident.executor) == ("danger", "ТСЖ «Мира»")
    state(town, State.CONFIRMED, 2)
    assert (town.show(2).incident.executor, town.show(2).deliveries) == ("ТСЖ «Мира»", ())


def test_a_new_executor_of_what_is_confirmed_gets_a_ticket_and_the_old_one_is_told(town: Town) -> None:
    state(town, State.CONFIRMED)
    gone_out(town)
    do(town, assign, 1, route="gas")
    assert [(one.what, one.reason) for one in town.show(1).events][-1] == ("ticket stays", "hole T-1")
    old, new = town.show(1).deliveries
    assert (old.destination, old.sequence) == ("hole", new.sequence)
    assert (new.destination, town.show(1).incident.executor) == ("duty", "Газовая служба")
    for named in ({}, {"route": "nowhere"}, {"route": "gas", "executor": "два"}, {"executor": "х" * 300}):
        with pytest.raises(OtklikError, match="water, roads, gas"):
            do(town, assign, 1, **named)


def gone_out(town: Town) -> None:
    """The tickets there are were made."""
    with town.database.begin() as connection:
        connection.execute(deliveries.update().values(external_id="T-1", state="sent", payload_digest="d"))


def test_a_ticket_that_has_not_gone_out_is_taken_back_with_its_executor(town: Town) -> None:
    state(town, State.CONFIRMED)
    before = town.show(1).deliveries
    do(town, assign, 1, route="gas")
    assert [one.destination for one in town.show(1).deliveries] == ["duty"]
    assert [(one.what, one.reason) for one in town.show(1).events][-1] == ("ticket withdrawn", "hole")
    do(town, assign, 1, executor="ТСЖ")
    assert town.show(1).deliveries == ()
    says = [one.en for one in do(town, preview, 1).says]
    assert "kept, not sent (duty): the ticket taken back then goes." in says
    do(town, undo, 1)
    assert [one.destination for one in town.show(1).deliveries] == ["duty"]
    do(town, undo, 1)
    assert [one.destination for one in town.show(1).deliveries] == [before[0].destination]
    # What the confirmation made goes with it, also when it was away meanwhile.
    do(town, undo, 1)
    assert (town.show(1).incident.state, town.show(1).deliveries) == (State.NEW, ())


def test_what_may_be_on_its_way_is_not_taken_back(town: Town) -> None:
    state(town, State.CONFIRMED)
    with town.database.begin() as connection:
        connection.execute(deliveries.update().values(state="sending", payload_digest="d"))
    do(town, assign, 1, route="gas")
    assert [one.destination for one in town.show(1).deliveries] == ["hole", "duty"]
    assert [(one.what, one.reason) for one in town.show(1).events][-1] == ("ticket stays", "hole")


def test_what_was_taken_back_goes_no_more_once_the_confirmation_is_undone(town: Town) -> None:
    state(town, State.CONFIRMED)
    confirmed = town.show(1).acts[-1].id
    do(town, assign, 1, route="gas")
    do(town, undo, 1, confirmed)
    do(town, undo, 1)
    shown = town.show(1)
    assert (shown.incident.state, [one.destination for one in shown.deliveries]) == (State.NEW, [])


def test_a_severity_that_a_person_said_is_raised_by_a_worse_report_only(tmp_path: Path) -> None:
    town = Town.open(tmp_path, city_with(WATER, replace(GAS, topic="вода")))
    town.hear(said("tg:1/1", "газ", house("Садовая", 5)))
    with pytest.raises(OtklikError, match="причина"):
        do(town, weigh, 1, Severity.LOW, " ")
    do(town, weigh, 1, Severity.LOW, "газировка")
    assert town.show(1).events[-1].reason == "газировка"
    again = Town(town.database, city_with(WATER, replace(GAS, topic="вода", name="Газ 2")))
    again.hear(said("tg:1/1", "газ", house("Садовая", 5)))  # read again by a search that was changed
    again.hear(said("tg:1/1", "газ и газ", house("Садовая", 5), version=2))
    assert again.show(1).incident.severity is Severity.LOW
    again.hear(said("tg:1/2", "нет воды", house("Садовая", 5)))
    assert again.show(1).incident.severity is Severity.NORMAL
    again.hear(said("tg:1/2", "нет воды, газ", house("Садовая", 5), version=2))
    assert again.show(1).incident.severity is Severity.DANGER


def test_an_incident_that_somebody_has_taken_does_not_go_into_another_by_itself(town: Town) -> None:
    town.hear(said("tg:1/2", "нет воды", house("Садовая", 5), at=NOON + 100 * HOUR))
    assert len(town.queue()) == 2
    do(town, take, 1)
    do(town, take, 2, by="boris")
    town.hear(said("tg:1/3", "нет воды", house("Садовая", 5), at=NOON + 50 * HOUR))
    assert len(town.queue()) == 2


@pytest.mark.parametrize("code", list(Rejection))
def test_a_rejection_has_a_reason_of_the_list_or_words(town: Town, code: Rejection) -> None:
    if code is Rejection.OTHER:
        with pytest.raises(OtklikError, match="нужна причина"):
            state(town, State.REJECTED, rejected_for=code)
        state(town, State.REJECTED, why="стихи", rejected_for=code)
        assert town.show(1).events[-1].reason == "стихи"
    else:
        state(town, State.REJECTED, rejected_for=code)
        assert town.show(1).events[-1].reason == code.value
    assert town.show(1).incident.rejected_for == code.value


def test_a_duplicate_is_no_fault_of_the_search_and_reasons_are_counted(town: Town) -> None:
    town.hear(*(said(f"tg:2/{number}", "нет воды", house("Мира", number)) for number in range(1, 5)))
    for number, code in enumerate((Rejection.DUPLICATE, Rejection.JOKE, Rejection.OLD, Rejection.JOKE), 1):
        state(town, State.REJECTED, number, rejected_for=code)
    state(town, State.CONFIRMED, 5)
    with town.database.read() as connection:
        judged = verdicts(connection, town.city.key)["file:water"]
    assert (judged.confirmed, judged.rejected, judged.precision) == (1, 3, 0.25)
    assert judged.reasons == {Rejection.DUPLICATE: 1, Rejection.JOKE: 2, Rejection.OLD: 1}


def test_several_at_once_are_each_done_or_refused(town: Town) -> None:
    town.hear(*(said(f"tg:2/{number}", "яма", house("Мира", number)) for number in (1, 3)))
    state(town, State.CONFIRMED, 2)

    def reject(connection: Any, number: int) -> None:
        code = Rejection.JOKE
        change(connection, CITY, number, State.REJECTED, "anna", at=NOON, keys=KEYS, rejected_for=code)

    outcomes: Sequence[acting.Outcome] = each(town.database, [1, 2, 9, 3, 1], reject)
    assert [(one.number, one.refused is None) for one in outcomes] == [(1, True), (2, False), (9, False), (3, True)]
    assert "подтверждён" in str(outcomes[1].refused)
    assert "№ 9" in str(outcomes[2].refused)
    assert [one.number for one in town.queue(State.REJECTED)] == [1, 3]
    assert [one.number for one in town.queue()] == [2]
