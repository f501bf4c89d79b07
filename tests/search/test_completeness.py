"""What was missing is told of the day that it was found on, however long it stays."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.checking import load_city
from crawler.model.city import City
from search.completeness import Cell, completeness
from search.state import source_days
from search.state.database import Database
from search.state.health import SourceHealth
from tests.shell import Otklik, source

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def city(tmp_path: Path) -> City:
    return load_city(str(Otklik(tmp_path).city(sources=source("one", "news", "https://example.org/feed"))))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "otklik.sqlite")
    yield opened
    opened.close()


def cells(database: Database, city: City, days: dict[int, Sequence[int | None]]) -> list[Cell]:
    """The days of a source whose crawls missed so many posts, by days ago; None where it could not be read."""
    with database.begin() as connection:
        for ago, crawls in sorted(days.items(), reverse=True):
            for number, gaps in enumerate(crawls):
                at = NOW - ago * DAY + timedelta(minutes=number)
                told = SourceHealth(city.key, "one", "", at, at, 0, {"broken": 1} if gaps is None else {}, gaps or 0)
                source_days.note(connection, told, ZoneInfo("Europe/Moscow"))
    with database.read() as connection:
        (line,) = completeness(connection, city, city.sources, NOW).lines
    return list(line.cells)


def figures(found: Sequence[Cell]) -> list[tuple[int, int, int]]:
    return [(one.found, one.missed, one.closed) for one in found]


def test_a_gap_that_stays_open_is_found_once(database: Database, city: City) -> None:
    found = cells(database, city, {ago: [10, 10] for ago in range(7)})
    assert figures(found) == [(10, 10, 0), *[(0, 0, 0)] * 6]
    assert sum(one.expected or 0 for one in found) == 10


def test_one_that_was_open_before_these_days_is_of_none_of_them(database: Database, city: City) -> None:
    # The day before them could not be read: what was known earlier stands.
    found = cells(database, city, {9: [10], 7: [None], **{ago: [10] for ago in range(7)}})
    assert figures(found) == [(0, 0, 0)] * 7
    assert [one.expected for one in found] == [0] * 7


def test_what_is_closed_later_was_found_on_its_own_day(database: Database, city: City) -> None:
    found = cells(database, city, {6: [10], 5: [14, 12], 4: [None], 3: [9], 2: [9, 11], 0: [0]})
    assert figures(found) == [(10, 0, 0), (4, 0, 2), (0, 0, 0), (0, 0, 3), (2, 0, 0), (0, 0, 0), (0, 0, 11)]
    assert sum(one.found for one in found) == sum(one.closed for one in found)


def test_the_newest_are_closed_first(database: Database, city: City) -> None:
    found = cells(database, city, {2: [10], 1: [15], 0: [11]})
    assert figures(found)[-3:] == [(10, 10, 0), (5, 1, 0), (0, 0, 4)]
