"""What was usual where a risk rose: the same hours, or days, of four earlier weeks."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crawler.model.city import City
from search.risk_hits import Stretch, hits_of
from search.rules.series import Series
from search.rules.slots import WEEKS

Band = tuple[int, int]
"""The fewest and the most posts of a step."""


@dataclass(frozen=True, slots=True)
class Usual:
    """A curve whose bands are asked for: when each step begins, in order, each `step` long. `key` is what the series
    counts apart.
    """

    series: Series
    key: str
    steps: Sequence[datetime]
    step: timedelta

    def weeks(self, city: City) -> list[list[datetime]]:
        """The bounds of the steps in each earlier week, at the same wall time: clocks may have changed since."""
        local = [at.astimezone(city.zone) for at in (*self.steps, self.steps[-1] + self.step)]
        return [[(at - timedelta(weeks=week)).astimezone(UTC) for at in local] for week in range(1, WEEKS + 1)]


def usual(connection: sa.Connection, city: City, asked: Sequence[Usual]) -> list[tuple[Band | None, ...]]:
    """The band of every step of these curves, each with a step at least, from the posts that are kept; None for a step
    of which no earlier week was counted.
    """
    weeks = [(one, bounds) for one in asked for bounds in one.weeks(city)]
    spans = [Stretch(one.series.name, one.key, max(bounds[0], one.series.since), bounds[-1]) for one, bounds in weeks]
    counts = [
        _counts(hits, bounds, one.series.since)
        for (one, bounds), hits in zip(weeks, hits_of(connection, city.key, spans), strict=True)
    ]
    return [_bands(counts[at : at + WEEKS]) for at in range(0, len(counts), WEEKS)]


def _counts(hits: Sequence[datetime], bounds: Sequence[datetime], since: datetime) -> list[int | None]:
    """The posts between each two bounds, None where they were not counted yet."""
    ends = [bisect_left(hits, at) for at in bounds]
    return [ends[at + 1] - ends[at] if bounds[at] >= since else None for at in range(len(bounds) - 1)]


def _bands(weeks: Sequence[Sequence[int | None]]) -> tuple[Band | None, ...]:
    told = ([count for count in counts if count is not None] for counts in zip(*weeks, strict=True))
    return tuple((min(counts), max(counts)) if counts else None for counts in told)
