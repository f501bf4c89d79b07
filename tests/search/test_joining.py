"""What people do with several incidents: joining, splitting, moving reports, and undoing all of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.model.city import Deliver, Severity
from crawler.model.errors import OtklikError
from search.acting import assign, change, take, weigh
from search.acts import Hand, Kind
from search.joining import join, move, split
from search.notes import LONGEST, note, remove_note
from search.state.tables import deliveries
from search.states import Rejection, State
from search.ticketing import ticket_of
from search.undoing import Preview, preview, undo
from tests.search.town import BENEFIT, CITY, GAS, HOUR, KEYS, NOON, WATER, Town, city_with, house, posts_of, said

DAY = 24 * HOUR


def do(town: Town, act: Callable[..., Any], *given: Any, by: str = "anna", **named: Any) -> Any:
    with town.database.begin() as connection:
        return act(Hand(connection, town.city, KEYS, NOON + HOUR, by), *given, **named)


def state(town: Town, to: State, number: int = 1, **named: Any) -> None:
    with town.database.begin() as connection:
        change(connection, town.city, number, to, "anna", at=NOON + HOUR, keys=KEYS, **named)


def sent(town: Town, number: int, destination: str = "hole") -> None:
    """A ticket system took the incident."""
    here = sa.and_(deliveries.c.incident == town.show(number).incident.id, deliveries.c.destination == destination)
    values = {"external_id": f"T-{number}", "payload_digest": "sent", "state": "sent"}
    with town.database.begin() as connection:
        assert connection.execute(deliveries.update().where(here).values(**values)).rowcount == 1


def members(town: Town, number: int) -> list[str]:
    return [report.post for report in town.show(number).reports]


def water(post: str, number: int, text: str = "нет воды", **values: Any) -> Any:
    return said(post, text, house("Садовая", number), **values)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Water at three houses: two reports, one, one."""
    town = Town.open(tmp_path, city_with(WATER, replace(GAS, topic="вода"), BENEFIT, policies=CITY.policies))
    town.hear(water("tg:1/1", 5), water("tg:1/2", 5, at=NOON + HOUR), at=NOON)
    town.hear(water("tg:2/1", 7, "газ"), at=NOON - HOUR)
    town.hear(water("tg:3/1", 9), at=NOON)
    return town


def test_a_join_counts_all_keeps_the_name_and_takes_the_strictest_clock_and_the_worst_severity(town: Town) -> None:
    one, two = town.show(1).incident, town.show(2).incident
    do(town, join, 1, [2, 2], "одна труба")
    shown = town.show(1)
    assert (shown.incident.title, shown.incident.reports, shown.incident.severity) == (one.title, 3, Severity.DANGER)
    assert (shown.incident.due_first, shown.incident.due_resolved) == (two.due_first, two.due_resolved)
    gone = town.show(2).incident
    assert (gone.state, gone.merged_into, gone.reports) == (State.MERGED, 1, 0)
    assert [(event.what, event.reason, event.who) for event in shown.events][-1] == ("took in", "2: одна труба", "anna")
    assert [incident.number for incident in town.queue()] == [1, 3]


def test_later_reports_edits_and_readings_of_a_joined_group_come_to_the_one_it_went_into(town: Town) -> None:
    do(town, join, 1, [3])
    do(town, join, 2, [1])
    town.hear(water("tg:3/2", 9), water("tg:1/3", 5), at=NOON + HOUR)
    town.hear(water("tg:3/1", 9, "нет воды и сегодня", version=2))
    town.hear(water("tg:3/1", 9, "нет воды и сегодня", version=2))
    assert sorted(members(town, 2)) == ["tg:1/1", "tg:1/2", "tg:1/3", "tg:2/1", "tg:3/1", "tg:3/2"]
    assert [incident.number for incident in town.queue()] == [2]
    # What comes after its closing is a repeat of it.
    for to in (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED):
        state(town, to, 2)
    town.hear(water("tg:3/3", 9, at=NOON + 2 * HOUR))
    assert [(incident.number, incident.repeat_of) for incident in town.queue()] == [(4, 2)]


def test_tickets_of_a_join_are_told_and_none_is_made(town: Town) -> None:
    state(town, State.CONFIRMED, 1)
    state(town, State.CONFIRMED, 3)
    sent(town, 1)
    sent(town, 3)
    do(town, join, 1, [3])
    assert [(one.destination, one.external_id, one.state) for one in town.show(1).deliveries] == [
        ("hole", "T-1", "waiting")
    ]
    with town.database.read() as connection:
        ticket = ticket_of(connection, town.city, town.show(3).incident.id)
        assert (ticket.state, ticket.merged_into) == ("merged", 1)
        assert ticket_of(connection, town.city, town.show(1).incident.id).reports == 3
    assert town.show(3).deliveries[0].state == "waiting"


def test_a_ticket_goes_along_where_the_other_has_none_and_comes_back(tmp_path: Path) -> None:
    at_once = tuple(replace(route, deliver=Deliver.AT_ONCE) for route in CITY.routes if route.key == "water")
    town = Town.open(tmp_path, city_with(WATER, policies=CITY.policies))
    town.hear(water("tg:1/1", 5))
    later = Town(town.database, replace(town.city, routes=at_once))
    later.hear(water("tg:2/1", 7))
    without = Town(town.database, replace(town.city, routes=()))
    do(without, join, 1, [2])
    assert [one.destination for one in later.show(1).deliveries] == ["hole"]
    assert later.show(2).deliveries == ()
    key = later.show(1).deliveries[0].key
    do(without, undo, 1)
    assert without.show(1).deliveries == ()
    (back,) = without.show(2).deliveries
    assert (back.key, back.sequence) == (key, without.show(2).incident.sequence)


def test_what_cannot_be_joined_says_why(town: Town) -> None:
    town.hear(said("tg:9/1", "льгота", house("Мира", 1)))
    state(town, State.CONFIRMED, 3)
    state(town, State.REJECTED, 2, rejected_for=Rejection.OLD)
    for into, others, text in (
        (1, [4], "стоит отдельно"),
        (4, [1], "стоит отдельно"),
        (1, [2], "отклонён"),
        (2, [1], "отклонён"),
        (1, [3], "Присоедините № 1 к № 3"),
        (1, [1], "с самим собой"),
        (1, [8], "№ 8"),
    ):
        with pytest.raises(OtklikError, match=text):
            do(town, join, into, others)
    assert len(town.queue(*State)) == 4
    do(town, join, 3, [1])
    with pytest.raises(OtklikError, match="только что изменил"):
        do(town, join, 3, [1], seen=0)


def test_a_split_makes_an_incident_with_its_own_clock_and_nothing_brings_its_reports_back(town: Town) -> None:
    do(town, join, 1, [2, 3])
    new = do(town, split, 1, ["tg:2/1"], "другое")
    old, made = town.show(1), town.show(new)
    assert (old.incident.severity, old.incident.reports) == (Severity.NORMAL, 3)
    assert (made.incident.severity, made.incident.state, made.incident.repeat_of) == ("danger", State.NEW, None)
    assert (made.incident.title, made.incident.executor) == ("Вода — улица Садовая, 7", "Водоканал")
    assert made.incident.due_first == NOON - HOUR + HOUR / 2
    assert made.incident.opened_at == NOON - HOUR
    assert old.incident.due_first == NOON + 4 * HOUR
    town.hear(water("tg:2/1", 7, "газ опять", version=2))
    town.hear(water("tg:2/2", 7))  # new ones of the old group go on in the old one
    assert (posts_of(town.show(new).reports), len(members(town, 1))) == (["tg:2/1"], 4)  # type: ignore[arg-type]
    # Once it is closed and its post speaks up again, that is its repeat, and nothing for the old one.
    state(town, State.REJECTED, new, rejected_for=Rejection.OLD)
    town.hear(water("tg:2/1", 7, "газ в третий раз", version=3))
    assert (len(members(town, 1)), members(town, new + 1)) == (4, ["tg:2/1"])


def test_a_split_can_be_of_another_topic_and_needs_something_on_both_sides(town: Town) -> None:
    for posts, text in (
        (["tg:1/1", "tg:1/2"], "отделять не от чего"),
        (["tg:7/7"], "tg:7/7"),
        ([], "Не отмечено ни одного голоса"),
    ):
        with pytest.raises(OtklikError, match=text):
            do(town, split, 1, posts)
    with pytest.raises(OtklikError, match="Темы «космос»"):
        do(town, split, 1, ["tg:1/2"], topic="космос")
    new = do(town, split, 1, ["tg:1/2"], topic="льготы")
    assert town.show(new).incident.title == "Льготы — улица Садовая, 5"
    assert town.show(new).incident.executor == ""


def test_a_move_takes_the_reports_and_the_last_one_takes_the_incident_along(town: Town) -> None:
    do(town, move, 1, ["tg:1/2"], 2)
    assert (members(town, 1), members(town, 2)) == (["tg:1/1"], ["tg:2/1", "tg:1/2"])
    do(town, move, 1, ["tg:1/1"], 3, "там же")
    assert (town.show(1).incident.state, town.show(1).incident.merged_into) == (State.MERGED, 3)
    town.hear(water("tg:1/3", 5))
    assert members(town, 3) == ["tg:1/1", "tg:1/3", "tg:3/1"]
    do(town, undo, 1)
    assert members(town, 1) == ["tg:1/1"]
    assert members(town, 3) == ["tg:1/3", "tg:3/1"]
    do(town, undo, 2)
    assert members(town, 1) == ["tg:1/1", "tg:1/2"]


def seen_of(town: Town) -> Any:
    """All that people see of a town's incidents: also who answers, by when, and whose the tickets are."""
    hidden = ("sequence", "last_act", "by_hand")
    told = []
    for incident in sorted(town.queue(*State), key=lambda one: one.number):
        if incident.state is State.MERGED and not town.show(incident.number).deliveries:
            continue
        shown = town.show(incident.number)
        values = {name: getattr(incident, name) for name in incident.__dataclass_fields__ if name not in hidden}
        tickets = [(one.destination, one.external_id) for one in shown.deliveries]
        told.append((values, shown.reports, tickets, shown.notes))
    return told


ACTS: Sequence[tuple[str, Callable[[Town], Any]]] = (
    ("join", lambda town: do(town, join, 1, [2, 3])),
    ("split", lambda town: do(town, split, 1, ["tg:1/1"])),
    ("move", lambda town: do(town, move, 1, ["tg:1/2"], 2)),
    ("move all", lambda town: do(town, move, 3, ["tg:3/1"], 2)),
    ("take", lambda town: do(town, take, 1)),
    ("assign", lambda town: do(town, assign, 1, executor="Дворник")),
    ("weigh", lambda town: do(town, weigh, 1, Severity.DANGER, "дети")),
    ("confirm", lambda town: state(town, State.CONFIRMED)),
    ("reject", lambda town: state(town, State.REJECTED, rejected_for=Rejection.JOKE)),
    ("note", lambda town: do(town, note, 1, "звонил")),
)


@pytest.mark.parametrize(("name", "act"), ACTS, ids=[name for name, _ in ACTS])
def test_an_undo_gives_back_exactly_what_was_and_says_it_before(
    town: Town, name: str, act: Callable[[Town], Any]
) -> None:
    before = seen_of(town)
    act(town)
    after = seen_of(town)
    assert after != before
    number = 3 if name == "move all" else 1
    told = do(town, preview, number)
    assert (told.refusal, seen_of(town)) == (None, after)
    assert told.says
    assert do(town, undo, number) == told
    assert seen_of(town) == before
    assert town.show(number).acts[-1].kind is Kind.UNDO
    assert [one.undone for one in town.show(number).acts] == [True, False]
    assert town.show(number).events[-1].what == "undone"
    with pytest.raises(OtklikError, match="отменять нечего"):
        do(town, undo, number)


def test_a_join_is_undone_any_day_and_what_came_after_stays(town: Town) -> None:
    do(town, join, 1, [3])
    act = town.show(1).acts[-1].id
    state(town, State.CONFIRMED)
    do(town, take, 1)
    town.hear(water("tg:3/2", 9, at=NOON + DAY), at=NOON + DAY)
    town.hear(water("tg:1/9", 5, at=NOON + DAY), at=NOON + DAY)
    told = do(town, preview, 3)
    assert [str(one) for one in told.says if "бращений" in str(one)] == [
        "Обращений вернётся из № 1 в № 3: 1.",
        "В № 1 остаётся обращений: 4.",
    ]
    do(town, undo, 1, act)
    assert (members(town, 3), town.show(3).incident.state) == (["tg:3/1"], State.NEW)
    assert len(members(town, 1)) == 4
    assert (town.show(1).incident.state, town.show(1).incident.assignee) == (State.CONFIRMED, "anna")
    # It is not joined again: the group is its own again.
    town.hear(water("tg:3/3", 9, at=NOON + HOUR))
    assert members(town, 3) == ["tg:3/1", "tg:3/3"]


def test_after_an_undo_clocks_and_severity_are_those_of_the_reports_that_stayed(town: Town) -> None:
    do(town, join, 1, [2])
    town.hear(water("tg:1/9", 5, at=NOON + 2 * HOUR), at=NOON + 2 * HOUR)
    assert town.show(1).incident.severity is Severity.DANGER
    do(town, undo, 1)
    left = town.show(1).incident
    assert (left.reports, left.severity, left.due_first) == (3, Severity.NORMAL, NOON + 4 * HOUR)
    assert left.last_report_at == NOON + 2 * HOUR


def test_an_open_incident_is_not_left_without_reports_by_an_undo(town: Town) -> None:
    do(town, move, 1, ["tg:1/2"], 3)
    act = town.show(1).acts[-1].id
    do(town, move, 3, ["tg:3/1"], 2)
    refusal = do(town, preview, 1, act).refusal
    assert refusal is not None
    assert "более позднее действие" in str(refusal)
    do(town, undo, 3)
    do(town, undo, 1, act)
    assert [members(town, number) for number in (1, 2, 3)] == [["tg:1/1", "tg:1/2"], ["tg:2/1"], ["tg:3/1"]]


def test_of_two_joins_the_first_can_be_undone_and_the_other_holds(town: Town) -> None:
    town.hear(water("tg:4/1", 11, "газ"), at=NOON - 2 * HOUR)
    do(town, join, 1, [2])
    act = town.show(1).acts[-1].id
    do(town, join, 1, [4])
    do(town, undo, 1, act)
    assert members(town, 2) == ["tg:2/1"]
    assert town.show(1).incident.reports == 3
    assert town.show(1).incident.due_first == NOON - 2 * HOUR + HOUR / 2
    assert town.show(1).incident.severity is Severity.DANGER


@pytest.mark.parametrize(
    ("first", "then", "number"),
    [
        (lambda town: state(town, State.CONFIRMED), lambda town: state(town, State.IN_WORK), 1),
        (lambda town: do(town, join, 1, [3]), lambda town: do(town, join, 2, [1]), 1),
        (lambda town: do(town, split, 1, ["tg:1/2"]), lambda town: do(town, take, 4), 4),
        (lambda town: do(town, split, 1, ["tg:1/2"]), lambda town: do(town, join, 2, [1]), 1),
        (lambda town: do(town, move, 1, ["tg:1/2"], 2), lambda town: do(town, move, 2, ["tg:1/2"], 3), 2),
        (lambda town: do(town, assign, 1, route="gas"), lambda town: do(town, assign, 1, route="roads"), 1),
    ],
    ids=["state", "join", "worked on", "gone", "moved on", "executor"],
)
def test_what_a_later_act_rests_on_is_refused_and_that_act_is_named(
    town: Town, first: Callable[[Town], Any], then: Callable[[Town], Any], number: int
) -> None:
    start = seen_of(town)
    first(town)
    act = town.show(1).acts[-1].id
    then(town)
    before = seen_of(town)
    told: Preview = do(town, preview, 1, act)
    assert told.refusal is not None
    assert f"--act {act + 1}" in told.refusal.typed.en
    with pytest.raises(OtklikError, match=f"позднее действие {act + 1}|the later act {act + 1}"):
        do(town, undo, 1, act)
    assert seen_of(town) == before
    do(town, undo, number, act + 1)
    do(town, undo, 1, act)
    assert seen_of(town) == start


def test_a_severity_that_a_report_raised_since_is_not_taken_back(town: Town) -> None:
    do(town, weigh, 1, Severity.LOW, "мелочь")
    town.hear(water("tg:1/7", 5, "газ"))
    with pytest.raises(OtklikError, match="сам"):
        do(town, undo, 1)


def test_a_closing_that_a_repeat_rests_on_stays(town: Town) -> None:
    for to in (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED):
        state(town, to)
    town.hear(water("tg:1/7", 5))
    with pytest.raises(OtklikError, match="№ 4"):
        do(town, undo, 1)


def test_a_ticket_that_is_out_hears_of_the_undo_and_one_that_is_not_never_goes(town: Town) -> None:
    state(town, State.CONFIRMED)
    assert "не уйдёт" in " ".join(str(one) for one in do(town, preview, 1).says)
    do(town, undo, 1)
    assert town.show(1).deliveries == ()
    state(town, State.CONFIRMED)
    sent(town, 1)
    assert "запись остаётся" in " ".join(str(one) for one in do(town, preview, 1).says)
    do(town, undo, 1)
    (ticket,) = town.show(1).deliveries
    assert (ticket.state, ticket.sequence) == ("waiting", town.show(1).incident.sequence)
    with town.database.read() as connection:
        assert ticket_of(connection, town.city, town.show(1).incident.id).state == "new"


def test_who_was_quicker_is_told_and_nothing_is_undone_twice(town: Town) -> None:
    do(town, join, 1, [2])
    seen = town.show(1).incident.last_act
    do(town, take, 1, by="boris")
    with pytest.raises(OtklikError, match=r"изменил.*boris: ничего не записано"):
        do(town, undo, 1, seen=seen)
    act = town.show(1).acts[-1].id
    do(town, undo, 1, act)
    with pytest.raises(OtklikError, match="уже отменено"):
        do(town, undo, 1, act)


def test_notes_are_for_colleagues_and_come_and_go(town: Town) -> None:
    number = do(town, note, 1, " Звонил жильцам ")
    seen = town.show(1).incident.last_act
    assert [one.text for one in town.show(1).notes] == ["Звонил жильцам"]
    with town.database.read() as connection:
        assert "Звонил" not in str(ticket_of(connection, town.city, town.show(1).incident.id).content())
    do(town, take, 1, by="boris", seen=seen)  # a note stands in nobody's way
    do(town, remove_note, 1, number)
    assert town.show(1).notes == ()
    do(town, undo, 1)
    assert [one.id for one in town.show(1).notes] == [number]
    for text in (" ", "х" * (LONGEST + 1)):
        with pytest.raises(OtklikError, match=str(LONGEST)):
            do(town, note, 1, text)
    with pytest.raises(OtklikError, match="нет заметки 77"):
        do(town, remove_note, 1, 77)
    assert all("Звонил" not in str(event) for event in town.show(1).events)
