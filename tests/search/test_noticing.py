"""From posts to reports and incidents: the keys, the grouping, edits, repeats, and any order of arrival."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.environment import Environment, EnvironmentSecrets
from crawler.model.city import Deliver, Route, SavedSearch, Severity
from crawler.model.items import AuthorRole, Place, Post, Reading
from crawler.model.ports import SystemClock
from crawler.model.rubric import RubricTopic
from search.incidents import change
from search.noticing import Noticed
from search.outbox import Outbox
from search.state.database import Database
from search.state.tables import deliveries, matches
from search.states import State
from search.tickets.blackhole import Blackhole
from tests.search.plans import plans_of, queries
from tests.search.town import (
    CITY,
    HOT,
    HOUR,
    KEYS,
    NOON,
    WATER,
    Town,
    city_with,
    district,
    house,
    landmark,
    said,
    settlement,
    street,
)

DAY = timedelta(days=1)
SADOVAYA = "город:house:садовая/улица:5"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.open(tmp_path)


def places_of(town: Town) -> list[str]:
    return [row.place_key for row in town.reports()]


def walk(town: Town, number: int, *states: State) -> None:
    for state in states:
        with town.database.begin() as connection:
            change(connection, town.city, number, state, "op", at=NOON, keys=KEYS)


ALL_THE_WAY = (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED)


def test_a_complaint_becomes_an_incident_with_a_report(town: Town) -> None:
    assert town.hear(said("tg:1/1", "нет воды", house("Садовая", 5))) == Noticed(matches=1, reports=1, incidents=1)
    (incident,) = town.queue()
    assert (incident.number, incident.title) == (1, "Холодная вода — улица Садовая, 5")
    assert (incident.severity, incident.state, incident.executor) == (Severity.NORMAL, State.NEW, "Водоканал")
    assert (incident.due_first, incident.due_resolved) == (NOON + 4 * HOUR, NOON + 48 * HOUR)
    (report,) = town.show(1).reports
    assert (report.post, report.text, report.state, report.fits) == ("tg:1/1", "нет воды", "waiting", True)
    assert [(reason["search"], reason["version"]) for reason in report.reasons] == [("file:water", 1)]


def test_a_post_that_fits_nothing_leaves_nothing(town: Town) -> None:
    assert town.hear(said("tg:1/1", "спасибо, всё хорошо", house("Садовая", 5))) == Noticed()
    assert town.queue() == ()


def test_what_an_authority_says_is_found_and_is_no_report(town: Town) -> None:
    official = said("vk:1", "нет воды до вечера", house("Садовая", 5), source="mayor", role=AuthorRole.OFFICIAL)
    resident = said("vk:1#2", "нет воды с утра", house("Садовая", 5), source="mayor")
    assert town.hear(official, resident) == Noticed(matches=2, reports=1, incidents=1)
    assert [report.post for report in town.show(1).reports] == ["vk:1#2"]


def test_noticing_again_changes_nothing(town: Town) -> None:
    post = said("tg:1/1", "нет горячей воды", house("Садовая", 5))
    town.hear(post)
    before = (town.reports(), town.queue(), town.show(1))
    assert town.hear(post, at=NOON + HOUR) == Noticed()
    assert (town.reports(), town.queue(), town.show(1)) == before


def test_a_batch_is_noticed_by_seeks(town: Town) -> None:
    batch = [said(f"tg:1/{number}", "нет горячей воды", house("Садовая", number)) for number in range(3)]
    town.hear(*batch)
    with queries() as asked:
        town.hear(*batch, said("tg:1/4", "яма", house("Садовая", 1)), said("tg:1/5", "нет воды", house("Садовая", 1)))
    for table in ("matches", "posts", "reports"):
        steps = plans_of(town.database, asked, table)
        assert steps
        assert [step for step in steps if step.endswith("(city=?)") or step.startswith("SCAN")] == []


def test_two_searches_of_one_group_make_one_report_with_both_reasons_worst_first(town: Town) -> None:
    assert town.hear(said("tg:1/1", "нет горячей воды", house("Садовая", 5))).reports == 1
    (report,) = town.show(1).reports
    assert [reason["search"] for reason in report.reasons] == ["file:hot", "file:water"]
    assert town.queue()[0].severity is Severity.HIGH


def test_two_topic_groups_make_two_reports_in_two_incidents(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды и яма", house("Садовая", 5)))
    assert [row.topic_group for row in town.reports()] == ["вода", "дороги"]
    assert len(town.queue()) == 2


def test_a_search_with_a_place_clause_gives_a_match_and_a_report_for_each_bound_house(tmp_path: Path) -> None:
    bound = SavedSearch("file:bound", "Вода", "вода street:Садовая", "холодная вода")
    town = Town.open(tmp_path, city_with(bound))
    noticed = town.hear(said("tg:1/1", "нет воды", house("Садовая", 5), house("Садовая", 7), house("Мира", 1)))
    assert noticed == Noticed(matches=2, reports=2, incidents=2)
    assert places_of(town) == [SADOVAYA, "город:house:садовая/улица:7"]
    with town.database.read() as connection:
        assert set(connection.scalars(sa.select(matches.c.place_key))) == set(places_of(town))


def test_a_search_that_binds_no_place_speaks_in_the_bound_reports_of_its_group(tmp_path: Path) -> None:
    bound = SavedSearch("file:bound", "Вода", "вода street:Садовая", "холодная вода")
    town = Town.open(tmp_path, city_with(bound, HOT))
    assert town.hear(said("tg:1/1", "нет горячей воды", house("Садовая", 5), house("Мира", 7))).reports == 1
    (report,) = town.reports()
    assert (report.place_key, [one["search"] for one in report.reasons]) == (SADOVAYA, ["file:hot", "file:bound"])


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((house("Садовая", 5),), SADOVAYA),
        ((house("Садовая", 5), house("Садовая", 5)), SADOVAYA),
        ((settlement("Город"), district("Луговое"), house("Садовая", 5)), SADOVAYA),
        ((street("Садовая"), house("Садовая", 5)), SADOVAYA),
        ((street("Мира"), house("Садовая", 5)), ""),
        ((house("Садовая", 5), house("Садовая", 7)), ""),
        ((house("Садовая", 5, 7),), ""),
        ((district("Луговое"),), "город:district:район:луговое"),
        ((settlement("Город"),), ""),
        ((), ""),
    ],
)
def test_without_a_bound_place_it_is_the_only_one_of_the_post(
    town: Town, places: tuple[Place, ...], expected: str
) -> None:
    town.hear(said("tg:1/1", "нет воды", *places))
    assert places_of(town) == [expected]


def test_people_at_one_house_are_one_incident_and_at_two_houses_two(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)), said("vk:2", "воды нет", house("Садовая", 5)))
    town.hear(said("tg:1/3", "вода?", house("Садовая", 5), at=NOON + DAY), said("tg:1/4", "вода", house("Мира", 5)))
    assert [(incident.number, incident.reports) for incident in town.queue()] == [(1, 3), (2, 1)]
    assert town.queue()[0].last_report_at == NOON + DAY


def test_a_street_alone_groups_only_in_area_wide_searches(town: Town) -> None:
    for number in (1, 2):
        text = "отключили, яма"
        town.hear(said(f"tg:1/{number}", text, street("Садовая")))
    by_topic = sorted((incident.topic, incident.reports) for incident in town.queue())
    assert by_topic == [("дороги", 1), ("дороги", 1), ("свет", 2)]


def test_a_landmark_groups_and_a_district_does_not(town: Town) -> None:
    for number in (1, 2):
        town.hear(said(f"tg:1/{number}", "яма", landmark("12")), said(f"tg:2/{number}", "вода", district("Луговое")))
    by_topic = sorted((incident.topic, incident.reports) for incident in town.queue())
    assert by_topic == [("дороги", 2), ("холодная вода", 1), ("холодная вода", 1)]


def test_without_a_place_one_thread_and_author_are_one_incident(town: Town) -> None:
    town.hear(
        said("tg:1/1", "нет воды", author="anna", thread="t1"),
        said("tg:1/2", "воды так и нет!", author="anna", thread="t1", at=NOON + 30 * DAY),
        said("tg:1/3", "и у нас нет воды", author="boris", thread="t1"),
        said("tg:1/4", "нет воды", author="anna", thread="t2"),
    )
    assert sorted(incident.reports for incident in town.queue()) == [1, 1, 2]


def test_two_unknown_authors_are_not_one_person(town: Town) -> None:
    posts = [said(f"tg:1/{number}", "нет воды", thread="t1") for number in (1, 2)]
    town.hear(*((replace(post, author=None), reading) for post, reading in posts))
    assert [incident.reports for incident in town.queue()] == [1, 1]


def test_personal_matters_are_never_put_together(town: Town) -> None:
    for number in (1, 2):
        town.hear(said(f"tg:1/{number}", "льгота", house("Садовая", 5), author="anna", thread="t1"))
    assert [incident.reports for incident in town.queue()] == [1, 1]
    assert town.show(1).suggestions == ()


@pytest.mark.parametrize(("apart", "incidents"), [(3 * DAY, 1), (3 * DAY + HOUR, 2), (-3 * DAY, 1), (-4 * DAY, 2)])
def test_the_window_counts_publications_both_ways(town: Town, apart: timedelta, incidents: int) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    town.hear(said("tg:1/2", "нет воды", house("Садовая", 5), at=NOON + apart))
    assert len(town.queue()) == incidents


def test_the_longer_of_two_windows_holds_whichever_report_came_first(tmp_path: Path) -> None:
    one = Town.open(tmp_path, city_with(WATER, replace(HOT, window=DAY, query="тёплой")))
    other = Town(one.database, replace(one.city, key="other"))
    cold = said("tg:1/1", "вода", house("Садовая", 5))
    warm = said("tg:1/2", "тёплой нет", house("Садовая", 5), at=NOON + 2 * DAY)
    for town, order in ((one, (cold, warm)), (other, (warm, cold))):
        for saying in order:
            town.hear(saying)
    assert [len(town.queue()) for town in (one, other)] == [1, 1]


def test_a_worse_report_makes_the_incident_worse(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    town.hear(said("tg:1/2", "нет горячей", house("Садовая", 5)))
    assert town.queue()[0].severity is Severity.HIGH
    assert [event.what for event in town.show(1).events] == ["opened", "report added", "severity high"]


NO_GAS = SavedSearch("file:no-gas", "Нет газа", "отключили", "нет газа")
SMELL = SavedSearch("file:smell", "Запах газа", "запах", "запах газа", severity=Severity.DANGER)
GAS_CITY = city_with(
    NO_GAS,
    SMELL,
    topics={"газ": ("нет газа", "запах газа")},
    routes=(
        Route("supply", "Горгаз", "hole", topic="нет газа"),
        Route("emergency", "Аварийная", "duty", topic="запах газа", deliver=Deliver.AT_ONCE),
    ),
)
MILD = said("tg:1/1", "отключили газ", house("Садовая", 5))
SMELLS = said("tg:1/2", "запах газа", house("Садовая", 5), at=NOON + HOUR)


@pytest.mark.parametrize("order", [(MILD, SMELLS), (SMELLS, MILD)])
def test_a_danger_is_handed_over_at_once_also_when_a_milder_report_came_first(
    tmp_path: Path, order: Sequence[tuple[Post, Reading]]
) -> None:
    town = Town.open(tmp_path, GAS_CITY)
    for saying in order:
        town.hear(saying)
    (incident,) = town.queue()
    assert (incident.severity, incident.topic, incident.route) == (Severity.DANGER, "запах газа", "emergency")
    assert (incident.executor, incident.policy) == ("Аварийная", "danger")
    assert (incident.due_first, incident.due_resolved) == (NOON + HOUR / 2, NOON + 6 * HOUR)
    assert [delivery.destination for delivery in town.show(1).deliveries] == ["duty"]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize(
    "worse",
    [SMELLS, said("tg:1/1", "теперь и запах газа", house("Садовая", 5), version=2, at=NOON + HOUR)],
    ids=["another report", "an edit"],
)
def test_who_loses_an_incident_to_a_worse_report_gets_no_ticket_of_it(
    tmp_path: Path, worse: tuple[Post, Reading], sent: bool
) -> None:
    town = Town.open(tmp_path, GAS_CITY)
    town.hear(MILD)
    with town.database.begin() as connection:
        change(connection, town.city, 1, State.CONFIRMED, "op", at=NOON, keys=KEYS)
    assert [one.destination for one in town.show(1).deliveries] == ["hole"]
    if sent:
        with town.database.begin() as connection:
            connection.execute(deliveries.update().values(external_id="T-1", state="sent"))
    town.hear(worse, at=NOON + HOUR)
    shown = town.show(1)
    assert shown.incident.route == "emergency"
    assert [one.destination for one in shown.deliveries] == ["hole", "duty"] if sent else ["duty"]
    happened = {(event.what, event.reason) for event in shown.events}
    assert (("ticket stays", "hole T-1") if sent else ("ticket withdrawn", "hole")) in happened


def test_an_edit_that_turns_into_a_danger_is_handed_over_at_once(tmp_path: Path) -> None:
    town = Town.open(tmp_path, GAS_CITY)
    town.hear(MILD)
    town.hear(said("tg:1/1", "теперь и запах газа", house("Садовая", 5), version=2), at=NOON + HOUR)
    (incident,) = town.queue()
    assert (incident.severity, incident.executor) == (Severity.DANGER, "Аварийная")
    assert incident.due_first == NOON + 1.5 * HOUR
    shown = town.show(1)
    assert [delivery.destination for delivery in shown.deliveries] == ["duty"]
    assert [event.what for event in shown.events] == ["opened", "route emergency", "severity danger"]
    assert shown.reports[0].due_first == incident.due_first


def test_a_deadline_is_never_put_off_by_a_worse_report(tmp_path: Path) -> None:
    town = Town.open(tmp_path, GAS_CITY)
    town.hear(MILD)
    town.hear(SMELLS, at=NOON + 45 * HOUR)
    (incident,) = town.queue()
    assert (incident.due_first, incident.due_resolved) == (NOON + 4 * HOUR, NOON + 48 * HOUR)


@pytest.mark.parametrize("edit", [True, False])
def test_what_was_confirmed_goes_to_the_new_executor_alone_when_it_becomes_worse(tmp_path: Path, edit: bool) -> None:
    routes = tuple(replace(route, deliver=Deliver.CONFIRMED) for route in GAS_CITY.routes)
    town = Town.open(tmp_path, replace(GAS_CITY, routes=routes))
    town.hear(MILD)
    walk(town, 1, State.CONFIRMED)
    town.hear(said("tg:1/1", "запах газа", house("Садовая", 5), version=2) if edit else SMELLS)
    assert [delivery.destination for delivery in town.show(1).deliveries] == ["duty"]
    assert town.show(1).incident.executor == "Аварийная"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_report_between_two_incidents_that_nobody_worked_on_makes_them_one(town: Town, order: Sequence[int]) -> None:
    days = (0, 2.5, 5)
    for number in order:
        town.hear(said(f"tg:1/{number}", "нет воды", house("Садовая", 5), at=NOON + days[number] * DAY))
    (incident,) = town.queue()
    assert (incident.number, incident.reports) == (1, 3)
    merged = town.queue(State.MERGED)
    assert [(one.number, one.reports) for one in merged] == [(2, 0) for _ in merged]


def test_a_report_between_goes_to_the_incident_that_people_work_on_and_takes_the_other_along(town: Town) -> None:
    for number, days in enumerate((0, 5)):
        town.hear(said(f"tg:1/{number}", "нет воды", house("Садовая", 5), at=NOON + days * DAY))
    walk(town, 2, State.CONFIRMED)
    town.hear(said("tg:1/9", "нет воды", house("Садовая", 5), at=NOON + 2.5 * DAY))
    (incident,) = town.queue()
    assert (incident.number, incident.reports, incident.state) == (2, 3, State.CONFIRMED)
    assert town.show(1).events[-1].reason == "→ 2"


def test_two_incidents_that_people_work_on_stay_two(town: Town) -> None:
    for number, days in enumerate((0, 5)):
        town.hear(said(f"tg:1/{number}", "нет воды", house("Садовая", 5), at=NOON + days * DAY))
        walk(town, number + 1, State.CONFIRMED)
    town.hear(said("tg:1/9", "нет воды", house("Садовая", 5), at=NOON + 2.4 * DAY))
    assert [(one.number, one.reports) for one in town.queue()] == [(1, 2), (2, 1)]


def test_tickets_of_incidents_that_become_one_follow_their_reports(tmp_path: Path) -> None:
    town = Town.open(tmp_path, GAS_CITY)
    town.hear(MILD)
    town.hear(said("tg:1/2", "запах газа", house("Садовая", 5), at=NOON + 5 * DAY))
    (before,) = town.show(2).deliveries
    town.hear(said("tg:1/3", "отключили газ", house("Садовая", 5), at=NOON + 2.5 * DAY))
    (after,) = town.show(1).deliveries
    assert (after.key, after.destination, town.show(2).deliveries) == (before.key, "duty", ())
    assert after.sequence == town.show(1).incident.sequence > before.sequence


def test_a_ticket_that_is_left_over_learns_that_its_incident_was_merged(town: Town) -> None:
    hole = Blackhole()
    box = Outbox(town.city, town.database, EnvironmentSecrets(Environment({})), SystemClock(), {"duty": hole})
    for number, days in enumerate((0, 5, 2.5)):
        town.hear(said(f"tg:1/{number}", "газ", house("Садовая", 5), at=NOON + days * DAY))
        box.drain(60.0)
    told = {kept.ticket.number: (kept.ticket.state, kept.ticket.reports) for kept in hole.tickets.values()}
    assert told == {1: ("new", 3), 2: ("merged", 0)}


def test_an_edit_updates_its_report_and_one_that_no_longer_fits_is_marked_not_removed(town: Town) -> None:
    town.hear(said("tg:1/1", "нет горячей воды", house("Садовая", 5)))
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5), version=2))
    (report,) = town.show(1).reports
    assert (report.version, [reason["search"] for reason in report.reasons]) == (2, ["file:water"])
    assert town.queue()[0].severity is Severity.NORMAL
    assert town.hear(said("tg:1/1", "всё починили", house("Садовая", 5), version=3)).withdrawn == 1
    (report,) = town.show(1).reports
    assert (report.fits, report.state, report.version) == (False, "withdrawn", 2)
    town.hear(said("tg:1/1", "опять нет воды", house("Садовая", 5), version=4))
    (report,) = town.show(1).reports
    assert (report.fits, report.state, report.version) == (True, "waiting", 4)
    assert len(town.queue()) == 1


def test_versions_of_one_post_in_one_batch_come_in_turn(town: Town) -> None:
    first = said("tg:1/1", "нет воды", house("Садовая", 5))
    second = said("tg:1/1", "починили", house("Садовая", 5), version=2)
    assert town.hear(second, first) == Noticed(matches=1, reports=1, withdrawn=1, incidents=1)


def test_an_edit_that_is_dated_earlier_still_comes_after_what_it_replaces(town: Town) -> None:
    first = said("tg:1/1", "нет воды", house("Садовая", 5), at=NOON)
    second = said("tg:1/1", "починили", house("Садовая", 5), version=2, at=NOON - HOUR)
    assert town.hear(first, second) == Noticed(matches=1, reports=1, withdrawn=1, incidents=1)


def test_a_complaint_after_closing_opens_a_linked_incident(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    walk(town, 1, *ALL_THE_WAY)
    town.hear(said("tg:1/2", "опять нет воды", house("Садовая", 5), at=NOON + HOUR))
    (incident,) = town.queue()
    assert (incident.number, incident.repeat_of) == (2, 1)


@pytest.mark.parametrize(
    ("states", "repeat_of"), [(ALL_THE_WAY, 1), ((State.REJECTED,), None), ((State.NOT_OURS,), None)]
)
def test_an_edit_of_what_is_over_speaks_up_again(town: Town, states: Sequence[State], repeat_of: int | None) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    for state in states:
        with town.database.begin() as connection:
            change(connection, town.city, 1, state, "op", "причина", at=NOON, keys=KEYS)
    before = town.show(1)
    edited = said("tg:1/1", "опять нет воды!", house("Садовая", 5), version=2, seen_at=NOON + 20 * DAY)
    assert town.hear(edited).reports == 1
    (incident,) = town.queue()
    assert (incident.number, incident.repeat_of, incident.last_report_at) == (2, repeat_of, NOON + 20 * DAY)
    assert [report.text for report in town.show(2).reports] == ["опять нет воды!"]
    assert town.show(1) == before
    assert town.hear(edited) == Noticed()
    town.hear(said("tg:1/1", "починили", house("Садовая", 5), version=3))
    assert sorted((row.version, row.fits) for row in town.reports()) == [(1, True), (2, False)]


def test_an_edit_that_becomes_personal_leaves_the_incident_of_others(tmp_path: Path) -> None:
    disabled = SavedSearch("file:disabled", "Инвалиды", "инвалид", "холодная вода", personal=True)
    town = Town.open(tmp_path, city_with(WATER, disabled))
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)), said("tg:1/2", "нет воды", house("Садовая", 5)))
    edited = said("tg:1/2", "нет воды, я инвалид", house("Садовая", 5), version=2)
    town.hear(edited)
    assert [(one.number, one.fitting) for one in town.queue()] == [(1, 1), (2, 1)]
    assert "инвалид" not in str([report.text for report in town.show(1).reports])
    assert [report.text for report in town.show(2).reports] == ["нет воды, я инвалид"]
    assert town.hear(edited) == Noticed()
    assert town.show(1).suggestions == town.show(2).suggestions == ()


def test_what_was_rejected_takes_no_more_reports_and_is_no_repeat(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    with town.database.begin() as connection:
        change(connection, town.city, 1, State.REJECTED, "op", "шутка", at=NOON, keys=KEYS)
    town.hear(said("tg:1/2", "нет воды", house("Садовая", 5)))
    (incident,) = town.queue()
    assert (incident.number, incident.reports, incident.repeat_of) == (2, 1, None)


def test_copies_are_reports_of_their_own_and_suggested(town: Town) -> None:
    text = "Уже третий день во всём нашем дворе нет воды, и никто не отвечает на звонки"
    town.hear(said("tg:1/1", text), said("tg:2/1", text), said("tg:3/1", "нет воды"))
    assert [incident.reports for incident in town.queue()] == [1, 1, 1]
    assert [(one.number, one.why) for one in town.show(1).suggestions] == [(2, "copy")]


def test_one_street_and_topic_group_is_suggested(town: Town) -> None:
    town.hear(
        said("tg:1/1", "нет воды", house("Садовая", 5)),
        said("tg:1/2", "нет горячей", house("Садовая", 7)),
        said("tg:1/3", "яма", house("Садовая", 5)),
        said("tg:1/4", "нет воды", house("Мира", 5)),
    )
    assert [(one.number, one.why) for one in town.show(1).suggestions] == [(2, "street")]


def test_route_policy_and_deadlines_are_the_most_specific(town: Town) -> None:
    town.hear(said("vk:1", "газ", house("Садовая", 5), source="mayor"), said("vk:2", "яма", source="mayor"))
    gas, pit = town.queue()
    assert (gas.executor, gas.policy, gas.due_first) == ("Газовая служба", "official", NOON + 2 * HOUR)
    assert (pit.executor, pit.policy) == ("Дороги", "official")


def test_a_search_can_name_its_route_and_policy(tmp_path: Path) -> None:
    named = replace(WATER, route="gas", policy="danger")
    town = Town.open(tmp_path, city_with(named))
    town.hear(said("tg:1/1", "нет воды"))
    (incident,) = town.queue()
    assert (incident.route, incident.policy, incident.due_first) == ("gas", "danger", NOON + HOUR / 2)


def test_only_a_route_at_once_is_delivered_unconfirmed(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды"), said("tg:1/2", "газ"))
    with town.database.read() as connection:
        rows = connection.execute(sa.select(deliveries.c.destination, deliveries.c.state)).all()
    assert [tuple(row) for row in rows] == [("duty", "waiting")]


def test_cities_of_one_installation_do_not_see_each_other(tmp_path: Path) -> None:
    one = Town.open(tmp_path)
    other = Town(one.database, replace(one.city, key="other"))
    for town in (one, other):
        town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    assert [town.queue()[0].number for town in (one, other)] == [1, 1]
    assert [town.queue()[0].reports for town in (one, other)] == [1, 1]


def test_the_journal_holds_no_personal_text(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды, звоните Петровой", house("Садовая", 5), author="petrova"))
    written = json.dumps([str(event) for event in town.show(1).events], ensure_ascii=False)
    assert "Петровой" not in written
    assert "petrova" not in written


# Any arrival order: the same posts in any order and any batches.
FLOOD = SavedSearch("file:flood", "Затопило", "затопило", "потоп", severity=Severity.DANGER)
LEAK = SavedSearch(
    "file:leak", "Течь", "течёт", "потоп", severity=Severity.HIGH, route="leaks", window=timedelta(days=1)
)
# Without a topic: it is what the text is read as, surely («Ямы»), as a mere group of the rubric, or not at all.
YARD = SavedSearch("file:yard", "Наш двор", "двор", "", window=timedelta(days=4))
ORDER_CITY = replace(
    CITY,
    searches=(*CITY.searches, FLOOD, LEAK, YARD),
    rubric=(RubricTopic("Проезжая часть", "Ямы", ("яма",)),),
    topics={"вода": ("холодная вода", "горячая вода", "потоп")},
    routes=(
        Route("flood", "Аварийная", "duty", topic="потоп", deliver=Deliver.AT_ONCE),
        Route("leaks", "ЖЭУ", "flats", deliver=Deliver.AT_ONCE),
        *CITY.routes,
    ),
)
texts = st.sampled_from(
    [
        *("нет воды", "нет горячей воды", "яма и нет воды", "отключили", "льгота", "тихо", "затопило", "течёт вода"),
        *("наш двор", "наш двор", "наш двор без воды"),
    ]
)
some_places = st.sampled_from(
    [house("Садовая", 5), house("Садовая", 7), street("Садовая"), landmark("12"), district("Луговое")]
)
# One house is in most mouths: reports that meet nobody else's show little.
place_choices = st.one_of(
    st.just([house("Садовая", 5)]), st.just([house("Садовая", 5)]), st.lists(some_places, max_size=2)
)
Spoken = tuple[str, list[Place], int, str, str, str, str]
spoken = st.tuples(
    texts,
    place_choices,
    st.integers(0, 20).map(lambda half_days: 12 * half_days),
    st.sampled_from("ab"),
    st.sampled_from(["t1", "t2"]),
    st.sampled_from(["public", "mayor"]),
    st.sampled_from(["", "Ямы", "Проезжая часть", "горячая вода"]),
)


def told(number: int, one: Spoken) -> tuple[Post, Reading]:
    text, places, hours, author, thread, source, topic = one
    at = NOON + hours * HOUR
    return said(f"tg:1/{number}", text, *places, at=at, author=author, thread=thread, source=source, topic=topic)


def known_of(town: Town) -> set[tuple[object, ...]]:
    """Every open incident with its reports, what it is called, who answers, by when, and who has it."""
    return {
        (
            frozenset((report.post, str(report.reasons)) for report in shown.reports),
            *(getattr(shown.incident, name) for name in ("title", "topic", "severity", "executor", "route", "policy")),
            *(getattr(shown.incident, name) for name in ("due_first", "due_resolved", "last_report_at")),
            frozenset(delivery.destination for delivery in shown.deliveries),
        )
        for shown in (town.show(incident.number) for incident in town.queue())
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database.open(tmp_path_factory.mktemp("orders") / "state.db")


_counter = iter(range(1_000_000))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(spoken, min_size=2, max_size=8), st.data())
def test_any_order_of_arrival_gives_the_same_reports_and_incidents(
    shared: Database, sayings: list[Spoken], data: st.DataObject
) -> None:
    said_by_all = [told(number, one) for number, one in enumerate(sayings)]
    shuffled = data.draw(st.permutations(said_by_all))
    size = data.draw(st.integers(1, len(shuffled)))
    one, other = (Town(shared, replace(ORDER_CITY, key=f"order{next(_counter)}")) for _ in range(2))
    one.hear(*said_by_all)
    for start in range(0, len(shuffled), size):
        other.hear(*shuffled[start : start + size])
    assert [(row.key, row.fits, row.reasons) for row in one.reports()] == [
        (row.key, row.fits, row.reasons) for row in other.reports()
    ]
    assert one.partition() == other.partition()
    assert known_of(one) == known_of(other)
