"""What sources gave of late, in figures: posts by day, how long they took, what was missed, what went wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles

import sqlalchemy as sa

from crawler.model.city import City
from search.state.tables import posts, source_health

DAY = timedelta(days=1)
DAYS = 14
_DAY_IN_MICROSECONDS = DAY // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one source. `days` are posts published in each of the last DAYS times 24 hours, the last 24 hours last; `lag`
    and `lag_high` are seconds, the median and the 90th percentile of the medians of a day's crawls, None where nothing
    tells; `gaps` is the most that a crawl of the day knew of and did not see; `errors` counts those of the day.
    """

    days: tuple[int, ...] = (0,) * DAYS
    lag: float | None = None
    lag_high: float | None = None
    gaps: int = 0
    errors: dict[str, int] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """Posts of the last 24 hours."""
        return self.days[-1]


def figures(connection: sa.Connection, city: City, sources: Sequence[str], now: datetime) -> dict[str, Figures]:
    """The figures of each of the sources."""
    days, lags = _days(connection, city, sources, now), {source: list[float]() for source in sources}
    gaps, errors = Counter[str](), {source: Counter[str]() for source in sources}
    table = source_health.c
    # Most crawls bring nothing new and say nothing here: their rows are left where they are.
    telling = sa.or_(table.lag.is_not(None), table.gaps > 0, sa.cast(table.errors, sa.Text) != "{}")
    here = (table.city == city.key, table.source.in_(sources), table.finished_at >= now - DAY, telling)
    for row in connection.execute(sa.select(table.source, table.lag, table.gaps, table.errors).where(*here)):
        if row.lag is not None:
            lags[row.source].append(row.lag)
        gaps[row.source] = max(gaps[row.source], row.gaps)
        errors[row.source].update(row.errors)
    return {
        source: Figures(days[source], *_spread(lags[source]), gaps[source], dict(errors[source])) for source in sources
    }


def _days(connection: sa.Connection, city: City, sources: Sequence[str], now: datetime) -> dict[str, tuple[int, ...]]:
    start = now - DAYS * DAY
    day = sa.cast(
        (sa.type_coerce(posts.c.published_at, sa.BigInteger) - sa.literal(_microseconds(start), sa.BigInteger))
        // _DAY_IN_MICROSECONDS,
        sa.Integer,
    )
    here = (
        posts.c.city == city.key,
        posts.c.source.in_(sources),
        posts.c.published_at >= start,
        posts.c.published_at < now,
    )
    query = sa.select(posts.c.source, day.label("day"), sa.func.count().label("number")).where(*here)
    counts = {(row.source, row.day): row.number for row in connection.execute(query.group_by(posts.c.source, "day"))}
    return {source: tuple(counts.get((source, one), 0) for one in range(DAYS)) for source in sources}


def _microseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, at.tzinfo)) // timedelta(microseconds=1)


def _spread(lags: Sequence[float]) -> tuple[float | None, float | None]:
    """The median and the 90th percentile."""
    if not lags:
        return None, None
    return median(lags), quantiles(lags, n=10, method="inclusive")[-1] if len(lags) > 1 else lags[0]
