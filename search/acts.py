"""Acts: what people do with incidents, each with all that it changed, so that it can be undone and said beforehand.

A `Draft` writes every change at once and remembers what stood there. Rows of acts hold ids and values: no words of
residents and no addresses that they named, so that an erasure finds nothing in them. A place that a person chose is an
entry of the gazetteer, and goes when the last report of its incident is erased.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.errors import ByOtherError, OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from search import events
from search.events import Event
from search.state.chunks import chunks
from search.state.tables import act_incidents, acts, deliveries, incidents, reports
from search.states import OPEN

DERIVED = ("severity", "due_first", "due_resolved", "last_report_at", "repeat_of")
"""What follows from the reports of an incident."""


class Kind(StrEnum):
    """What a person did."""

    STATE = "state"
    TAKE = "take"
    GIVE_BACK = "give_back"
    EXECUTOR = "executor"
    SEVERITY = "severity"
    NOTE = "note"
    REMOVE_NOTE = "remove_note"
    JOIN = "join"
    SPLIT = "split"
    MOVE = "move"
    PLACE = "place"
    TOPIC = "topic"
    REGISTER = "register"
    SNOOZE = "snooze"
    WAKE = "wake"
    UNDO = "undo"


QUIET = frozenset({Kind.TAKE, Kind.GIVE_BACK, Kind.SNOOZE, Kind.WAKE, Kind.NOTE, Kind.REMOVE_NOTE})
"""What no ticket hears of."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand changes incidents of which city, and when. One act is one transaction of the caller's connection."""

    connection: sa.Connection
    city: City
    keys: Keys
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Act:
    """An act as people see it: `detail` is its value (a state, an executor, numbers), `undone` whether it is undone."""

    id: int
    at: datetime
    who: str
    kind: Kind
    detail: str
    undone: bool


class Draft:
    """An act under way. Its changes are written at once, `finish` adds the act itself and its events."""

    def __init__(self, hand: Hand, kind: Kind, detail: str = "") -> None:
        self.hand = hand
        self.kind = kind
        self.detail = detail
        self.cells: dict[int, dict[str, list[Any]]] = {}
        self.more: dict[str, Any] = {}
        self._moved: list[list[Any]] = []
        self._acted: dict[int, int | None] = {}
        self._members: dict[int, str] = {}
        self._tickets: set[int] = set()

    def touch(self, row: sa.Row[Any], *, aside: bool = False) -> None:
        """An incident belongs to the act, as it was seen. One `aside` of the work, a note, stands in nobody's way."""
        connection = self.hand.connection
        self._acted[row.id] = None if aside else row.last_act
        self._members[row.id] = members_of(connection, row.id)
        self._tickets |= set(connection.scalars(_tickets_of(self.hand.city, [row.id])))

    def set(self, incident: int, **values: Any) -> None:
        """Change columns of an incident."""
        connection, table = self.hand.connection, incidents.c
        columns = [table[name] for name in values]
        before = connection.execute(sa.select(*columns).where(table.id == incident)).one()._mapping  # noqa: SLF001
        cells = self.cells.setdefault(incident, {})
        for name, value in values.items():
            if before[name] != value:
                cells.setdefault(name, [packed(before[name]), None])[1] = packed(value)
        connection.execute(incidents.update().where(table.id == incident).values(**values))

    def put(self, incident: int, **values: Any) -> None:
        """Change columns that hold places and names made of them: the act keeps none of these."""
        self.hand.connection.execute(incidents.update().where(incidents.c.id == incident).values(**values))

    def decide(self, row: sa.Row[Any], what: str) -> None:
        """From now on Otklik leaves that alone."""
        if what not in row.by_hand:
            self.set(row.id, by_hand=sorted({*row.by_hand, what}))

    def carry(self, rows: Iterable[sa.Row[Any]], to: int, *, placed: bool) -> None:
        """Move reports into an incident."""
        moved = [[row.id, row.incident, to, row.placed] for row in rows]
        self._moved += moved
        values: dict[str, Any] = {"incident": to} | ({"placed": True} if placed else {})
        here = reports.c.id.in_([one[0] for one in moved])
        self.hand.connection.execute(reports.update().where(here).values(**values))

    def finish(self, happened: Sequence[Event]) -> int:
        """Write the act and its events; its number. OtklikError when another act came in between."""
        hand, connection = self.hand, self.hand.connection
        ids = list(self._acted)
        made = set(connection.scalars(_tickets_of(hand.city, ids))) - self._tickets
        changes = self.more | {
            "cells": {str(incident): cells for incident, cells in self.cells.items() if cells},
            "reports": self._moved,
            "members": {str(incident): digest for incident, digest in self._members.items()},
            "made": sorted(made),
        }
        values = {"city": hand.city.key, "at": hand.at, "who": hand.by, "kind": self.kind.value, "detail": self.detail}
        inserted = connection.execute(acts.insert().values(**values, changes=changes, undone_by=None))
        act = int((inserted.inserted_primary_key or (0,))[0])
        for incident, seen in self._acted.items():
            if seen is None:
                continue
            here = sa.and_(incidents.c.id == incident, incidents.c.last_act == seen)
            if connection.execute(incidents.update().where(here).values(last_act=act)).rowcount != 1:
                number = connection.scalar(sa.select(incidents.c.number).where(incidents.c.id == incident))
                raise changed_meanwhile(hand, number or 0, incident, seen)
        links = [{"incident": incident, "act": act} for incident in ids]
        connection.execute(act_incidents.insert(), links)
        events.write(connection, hand.keys, hand.city.key, happened)
        return act

    def event(self, what: str, incident: int, *subjects: str, reason: str = "") -> Event:
        """One thing that the act did."""
        return Event(self.hand.at, self.hand.by, what, incident, subjects, reason.strip())


def row_of(hand: Hand, number: int, seen: int | None = None) -> sa.Row[Any]:
    """The incident of that number. OtklikError when there is none, or when people have changed it since the act that
    the caller saw as its last (`Incident.last_act`).
    """
    here = sa.and_(incidents.c.city == hand.city.key, incidents.c.number == number)
    row = hand.connection.execute(sa.select(incidents).where(here)).first()
    if row is None:
        raise unknown(number)
    if seen is not None and seen != row.last_act:
        raise changed_meanwhile(hand, number, row.id, seen)
    return row


def acts_of(connection: sa.Connection, incident: int) -> tuple[Act, ...]:
    """The acts that an incident was part of, earliest first."""
    return tuple(act_of(row) for row in connection.execute(_acts(incident)))


def incidents_of_acts(
    connection: sa.Connection, city: str, ids: Collection[int], kind: Kind | None = None, detail: str | None = None
) -> list[tuple[int, int]]:
    """The numbers of the incidents that those of these acts changed that are of that kind and value (None: any), each
    with the act, lowest first.
    """
    joined = acts.join(act_incidents, act_incidents.c.act == acts.c.id)
    joined = joined.join(incidents, incidents.c.id == act_incidents.c.incident)
    query = (
        sa.select(incidents.c.number, acts.c.id)
        .select_from(joined)
        .where(acts.c.city == city, acts.c.id.in_(ids))
        .where(*([acts.c.kind == kind.value] if kind else []), *([acts.c.detail == detail] if detail else []))
    )
    return [(number, act) for number, act in connection.execute(query.order_by(incidents.c.number))]


def act_of(row: sa.Row[Any]) -> Act:
    """The act of a row."""
    return Act(row.id, row.at, row.who, Kind(row.kind), row.detail, row.undone_by is not None)


def later_act(connection: sa.Connection, incident: int, after: int, aside: Collection[Kind] = ()) -> Act | None:
    """The first act on an incident after another that still stands, but for those kinds. A report that was registered
    is none on it.
    """
    kinds = [kind.value for kind in (Kind.UNDO, Kind.REGISTER, *aside)]
    query = _acts(incident).where(acts.c.id > after, acts.c.undone_by.is_(None), acts.c.kind.not_in(kinds))
    row = connection.execute(query.limit(1)).first()
    return act_of(row) if row else None


def passed_through(connection: sa.Connection, rows: Mapping[int, str], where: Collection[int]) -> dict[int, set[str]]:
    """Every incident that reports stood in before people moved them to where they stand now (`where`), each with the
    posts of these; `rows` has the posts of the reports by their ids.
    """
    found: dict[int, set[str]] = {}
    seen: set[int] = set()
    level = set(where)
    while level:
        seen |= level
        joined = act_incidents.join(acts, acts.c.id == act_incidents.c.act)
        query = sa.select(acts.c.changes).select_from(joined).where(act_incidents.c.incident.in_(level))
        for changes in connection.scalars(query):
            for number, source, to, _ in changes["reports"]:
                if number in rows:
                    found.setdefault(source, set()).add(rows[number])
                    found.setdefault(to, set()).add(rows[number])
        level = found.keys() - seen
    return found


def forget_places(connection: sa.Connection, incident: int) -> None:
    """Take out of the acts on an incident where people said that it was."""
    mine = sa.select(act_incidents.c.act).where(act_incidents.c.incident == incident)
    for row in connection.execute(sa.select(acts).where(acts.c.id.in_(mine), acts.c.kind == Kind.PLACE.value)).all():
        bare = {"detail": "—", "changes": row.changes | {"place": [None, None]}}
        connection.execute(acts.update().where(acts.c.id == row.id).values(**bare))


def forget_acts(connection: sa.Connection, city: str, before: datetime) -> None:
    """Remove the acts of that time whose incidents are all over."""
    joined = act_incidents.join(incidents, incidents.c.id == act_incidents.c.incident)
    opened = incidents.c.state.in_([state.value for state in OPEN])
    running = sa.select(act_incidents.c.act).select_from(joined).where(opened)
    old = sa.select(acts.c.id).where(acts.c.city == city, acts.c.at < before, acts.c.id.not_in(running))
    ids = list(connection.scalars(old))
    for some in chunks(ids):
        connection.execute(sa.delete(acts).where(acts.c.id.in_(some)))
        connection.execute(sa.delete(act_incidents).where(act_incidents.c.act.in_(some)))


def members_of(connection: sa.Connection, incident: int) -> str:
    """A digest of all that an incident takes from its reports."""
    columns = [reports.c[name] for name in ("id", "version", "fits", "due_first", "due_resolved", "reasons")]
    query = sa.select(*columns).where(reports.c.incident == incident).order_by(reports.c.id)
    told = [[packed(value) for value in row] for row in connection.execute(query)]
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()


def packed(value: Any) -> Any:
    """A value of a column as an act keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def unpacked(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Values that an act kept, as columns take them."""
    times = {"due_first", "due_resolved", "last_report_at", "snoozed_until"}
    return {name: datetime.fromisoformat(value) if name in times and value else value for name, value in cells.items()}


def _acts(incident: int) -> sa.Select[Any]:
    joined = act_incidents.join(acts, acts.c.id == act_incidents.c.act)
    return sa.select(acts).select_from(joined).where(act_incidents.c.incident == incident).order_by(acts.c.id)


def _tickets_of(city: City, ids: Sequence[int]) -> sa.Select[Any]:
    # The city leads the index.
    return sa.select(deliveries.c.id).where(deliveries.c.city == city.key, deliveries.c.incident.in_(ids))


def unknown(number: int) -> OtklikError:
    """There is no such incident."""
    return OtklikError(
        Text("Инцидента № {number} в этом городе нет.", "There is no incident {number} in this city.").filled(
            number=number
        ),
        Text("Номера показывает «otklik incidents ГОРОД».", "«otklik incidents CITY» shows the numbers."),
    )


class ChangedError(ByOtherError):
    """People have changed an incident since its reader looked at it: by the acts `since`, earliest first."""

    def __init__(self, text: Text, who: str, since: tuple[Act, ...]) -> None:
        super().__init__(text, who)
        self.since = since


def changed_meanwhile(hand: Hand, number: int, incident: int, seen: int) -> OtklikError:
    """Somebody was quicker: who, and what they did after the act that was seen as the last."""
    since = tuple(one for one in acts_of(hand.connection, incident) if one.id > seen)
    text = Text(
        "Инцидент № {number} только что изменил(а) {{who}}: ничего не записано. Посмотрите его снова.",
        "{{who}} has just changed incident {number}: nothing was written. Look at it again.",
    ).filled(number=number)
    if not since:
        return OtklikError(text.filled(who=Text("кто-то другой", "Somebody else")))
    return ChangedError(text, since[-1].who, since)
