from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from search.state import source_days
from search.state.database import Database
from search.state.health import SourceHealth
from search.state.source_days import SourceDay

KAMCHATKA = ZoneInfo("Asia/Kamchatka")
NOON = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "otklik.sqlite")
    yield opened
    opened.close()


def noted(database: Database, *crawls: tuple[datetime, int, bool]) -> dict[date, SourceDay]:
    with database.begin() as connection:
        for at, gaps, broken in crawls:
            outcomes = {"broken": 1} if broken else {}
            source_days.note(connection, SourceHealth("town", "one", "", at, at, 0, outcomes, gaps), KAMCHATKA)
    with database.read() as connection:
        found = source_days.days_of(connection, "town", date(2020, 1, 1), date(2030, 1, 1))
    return {day: told for (_, day), told in found.items()}


def test_a_day_keeps_what_is_missing_at_its_end_and_the_most_that_was(database: Database) -> None:
    hour = timedelta(hours=1)
    crawls = [(NOON, 4, False), (NOON + hour, 9, False), (NOON + 2 * hour, 2, False), (NOON + 3 * hour, 0, True)]
    assert noted(database, *crawls) == {date(2026, 3, 2): SourceDay(4, 1, 2, 9)}


def test_days_are_those_of_the_city_and_old_ones_go(database: Database) -> None:
    late = NOON + timedelta(hours=12)
    assert noted(database, (NOON, 1, False), (late, 2, False)) == {
        date(2026, 3, 2): SourceDay(1, 0, 1, 1),
        date(2026, 3, 3): SourceDay(1, 0, 2, 2),
    }
    assert set(noted(database, (NOON + timedelta(days=61), 0, True))) == {date(2026, 3, 3), date(2026, 5, 2)}


def test_a_day_on_which_nobody_could_read_is_not_known(database: Database) -> None:
    (day,) = noted(database, (NOON, 5, True)).values()
    assert (day.is_known, day.missed) == (False, 0)
