"""Alarms in the state: the stretches in which rules hold, each kept as one row while it grows, joins others or ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from search.rules.bench import Judgement
from search.rules.series import Series
from search.rules.spans import Span, apart, minus, union
from search.state.tables import rule_alarms


@dataclass(frozen=True, slots=True)
class Alarm:
    """A stretch in which a rule holds for a key: a place, a thread, an author, a new word; "" for the whole search."""

    id: int
    series: str
    search: str
    version: int
    key: str
    start_at: datetime
    end_at: datetime
    raised_at: datetime

    @property
    def span(self) -> Span:
        """From the first moment to before the last."""
        return self.start_at, self.end_at


def settle(
    connection: sa.Connection, city: str, series: Series, key: str, judged: Judgement, at: datetime
) -> list[Span]:
    """Bring the alarms of a key in line with a judgement; the time in which there is an alarm now and was none before,
    or the other way round.
    """
    if not judged.region:
        return []
    every = [*judged.region, *judged.holds]
    low, high = min(start for start, _ in every), max(end for _, end in every)
    table = rule_alarms.c
    mine = (table.city == city, table.series == series.name, table.key == key)
    query = sa.select(rule_alarms).where(*mine, table.end_at >= low, table.start_at <= high).order_by(table.id)
    rows = list(connection.execute(query))
    old = [(row.start_at, row.end_at) for row in rows]
    new = union([*minus(old, judged.region), *judged.holds])
    if new == union(old):
        return []
    _write(connection, city, series, key, rows, new, at)
    return apart(old, new)


def _write(
    connection: sa.Connection,
    city: str,
    series: Series,
    key: str,
    rows: Sequence[sa.Row[Any]],
    spans: Sequence[Span],
    at: datetime,
) -> None:
    """One row a span: the oldest of those that lie in it goes on, the others go into it."""
    left = list(rows)
    for start, end in spans:
        inside = [row for row in left if row.start_at < end and start < row.end_at]
        left = [row for row in left if row not in inside]
        times = {"start_at": start, "end_at": end}
        if inside:
            kept, *others = inside
            connection.execute(rule_alarms.update().where(rule_alarms.c.id == kept.id).values(**times))
            _delete(connection, others)
        else:
            search = series.search
            said = {"search": search.id, "version": search.version, "key": key, "raised_at": at}
            row = {"city": city, "series": series.name} | said | times
            connection.execute(rule_alarms.insert().values(**row))
    _delete(connection, left)


def _delete(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> None:
    if rows:
        connection.execute(sa.delete(rule_alarms).where(rule_alarms.c.id.in_([row.id for row in rows])))


def alarms_in(connection: sa.Connection, city: str, series: str, spans: Iterable[Span]) -> list[Alarm]:
    """The alarms of a series that have time of these spans, of every key."""
    every = list(spans)
    if not every:
        return []
    table = rule_alarms.c
    low, high = min(start for start, _ in every), max(end for _, end in every)
    query = sa.select(*(table[name] for name in Alarm.__dataclass_fields__)).where(
        table.city == city, table.series == series, table.end_at > low, table.start_at < high
    )
    return [Alarm(*row) for row in connection.execute(query.order_by(table.id))]
