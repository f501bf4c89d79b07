"""What changed since somebody looked: which incidents, by the journal, and what the clocks of a few of them go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from search.queue_terms import next_term
from search.state.chunks import chunks
from search.state.tables import events, incidents
from search.states import State


@dataclass(frozen=True, slots=True)
class Watched:
    """As much of an incident as its clock needs; `changed` says that something happened to it since."""

    id: int
    number: int
    state: State
    opened_at: datetime
    due: datetime | None
    changed: bool


def latest_event(connection: sa.Connection) -> int:
    """The id of the latest event of the installation, 0 before the first: what is above it happened since."""
    return connection.scalar(_LATEST) or 0


def watched(connection: sa.Connection, city: City, numbers: Sequence[int], since: int) -> list[Watched]:
    """The incidents of these numbers, in any order; those that are none are left out."""
    table = incidents.c
    columns = (table.id, table.number, table.state, table.opened_at, table.due_first, table.due_resolved)
    query: sa.Select[Any] = sa.select(*columns).where(table.city == city.key)
    changed = set(connection.scalars(_CHANGED, {"city": city.key, "since": since}))
    found = (row for some in chunks(numbers) for row in connection.execute(query.where(table.number.in_(some))))
    return [_watched(row, changed) for row in found]


def _watched(row: sa.Row[Any], changed: set[int]) -> Watched:
    state = State(row.state)
    due = next_term(state, row.due_first, row.due_resolved)
    return Watched(row.id, row.number, state, row.opened_at, due, row.id in changed)


_LATEST = sa.select(sa.func.max(events.c.id))
_CHANGED = (
    sa.select(events.c.incident)
    .where(events.c.id > sa.bindparam("since"), events.c.city == sa.bindparam("city"), events.c.incident.is_not(None))
    .distinct()
)
