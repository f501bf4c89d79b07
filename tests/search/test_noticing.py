"""From posts to reports and incidents: the keys, the grouping, edits, repeats, and any order of arrival."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.city import SavedSearch, Severity
from crawler.model.items import Place, Post, Reading
from search.incidents import change
from search.noticing import Noticed
from search.state.database import Database
from search.state.tables import deliveries, matches
from search.states import State
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


def test_noticing_again_changes_nothing(town: Town) -> None:
    post = said("tg:1/1", "нет горячей воды", house("Садовая", 5))
    town.hear(post)
    before = (town.reports(), town.queue(), town.show(1))
    assert town.hear(post, at=NOON + HOUR) == Noticed()
    assert (town.reports(), town.queue(), town.show(1)) == before


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
texts = st.sampled_from(["нет воды", "нет горячей воды", "яма и нет воды", "отключили", "льгота", "тихо"])
place_choices = st.lists(
    st.sampled_from([house("Садовая", 5), house("Садовая", 7), street("Садовая"), landmark("12"), district("Луговое")]),
    max_size=2,
)
Spoken = tuple[str, list[Place], int, str, str]
spoken = st.tuples(texts, place_choices, st.integers(0, 23), st.sampled_from("ab"), st.sampled_from(["t1", "t2"]))


def told(number: int, one: Spoken) -> tuple[Post, Reading]:
    text, places, hours, author, thread = one
    return said(f"tg:1/{number}", text, *places, at=NOON + hours * HOUR, author=author, thread=thread)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database.open(tmp_path_factory.mktemp("orders") / "state.db")


_counter = iter(range(1_000_000))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(spoken, min_size=2, max_size=8), st.data())
def test_any_order_of_arrival_gives_the_same_reports_and_incidents(
    shared: Database, sayings: list[Spoken], data: st.DataObject
) -> None:
    said_by_all = [told(number, one) for number, one in enumerate(sayings)]
    shuffled = data.draw(st.permutations(said_by_all))
    cut = data.draw(st.integers(0, len(shuffled)))
    one, other = (Town(shared, replace(CITY, key=f"order{next(_counter)}")) for _ in range(2))
    one.hear(*said_by_all)
    for batch in (shuffled[:cut], shuffled[cut:]):
        other.hear(*batch)
    assert [(row.key, row.fits, row.reasons) for row in one.reports()] == [
        (row.key, row.fits, row.reasons) for row in other.reports()
    ]
    assert one.partition() == other.partition()
