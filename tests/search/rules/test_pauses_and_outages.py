"""What nobody counted, read or can say of what is usual is no reason for an alarm."""

from dataclasses import replace
from pathlib import Path

from search import saved
from search.rules.series import series_of
from tests.search.rules.ruling import DAY, SPIKE, RuleTown, ruled
from tests.search.town import NOON, city_with


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
