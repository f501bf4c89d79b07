from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.city import City
from search.source_figures import DAY, DAYS, Figures, figures
from search.state import health
from search.state.database import Database
from search.state.health import SourceHealth
from search.state.tables import posts
from tests.search.undone import undone

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
CITY = City("ozersk", "Озёрск", ZoneInfo("Asia/Yekaterinburg"), "Озёрск", "", Path("ozersk.toml"))
TIMES = st.integers(0, 20 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))


def post(number: int, source: str, at: datetime) -> dict[str, object]:
    words = dict.fromkeys(("platform", "kind", "parent", "thread", "author", "digest", "copy_key"), "")
    times = {"published_at": at, "first_seen_at": at}
    return {"city": CITY.key, "id": str(number), "source": source, "version": 1, **words, **times}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database.open(tmp_path_factory.mktemp("state") / "state.sqlite")
    yield made
    made.close()


@settings(max_examples=100, deadline=None)
@given(said=st.lists(st.tuples(st.sampled_from(["one", "two", "other"]), TIMES), max_size=40))
def test_posts_are_counted_by_times_of_24_hours(database: Database, said: list[tuple[str, datetime]]) -> None:
    with undone(database) as connection:
        if said:
            connection.execute(sa.insert(posts), [post(at, *one) for at, one in enumerate(said)])
        found = figures(connection, CITY, ["one", "two"], NOW)
    for source in ("one", "two"):
        ages = Counter(-((at - NOW) // DAY) for of, at in said if of == source)
        assert found[source].days == tuple(ages[age] for age in range(DAYS, 0, -1))


def test_what_crawls_of_a_day_say(database: Database) -> None:
    def crawl(hours: int, lag: float | None = None, gaps: int = 0, errors: dict[str, int] | None = None) -> None:
        at = NOW - timedelta(hours=hours)
        with database.begin() as connection:
            told = SourceHealth(CITY.key, "one", str(hours), at, at, gaps=gaps, lag=lag, errors=errors or {})
            health.write(connection, told)

    crawl(30, lag=9_000, gaps=50, errors={"dns": 7})
    crawl(20, lag=60, gaps=3, errors={"dns": 1, "timeout": 2})
    crawl(10, gaps=2)
    crawl(5, lag=120)
    crawl(2, lag=600, errors={"dns": 1})
    with database.read() as connection:
        found = figures(connection, CITY, ["one", "never"], NOW)
        last = health.latest(connection, CITY.key)
    assert found["never"] == Figures()
    assert (found["one"].lag, found["one"].lag_high) == (120, 504)
    assert (found["one"].gaps, found["one"].errors) == (3, {"dns": 2, "timeout": 2})
    assert [(source, one.crawl) for source, one in last.items()] == [("one", "2")]
