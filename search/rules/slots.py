"""Counts by slots of five minutes, so that a thousand matches in a window cost no more than a few; and the same hours
of earlier weeks.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from search.rules.spans import Span, union
from search.state.chunks import CHUNK
from search.state.tables import rule_slots

SLOT = timedelta(minutes=5)
HOUR, DAY = 12, 288
"""In slots."""
WEEKS = 4
"""So many earlier weeks are looked at."""
Band = tuple[int, int]
"""Slots from one to before another."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BANDS = CHUNK // 10


def slot_of(at: datetime) -> int:
    """The slot that a moment lies in, counted from 1970. Every zone's hours begin with one."""
    return (at - _EPOCH) // SLOT


def begin_of(slot: int) -> datetime:
    """The moment that a slot begins with."""
    return _EPOCH + slot * SLOT


def hour_of(at: datetime) -> int:
    """The first slot of the hour that a moment lies in."""
    return slot_of(at) // HOUR * HOUR


def times_of(bands: Iterable[Band]) -> list[Span]:
    """The time of slots."""
    return union((begin_of(low), begin_of(high)) for low, high in bands)


def slots_in(span: timedelta) -> int:
    """How many slots hold a span."""
    return -(-span // SLOT)


def weeks_before(end: int, zone: ZoneInfo, weeks: int) -> int:
    """The slot that had the same wall time so many weeks before (after, where negative): clocks may have been changed
    since. Of an hour that comes twice the same one, of one that never was the moment after it.
    """
    wall = begin_of(end).astimezone(zone)
    before = (wall - timedelta(weeks=weeks)).astimezone(UTC)
    return slot_of(before)


def merged(bands: Sequence[Band]) -> list[Band]:
    """The same slots in as few bands as can be."""
    joined: list[Band] = []
    for low, high in sorted(bands):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        elif low < high:
            joined.append((low, high))
    return joined


def _within(bands: Sequence[Band]) -> sa.ColumnElement[bool]:
    return sa.or_(*(rule_slots.c.slot.between(low, high - 1) for low, high in bands))


def fresh_slots(connection: sa.Connection, city: str, series: str, key: str, bands: Sequence[Band]) -> list[int]:
    """The slots of these bands with posts that may raise an alarm, in order."""
    found: set[int] = set()
    joined = merged(bands)
    for start in range(0, len(joined), _BANDS):
        here = (rule_slots.c.city == city, rule_slots.c.series == series, rule_slots.c.key == key)
        query = sa.select(rule_slots.c.slot).where(*here, rule_slots.c.fresh > 0)
        found.update(connection.scalars(query.where(_within(joined[start : start + _BANDS]))))
    return sorted(found)


class Counts:
    """How many posts of a series there are in the slots of some bands, all and of each source: asked for any stretch
    inside one band. Fresh ones are those that may raise an alarm.
    """

    def __init__(self, connection: sa.Connection, city: str, series: str, key: str, bands: Sequence[Band]) -> None:
        table = rule_slots.c
        here = (table.city == city, table.series == series, table.key == key)
        query = sa.select(table.source, table.slot, table.hits, table.fresh).where(*here, _within(merged(bands)))
        self.made(tuple(row) for row in connection.execute(query.order_by(table.slot)))

    def made(self, rows: Iterable[tuple[str, int, int, int]]) -> None:
        """Count rows of source, slot, hits and fresh ones, in the order of the slots."""
        self._all = _Sums()
        self._of: dict[str, _Sums] = {}
        for source, slot, hits, fresh in rows:
            self._all.add(slot, hits, fresh)
            if source:
                self._of.setdefault(source, _Sums()).add(slot, hits, fresh)

    @property
    def sources(self) -> list[str]:
        """The sources that have any."""
        return list(self._of)

    def hits(self, low: int, high: int, source: str = "") -> int:
        """The posts of a source (of all) in the slots from `low` to before `high`."""
        return (self._of[source] if source else self._all).between(low, high)[0]

    def fresh(self, low: int, high: int, source: str = "") -> int:
        """Of them those that may raise an alarm."""
        return (self._of[source] if source else self._all).between(low, high)[1]


class _Sums:
    """Running sums of hits and of fresh ones."""

    def __init__(self) -> None:
        self._slots: list[int] = []
        self._hits = [0]
        self._fresh = [0]

    def add(self, slot: int, hits: int, fresh: int) -> None:
        """Count a slot, not before the one that was counted last."""
        self._slots.append(slot)
        self._hits.append(self._hits[-1] + hits)
        self._fresh.append(self._fresh[-1] + fresh)

    def between(self, low: int, high: int) -> tuple[int, int]:
        """Hits and fresh ones in the slots from `low` to before `high`."""
        first, last = bisect_left(self._slots, low), bisect_left(self._slots, high)
        return self._hits[last] - self._hits[first], self._fresh[last] - self._fresh[first]
