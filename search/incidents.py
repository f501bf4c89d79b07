"""Incidents as people see them: the queue, and one with everything that belongs to it. Acts on them: search/acting.py,
search/joining.py, search/undoing.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Severity
from search.acting import change
from search.acts import Act, acts_of, unknown
from search.events import Event
from search.executors import Likely, likely_executor
from search.images.rows import Image, images_of_posts
from search.incident_rows import COUNTED, Incident, incident_from
from search.notes import Note, notes_of
from search.state.tables import deliveries, events, incidents, post_versions, reports
from search.states import OPEN, State
from search.suggestions import Suggestion, suggest


@dataclass(frozen=True, slots=True)
class Report:
    """A resident's message inside an incident: its text as of the version that it was last noticed in."""

    post: str
    version: int
    url: str
    title: str
    text: str
    published_at: datetime
    reasons: tuple[dict[str, Any], ...]
    fits: bool
    state: str
    due_first: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one ticket system knows of an incident."""

    destination: str
    key: str
    state: str
    external_id: str
    sequence: int
    sent_sequence: int
    attempts: int
    next_at: datetime
    last_error: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident with all that belongs to it; `images` are those of its posts, in the order of the reports; `likely`
    is who may answer for one that has no executor; `acts` what people did, which may be undone, `notes` what they wrote
    for each other.
    """

    incident: Incident
    reports: tuple[Report, ...]
    events: tuple[Event, ...]
    acts: tuple[Act, ...]
    notes: tuple[Note, ...]
    deliveries: tuple[Delivery, ...]
    suggestions: tuple[Suggestion, ...]
    images: dict[str, tuple[Image, ...]]
    likely: Likely | None = None


def list_incidents(
    connection: sa.Connection,
    city: City,
    states: Collection[State] = OPEN,
    limit: int | None = None,
    *,
    risk: bool = False,
) -> tuple[Incident, ...]:
    """The queue: severity first, then what is due, then by number. With `risk` only information risks."""
    table = incidents.c
    rank = sa.case({severity.value: severity.rank for severity in Severity}, value=table.severity)
    next_due = sa.case((table.state == State.NEW.value, table.due_first), else_=table.due_resolved)
    query = (
        COUNTED.where(table.state.in_([state.value for state in states]), *([table.risk] if risk else []))
        .order_by(rank, next_due.is_(None), next_due, table.number)
        .limit(limit)
    )
    return tuple(incident_from(row) for row in connection.execute(query, {"city": city.key}))


def show(connection: sa.Connection, city: City, number: int) -> Shown:
    """An incident with its reports, events, deliveries and what it could be merged with. OtklikError when unknown."""
    row = connection.execute(_BY_NUMBER, {"city": city.key, "number": number}).first()
    if row is None:
        raise unknown(number)
    incident = incident_from(row)
    heard = reports_of(connection, city, incident.id)
    images = images_of_posts(connection, city.key, [report.post for report in heard])
    return Shown(
        incident,
        heard,
        _events(connection, incident.id),
        acts_of(connection, incident.id),
        notes_of(connection, incident.id),
        deliveries_of(connection, city, incident.id),
        suggest(connection, city, row),
        {report.post: images[report.post] for report in heard if report.post in images},
        likely_executor(connection, city, row),
    )


def incident_of(connection: sa.Connection, city: City, incident: int) -> Incident:
    """The incident of that id."""
    return incident_from(connection.execute(_BY_IDS, {"city": city.key, "ids": [incident]}).one())


def find_number(connection: sa.Connection, city: City, number: int) -> bool:
    """Whether the city has an incident of that number."""
    return connection.scalar(_ID, {"city": city.key, "number": number}) is not None


def incidents_of(connection: sa.Connection, city: City, ids: Sequence[int]) -> tuple[Incident, ...]:
    """The incidents of these ids, in their order; ids that are none are left out."""
    # All at once: row by row costs twice as much.
    rows = {row.id: row for row in connection.execute(_BY_IDS, {"city": city.key, "ids": list(ids)}).all()}
    return tuple(incident_from(rows[one]) for one in ids if one in rows)


def incidents_with(connection: sa.Connection, city: City, post: str) -> tuple[Incident, ...]:
    """The incidents that a post is a voice of, by their numbers."""
    here = sa.select(reports.c.incident).where(reports.c.city == city.key, reports.c.post == post, reports.c.fits)
    ids = sorted(set(connection.scalars(here)))
    return incidents_of(connection, city, ids)


def reports_of(
    connection: sa.Connection, city: City, incident: int, *, fitting: bool = False, limit: int | None = None
) -> tuple[Report, ...]:
    """The reports of an incident by its id, or only those that fit, earliest publication first."""
    # SQLite takes a negative number for none.
    asked = {"city": city.key, "incident": incident, "most": -1 if limit is None else limit}
    return tuple(_report(row) for row in connection.execute(_FITTING if fitting else _REPORTS, asked))


def _heard() -> sa.Select[Any]:
    """Reports of an incident with what they say."""
    table, content = reports.c, post_versions.c
    here = sa.and_(content.city == table.city, content.post == table.post, content.version == table.version)
    return (
        sa.select(reports, content.content)
        .join(post_versions, here, isouter=True)
        .where(table.city == sa.bindparam("city"), table.incident == sa.bindparam("incident"))
        .order_by(table.published_at, table.post, table.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


# Made once: to put such a statement together takes longer than SQLite takes to answer it.
_BY_NUMBER = COUNTED.add_columns(incidents.c.place).where(incidents.c.number == sa.bindparam("number"))
_BY_IDS = COUNTED.where(incidents.c.id.in_(sa.bindparam("ids", expanding=True)))
_ID = sa.select(incidents.c.id).where(
    incidents.c.city == sa.bindparam("city"), incidents.c.number == sa.bindparam("number")
)
_REPORTS = _heard()
_FITTING = _REPORTS.where(reports.c.fits)
_EVENTS = sa.select(events).where(events.c.incident == sa.bindparam("incident")).order_by(events.c.id)
_DELIVERIES = (
    sa.select(deliveries)
    .where(deliveries.c.city == sa.bindparam("city"), deliveries.c.incident == sa.bindparam("incident"))
    .order_by(deliveries.c.id)
)


def _report(row: sa.Row[Any]) -> Report:
    content = row.content or {}
    return Report(
        post=row.post,
        version=row.version,
        url=content.get("url", ""),
        title=content.get("title", ""),
        text=content.get("text", ""),
        published_at=row.published_at,
        reasons=tuple(row.reasons),
        fits=row.fits,
        state=row.state,
        due_first=row.due_first,
    )


def _events(connection: sa.Connection, incident: int) -> tuple[Event, ...]:
    return tuple(
        Event(row.at, row.who, row.what, row.incident, tuple(row.subjects), row.reason)
        for row in connection.execute(_EVENTS, {"incident": incident})
    )


def deliveries_of(connection: sa.Connection, city: City, incident: int) -> tuple[Delivery, ...]:
    """How far each ticket system knows of an incident, by its id."""
    names = Delivery.__dataclass_fields__
    rows = connection.execute(_DELIVERIES, {"city": city.key, "incident": incident})
    return tuple(Delivery(**{name: getattr(row, name) for name in names}) for row in rows)


__all__ = [
    "OPEN",
    "Delivery",
    "Incident",
    "Report",
    "Shown",
    "State",
    "Suggestion",
    "change",
    "deliveries_of",
    "find_number",
    "incident_of",
    "incidents_of",
    "incidents_with",
    "list_incidents",
    "reports_of",
    "show",
]
