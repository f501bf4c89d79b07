"""Incidents as points of a map: what a pin needs and no more, so that thousands cost little."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Severity
from crawler.model.items import PlacePrecision
from search.queue_terms import is_aside
from search.state.tables import incidents
from search.states import OPEN, State

EXACT = (PlacePrecision.HOUSE, PlacePrecision.INTERSECTION, PlacePrecision.LANDMARK)
"""What makes a point one where somebody can go; a street or a district is none."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(minutes=15) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents: in these states, of this severity and group of topics where they are not "", opened `since` then
    and before `until`; put off at `now` or not, where `aside` says which; of these numbers, where
    they are given.
    """

    states: frozenset[State] = OPEN
    severity: str = ""
    topic: str = ""
    since: datetime | None = None
    aside: bool | None = None
    now: datetime | None = None
    until: datetime | None = None
    numbers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """An incident; `point` (lat, lon) is None where no exact place is known."""

    number: int
    title: str
    topic: str
    severity: Severity
    state: State
    opened_at: datetime
    due: datetime | None
    point: tuple[float, float] | None


def pins(connection: sa.Connection, city: City, wanted: Wanted, limit: int) -> list[Pin]:
    """The most urgent of them: what is due next first, then by severity and number."""
    table = incidents.c
    due = sa.case((table.state == State.NEW.value, table.due_first), else_=table.due_resolved)
    rank = sa.case({severity.value: severity.rank for severity in Severity}, value=table.severity)
    columns: list[Any] = [table.number, table.title, table.topic, table.severity, table.state, table.opened_at]
    columns += [
        due.label("due"),
        table.place["lat"].as_float().label("lat"),
        table.place["lon"].as_float().label("lon"),
    ]
    columns.append(table.place["precision"].as_string().label("precision"))
    query = (
        sa.select(*columns)
        .where(*_matching(city, wanted))
        .order_by(due.is_(None), due, rank, table.number)
        .limit(limit)
    )
    return [_pin(row) for row in connection.execute(query)]


def count_pins(connection: sa.Connection, city: City, wanted: Wanted) -> tuple[int, int]:
    """How many there are, and how many of them have an exact place."""
    place = incidents.c.place
    exact = sa.and_(place["precision"].as_string().in_([one.value for one in EXACT]), place["lat"].is_not(None))
    number = sa.func.coalesce(sa.func.sum(sa.case((exact, 1), else_=0)), 0)
    total, placed = connection.execute(sa.select(sa.func.count(), number).where(*_matching(city, wanted))).one()
    return total, placed


def opened(connection: sa.Connection, city: City, wanted: Wanted) -> list[tuple[datetime, int]]:
    """How many of them were opened in each quarter of an hour that has any, in order: bounds of a wall clock lie
    between such quarters in every zone.
    """
    quarter = sa.type_coerce(incidents.c.opened_at, sa.BigInteger) // _QUARTER
    query = sa.select(quarter.label("quarter"), sa.func.count()).where(*_matching(city, wanted)).group_by("quarter")
    rows = connection.execute(query.order_by("quarter"))
    return [(_EPOCH + timedelta(microseconds=at * _QUARTER), count) for at, count in rows]


def _matching(city: City, wanted: Wanted) -> Sequence[sa.ColumnElement[bool]]:
    table = incidents.c
    made = [table.city == city.key, table.state.in_(sorted(wanted.states))]
    if wanted.severity:
        made.append(table.severity == wanted.severity)
    if wanted.topic:
        made.append(table.topic.in_([wanted.topic, *city.topics.get(wanted.topic, ())]))
    if wanted.since is not None:
        made.append(table.opened_at >= wanted.since)
    if wanted.aside is not None and wanted.now is not None:
        away = is_aside(city, wanted.now)
        made.append(away if wanted.aside else table.id.not_in(sa.select(table.id).where(away)))
    if wanted.until is not None:
        made.append(table.opened_at < wanted.until)
    if wanted.numbers is not None:
        made.append(table.number.in_(wanted.numbers))
    return made


def _pin(row: sa.Row[Any]) -> Pin:
    exact = row.precision in EXACT and row.lat is not None and row.lon is not None
    told = (row.number, row.title, row.topic, Severity(row.severity), State(row.state), row.opened_at, row.due)
    return Pin(*told, (row.lat, row.lon) if exact else None)
