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

MOST_EVENTS = 2_000
"""Events that are looked through; a page that missed more is to be loaded anew."""


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


def is_far_behind(connection: sa.Connection, since: int) -> bool:
    """Whether more has happened in the installation since than is looked through for a page that stands open."""
    return len(connection.scalars(_AFTER, {"since": since, "most": MOST_EVENTS + 1}).all()) > MOST_EVENTS


def watched(connection: sa.Connection, city: City, numbers: Sequence[int], since: int) -> list[Watched]:
    """The incidents of these numbers, in any order; those that are none are left out. `since` is not far behind."""
    query = _of(city)
    changed = set(connection.scalars(_CHANGED, {"city": city.key, "since": since}))
    found = (row for some in chunks(numbers) for row in connection.execute(query.where(incidents.c.number.in_(some))))
    return [_watched(row, changed) for row in found]


def watched_one(connection: sa.Connection, city: City, number: int, since: int) -> list[Watched]:
    """The incident of that number, none where there is none. `since` may be long ago: only its own events are read."""
    row = connection.execute(_of(city).where(incidents.c.number == number)).first()
    if row is None:
        return []
    touched = connection.scalar(_TOUCHED, {"incident": row.id, "since": since})
    return [_watched(row, set() if touched is None else {row.id})]


def _of(city: City) -> sa.Select[Any]:
    table = incidents.c
    columns = (table.id, table.number, table.state, table.opened_at, table.due_first, table.due_resolved)
    return sa.select(*columns).where(table.city == city.key)


def _watched(row: sa.Row[Any], changed: set[int]) -> Watched:
    state = State(row.state)
    due = next_term(state, row.due_first, row.due_resolved)
    return Watched(row.id, row.number, state, row.opened_at, due, row.id in changed)


_LATEST = sa.select(sa.func.max(events.c.id))
_AFTER = sa.select(events.c.id).where(events.c.id > sa.bindparam("since")).limit(sa.bindparam("most"))
_CHANGED = (
    sa.select(events.c.incident)
    .where(events.c.id > sa.bindparam("since"), events.c.city == sa.bindparam("city"), events.c.incident.is_not(None))
    .distinct()
)
_TOUCHED = (
    sa.select(events.c.id)
    .where(events.c.incident == sa.bindparam("incident"), events.c.id > sa.bindparam("since"))
    .limit(1)
)
