"""What rests on a correction keeps it from being undone, and what people corrected stays where they put it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.model.city import Route
from search.correcting import correct_place, correct_topic
from search.forgetting import forget_reports
from search.joining import join, split
from search.states import State
from search.undoing import preview, undo
from tests.search.test_correcting import EAST, RIGHT, wet
from tests.search.test_joining import do, members, state
from tests.search.town import BENEFIT, CITY, GAS, HOUR, KEYS, NOON, PITS, WATER, Town, city_with, house, said

WEST = Route("west", "Участок Запад", "duty", topic="вода", district="Запад")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Two voices of water, one of a pit, one of a personal matter."""
    routes = (EAST, WEST, *CITY.routes)
    town = Town.open(tmp_path, city_with(WATER, GAS, PITS, BENEFIT, routes=routes, policies=CITY.policies))
    town.hear(wet("tg:1/1"), wet("tg:1/2", at=NOON + HOUR), said("tg:2/1", "яма", house("Садовая", 3)))
    town.hear(said("tg:3/1", "льгота", house("Садовая", 5)))
    return town


def refusal(town: Town, number: int, act: int | None = None) -> str:
    return str(do(town, preview, number, act).refusal or "")


def acts_on(town: Town, number: int) -> list[int]:
    return [one.id for one in town.show(number).acts]


def test_a_personal_matter_that_is_none_stays_one_incident_when_it_is_read_again(town: Town) -> None:
    do(town, correct_topic, 3, "холодная вода")
    town.hear(said("tg:3/1", "льгота", house("Садовая", 5)))
    assert [one.number for one in town.queue() if one.number >= 3] == [3]
    assert members(town, 3) == ["tg:3/1"]
    town.hear(wet_at(5, "tg:4/1"))
    assert sorted(members(town, 3)) == ["tg:3/1", "tg:4/1"]
    assert "личная" in refusal(town, 3)
    topic = acts_on(town, 3)[0]
    do(town, split, 3, ["tg:4/1"])
    do(town, undo, 3, topic)
    assert town.show(3).incident.topic == "льготы"
    assert members(town, 3) == ["tg:3/1"]


def wet_at(number: int, post: str) -> Any:
    return said(post, "нет воды", house("Садовая", number))


def test_an_edit_stays_in_the_corrected_incident_beside_another_of_the_same_place(town: Town) -> None:
    state(town, State.CONFIRMED)
    town.hear(wet("tg:5/1", 18))
    number = next(one.number for one in town.queue() if "18" in one.title)
    state(town, State.CONFIRMED, number)
    do(town, correct_place, number, house("Лесная", 81))
    town.hear(wet("tg:5/1", 99, version=2))
    assert "tg:5/1" in members(town, number)
    assert "tg:5/1" not in members(town, 1)


def test_a_topic_stays_while_its_reports_are_elsewhere(town: Town) -> None:
    do(town, correct_topic, 1, "газ")
    topic = acts_on(town, 1)[0]
    do(town, split, 1, ["tg:1/2"])
    assert "разделение" in refusal(town, 1, topic)
    do(town, undo, 1)
    assert refusal(town, 1, topic) == ""
    do(town, correct_topic, 2, "холодная вода")
    joined = acts_on(town, 2)[0]
    do(town, join, 1, [2])
    assert "объединение" in refusal(town, 2, joined)


def test_what_is_over_gets_no_ticket_by_an_undo(town: Town) -> None:
    state(town, State.CONFIRMED)
    do(town, correct_place, 1, RIGHT)
    place = acts_on(town, 1)[-1]
    for one in (State.IN_WORK, State.ANSWERED, State.CLOSED):
        state(town, one)
    before = town.show(1)
    assert "состояние" in refusal(town, 1, place)
    assert town.show(1).deliveries == before.deliveries


def test_corrections_are_undone_the_latest_first(town: Town) -> None:
    do(town, correct_place, 1, replace(RIGHT, district="Восток"))
    do(town, correct_topic, 1, "дороги")
    place, topic = acts_on(town, 1)
    assert "тема" in refusal(town, 1, place)
    do(town, undo, 1, topic)
    do(town, undo, 1, place)
    for one in ("газ", "дороги", "газ"):
        do(town, correct_topic, 1, one)
    first, second, third = acts_on(town, 1)[-3:]
    assert "более позднее действие" in refusal(town, 1, first)
    for act, back in ((third, "дороги"), (second, "газ"), (first, "холодная вода")):
        do(town, undo, 1, act)
        assert town.show(1).incident.topic == back


def test_without_a_report_nothing_is_taken_back(town: Town) -> None:
    do(town, correct_topic, 2, "газ")
    with town.database.begin() as connection:
        forget_reports(connection, town.city, KEYS, ["tg:2/1"], NOON, "admin")
    assert refusal(town, 2)
