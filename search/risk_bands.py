"""What was usual where a risk rose: the same hours, or days, of four earlier weeks."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crawler.model.city import City
from search.rules.series import Series
from search.rules.slots import WEEKS
from search.state.tables import rule_hits

Band = tuple[int, int]
"""The fewest and the most posts of a step."""


def usual(
    connection: sa.Connection, city: City, series: Series, key: str, steps: Sequence[datetime], step: timedelta
) -> tuple[Band | None, ...]:
    """The band of every step of a curve, each `step` long and in order, from the posts that are kept; None for a step
    of which no earlier week was counted. `key` is what a series counts apart.
    """
    if not steps:
        return ()
    bounds = [*steps, steps[-1] + step]
    weeks = [_counts(connection, city, series, key, bounds, week) for week in range(1, WEEKS + 1)]
    told = ([count for count in counts if count is not None] for counts in zip(*weeks, strict=True))
    return tuple((min(counts), max(counts)) if counts else None for counts in told)


def _counts(
    connection: sa.Connection, city: City, series: Series, key: str, bounds: Sequence[datetime], week: int
) -> list[int | None]:
    """The posts between each two bounds so many weeks before, None where they were not counted yet."""
    before = [_before(at, city, week) for at in bounds]
    table = rule_hits.c
    mine = (table.city == city.key, table.series == series.name, table.key == key)
    here = (*mine, table.at >= max(before[0], series.since), table.at < before[-1])
    hits = list(connection.scalars(sa.select(table.at).where(*here).order_by(table.at)))
    ends = [bisect_left(hits, at) for at in before]
    return [ends[at + 1] - ends[at] if before[at] >= series.since else None for at in range(len(before) - 1)]


def _before(at: datetime, city: City, week: int) -> datetime:
    """The same wall time so many weeks before: clocks may have been changed since."""
    return (at.astimezone(city.zone) - timedelta(weeks=week)).astimezone(UTC)
