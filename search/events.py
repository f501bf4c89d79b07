"""The journal: what happened to incidents, who did it and why. Rows are added and never changed, but for
places that an erasure takes out.

Subjects are ids; nothing that a resident wrote and no name comes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crawler.model.ports import Keys
from search.state.bulk import Rows
from search.state.tables import events

_EVENTS = Rows(sa.insert(events))

# Who acts when no person does.
OTKLIK = "otklik"
PLACE = "place"
"""Somebody put a place right: with where it is, bare after an erasure."""
NO_CITY = ""
"""The city of rows that tell of people: they are of the installation."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an incident, or to the installation (None)."""

    at: datetime
    who: str
    what: str
    incident: int | None
    subjects: tuple[str, ...] = ()
    reason: str = ""


def write(connection: sa.Connection, keys: Keys, city: str, happened: Sequence[Event]) -> None:
    """Add events. Each has a keyed digest of all it says, so that a row changed by hand is told from a true one."""
    _EVENTS.insert_named(connection, [_row(keys, city, event) for event in happened])


def forget_places(connection: sa.Connection, keys: Keys, city: str, incident: int) -> None:
    """Take out of the journal of an incident where people said that it was: they did it, and when, stays."""
    said = sa.or_(events.c.what.startswith("place "), events.c.reason.startswith("place "))
    for row in connection.execute(sa.select(events).where(events.c.incident == incident, said)).all():
        what = PLACE if row.what.startswith("place ") else row.what
        reason = PLACE if row.what == "undone" and row.reason.startswith("place ") else row.reason
        bare = Event(row.at, row.who, what, row.incident, tuple(row.subjects), reason)
        connection.execute(events.update().where(events.c.id == row.id).values(**_row(keys, city, bare)))


def digest_of(keys: Keys, city: str, event: Event) -> str:
    """The keyed digest of an event."""
    said = (event.at.isoformat(), event.who, event.what, str(event.incident), event.reason)
    return keys.pseudonym("event", city, *said, *event.subjects)


def _row(keys: Keys, city: str, event: Event) -> dict[str, object]:
    return {
        "city": city,
        "at": event.at,
        "who": event.who,
        "what": event.what,
        "incident": event.incident,
        "subjects": list(event.subjects),
        "reason": event.reason,
        "digest": digest_of(keys, city, event),
    }
