"""What every crawl says of its source: written at its end, read by the schedule and the doctor."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from search.state import watched
from search.state.tables import source_health

# A crawl every five minutes: three days and a half.
KEPT = 1_000

# The names from the first to the last, each by a seek in the index: DISTINCT would read every crawl.
_IN_CITY = sa.select(sa.func.min(source_health.c.source).label("source")).where(
    source_health.c.city == sa.bindparam("of_city")
)
_NAMES = _IN_CITY.cte("names", recursive=True)
_NEXT = _IN_CITY.where(source_health.c.source > _NAMES.c.source).correlate(_NAMES).scalar_subquery()
_NAMES = _NAMES.union_all(sa.select(_NEXT).where(_NAMES.c.source.is_not(None)))
_SOURCES = sa.select(_NAMES.c.source).where(_NAMES.c.source.is_not(None))

# The last crawl of each name, by a seek too.
_MINE = source_health.alias()
_LAST = (
    sa.select(_MINE.c.id)
    .where(_MINE.c.city == sa.bindparam("of_city"), _MINE.c.source == _NAMES.c.source)
    .order_by(_MINE.c.finished_at.desc(), _MINE.c.id.desc())
    .limit(1)
    .correlate(_NAMES)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One crawl of a source. `outcomes` counts posts under the words of Outcome, "seen" and, when the source as a whole
    could not be read, "broken"; `lag` is in seconds, the median of this crawl's new posts, None where nothing tells it;
    `quota` is how many calls of each bounded method the token had left that day.
    """

    city: str
    source: str
    crawl: str
    started_at: datetime
    finished_at: datetime
    published: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    gaps: int = 0
    lag: float | None = None
    errors: dict[str, int] = field(default_factory=dict)
    quota: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LastCrawl:
    """The last crawl of a source, and how many crawls in a row, this one included, could not read it."""

    health: SourceHealth
    failures: int


def write(connection: sa.Connection, health: SourceHealth) -> None:
    """Keep the health of a crawl, and of no more than the last KEPT of its source; note when it was watched."""
    if not health.outcomes.get("broken"):
        watched.note(connection, health.city, health.source, health.started_at, health.finished_at)
    connection.execute(sa.insert(source_health), asdict(health))
    latest = _latest(health.city, health.source, source_health.c.id)
    connection.execute(sa.delete(source_health).where(source_health.c.id.in_(latest.offset(KEPT))))


def _latest(city: str, source: str, *columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    """The crawls of a source, the last one first."""
    here = sa.and_(source_health.c.city == city, source_health.c.source == source)
    return sa.select(*columns).where(here).order_by(source_health.c.finished_at.desc(), source_health.c.id.desc())


def history(connection: sa.Connection, city: str, source: str, limit: int = 100) -> Sequence[SourceHealth]:
    """The latest crawls of a source, the last one first."""
    names = [column for column in source_health.c if column.name != "id"]
    return [SourceHealth(*row) for row in connection.execute(_latest(city, source, *names).limit(limit))]


def last_crawls(connection: sa.Connection, city: str) -> dict[str, LastCrawl]:
    """The last crawl of every source that was ever crawled, by source; failures are counted up to a hundred."""
    found = {}
    for source in connection.scalars(_SOURCES, {"of_city": city}).all():
        crawls = history(connection, city, source)
        found[source] = LastCrawl(crawls[0], len(list(takewhile(lambda crawl: crawl.outcomes.get("broken"), crawls))))
    return found


def latest(connection: sa.Connection, city: str) -> dict[str, SourceHealth]:
    """The last crawl of every source that was ever crawled, by source."""
    ids = sa.select(_LAST).select_from(_NAMES).where(_NAMES.c.source.is_not(None))
    query = sa.select(*(column for column in source_health.c if column.name != "id")).where(source_health.c.id.in_(ids))
    return {row.source: SourceHealth(*row) for row in connection.execute(query, {"of_city": city})}


def since_success(connection: sa.Connection, last: SourceHealth) -> tuple[datetime | None, int]:
    """When the last crawl ended that could read a source, None where none of those kept could, and how many have not
    since. `last` is its last crawl.
    """
    if not last.outcomes.get("broken"):
        return last.finished_at, 0
    ended = source_health.c.finished_at
    read = source_health.c.outcomes["broken"].as_integer().is_(None)
    success: datetime | None = connection.scalar(_latest(last.city, last.source, ended).where(read).limit(1))
    since = sa.true() if success is None else ended > success
    here = sa.and_(source_health.c.city == last.city, source_health.c.source == last.source, since)
    return success, connection.scalar(sa.select(sa.func.count()).where(here)) or 0
