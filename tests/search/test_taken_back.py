"""A report by hand that is taken back leaves nothing behind: no verdict on a search, no figure, no executor."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.model.city import Route, Severity
from search.acting import assign, take
from search.hand import Spoken
from search.noticing import Noticing
from search.raised import raised
from search.report import month, month_span
from search.states import State
from search.undoing import preview, undo
from search.verdicts import verdicts
from tests.search.test_joining import do, members, state
from tests.search.town import CITY, HOT, HOUR, KEYS, NOON, WATER, Town, city_with, house, said

MONTH = month_span(CITY, NOON.date())


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.open(tmp_path)


def call(town: Town, post: str, text: str, topic: str, number: int = 18, **values: Any) -> None:
    """What an operator registers of a call."""
    noticing = town.noticing
    spoken = {post: Spoken(topic, "boris", call=True, **values)}
    town.noticing = Noticing(town.city, town.monitor, KEYS, spoken, noticing.hearing)
    town.hear(said(post, text, house("Лесная", number)), at=NOON + HOUR / 2)
    town.noticing = noticing


def test_a_call_taken_back_speaks_against_no_search_and_stands_in_no_figure(town: Town) -> None:
    town.hear(said("tg:1/1", "яма", house("Садовая", 3)))
    call(town, "call:1", "нет воды", "холодная вода")
    do(town, undo, 2)
    assert town.show(2).incident.state is State.REJECTED
    with town.database.read() as connection:
        judged = verdicts(connection, CITY.key)
        assert judged == {}
        assert raised(connection, CITY, NOON - timedelta(days=1)).keys() == {"file:pits"}
        told = month(connection, CITY, MONTH, NOON + 9 * HOUR)
    assert (told.totals.incidents, told.totals.rejected) == (1, 0)
    assert (told.decided.met, told.decided.late) == (0, 1)


def test_who_closed_the_incident_since_is_named_when_others_are_left(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Лесная", 18)))
    call(town, "call:1", "нет воды", "холодная вода")
    registered = town.show(1).acts[-1].id
    state(town, State.REJECTED, why="шутка")
    refusal = str(do(town, preview, 1, registered).refusal)
    assert "изменился сам" not in refusal
    assert f"{town.show(1).acts[-1].id}" in refusal


def test_the_last_act_is_undone_and_not_a_call_that_somebody_registered_meanwhile(town: Town) -> None:
    town.hear(said("tg:1/1", "нет воды", house("Лесная", 18)))
    do(town, take, 1)
    call(town, "call:1", "нет воды", "холодная вода")
    assert do(town, undo, 1).act.kind == "take"
    assert len(members(town, 1)) == 2
    # Nothing else stands: then the call is meant.
    assert do(town, undo, 1).act.kind == "register"


def test_of_two_calls_the_one_that_opened_the_incident_is_the_last_act_on_it(town: Town) -> None:
    call(town, "call:1", "нет воды", "холодная вода")
    call(town, "call:2", "нет воды", "холодная вода")
    first = town.show(1).acts[0].id
    assert do(town, preview, 1).act.id == first


def test_topic_and_executor_follow_the_voices_that_are_left(tmp_path: Path) -> None:
    hot = Route("hot", "Горячий", "duty", topic="горячая вода")
    town = Town.open(tmp_path, city_with(WATER, HOT, routes=(hot, *CITY.routes)))
    town.hear(said("tg:1/1", "нет воды", house("Лесная", 18)))
    before = town.show(1).incident
    call(town, "call:1", "горячей нет", "горячая вода", severity=Severity.HIGH)
    assert (town.show(1).incident.topic, town.show(1).incident.route) == ("горячая вода", "hot")
    state(town, State.CONFIRMED)
    assert [one.destination for one in town.show(1).deliveries] == ["duty"]
    registered = next(one.id for one in town.show(1).acts if one.kind == "register")
    told = " ".join(str(one) for one in do(town, preview, 1, registered).says)
    assert "исполнитель снова «Водоканал»" in told
    do(town, undo, 1, registered)
    after = town.show(1)
    names = ("title", "topic", "route", "executor", "policy", "severity")
    assert [getattr(after.incident, one) for one in names] == [getattr(before, one) for one in names]
    assert [one.destination for one in after.deliveries] == ["hole"]


def test_an_executor_that_a_person_chose_stays(tmp_path: Path) -> None:
    hot = Route("hot", "Горячий", "duty", topic="горячая вода")
    town = Town.open(tmp_path, city_with(WATER, HOT, routes=(hot, *CITY.routes)))
    town.hear(said("tg:1/1", "нет воды", house("Лесная", 18)))
    call(town, "call:1", "горячей нет", "горячая вода", severity=Severity.HIGH)
    do(town, assign, 1, executor="Дворник")
    registered = next(one.id for one in town.show(1).acts if one.kind == "register")
    do(town, undo, 1, registered)
    assert (town.show(1).incident.topic, town.show(1).incident.executor) == ("холодная вода", "Дворник")
