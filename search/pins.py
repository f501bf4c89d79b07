"""Incidents as points of a map: what a pin needs and no more, so that thousands cost little."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa

from crawler.model.city import City, Severity
from crawler.model.items import PlacePrecision
from search.geo import Point
from search.queue_terms import is_aside
from search.state.tables import incidents
from search.state.tables.work import IS_EXACT
from search.states import OPEN, State

EXACT = (PlacePrecision.HOUSE, PlacePrecision.INTERSECTION, PlacePrecision.LANDMARK)
"""What makes a point one where somebody can go; a street or a district is none."""
_MOST_PLACES = 1 << 16
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
    point: Point | None


def pins(connection: sa.Connection, city: City, wanted: Wanted, limit: int) -> list[Pin]:
    """The most urgent of them: what is due next first, then by severity and number."""
    table = incidents.c
    due = sa.case((table.state == State.NEW.value, table.due_first), else_=table.due_resolved)
    rank = sa.case({severity.value: severity.rank for severity in Severity}, value=table.severity)
    columns: list[Any] = [table.number, table.title, table.topic, table.severity, table.state, table.opened_at]
    columns += [due.label("due"), kept_place().label("kept")]
    query = (
        sa.select(*columns)
        .where(*_matching(city, wanted))
        .order_by(due.is_(None), due, rank, table.number)
        .limit(limit)
    )
    return [_pin(row) for row in connection.execute(query)]


def count_pins(connection: sa.Connection, city: City, wanted: Wanted) -> tuple[int, int]:
    """How many there are, and how many of them have an exact place."""
    query = sa.select(sa.func.count()).select_from(incidents).where(*_matching(city, wanted))
    return connection.scalar(query) or 0, connection.scalar(query.where(sa.text(IS_EXACT))) or 0


def kept_place() -> sa.ColumnElement[Any]:
    """The JSON of an incident's place as bytes, for `exact_point`: SQLite takes a place apart again for each thing
    that is asked of it, and to make letters of it takes as long as to read all else of an incident.
    """
    return sa.type_coerce(sa.cast(incidents.c.place, sa.LargeBinary), sa.types.NULLTYPE)


@lru_cache(_MOST_PLACES)
def exact_point(kept: bytes | None) -> Point | None:
    """Where a place is (lat, lon), None where it is not known or is none where somebody can go."""
    place: dict[str, Any] = (orjson.loads(kept) if kept else None) or {}
    lat, lon = place.get("lat"), place.get("lon")
    return (lat, lon) if place.get("precision") in EXACT and lat is not None and lon is not None else None


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
    told = (row.number, row.title, row.topic, Severity(row.severity), State(row.state), row.opened_at, row.due)
    return Pin(*told, exact_point(row.kept))
