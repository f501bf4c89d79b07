"""What a month's figures lack: the time in which sources could not be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.model.city import City
from search.report_facts import Span
from search.rules.spans import minus
from search.state import watched

LEAST = timedelta(hours=2)
"""A shorter time without a crawl is no news: feeds are read back to what is known."""


@dataclass(frozen=True, slots=True)
class Unwatched:
    """A source, how long it could not be read in a span, and whether it was ever read before the span's end."""

    source: str
    time: timedelta
    known: bool


def unwatched(
    connection: sa.Connection, city: City, sources: Sequence[str], span: Span, now: datetime
) -> tuple[Unwatched, ...]:
    """The sources that were not read for LEAST at a time at least, the longest first. Watching is kept for 60 days: of
    a span before that nothing is said, and none of the time before a source was read first (before the city's first
    crawl, where it never was): what did not exist has no gaps.
    """
    end = min(span.end, now)
    if span.start >= end or span.start < now - watched.KEPT:
        return ()
    stretches = watched.stretches(connection, city.key)
    looked = min((mine[0][0] for mine in stretches.values() if mine), default=end)
    found = []
    for source in sources:
        mine = stretches.get(source, [])
        holes = [
            (start, till)
            for start, till in minus([(max(span.start, mine[0][0] if mine else looked), end)], mine)
            if till - start >= LEAST
        ]
        time = sum((till - start for start, till in holes), timedelta(0))
        if time:
            found.append(Unwatched(source, time, any(start < end for start, _ in mine)))
    return tuple(sorted(found, key=lambda one: (-one.time, one.source)))
