"""Work on incidents: the states and who may follow whom, the queue's order, and what a change sets going."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.model.city import Deliver
from crawler.model.errors import OtklikError
from search import events
from search.incidents import change, list_incidents
from search.state.tables import deliveries
from search.state.tables import events as journal
from search.states import NEXT, STATE_NAMES, State
from tests.search.plans import plans_of, queries
from tests.search.town import CITY, HOUR, KEYS, NOON, Town, city_with, house, said


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town.open(tmp_path)
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 5)))
    return town


def move(town: Town, to: State, why: str = "", number: int = 1) -> None:
    with town.database.begin() as connection:
        change(connection, town.city, number, to, "operator", why, at=NOON + HOUR, keys=KEYS)


def test_an_incident_goes_its_way_and_every_step_is_in_the_journal(town: Town) -> None:
    way = (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED)
    for state in way:
        move(town, state)
    shown = town.show(1)
    assert shown.incident.state is State.CLOSED
    assert [(event.what, event.who) for event in shown.events] == [
        ("opened", events.OTKLIK),
        *((state.value, "operator") for state in way),
    ]
    assert town.queue() == ()


@pytest.mark.parametrize("state", list(State))
def test_only_the_allowed_changes_are_made_and_the_error_names_them(tmp_path: Path, state: State) -> None:
    ways = {
        State.NEW: (),
        State.REJECTED: (State.REJECTED,),
        State.NOT_OURS: (State.NOT_OURS,),
        State.CONFIRMED: (State.CONFIRMED,),
        State.IN_WORK: (State.CONFIRMED, State.IN_WORK),
        State.ANSWERED: (State.CONFIRMED, State.IN_WORK, State.ANSWERED),
        State.CLOSED: (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED),
    }
    if state not in ways:
        assert all(State.MERGED not in following for following in NEXT.values())
        return
    town = Town.open(tmp_path)
    town.hear(said("tg:1/1", "нет воды"))
    for step in ways[state]:
        move(town, step, "причина")
    for to in set(State) - set(NEXT[state]):
        with pytest.raises(OtklikError) as caught:
            move(town, to, "причина")
        assert all(STATE_NAMES[allowed].ru in caught.value.text.ru for allowed in NEXT[state])
        assert town.show(1).incident.state is state


def test_a_rejection_needs_a_reason_and_keeps_it(town: Town) -> None:
    with pytest.raises(OtklikError, match="нужна причина"):
        move(town, State.REJECTED, "  ")
    assert town.show(1).incident.state is State.NEW
    move(town, State.REJECTED, "не жалоба")
    assert town.show(1).events[-1].reason == "не жалоба"


def test_an_unknown_number_is_told(town: Town) -> None:
    with pytest.raises(OtklikError, match="№ 7"):
        move(town, State.CONFIRMED, number=7)
    with pytest.raises(OtklikError, match="№ 7"):
        town.show(7)


def test_an_incident_of_another_city_cannot_be_reached(town: Town) -> None:
    other = Town(town.database, replace(CITY, key="other"))
    with pytest.raises(OtklikError):
        move(other, State.CONFIRMED)
    assert town.show(1).incident.state is State.NEW


def test_confirming_hands_over_once(town: Town) -> None:
    move(town, State.CONFIRMED)
    move(town, State.IN_WORK)
    (delivery,) = town.show(1).deliveries
    assert (delivery.destination, delivery.state, delivery.sequence) == ("hole", "waiting", 3)


def test_a_change_that_fails_writes_nothing(town: Town) -> None:
    class StopError(Exception):
        pass

    def stop() -> None:
        with town.database.begin() as connection:
            change(connection, town.city, 1, State.CONFIRMED, "op", at=NOON, keys=KEYS)
            raise StopError

    with pytest.raises(StopError):
        stop()
    shown = town.show(1)
    assert (shown.incident.state, shown.deliveries, len(shown.events)) == (State.NEW, (), 1)


def test_without_a_route_it_is_confirmed_and_delivered_nowhere(tmp_path: Path) -> None:
    town = Town.open(tmp_path, replace(CITY, routes=()))
    town.hear(said("tg:1/1", "нет воды"))
    move(town, State.CONFIRMED)
    assert (town.show(1).incident.executor, town.show(1).deliveries) == ("", ())


def test_a_route_that_came_later_is_taken_when_confirmed(tmp_path: Path) -> None:
    early = Town.open(tmp_path, replace(CITY, routes=()))
    early.hear(said("tg:1/1", "нет воды"))
    late = Town(early.database, CITY)
    move(late, State.CONFIRMED)
    assert late.show(1).incident.executor == "Водоканал"
    assert [delivery.destination for delivery in late.show(1).deliveries] == ["hole"]


def test_a_route_that_hands_over_at_once_since_then_gets_the_confirmed_one(tmp_path: Path) -> None:
    early = Town.open(tmp_path, replace(CITY, routes=()))
    early.hear(said("tg:1/1", "нет воды"))
    at_once = tuple(replace(route, deliver=Deliver.AT_ONCE) for route in CITY.routes)
    late = Town(early.database, replace(CITY, routes=at_once))
    move(late, State.CONFIRMED)
    assert [delivery.destination for delivery in late.show(1).deliveries] == ["hole"]


def test_the_same_incident_of_another_installation_has_another_key(tmp_path: Path) -> None:
    keys = []
    for folder in (tmp_path / "trial", tmp_path / "real"):
        town = Town.open(folder)
        town.hear(said("tg:1/1", "нет воды"))
        move(town, State.CONFIRMED)
        keys.append(town.show(1).deliveries[0].key)
    assert keys[0] != keys[1]


def test_two_destinations_have_keys_of_their_own(town: Town) -> None:
    town.hear(said("tg:1/2", "газ"))
    move(town, State.CONFIRMED)
    with town.database.read() as connection:
        keys = list(connection.scalars(sa.select(deliveries.c.key)))
    assert len(set(keys)) == 2


def test_a_change_reads_the_deliveries_of_its_incident_alone(town: Town) -> None:
    with queries() as asked:
        move(town, State.CONFIRMED)
        town.hear(said("tg:1/2", "нет воды", house("Садовая", 5)))
        town.show(1)
    plans = plans_of(town.database, asked, "deliveries")
    assert len(plans) >= 3
    assert [plan for plan in plans if "(city=? AND incident=?" not in plan] == []


def test_what_is_asked_of_copies_goes_by_their_text(town: Town) -> None:
    text = "Уже третий день во всём нашем дворе нет воды, и никто не отвечает на звонки"
    town.hear(said("tg:2/1", text), said("tg:2/2", text))
    with queries() as asked:
        assert [one.why for one in town.show(2).suggestions] == ["copy"]
        assert [one.why for one in town.show(1).suggestions] == []
    plans = plans_of(town.database, asked, "posts") + plans_of(town.database, asked, "reports")
    assert plans
    assert [plan for plan in plans if plan.endswith("(city=?)")] == []


def test_a_gas_leak_does_not_wait_behind_a_bench_and_then_comes_what_is_due(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    town.hear(said("tg:1/1", "яма"), at=NOON + 2 * HOUR)
    town.hear(said("tg:1/2", "вода"), at=NOON)
    town.hear(said("tg:1/3", "газ"), at=NOON + 5 * HOUR)
    town.hear(said("tg:1/4", "горячей"), at=NOON + 4 * HOUR)
    assert [incident.topic for incident in town.queue()] == ["газ", "горячая вода", "холодная вода", "дороги"]


def test_what_has_no_deadline_comes_last_of_its_severity(tmp_path: Path) -> None:
    without = Town.open(tmp_path, replace(CITY, policies=()))
    without.hear(said("tg:1/1", "яма"))
    town = Town(without.database)
    town.hear(said("tg:1/2", "вода"))
    assert [incident.topic for incident in town.queue()] == ["холодная вода", "дороги"]


def test_a_queue_can_be_of_other_states_and_short(town: Town) -> None:
    town.hear(said("tg:1/2", "яма"), said("tg:1/3", "яма"))
    move(town, State.REJECTED, "шутка")
    assert [incident.number for incident in town.queue(State.REJECTED)] == [1]
    with town.database.read() as connection:
        assert len(list_incidents(connection, town.city, limit=1)) == 1


def test_a_user_city_without_searches_has_an_empty_queue(tmp_path: Path) -> None:
    assert Town.open(tmp_path, city_with()).queue() == ()


def test_an_event_changed_by_hand_no_longer_has_its_digest(town: Town) -> None:
    move(town, State.REJECTED, "шутка")
    event = town.show(1).events[-1]
    with town.database.read() as connection:
        stored = connection.scalars(sa.select(journal.c.digest).order_by(journal.c.id.desc())).first()
    assert stored == events.digest_of(KEYS, "gorod", event)
    assert stored != events.digest_of(KEYS, "gorod", replace(event, reason="другая"))
