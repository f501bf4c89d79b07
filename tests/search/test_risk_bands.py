from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.city import City, SavedSearch
from crawler.model.rules import Rule, RuleKind
from search.risk_bands import Usual, usual
from search.rules.series import Series
from search.state.database import Database
from search.state.tables import rule_hits
from tests.search.undone import undone

CITY = City("ozersk", "Озёрск", ZoneInfo("Europe/Moscow"), "Озёрск", "", Path("ozersk.toml"))
SEARCH = SavedSearch("file:water", "Вода", "вода", "Вода", rule=Rule(RuleKind.FREQUENCY, 3, timedelta(hours=1)))
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database.open(tmp_path_factory.mktemp("state") / "state.sqlite")
    yield made
    made.close()


@settings(max_examples=100, deadline=None)
@given(
    minutes=st.lists(st.integers(-6 * 7 * 24 * 60, 300), max_size=60, unique=True),
    weeks=st.integers(0, 6),
    hours=st.integers(0, 6),
)
def test_the_band_is_what_the_same_hours_of_earlier_weeks_had(
    database: Database, minutes: list[int], weeks: int, hours: int
) -> None:
    said = [START + timedelta(minutes=minute) for minute in minutes]
    since = START - weeks * WEEK + hours * HOUR
    steps = [START + HOUR * at for at in range(5)]
    series = Series(SEARCH, since)
    rows = [
        {"city": CITY.key, "series": series.name, "key": key, "post": f"{key}{at}", "source": "s", "fresh": True}
        | {"at": one}
        for key in ("", "other")
        for at, one in enumerate(said)
    ]
    with undone(database) as connection:
        if rows:
            connection.execute(sa.insert(rule_hits), rows)
        found, none = usual(connection, CITY, [Usual(series, "", steps, HOUR), Usual(series, "nobody", steps, HOUR)])
    for step, band in zip(steps, found, strict=True):
        counts = [
            sum(step <= one + WEEK * week < step + HOUR for one in said)
            for week in range(1, 5)
            if step - WEEK * week >= since
        ]
        assert band == ((min(counts), max(counts)) if counts else None)
    assert none == tuple(band and (0, 0) for band in found)
