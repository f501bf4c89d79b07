"""What nobody counted, read or can say of what is usual is no reason for an alarm."""

from dataclasses import replace
from pathlib import Path

from crawler.model.rules import Rule, RuleKind
from search import saved
from search.risks import risks
from search.rules.series import series_of
from tests.search.rules.ruling import DAY, FIVE_IN_TWO_HOURS, HOUR, MINUTE, SPIKE, RuleTown, ruled
from tests.search.rules.test_rules import LATER, every, usual, water
from tests.search.town import NOON, city_with, said


def test_a_search_that_was_paused_begins_anew_also_where_it_was_edited_before(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    louder = ruled(SPIKE, severity="high")
    with town.database.begin() as connection:
        for day, search in enumerate((louder, replace(louder, state="paused"), louder)):
            city = city_with(search)
            active = saved.load(connection, city, NOON + (10 + day) * DAY)
        (series,) = series_of(connection, city, active)
    assert series.since == NOON + 12 * DAY


def test_a_search_that_was_edited_while_it_was_paused_begins_anew(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    with town.database.begin() as connection:
        for day, (severity, state) in enumerate([("normal", "paused"), ("high", "paused"), ("normal", "active")]):
            city = city_with(ruled(SPIKE, severity=severity, state=state))
            active = saved.load(connection, city, NOON + (10 + day) * DAY)
        (series,) = series_of(connection, city, active)
    assert series.since == NOON + 12 * DAY


def test_an_edit_after_a_pause_takes_no_alarm_back(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(usual(LATER))
    town.say(water(every(5, LATER, 12)))
    before = town.alarms(), town.voices()
    with town.database.begin() as connection:
        for hour, state in ((1, "paused"), (2, "active")):
            saved.load(connection, city_with(ruled(SPIKE, state=state)), LATER + hour * HOUR)
    resumed = RuleTown(town.database, city_with(ruled(SPIKE)))
    resumed.say([said("public:1", "нет воды совсем", at=LATER, version=2)], at=LATER + 3 * HOUR)
    assert (resumed.alarms(), resumed.voices()) == before


def test_an_outage_as_long_as_the_window_is_no_silence(tmp_path: Path) -> None:
    town = RuleTown.of(tmp_path, city_with(ruled(Rule(RuleKind.FLATLINE, 3, HOUR))))
    town.watch("public", NOON - 90 * DAY, LATER)
    town.say(usual(LATER, a_day=24 * 6))
    town.tick(LATER)
    for hour in range(1, 6):
        assert town.tick(LATER + hour * HOUR) == 0
    assert town.alarms() == set()


def test_silence_is_told_when_its_source_has_been_read_after_it(tmp_path: Path) -> None:
    town = RuleTown.of(tmp_path, city_with(ruled(Rule(RuleKind.FLATLINE, 3, HOUR))))
    town.watch("public", NOON - 90 * DAY, LATER + 50 * MINUTE)
    town.say(usual(LATER, a_day=24 * 6))
    town.tick(LATER)
    assert town.tick(LATER + HOUR) == 0
    town.watch("public", LATER + 70 * MINUTE, LATER + 70 * MINUTE)
    assert town.tick(LATER + 2 * HOUR) == 1
    town.watch("public", LATER + 130 * MINUTE, LATER + 130 * MINUTE)
    assert town.tick(LATER + 3 * HOUR) == 0
    assert town.alarms() == {("", (LATER, LATER + 2 * HOUR))}


def test_a_risk_whose_posts_a_wrong_clock_dated_ahead_is_shown(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS, risk=True)
    town.say(water(every(10, NOON + 9 * DAY, 5)), at=NOON)
    with town.database.read() as connection:
        (risk,) = risks(connection, town.city, NOON)
    assert risk.curve
