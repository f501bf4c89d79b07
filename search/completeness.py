"""How complete the sources were read: of each of the last days what was seen beside what should have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import add

import sqlalchemy as sa

from crawler.model.city import City, Source
from search.state.source_days import SourceDay, days_of, open_before
from search.state.tables import posts

DAYS = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a source. `seen` are the posts published that day, `expected` those and `missed`, or what the city file
    promises for so much of the day, whichever is more; None where nobody looked. `found` are the posts that were first
    known to be missing on that day, `missed` those of them that still are; `closed` are those that were missing since
    that day or one before and were read on it.
    """

    day: date
    seen: int
    expected: int | None
    missed: int = 0
    found: int = 0
    closed: int = 0

    @property
    def share(self) -> float | None:
        """The part that was seen, 0 to 1; None where nothing is known or nothing was expected."""
        return min(1.0, self.seen / self.expected) if self.expected else None


@dataclass(frozen=True, slots=True)
class Line:
    """A source with its days, the latest last."""

    source: Source
    cells: tuple[Cell, ...]

    @property
    def share(self) -> float | None:
        """The part that was seen of all days that are known."""
        return _share(self.cells)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Every source, the worst first, and all of them together by day."""

    lines: tuple[Line, ...]
    days: tuple[Cell, ...]

    @property
    def share(self) -> float | None:
        """The part that was seen of all."""
        return _share(self.days)


def completeness(connection: sa.Connection, city: City, sources: Sequence[Source], now: datetime) -> Completeness:
    """The last DAYS days of the city, today among them."""
    today = now.astimezone(city.zone).date()
    days = [today - _DAY * back for back in range(DAYS - 1, -1, -1)]
    bounds = [datetime.combine(day, time(), city.zone).astimezone(UTC) for day in (*days, today + _DAY)]
    kept = days_of(connection, city.key, days[0], today)
    before = open_before(connection, city.key, days[0])
    counts = _counts(connection, city, sources, bounds)
    lines = []
    for source in sources:
        known = [kept.get((source.key, day)) for day in days]
        gaps = _gaps(known, before.get(source.key, 0))
        cells = tuple(
            _cell(
                source,
                day,
                counts.get((source.key, at), 0),
                known[at],
                gaps[at],
                _passed(bounds[at], bounds[at + 1], now),
            )
            for at, day in enumerate(days)
        )
        lines.append(Line(source, cells))
    lines.sort(key=lambda line: (line.share is None, line.share or 0.0))
    return Completeness(
        tuple(lines), tuple(_together([line.cells[at] for line in lines], day) for at, day in enumerate(days))
    )


def _counts(
    connection: sa.Connection, city: City, sources: Sequence[Source], bounds: Sequence[datetime]
) -> dict[tuple[str, int], int]:
    """Posts by source and by the number of the day that they were published on."""
    at = posts.c.published_at
    day = reduce(add, (sa.cast(at >= bound, sa.Integer) for bound in bounds[1:-1]))
    here = (
        posts.c.city == city.key,
        posts.c.source.in_([one.key for one in sources]),
        at >= bounds[0],
        at < bounds[-1],
    )
    query = sa.select(posts.c.source, day.label("day"), sa.func.count().label("number")).where(*here)
    return {(row.source, row.day): row.number for row in connection.execute(query.group_by(posts.c.source, "day"))}


@dataclass(slots=True)
class _Gaps:
    """Of a day: posts first known to be missing on it, those of them that still are, and what was closed on it."""

    found: int = 0
    missed: int = 0
    closed: int = 0


def _gaps(known: Sequence[SourceDay | None], before: int) -> list[_Gaps]:
    """The gaps of days that follow each other, after one that ended with `before` missing. A gap that stays open is of
    the day that it was found on; the newest are closed first.
    """
    told = [_Gaps(missed=before)]
    for day in known:
        gaps = _Gaps()
        told.append(gaps)
        if day is None or not day.is_known:
            continue
        carried = sum(one.missed for one in told)
        gaps.found = gaps.missed = max(0, day.missed_most - carried)
        left = gaps.closed = carried + gaps.found - day.missed
        for one in reversed(told):
            taken = min(left, one.missed)
            one.missed -= taken
            left -= taken
    return told[1:]


def _cell(source: Source, day: date, seen: int, known: SourceDay | None, gaps: _Gaps, passed: float) -> Cell:
    if known is None:
        # Before its days were kept, or nobody crawled.
        return Cell(day, seen, None)
    promised = source.expectations.at_least * (_DAY / source.expectations.per) * passed
    expected = max(seen + gaps.missed, int(promised))
    # A day on which it could never be read promises nothing but what the city file does.
    unread = not known.is_known and not expected
    return Cell(day, seen, None if unread else expected, gaps.missed, gaps.found, gaps.closed)


def _passed(start: datetime, end: datetime, now: datetime) -> float:
    return min(1.0, max(0.0, (now - start) / (end - start)))


def _together(cells: Sequence[Cell], day: date) -> Cell:
    known = [cell for cell in cells if cell.expected is not None]
    expected = sum(cell.expected or 0 for cell in known) if known else None
    seen = sum(min(cell.seen, cell.expected or 0) for cell in known) if known else sum(cell.seen for cell in cells)
    return Cell(day, seen, expected, sum(cell.missed for cell in known))


def _share(cells: Sequence[Cell]) -> float | None:
    known = [cell for cell in cells if cell.expected]
    expected = sum(cell.expected or 0 for cell in known)
    return sum(min(cell.seen, cell.expected or 0) for cell in known) / expected if expected else None
