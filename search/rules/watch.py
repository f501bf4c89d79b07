"""When each source was watched: an hour in which nobody could read it says nothing of how much there was to read."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crawler.model.city import City, Source
from crawler.platforms import PLATFORMS
from search.rules.spans import Span, union
from search.state import watched
from search.state.tables import posts

EVER = datetime.max.replace(tzinfo=UTC)
_LEAST_PATIENCE = timedelta(hours=1)
_MISSED = 3


class Watch:
    """The stretches in which sources were watched. What lies between two crawls counts as watched as long as no more
    than two were missed; a source that is never crawled is watched from its first post on.
    """

    def __init__(self, stretches: Mapping[str, Sequence[Span]], read: Mapping[str, datetime] | None = None) -> None:
        """`read` is when sources were read last; one that it does not know has told everything up to its end."""
        self._read = read or {}
        self._stretches = {source: union(spans) for source, spans in stretches.items()}
        self._ends = {source: [end for _, end in spans] for source, spans in self._stretches.items()}

    @classmethod
    def of(cls, connection: sa.Connection, city: City) -> "Watch":
        """As the state has it."""
        found = _crawled(connection, city)
        crawled = crawled_sources(city)
        read: dict[str, datetime] = {}
        for source, spans in watched.stretches(connection, city.key).items():
            if source in crawled:
                read[source] = spans[-1][1]
            else:
                found[source] = [(spans[0][0], EVER)]
        return cls(found, read)

    @classmethod
    def of_archive(cls, connection: sa.Connection, city: City) -> "Watch":
        """For looking back: what was given counts from its first publication on, however late it was given."""
        found = _crawled(connection, city)
        first = sa.select(posts.c.source, sa.func.min(posts.c.published_at)).where(posts.c.city == city.key)
        for source, start in connection.execute(first.group_by(posts.c.source)):
            found.setdefault(source, [(start, EVER)])
        return cls(found)

    def first(self, source: str) -> datetime | None:
        """Since when a source is watched; None for one that never was."""
        spans = self._stretches.get(source)
        return spans[0][0] if spans else None

    def read_until(self, source: str) -> datetime:
        """Up to when a source was read: that nothing is known to be said later tells no silence."""
        return self._read.get(source, EVER)

    def share(self, source: str, start: datetime, end: datetime) -> float:
        """Which share of a stretch a source was watched in, 0 to 1."""
        spans, ends = self._stretches.get(source, []), self._ends.get(source, [])
        seen = timedelta(0)
        for low, high in spans[bisect_right(ends, start) :]:
            if low >= end:
                break
            seen += min(high, end) - max(low, start)
        return seen / (end - start)


def _crawled(connection: sa.Connection, city: City) -> dict[str, list[Span]]:
    """The stretches of sources that are crawled, each as long as its next crawl may take to come."""
    patience = {source.key: patience_of(source) for source in city.sources}
    crawled = crawled_sources(city)
    return {
        source: [(start, end + patience[source]) for start, end in spans]
        for source, spans in watched.stretches(connection, city.key).items()
        if source in crawled
    }


def patience_of(source: Source) -> timedelta:
    """How long a source counts as watched after a crawl that succeeded."""
    return max(_MISSED * source.every, _LEAST_PATIENCE)


def crawled_sources(city: City) -> frozenset[str]:
    """The sources that a spider reads: of the others nobody can tell when they were looked at."""
    return frozenset(source.key for source in city.sources if PLATFORMS[source.platform].spider)
