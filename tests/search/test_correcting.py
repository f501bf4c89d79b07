"""Place and topic that a person puts right: what follows from them follows, and what comes later does not undo it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.model.city import Deliver, Route, Severity
from crawler.model.errors import OtklikError
from crawler.model.items import PlacePrecision
from search.acting import assign, weigh
from search.acts import Kind
from search.correcting import correct_place, correct_topic
from search.event_names import told
from search.forgetting import forget_reports
from search.joining import join, split
from search.state.tables import acts
from search.states import Decided, State
from search.titles import place_text
from search.undoing import preview, undo
from tests.search.test_joining import do, members, seen_of, sent, state
from tests.search.town import CITY, GAS, HOUR, KEYS, NOON, PITS, WATER, Town, city_with, house, said

EAST = Route("east", "Участок Восток", "duty", topic="вода", district="Восток")
OUTAGE = replace(CITY.searches[4], topic="свет")
RIGHT = replace(house("Лесная", 18, district="Восток", lat=47.0, lon=142.0), precision=PlacePrecision.HOUSE)


def wet(post: str, number: int = 81, **values: Any) -> Any:
    return said(post, "нет воды", house("Лесная", number), **values)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Two voices that Otklik takes for another house, and one of another trouble."""
    town = Town.open(tmp_path, city_with(WATER, GAS, PITS, OUTAGE, routes=(EAST, *CITY.routes), policies=CITY.policies))
    town.hear(wet("tg:1/1"), wet("tg:1/2", at=NOON + HOUR), said("tg:2/1", "яма", house("Садовая", 3)))
    return town


def where(town: Town, number: int = 1) -> str:
    return place_text(town.show(number).incident.place, "Город")


def test_a_place_that_is_put_right_is_the_place_everywhere_and_the_route_follows(town: Town) -> None:
    state(town, State.CONFIRMED)
    assert [one.destination for one in town.show(1).deliveries] == ["hole"]
    do(town, correct_place, 1, RIGHT)
    shown = town.show(1)
    assert (shown.incident.title, where(town)) == ("Холодная вода — улица Лесная, 18", "улица Лесная, 18")
    assert (shown.incident.executor, shown.incident.route) == ("Участок Восток", "east")
    # Nothing of the old ticket had gone out.
    assert [one.destination for one in shown.deliveries] == ["duty"]
    assert [told(one) for one in shown.events[-3:]] == [
        "исправляет место: улица Лесная, 18",
        "передаёт по маршруту: east",
        "отзывает заявку, она ещё не уходила",
    ]
    assert shown.incident.understood is not None
    assert place_text(shown.incident.understood.place) == "улица Лесная, 81"


def test_a_ticket_that_is_out_stays_and_is_told(town: Town) -> None:
    state(town, State.CONFIRMED)
    sent(town, 1)
    before = town.show(1).incident.sequence
    do(town, correct_place, 1, RIGHT)
    shown = town.show(1)
    assert [(one.destination, one.external_id, one.state) for one in shown.deliveries] == [
        ("hole", "T-1", "waiting"),
        ("duty", "", "waiting"),
    ]
    assert shown.incident.sequence > before
    assert shown.events[-1].what == "ticket stays"


def test_later_reports_of_the_right_place_join_it_and_those_of_the_wrong_one_do_not(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)
    town.hear(wet("tg:3/1", 18), wet("tg:4/1", 81))
    assert members(town, 1) == ["tg:1/1", "tg:3/1", "tg:1/2"]
    assert (members(town, 3), where(town, 3)) == (["tg:4/1"], "улица Лесная, 81")
    assert (where(town), town.show(1).incident.title) == ("улица Лесная, 18", "Холодная вода — улица Лесная, 18")


def test_a_topic_that_is_put_right_brings_its_route_severity_and_deadlines(town: Town) -> None:
    do(town, correct_topic, 2, "газ")
    shown = town.show(2)
    one = shown.incident
    assert (one.topic, one.title) == ("газ", "Газ — улица Садовая, 3")
    assert (one.executor, one.severity, one.policy) == ("Газовая служба", Severity.DANGER, "danger")
    assert (one.due_first, one.due_resolved) == (NOON + HOUR / 2, NOON + 6 * HOUR)
    # Its route hands over at once.
    assert [delivery.destination for delivery in shown.deliveries] == ["duty"]
    assert [told(event) for event in shown.events[-3:]] == [
        "исправляет тему: газ",
        "меняет важность: опасно",
        "передаёт по маршруту: gas",
    ]
    town.hear(said("tg:5/1", "газ", house("Садовая", 3)), said("tg:6/1", "яма", house("Садовая", 3)))
    assert members(town, 2) == ["tg:2/1", "tg:5/1"]
    assert members(town, 3) == ["tg:6/1"]


def test_executor_and_severity_that_a_person_chose_stay(town: Town) -> None:
    do(town, assign, 2, executor="Дворник")
    do(town, weigh, 2, Severity.LOW, "мелочь")
    do(town, correct_topic, 2, "газ")
    one = town.show(2).incident
    assert (one.executor, one.route, one.severity) == ("Дворник", "", Severity.LOW)
    assert one.due_first == NOON + HOUR / 2
    assert town.show(2).deliveries == ()


def test_what_a_person_said_survives_edits_readings_and_worse_reports(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)
    do(town, correct_topic, 2, "газ")
    # The posts read as yet another place, as none, as another trouble.
    town.hear(wet("tg:1/1", 99, version=2))
    town.hear(said("tg:1/2", "нет воды, срочно", version=2))
    town.hear(said("tg:2/1", "отключили", house("Садовая", 3), version=2))
    assert len(town.queue(*State)) == 2
    assert set(members(town, 1)) == {"tg:1/1", "tg:1/2"}
    assert where(town) == "улица Лесная, 18"
    assert (town.show(2).incident.topic, town.show(2).incident.severity) == ("газ", Severity.DANGER)
    assert [one.destination for one in town.show(2).deliveries] == ["duty"]
    town.hear(wet("tg:7/1", 18))
    assert "tg:7/1" in members(town, 1)


def test_what_speaks_up_again_after_a_closing_repeats_it_where_people_said(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)
    do(town, correct_topic, 1, "газ")
    for to in (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED):
        state(town, to)
    town.hear(wet("tg:1/1", version=2, seen_at=NOON + 9 * HOUR))
    again = town.show(3).incident
    assert (again.repeat_of, again.topic, where(town, 3)) == (1, "газ", "улица Лесная, 18")
    assert (again.executor, again.due_first) == ("Газовая служба", NOON + HOUR / 2)
    assert again.by_hand == (Decided.PLACE, Decided.TOPIC)
    assert again.understood is not None
    assert (again.understood.topic, place_text(again.understood.place)) == ("холодная вода", "улица Лесная, 81")
    # It is corrected again as any other.
    do(town, correct_place, 3, None)
    assert where(town, 3) == ""


def test_a_place_that_nobody_knows_takes_in_no_stranger(town: Town) -> None:
    do(town, correct_place, 1, None)
    one = town.show(1)
    assert (one.incident.title, one.incident.place) == ("Холодная вода — место не названо", None)
    assert told(one.events[-1]) == "отмечает: место неизвестно"
    town.hear(wet("tg:3/1", 81), said("tg:4/1", "нет воды"))
    assert members(town, 1) == ["tg:1/1", "tg:1/2"]


def test_a_comment_without_a_place_gets_one_and_the_neighbours_come_to_it(town: Town) -> None:
    town.hear(said("tg:3/1", "нет воды", thread="tg:3", author="a"))
    do(town, correct_place, 3, RIGHT)
    town.hear(wet("tg:4/1", 18))
    assert set(members(town, 3)) == {"tg:3/1", "tg:4/1"}


def test_what_was_split_off_and_put_right_takes_in_its_own(town: Town) -> None:
    number = do(town, split, 1, ["tg:1/2"])
    do(town, correct_place, number, RIGHT)
    town.hear(wet("tg:3/1", 18), wet("tg:4/1", 81))
    assert set(members(town, number)) == {"tg:1/2", "tg:3/1"}
    assert set(members(town, 1)) == {"tg:1/1", "tg:4/1"}


def test_what_stands_at_the_right_place_already_is_suggested_and_joined_by_a_person(town: Town) -> None:
    town.hear(wet("tg:3/1", 18))
    do(town, correct_place, 1, RIGHT)
    assert 3 in [one.number for one in town.show(1).suggestions]
    do(town, join, 1, [3])
    town.hear(wet("tg:4/1", 18))
    assert "tg:4/1" in members(town, 1)


CORRECTIONS = (
    ("place", 1, lambda town: do(town, correct_place, 1, RIGHT)),
    ("nowhere", 1, lambda town: do(town, correct_place, 1, None)),
    ("topic", 2, lambda town: do(town, correct_topic, 2, "газ")),
    ("same group", 1, lambda town: do(town, correct_topic, 1, "горячая вода")),
)


@pytest.mark.parametrize(("number", "act"), [one[1:] for one in CORRECTIONS], ids=[one[0] for one in CORRECTIONS])
@pytest.mark.parametrize("handed_over", [False, True])
def test_an_undo_gives_back_exactly_what_was_and_says_it_before(
    town: Town, number: int, act: Callable[[Town], Any], handed_over: bool
) -> None:
    if handed_over:
        state(town, State.CONFIRMED, number)
    before = seen_of(town)
    act(town)
    assert seen_of(town) != before
    said_before = do(town, preview, number)
    assert said_before.refusal is None
    assert said_before.says
    assert do(town, undo, number) == said_before
    assert seen_of(town) == before
    assert town.show(number).acts[-1].kind is Kind.UNDO
    # And Otklik's understanding leads again.
    text = "нет воды" if number == 1 else "яма"
    town.hear(said("tg:9/9", text, house("Лесная", 81) if number == 1 else house("Садовая", 3)))
    assert "tg:9/9" in members(town, number)


def test_the_undo_says_where_it_will_be_and_what_it_will_be_about(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)
    do(town, correct_place, 1, None)
    do(town, correct_topic, 1, "газ")
    told_of_topic = [str(one) for one in do(town, preview, 1).says]
    assert "№ 1: тема снова «холодная вода»." in told_of_topic
    assert "№ 1: важность и сроки снова такие, как следует из его обращений." in told_of_topic
    first, second, _ = (one.id for one in town.show(1).acts)
    refusal = do(town, preview, 1, first).refusal
    assert refusal is not None
    assert "более позднее действие" in str(refusal)
    do(town, undo, 1)
    assert (where(town), town.show(1).incident.topic) == ("", "холодная вода")
    assert "№ 1: место снова «улица Лесная, 18»." in [str(one) for one in do(town, preview, 1, second).says]
    do(town, undo, 1, second)
    assert where(town) == "улица Лесная, 18"
    assert "№ 1: место снова «улица Лесная, 81»." in [str(one) for one in do(town, preview, 1).says]
    do(town, undo, 1)
    one = town.show(1).incident
    assert (where(town), one.topic, one.title) == (
        "улица Лесная, 81",
        "холодная вода",
        "Холодная вода — улица Лесная, 81",
    )
    assert (one.understood, one.by_hand) == (None, ())


def test_after_an_undo_clocks_are_those_of_the_reports_that_came_meanwhile(town: Town) -> None:
    do(town, correct_topic, 2, "газ")
    town.hear(said("tg:5/1", "газ", house("Садовая", 3)), at=NOON + HOUR)
    do(town, undo, 2)
    one = town.show(2).incident
    # The voice about gas stays, and it is the worst.
    assert (one.severity, one.due_first) == (Severity.DANGER, NOON + 1.5 * HOUR)


def test_what_is_there_already_or_over_or_unknown_is_refused(town: Town) -> None:
    def refusal(*given: Any) -> str:
        with pytest.raises(OtklikError) as caught:
            do(town, *given)
        return str(caught.value)

    assert "место и так «улица Лесная, 81»" in refusal(correct_place, 1, house("Лесная", 81))
    assert "тема и так" in refusal(correct_topic, 1, "холодная вода")
    assert "Темы «вздор»" in refusal(correct_topic, 1, "вздор")
    do(town, correct_place, 1, None)
    assert "место и так неизвестно" in refusal(correct_place, 1, None)
    seen = town.show(1).incident.last_act
    do(town, correct_place, 1, RIGHT, by="boris")
    with pytest.raises(OtklikError, match="boris"):
        do(town, correct_topic, 1, "газ", seen=seen)
    state(town, State.REJECTED, 2, why="шутка")
    assert "только с открытыми" in refusal(correct_topic, 2, "газ")


def test_an_erasure_leaves_no_place_that_only_the_erased_spoke_of(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)

    def erase(post: str) -> str:
        with town.database.begin() as connection:
            forget_reports(connection, town.city, KEYS, [post], NOON, "admin")
            text = "SELECT title, place, group_key, understood FROM incidents WHERE number = 1"
            return str(connection.execute(sa.text(text)).all()).lower()

    assert "лесная" in erase("tg:1/1")
    assert where(town) == "улица Лесная, 18"
    assert "лесная" not in erase("tg:1/2")
    refusal = do(town, preview, 1).refusal
    assert refusal is not None


def test_acts_keep_the_place_of_the_gazetteer_and_not_what_was_understood(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)
    do(town, correct_topic, 1, "газ")
    do(town, undo, 1)
    do(town, undo, 1)
    with town.database.read() as connection:
        kept = str(connection.execute(sa.select(acts)).all())
    assert "улица Лесная, 18" in kept
    assert "81" not in kept
    assert "нет воды" not in kept


def test_it_is_no_longer_unsure_what_a_person_said_it_is_about(tmp_path: Path) -> None:
    plain = replace(WATER, topic="")
    town = Town.open(tmp_path, city_with(plain, GAS, routes=CITY.routes))
    town.hear(said("tg:1/1", "вода", house("Лесная", 18)), said("tg:2/1", "газ", house("Лесная", 18)))
    do(town, correct_topic, 1, "газ")
    assert town.show(1).incident.title == "Газ — улица Лесная, 18"
    assert [(one.number, one.why) for one in town.show(1).suggestions] == [(2, "street")]
    do(town, undo, 1)
    assert town.show(1).incident.title == "Вода — улица Лесная, 18"
    assert [(one.number, one.why) for one in town.show(1).suggestions] == [(2, "place")]


def test_a_worse_incident_that_goes_into_it_by_itself_changes_nothing_that_people_said(tmp_path: Path) -> None:
    gas = replace(GAS, topic="вода")
    town = Town.open(tmp_path, city_with(WATER, gas, routes=(EAST, *CITY.routes), policies=CITY.policies))
    town.hear(wet("tg:1/1"))
    do(town, correct_place, 1, RIGHT)
    do(town, assign, 1, executor="Дворник")
    town.hear(said("tg:2/1", "газ", house("Лесная", 18), at=NOON + 120 * HOUR))
    assert len(town.queue()) == 2
    town.hear(wet("tg:3/1", 18, at=NOON + 60 * HOUR))
    (one,) = town.queue()
    assert (one.number, one.reports, one.severity, one.topic) == (1, 3, Severity.DANGER, "вода")
    assert (one.executor, one.route) == ("Дворник", "")
    # The place that the worse one has knows no district.
    assert one.place is not None
    assert (one.title, one.place.district) == ("Вода — улица Лесная, 18", "Восток")


def test_a_route_that_does_not_hand_over_waits_for_the_confirmation(town: Town) -> None:
    do(town, correct_place, 1, RIGHT)
    assert town.show(1).deliveries == ()
    assert EAST.deliver is not Deliver.AT_ONCE
    state(town, State.CONFIRMED)
    assert [one.destination for one in town.show(1).deliveries] == ["duty"]
