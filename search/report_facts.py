"""What the incidents of a span are, read once: what the report counts, in columns.

Places are JSON that SQLite would take apart again for every figure; here each different one is taken apart once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from crawler.model.city import City
from search.pins import kept_place
from search.state.bulk import kept_rows
from search.state.tables import deliveries, events, incidents, reports
from search.state.tables.work import IS_DECISION
from search.states import State
from search.taking_back import BY_MISTAKE

DECIDED = frozenset({State.CONFIRMED.value, State.REJECTED.value, State.NOT_OURS.value})
_ADDRESSES = frozenset({"house", "intersection", "landmark"})
_SAME = ("kind", "type", "name", "houses", "settlement", "namesake")
_MOST_PLACES = 1 << 16
Times = Sequence[int | None]
"""Microseconds since 1970: thousands of times made into objects would take longer than all else of a month."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to before another."""

    start: datetime
    end: datetime


class Where(NamedTuple):
    """What the report asks of a place: its district, and what it is the same by ("" where nobody can go there)."""

    district: str
    same: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The incidents of a span, a column each, in the order of their ids. `decided` and `closed` are when people first
    did that, `repeats` and `risks` are 0 or 1, `places` are JSON as it is kept.
    """

    ids: Sequence[int]
    topics: Sequence[str]
    states: Sequence[str]
    executors: Sequence[str]
    repeats: Sequence[int]
    risks: Sequence[int]
    opened: Sequence[int]
    due_first: Times
    due_resolved: Times
    decided: Times
    closed: Times
    places: Sequence[bytes | None]


def facts_of(connection: sa.Connection, city: City, span: Span) -> Facts:
    """The facts of a span. Incidents that went into others are none of its own, nor are those that only a mistake made
    (a report by hand, taken back): nothing had happened, and nobody decided about it.
    """
    table = incidents.c
    columns: list[Any] = [table.id, table.topic, table.state, table.executor, table.repeat_of.is_not(None), table.risk]
    columns += [table.opened_at, table.due_first, table.due_resolved, kept_place()]
    here = (table.city == city.key, table.opened_at >= span.start, table.opened_at < span.end)
    query = sa.select(*columns)
    found = kept_rows(connection, query.where(*here, table.state != State.MERGED.value).order_by(table.id))
    mistakes = _mistakes(connection, [one[0] for one in found])
    rows = [one for one in found if one[0] not in mistakes] if mistakes else found
    ids, topics, states, executors, repeats, risks, opened, due_first, due_resolved, places = (
        zip(*rows, strict=True) if rows else ((),) * 10
    )
    decided, closed = _first(connection, ids)
    return Facts(
        *(ids, topics, states, executors, repeats, risks, opened, due_first, due_resolved),
        decided=[decided.get(one) for one in ids],
        closed=[closed.get(one) for one in ids],
        places=places,
    )


def _mistakes(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    if not ids:
        return set()
    table = events.c
    here = (table.incident.between(ids[0], ids[-1]), sa.text(IS_DECISION), table.what == State.REJECTED.value)
    return set(connection.scalars(sa.select(table.incident).where(*here, table.reason == BY_MISTAKE)))


def _first(connection: sa.Connection, ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """When people first decided about an incident, and when they first closed it."""
    decided: dict[int, int] = {}
    closed: dict[int, int] = {}
    if ids:
        table = events.c
        here = (table.incident.between(ids[0], ids[-1]), sa.text(IS_DECISION))
        query = (
            sa.select(table.incident, table.what, sa.func.min(table.at))
            .where(*here)
            .group_by(table.incident, table.what)
        )
        for incident, what, first in kept_rows(connection, query):
            of = decided if what in DECIDED else closed
            of[incident] = min(first, of.get(incident, first))
    return decided, closed


def handed_of(connection: sa.Connection, city: City, ids: Sequence[int]) -> set[int]:
    """The incidents that have a delivery."""
    if not ids:
        return set()
    here = (deliveries.c.city == city.key, deliveries.c.incident.between(ids[0], ids[-1]))
    return set(connection.scalars(sa.select(deliveries.c.incident).where(*here)))


def reports_of(connection: sa.Connection, city: City, ids: Sequence[int]) -> Sequence[tuple[Any, ...]]:
    """The incident and the platform of each report, "" where that is not known; those of incidents between the ids that
    are none of them too.
    """
    if not ids:
        return ()
    here = (reports.c.incident.between(ids[0], ids[-1]), reports.c.city == city.key)
    return kept_rows(connection, sa.select(reports.c.incident, reports.c.platform).where(*here))


@lru_cache(_MOST_PLACES)
def where_of(place: bytes | None) -> Where:
    """What the report asks of a place as it is kept."""
    known: dict[str, Any] = (orjson.loads(place) if place else None) or {}
    district, kind = known.get("district") or "", known.get("kind")
    if not district and kind == "district":
        district = (known.get("name") or [""])[0] or ""
    same = [known.get(part) for part in _SAME]
    return Where(district, json.dumps(same, ensure_ascii=False) if kind in _ADDRESSES else "")
