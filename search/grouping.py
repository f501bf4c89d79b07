"""Which incident a new report belongs to: one that is open, of the same topic group and place, and within its window.

What a batch does is gathered in memory and written by `flush` in a few statements, inside the batch's transaction.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Deliver, Policy, Route, Severity
from crawler.model.ports import Keys
from search import events
from search.deadlines import calendar_of, choose_policy, choose_route, due
from search.events import Event
from search.state.tables import incidents, reports
from search.states import OPEN, State, hand_over, moved
from search.titles import district_of, place_content, title_of
from search.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new report on its way into an incident: who said it where and when, and what it wants."""

    key: str
    wanted: Wanted
    post: str
    version: int
    thread: str
    author: str
    channels: tuple[str, str]
    published_at: datetime

    @property
    def group_key(self) -> str:
        """Reports with the same one may be one incident; one with a place looks at the window too."""
        wanted = self.wanted
        if wanted.personal:
            return _key("report", self.key)
        if wanted.groups_by_place:
            return _key("place", wanted.group, wanted.place_key)
        # Nobody knows whether two unknown authors are one person.
        return _key("thread", wanted.group, self.thread or self.post, self.author or f"post {self.post}")


def is_personal(group_key: str) -> bool:
    """Whether an incident of that group key is a personal matter, never put together with another."""
    return group_key.startswith('["report"')


def is_by_place(group_key: str) -> bool:
    """Whether an incident of that group key takes reports of anybody on the same topic group and place."""
    return group_key.startswith('["place"')


def _key(*parts: str) -> str:
    return json.dumps(parts, ensure_ascii=False)


@dataclass(slots=True)
class Case:
    """An incident as a batch sees it: what is stored, and what the batch changes."""

    number: int
    state: State
    topic: str
    severity: Severity
    first_at: datetime
    last_at: datetime
    id: int = 0
    opening: dict[str, Any] = field(default_factory=dict)
    route: Route | None = None
    joined: bool = False
    worse: bool = False


class Grouping:
    """Puts the new reports of one batch into incidents."""

    def __init__(self, connection: sa.Connection, city: City, keys: Keys, at: datetime) -> None:
        self.connection = connection
        self.city = city
        self.keys = keys
        self.at = at
        self.opened = 0
        self._cases: dict[str, list[Case]] = {}
        self._entries: list[tuple[Arrival, Case, Policy | None]] = []
        self._number = 0

    def join(self, arrivals: Sequence[Arrival]) -> None:
        """Put each report into the incident it belongs to, or open one. Nothing is written before `flush`."""
        self._load({arrival.group_key for arrival in arrivals})
        for arrival in arrivals:
            policy = self._policy(arrival)
            cases = self._cases.setdefault(arrival.group_key, [])
            case = self._fitting(cases, arrival) or self._open(cases, arrival, policy)
            case.first_at = min(case.first_at, arrival.published_at)
            case.last_at = max(case.last_at, arrival.published_at)
            if arrival.wanted.severity.rank < case.severity.rank:
                case.severity = arrival.wanted.severity
                case.worse = True
            self._entries.append((arrival, case, policy))

    def flush(self) -> None:
        """Write incidents, reports, deliveries and events."""
        cases = {case.number: case for _, case, _ in self._entries}
        new = [case for case in cases.values() if case.opening]
        self._insert(new)
        if self._entries:
            self.connection.execute(reports.insert(), [self._report(*entry) for entry in self._entries])
        self._grow([case for case in cases.values() if case.joined])
        events.write(self.connection, self.keys, self.city.key, list(self._events()))
        for case in new:
            if case.route and case.route.deliver is Deliver.AT_ONCE:
                hand_over(self.connection, self.city, case.id, case.route, self.at)

    def _load(self, group_keys: Collection[str]) -> None:
        """The incidents of these group keys, with the earliest and latest publication among their reports."""
        if not group_keys:
            return
        table, first = incidents.c, sa.func.min(reports.c.published_at).label("first_at")
        query = (
            sa.select(incidents, first)
            .join(reports, reports.c.incident == table.id, isouter=True)
            .where(table.city == self.city.key, table.group_key.in_(group_keys))
            .group_by(table.id)
            .order_by(table.id)
        )
        for row in self.connection.execute(query):
            case = Case(
                number=row.number,
                state=State(row.state),
                topic=row.topic,
                severity=Severity(row.severity),
                first_at=row.first_at or row.last_report_at,
                last_at=row.last_report_at,
                id=row.id,
            )
            self._cases.setdefault(row.group_key, []).append(case)
        last = sa.select(sa.func.max(table.number)).where(table.city == self.city.key)
        self._number = self.connection.scalar(last) or 0

    def _fitting(self, cases: Sequence[Case], arrival: Arrival) -> Case | None:
        """The open incident whose window takes the report, the nearest in time of several."""
        by_place = arrival.wanted.groups_by_place
        fitting = [
            case
            for case in cases
            if case.state in OPEN and (not by_place or _distance(case, arrival) <= self._window(case, arrival))
        ]
        found = min(fitting, key=lambda case: (_distance(case, arrival), case.number), default=None)
        if found:
            found.joined = found.joined or not found.opening
        return found

    def _window(self, case: Case, arrival: Arrival) -> timedelta:
        """The longest window of the report's searches and of the incident's topic: the same whichever came first."""
        own = [search.window for search in self.city.searches if search.topic == case.topic and not search.personal]
        return max([arrival.wanted.window, *own])

    def _open(self, cases: list[Case], arrival: Arrival, policy: Policy | None) -> Case:
        wanted, search = arrival.wanted, arrival.wanted.first
        self._number += 1
        closed = [case for case in cases if case.state is State.CLOSED]
        route = self._route(wanted)
        case = Case(self._number, State.NEW, search.topic, wanted.severity, arrival.published_at, arrival.published_at)
        case.route = route
        case.opening = {
            "city": self.city.key,
            "number": case.number,
            "title": title_of(search.topic, wanted.place, self.city.home),
            "place": place_content(wanted.place),
            "group_key": arrival.group_key,
            "topic": search.topic,
            "state": State.NEW.value,
            "executor": route.executor if route else "",
            "route": route.key if route else "",
            "policy": policy.key if policy else "",
            "due_first": self._due(policy, policy.first_reaction) if policy else None,
            "due_resolved": self._due(policy, policy.resolution) if policy else None,
            "repeat_of": closed[-1].id if closed else None,
            "merged_into": None,
            "risk": False,
            "opened_at": self.at,
            "sequence": 1,
        }
        cases.append(case)
        self.opened += 1
        return case

    def _route(self, wanted: Wanted) -> Route | None:
        search = wanted.first
        named = next((route for route in self.city.routes if route.key == search.route), None)
        district = district_of(wanted.place)
        return named or choose_route(self.city.routes, search.topic, wanted.group, district)

    def _policy(self, arrival: Arrival) -> Policy | None:
        search = arrival.wanted.first
        named = next((policy for policy in self.city.policies if policy.key == search.policy), None)
        return named or choose_policy(self.city.policies, arrival.channels, arrival.wanted.severity)

    def _due(self, policy: Policy, span: timedelta) -> datetime:
        return due(self.at, span, calendar_of(policy, self.city.calendars), self.city.zone)

    def _insert(self, new: Sequence[Case]) -> None:
        if not new:
            return
        rows = [case.opening | {"severity": case.severity.value, "last_report_at": case.last_at} for case in new]
        self.connection.execute(incidents.insert(), rows)
        by_number = {case.number: case for case in new}
        here = sa.and_(incidents.c.city == self.city.key, incidents.c.number.in_(by_number))
        for row in self.connection.execute(sa.select(incidents.c.id, incidents.c.number).where(here)):
            by_number[row.number].id = row.id

    def _grow(self, joined: Sequence[Case]) -> None:
        for case in joined:
            values = {"severity": case.severity.value, "last_report_at": case.last_at}
            self.connection.execute(incidents.update().where(incidents.c.id == case.id).values(**values))
        moved(self.connection, self.city.key, [case.id for case in joined], self.at)

    def _report(self, arrival: Arrival, case: Case, policy: Policy | None) -> dict[str, Any]:
        return {
            "city": self.city.key,
            "key": arrival.key,
            "incident": case.id,
            "post": arrival.post,
            "version": arrival.version,
            "topic_group": arrival.wanted.group,
            "place_key": arrival.wanted.place_key,
            "reasons": arrival.wanted.reasons(),
            "fits": True,
            "published_at": arrival.published_at,
            "due_first": self._due(policy, policy.first_reaction) if policy else None,
            "answered_at": None,
            "answer": "",
            "state": "waiting",
            "at": self.at,
        }

    def _events(self) -> list[Event]:
        told: set[int] = set()
        happened = []
        for arrival, case, _ in self._entries:
            opens = bool(case.opening) and case.number not in told
            told.add(case.number)
            what = "opened" if opens else "report added"
            happened.append(Event(self.at, events.OTKLIK, what, case.id, (arrival.post,)))
        worse = {case.number: case for _, case, _ in self._entries if case.worse and not case.opening}
        return happened + [
            Event(self.at, events.OTKLIK, f"severity {case.severity.value}", case.id) for case in worse.values()
        ]


def _distance(case: Case, arrival: Arrival) -> timedelta:
    """How far a publication lies outside the stretch of an incident's reports; zero inside."""
    return max(arrival.published_at - case.last_at, case.first_at - arrival.published_at, timedelta(0))
