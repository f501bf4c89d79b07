"""Incidents as a batch sees them: what is stored, what the batch changes, and which report each is named after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Deliver, Route, Severity
from search.arrivals import Arrival, Terms, earliest, face_of
from search.corrected import Said, said_of
from search.state.tables import deliveries, incidents, reports
from search.states import OPEN, Decided, State

_NEVER = (datetime.max.replace(tzinfo=UTC), "")


@dataclass(slots=True, eq=False)
class Case:
    """An incident and what a batch does to it. `id` and `number` are 0 until it is stored, `face` is what arrivals'
    face_of gives, `lead` the publication and key of the report it is named after (None: ask the state), `by_hand` what
    people decided of it, "taken" when somebody works on it; `understood` what Otklik itself makes of one that is opened
    with what people had said.
    """

    state: State
    face: dict[str, Any]
    first_at: datetime
    last_at: datetime
    due_first: datetime | None
    due_resolved: datetime | None
    repeat_of: int | None
    group_key: str
    id: int = 0
    number: int = 0
    lead: tuple[datetime, str] | None = None
    by_hand: frozenset[str] = frozenset()
    understood: dict[str, Any] | None = None
    before: dict[str, Any] = field(default_factory=dict)
    entries: list[tuple[Arrival, Terms]] = field(default_factory=list)
    merged: list["Case"] = field(default_factory=list)
    hand_to: dict[str, Route] = field(default_factory=dict)

    @classmethod
    def stored(cls, row: sa.Row[Any], first_at: datetime | None) -> "Case":
        """The incident of a row."""
        face = {name: getattr(row, name) for name in _FACE}
        return cls(
            state=State(row.state),
            face=face,
            first_at=first_at or row.last_report_at,
            last_at=row.last_report_at,
            due_first=row.due_first,
            due_resolved=row.due_resolved,
            repeat_of=row.repeat_of,
            group_key=row.group_key,
            id=row.id,
            number=row.number,
            by_hand=frozenset([*row.by_hand, *(["taken"] if row.assignee else [])]),
            before=face,
        )

    @property
    def rank(self) -> int:
        """Its severity's rank, 0 for the worst."""
        return Severity(self.face["severity"]).rank

    @property
    def said(self) -> Said | None:
        """What people said of its topic and place."""
        return said_of(self.by_hand, self.face["topic"], self.face["place"])

    @property
    def worked_on(self) -> bool:
        """Whether people have begun with it: it goes into no other by itself and keeps its name."""
        return self.state is not State.NEW or bool(self.by_hand)

    def distance(self, arrival: Arrival) -> timedelta:
        """How far a publication lies outside the stretch of the incident's reports; zero inside."""
        return max(arrival.published_at - self.last_at, self.first_at - arrival.published_at, timedelta(0))

    def overlaps(self, alarm: tuple[datetime, datetime]) -> bool:
        """Whether it has reports of the same alarm: it was raised for it."""
        return self.first_at < alarm[1] and alarm[0] <= self.last_at

    def take(self, connection: sa.Connection, city: City, arrival: Arrival, terms: Terms) -> None:
        """Let a report in: its clocks count, its route may hand over, and it may be the one to name the incident. An
        incident that is over only takes in what its alarm still brings.
        """
        if self.state in OPEN:
            self.heed(connection, city, arrival, terms)
        self.first_at, self.last_at = min(self.first_at, arrival.published_at), max(self.last_at, arrival.published_at)
        self.entries.append((arrival, terms))

    def heed(self, connection: sa.Connection, city: City, arrival: Arrival, terms: Terms) -> None:
        """Follow what a report asks for: who answers, by when, and whether it is handed over at once. An executor that
        a person chose stays.
        """
        route = None if Decided.EXECUTOR in self.by_hand else terms.route
        if self._is_led_by(connection, arrival):
            self.face = self._as_decided(city, face_of(city, arrival, terms), placed=True)
            self.lead = (arrival.published_at, arrival.key)
            if route and self.state is not State.NEW:
                self.hand_to[route.destination] = route  # confirmed already, and now it is another's
        if route and route.deliver is Deliver.AT_ONCE:
            self.hand_to[route.destination] = route
        self.due_first = earliest((self.due_first, terms.due_first))
        self.due_resolved = earliest((self.due_resolved, terms.due_resolved))

    def _as_decided(self, city: City, face: dict[str, Any], *, placed: bool = False) -> dict[str, Any]:
        """Another face but for what people decided; `placed` where it follows what they said of topic and place."""
        kept: dict[str, Any] = {}
        if self.said and not placed:
            kept = self.said.named(face, city.home)
        if Decided.EXECUTOR in self.by_hand or (self.said and self.said.of_topic and not placed):
            kept |= {name: self.face[name] for name in ("executor", "route")}
        return face | kept

    def absorb(self, connection: sa.Connection, city: City, other: "Case") -> None:
        """Let an incident that nobody has worked on go into this one."""
        if self._leads(connection, other.rank, other.lead_of(connection)):
            self.face, self.lead = self._as_decided(city, other.face), other.lead
        self.first_at, self.last_at = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        self.due_first = earliest((self.due_first, other.due_first))
        self.due_resolved = earliest((self.due_resolved, other.due_resolved))
        self.repeat_of = self.repeat_of or other.repeat_of
        self.entries += other.entries
        self.hand_to |= other.hand_to
        self.merged += [*other.merged, *([other] if other.id else [])]
        other.entries, other.merged = [], []

    def lead_of(self, connection: sa.Connection) -> tuple[datetime, str]:
        """The publication and key of the report that the incident is named after: the earliest of the worst."""
        if self.lead is None:
            table = reports.c
            worst = table.reasons[0]["severity"].as_string() == self.face["severity"]
            query = sa.select(table.published_at, table.key).where(table.incident == self.id, table.fits, worst)
            first = connection.execute(query.order_by(table.published_at, table.key).limit(1)).first()
            self.lead = (first.published_at, first.key) if first else _NEVER
        return self.lead

    def _is_led_by(self, connection: sa.Connection, arrival: Arrival) -> bool:
        rank = arrival.wanted.severity.rank
        if rank == self.rank and arrival.published_at > self.last_at:
            return False  # as most come, and without asking the state
        return self._leads(connection, rank, (arrival.published_at, arrival.key))

    def _leads(self, connection: sa.Connection, rank: int, lead: tuple[datetime, str]) -> bool:
        """Whether the incident takes its name from a report: the worst does, and until people work on the incident
        the earliest of equals, so that the order of arrival changes nothing.
        """
        if rank != self.rank or self.worked_on:
            return rank < self.rank
        return lead < self.lead_of(connection)


_FACE = ("title", "place", "topic", "severity", "executor", "route", "policy", "risk")


def merge(connection: sa.Connection, city: str, case: Case) -> None:
    """Write what a case absorbed: the reports move, and the tickets too where it has none at their destination."""
    others = [other.id for other in case.merged]
    connection.execute(reports.update().where(reports.c.incident.in_(others)).values(incident=case.id))
    follow(connection, city, case.id, others)
    gone = {"state": State.MERGED.value, "merged_into": case.id}
    connection.execute(incidents.update().where(incidents.c.id.in_(others)).values(**gone))


def follow(connection: sa.Connection, city: str, into: int, others: Sequence[int]) -> list[tuple[int, int]]:
    """Let the tickets of incidents go where their reports went, unless there is one at their destination; which
    deliveries went, each with the incident that it came from.
    """
    gone = []
    table = deliveries.c
    here = sa.and_(table.city == city, table.incident.in_([into, *others]))
    query = sa.select(table.id, table.incident, table.destination).where(here)
    taken: set[str] = set()
    for row in sorted(connection.execute(query), key=lambda row: (row.incident != into, row.id)):
        if row.incident != into and row.destination not in taken:
            connection.execute(deliveries.update().where(table.id == row.id).values(incident=into))
            gone.append((row.id, row.incident))
        taken.add(row.destination)
    # A ticket that moved knows the sequence of the incident that it came from: it never falls.
    highest = sa.select(sa.func.max(incidents.c.sequence)).where(incidents.c.id.in_([into, *others]))
    sequence = connection.scalar(highest)
    connection.execute(incidents.update().where(incidents.c.id == into).values(sequence=sequence))
    return gone
