"""Reports of saved searches that name no topic: what each text is read as tells which of them are one problem."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.model.city import SavedSearch, Severity
from crawler.model.items import Place, Post, Reading
from crawler.model.rubric import RubricTopic
from search.acts import Hand
from search.joining import join, split
from search.states import State
from search.subjects import told_topic
from search.undoing import undo
from tests.search.town import HOUR, KEYS, NOON, PITS, WATER, Town, city_with, district, house, said

YARD = SavedSearch("file:yard", "Наш двор", "двор", "")
HOUSE = SavedSearch("file:house", "Садовая, 5", "street:Садовая", "", severity=Severity.HIGH)
RUBRIC = (
    RubricTopic("Проезжая часть", "Ямы на проезде", ("яма",)),
    RubricTopic("Проезжая часть", "Разметка", ("разметка",)),
    RubricTopic("Тепло", "Холодные батареи", ("батарея",)),
)
TOPICS = {"вода": ("холодная вода", "горячая вода", "Нет воды")}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.open(tmp_path, city_with(YARD, HOUSE, WATER, PITS, rubric=RUBRIC, topics=TOPICS))


def yard(
    number: int, topic: str, *places: Place, version: int = 1, author: str = "", thread: str = ""
) -> tuple[Post, Reading]:
    """Somebody speaks of the yard."""
    where, at = places or (house("Садовая", 5),), NOON + number * HOUR
    text = f"наш двор, {number}"
    return said(f"tg:1/{number}", text, *where, at=at, topic=topic, version=version, author=author, thread=thread)


def suggested(town: Town, number: int) -> list[tuple[int, str]]:
    return [(one.number, one.why) for one in town.show(number).suggestions]


def test_two_problems_at_one_house_are_two_incidents_and_two_voices_on_one_are_one(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"), yard(2, "Холодные батареи"), yard(3, "Ямы на проезде"))
    assert [(one.title, one.topic, one.reports) for one in town.queue()] == [
        ("Ямы на проезде — улица Садовая, 5", "Ямы на проезде", 2),
        ("Холодные батареи — улица Садовая, 5", "Холодные батареи", 1),
    ]
    assert [told_topic(report.reasons) for report in town.show(1).reports] == ["Ямы на проезде"] * 2


def test_searches_with_and_without_a_topic_meet_in_the_group_of_the_city(town: Town) -> None:
    town.hear(yard(1, "Нет воды"), said("vk:2", "нет воды", house("Садовая", 5), source="mayor"))
    assert [report.post for report in town.show(1).reports] == ["vk:2", "tg:1/1"]
    assert len(town.queue()) == 1


def test_a_search_that_names_a_topic_speaks_for_those_that_fit_beside_it(town: Town) -> None:
    town.hear(said("tg:1/1", "во дворе яма, наш двор", house("Садовая", 5), topic="Холодные батареи"))
    (report,) = town.show(1).reports
    assert [reason["search"] for reason in report.reasons] == ["file:house", "file:pits", "file:yard"]
    assert (told_topic(report.reasons), town.queue()[0].topic) == ("", "дороги")
    assert len(town.queue()) == 1


def test_what_is_read_as_nothing_joins_nobody_and_is_suggested(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"), yard(2, ""), yard(3, ""), yard(4, "", house("Садовая", 9)))
    assert [(one.number, one.topic, one.reports) for one in town.queue()] == [
        (1, "Ямы на проезде", 1),
        (2, "", 1),
        (3, "", 1),
        (4, "", 1),
    ]
    assert town.queue()[1].title == "Садовая, 5 — улица Садовая, 5"
    assert suggested(town, 2) == [(1, "place"), (3, "place")]
    assert (2, "place") in suggested(town, 1)
    assert town.show(2).likely is None


def test_one_voice_that_says_nothing_sure_twice_in_a_thread_is_one_incident(town: Town) -> None:
    town.hear(yard(1, "", author="a", thread="t"), yard(2, "", author="a", thread="t"))
    town.hear(yard(3, "", house("Садовая", 9), author="a", thread="t"), yard(4, "", author="b", thread="t"))
    assert [one.reports for one in town.queue()] == [2, 1, 1]


def test_a_group_of_the_rubric_is_wider_than_a_problem(town: Town) -> None:
    town.hear(yard(1, "Проезжая часть"), yard(2, "Проезжая часть"), yard(3, "Ямы на проезде"), yard(4, "Разметка"))
    assert [(one.topic, one.reports) for one in town.queue()] == [
        ("Проезжая часть", 1),
        ("Проезжая часть", 1),
        ("Ямы на проезде", 1),
        ("Разметка", 1),
    ]
    assert (4, "place") in suggested(town, 3)


def test_a_group_of_the_rubric_that_the_city_calls_one_problem_is_one(tmp_path: Path) -> None:
    city = city_with(YARD, rubric=RUBRIC, topics={"Дороги": ("Проезжая часть", "Ямы на проезде")})
    town = Town.open(tmp_path, city)
    town.hear(yard(1, "Проезжая часть"), yard(2, "Ямы на проезде"), yard(3, "Разметка"))
    assert [(one.topic, one.reports) for one in town.queue()] == [("Проезжая часть", 2), ("Разметка", 1)]


def test_topics_that_a_model_was_taught_are_problems_each(tmp_path: Path) -> None:
    town = Town.open(tmp_path, city_with(YARD, topics=TOPICS))
    town.hear(yard(1, "Содержание дорог"), yard(2, "Содержание дорог"))
    assert [one.reports for one in town.queue()] == [2]


def test_an_edit_that_says_nothing_sure_takes_its_report_nowhere(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"), yard(2, "Ямы на проезде"))
    before = [(report.post, report.reasons, report.fits) for report in town.show(1).reports]
    town.hear(yard(2, "", version=2))
    assert [(report.post, report.reasons, report.fits) for report in town.show(1).reports] == before
    town.hear(yard(2, "Холодные батареи", version=3))
    assert [(one.topic, one.fitting) for one in town.queue()] == [("Ямы на проезде", 1), ("Холодные батареи", 1)]


def test_an_edit_that_tells_the_topic_moves_its_report_to_the_others(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"), yard(2, ""))
    town.hear(yard(2, "Ямы на проезде", version=2))
    assert [(one.topic, one.fitting) for one in town.queue()] == [("Ямы на проезде", 2), ("", 0)]


def test_a_place_that_is_not_known_well_enough_groups_nobody(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде", district("Луговое")), yard(2, "Ямы на проезде", district("Луговое")))
    assert [one.reports for one in town.queue()] == [1, 1]


def test_a_complaint_of_the_topic_after_closing_is_a_repeat_and_another_topic_is_none(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"))
    with town.database.begin() as connection:
        connection.exec_driver_sql("UPDATE incidents SET state = 'closed'")
    town.hear(yard(30, "Холодные батареи"), yard(31, "Ямы на проезде"))
    assert [(one.topic, one.repeat_of) for one in town.queue()] == [("Холодные батареи", None), ("Ямы на проезде", 1)]
    assert [one.number for one in town.queue(State.CLOSED)] == [1]


def test_the_longest_window_of_the_searches_that_may_raise_a_topic_holds_for_it(tmp_path: Path) -> None:
    wide = replace(YARD, window=timedelta(days=10))
    town = Town.open(tmp_path, city_with(wide, PITS, rubric=RUBRIC))
    town.hear(said("tg:1/1", "яма", house("Мира", 1)), said("tg:1/2", "яма", house("Мира", 1), at=NOON + 200 * HOUR))
    assert [one.reports for one in town.queue()] == [2]


def acted(town: Town, act: Callable[..., Any], *given: Any) -> Any:
    with town.database.begin() as connection:
        return act(Hand(connection, town.city, KEYS, NOON + HOUR, "anna"), *given)


def test_what_could_not_be_told_is_joined_by_people_keeps_coming_there_and_is_taken_apart_again(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"), yard(2, "", author="a", thread="t"))
    acted(town, join, 1, [2])
    town.hear(yard(3, "", author="a", thread="t"))
    assert [one.reports for one in town.queue()] == [3]
    acted(town, undo, 1)
    assert sorted(one.reports for one in town.queue()) == [1, 2]


def test_what_is_split_off_has_the_topic_of_its_own_text(town: Town) -> None:
    town.hear(yard(1, "Ямы на проезде"), yard(2, "Холодные батареи"), yard(3, "", house("Садовая", 9)))
    acted(town, join, 1, [2, 3])
    one, other = (acted(town, split, 1, [post]) for post in ("tg:1/2", "tg:1/3"))
    assert town.show(one).incident.title == "Холодные батареи — улица Садовая, 5"
    assert town.show(other).incident.topic == "Ямы на проезде"
