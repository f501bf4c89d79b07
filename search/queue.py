"""The queue as people on shift see it: parts of it by view and filter, in sections by deadline, with the voices of each
incident. Written for thousands of open incidents: what is not shown is only counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Severity
from search.incidents import Incident, incidents_of
from search.queue_terms import SOON, due_next, end_of_day, is_aside, section_of
from search.queue_voices import SILENT, Voice, first_voices, platforms_of
from search.queue_words import found_by
from search.state.tables import incidents
from search.states import OPEN, State

NOBODYS = "nobodys"


class View(StrEnum):
    """The parts of the queue that people switch between."""

    ALL = "all"
    NEW = "new"
    MINE = "mine"
    WORK = "work"
    ANSWERED = "answered"
    ASIDE = "aside"
    OVER = "over"


STATES = {
    View.ALL: OPEN,
    View.NEW: frozenset({State.NEW}),
    # Of whom, the filters say.
    View.MINE: OPEN,
    View.WORK: frozenset({State.CONFIRMED, State.IN_WORK}),
    View.ANSWERED: frozenset({State.ANSWERED}),
    # What people put off; the other views of open ones are without it.
    View.ASIDE: OPEN,
    View.OVER: frozenset(State) - OPEN,
}


class Due(StrEnum):
    """The sections of the queue, most urgent first."""

    LATE = "late"
    SOON = "soon"
    TODAY = "today"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a part of the queue is narrowed to; "" narrows nothing. `words` are looked for in titles, `assignee` is who
    works on it, `only` leaves those that are late or due within the hour (Due), or that nobody has taken (NOBODYS).
    """

    topic: str = ""
    district: str = ""
    severity: str = ""
    words: str = ""
    assignee: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the queue: the incident, its section, its first words and how many reports each platform has."""

    incident: Incident
    due: Due
    voice: Voice
    platforms: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the head of the queue shows: open ones in each view, late ones, due within the hour, nobody's."""

    views: dict[View, int]
    late: int
    soon: int
    nobodys: int


def lines(
    connection: sa.Connection, city: City, view: View, filters: Filters, now: datetime, limit: int
) -> tuple[Line, ...]:
    """The first so many of a view: by section, then danger first, then what is due, then by number; what is over by the
    latest.
    """
    table, due = incidents.c, due_next()
    here = _here(city, view, filters, now)
    query = sa.select(table.id).where(here)
    if view is View.OVER:
        query = query.order_by(table.number.desc())
    else:
        rank = sa.case({severity.value: severity.rank for severity in Severity}, value=table.severity)
        query = query.order_by(section_of(due, now, city), rank, due, table.number)
    return lines_of(connection, city, list(connection.scalars(query.limit(limit))), now)


def lines_of(connection: sa.Connection, city: City, ids: Sequence[int], now: datetime) -> tuple[Line, ...]:
    """The rows of the incidents of these ids, in their order."""
    if not ids:
        return ()
    voices, platforms = first_voices(connection, ids), platforms_of(connection, ids)
    return tuple(
        Line(one, due_of(one, now, city), voices.get(one.id, SILENT), platforms.get(one.id, ()))
        for one in incidents_of(connection, city, ids)
    )


def line_of(connection: sa.Connection, city: City, incident: Incident, now: datetime) -> Line:
    """The row of one incident."""
    return lines_of(connection, city, [incident.id], now)[0]


def in_sections(connection: sa.Connection, city: City, view: View, filters: Filters, now: datetime) -> dict[Due, int]:
    """How many a view has under these filters in each section; none for a section that is empty."""
    here = _here(city, view, filters, now)
    section = sa.literal(4) if view is View.OVER else section_of(due_next(), now, city)
    place = section.label("place")
    query = sa.select(place, sa.func.count()).select_from(incidents).where(here).group_by(place)
    order = list(Due)
    return {order[at]: number for at, number in connection.execute(query)}


def counts(connection: sa.Connection, city: City, now: datetime, name: str) -> Counts:
    """The figures of the whole queue for somebody of that name, from one look at the open incidents."""
    asked = {"city": city.key, "name": name, "now": now, "soon": now + SOON}
    rows = {State(row.state): row for row in connection.execute(_COUNTS, asked)}
    shown = [view for view in View if view is not View.OVER]
    views: dict[View, int] = {
        view: sum(row.number for state, row in rows.items() if state in STATES[view]) for view in shown
    }
    views[View.MINE] = sum(row.mine for row in rows.values())
    aside = connection.execute(sa.select(incidents.c.state, incidents.c.assignee).where(is_aside(city, now))).all()
    for view in shown:
        own = [row for row in aside if view is not View.MINE or row.assignee == name]
        views[view] -= sum(State(row.state) in STATES[view] for row in own)
    views[View.ASIDE] = len(aside)
    late = sum(row.first_late if state is State.NEW else row.late for state, row in rows.items())
    until = sum(row.first_soon if state is State.NEW else row.soon for state, row in rows.items())
    nobodys = sum(row.nobodys for row in rows.values()) - sum(not row.assignee for row in aside)
    return Counts(views, late, until - late, nobodys)


def _counts() -> sa.Select[Any]:
    """One row for each state, so that which of two terms is due next is asked of four rows and not of thousands."""
    table, number = incidents.c, sa.func.count
    now, soon = (sa.bindparam(name, type_=table.due_first.type) for name in ("now", "soon"))
    return (
        sa.select(
            table.state,
            number().label("number"),
            number().filter(table.assignee == sa.bindparam("name")).label("mine"),
            number().filter(table.assignee == "").label("nobodys"),
            number().filter(table.due_first < now).label("first_late"),
            number().filter(table.due_first < soon).label("first_soon"),
            number().filter(table.due_resolved < now).label("late"),
            number().filter(table.due_resolved < soon).label("soon"),
        )
        .where(table.city == sa.bindparam("city"), table.state.in_(sorted(OPEN)))
        .group_by(table.state)
    )


_COUNTS = _counts()


def latest_number(connection: sa.Connection, city: City) -> int:
    """The number of the newest incident, 0 before the first: what is above it has come since."""
    return connection.scalar(sa.select(sa.func.max(incidents.c.number)).where(incidents.c.city == city.key)) or 0


def arrived(connection: sa.Connection, city: City, after: int, now: datetime) -> tuple[int, int]:
    """How many open incidents have a number above `after`, and how many of them are late or due within the hour."""
    table = incidents.c
    here = sa.and_(table.city == city.key, table.number > after, table.state.in_(sorted(OPEN)))
    urgent = sa.func.coalesce(sa.func.sum(sa.case((due_next() < now + SOON, 1), else_=0)), 0)
    number, soon = connection.execute(sa.select(sa.func.count(), urgent).where(here)).one()
    return number, soon


def due_of(incident: Incident, now: datetime, city: City) -> Due:
    """The section that an incident stands in."""
    if incident.due is None or incident.state not in OPEN:
        return Due.NEVER
    if incident.due < now:
        return Due.LATE
    if incident.due < now + SOON:
        return Due.SOON
    return Due.TODAY if incident.due < end_of_day(now, city) else Due.LATER


def _here(city: City, view: View, filters: Filters, now: datetime) -> sa.ColumnElement[bool]:
    """What a view has under these filters. Who looks for words or a number finds what is put off as well."""
    table = incidents.c
    made = [table.city == city.key, table.state.in_(sorted(STATES[view])), *_narrowed(city, filters, now)]
    if view is View.ASIDE:
        made.append(is_aside(city, now))
    elif view is not View.OVER and not filters.words:
        # They are few, and an index of their own has them.
        made.append(table.id.not_in(sa.select(table.id).where(is_aside(city, now))))
    return sa.and_(*made)


def _narrowed(city: City, filters: Filters, now: datetime) -> list[sa.ColumnElement[bool]]:
    table = incidents.c
    made: list[sa.ColumnElement[bool]] = []
    if filters.topic:
        made.append(table.topic.in_([filters.topic, *city.topics.get(filters.topic, ())]))
    if filters.district:
        made.append(table.place["district"].as_string() == filters.district)
    if filters.only == NOBODYS:
        made.append(table.assignee == "")
    elif filters.only == Due.LATE:
        made.append(due_next() < now)
    elif filters.only == Due.SOON:
        made.append(sa.and_(due_next() >= now, due_next() < now + SOON))
    if filters.assignee:
        made.append(table.assignee == filters.assignee)
    if filters.severity:
        made.append(table.severity == filters.severity)
    return made + found_by(filters.words)
