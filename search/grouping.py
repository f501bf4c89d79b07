"""Which incident a new report belongs to: one that is open, of the same topic group and place, and within its window.

The window is that of the topic group, and reports that lie within it of each other in a chain are one incident. What a
batch does is gathered in memory and written by `flush` in a few statements, inside the batch's transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.ports import Keys
from search import events
from search.arrivals import Arrival, Terms, face_of, terms_of
from search.cases import Case, merge
from search.events import Event
from search.state.bulk import Rows
from search.state.tables import incidents, reports
from search.states import OPEN, State, hand_over, moved
from search.withdrawing import rerouted

_INCIDENTS = Rows(sa.insert(incidents))
_REPORTS = Rows(sa.insert(reports))


class Grouping:
    """Puts the new reports of one batch into incidents."""

    def __init__(self, connection: sa.Connection, city: City, keys: Keys, at: datetime) -> None:
        self.connection = connection
        self.city = city
        self.keys = keys
        self.at = at
        self._cases: dict[str, list[Case]] = {}
        self._by_id: dict[int, Case] = {}
        self._new: list[Case] = []
        self._windows: dict[str, timedelta] = {}
        self._number = 0
        self._silent: list[Case] = []

    @property
    def opened(self) -> int:
        """How many incidents the batch opens."""
        return len(self._new)

    def join(self, arrivals: Sequence[Arrival]) -> None:
        """Put each report into the incident it belongs to, or open one. Nothing is written before `flush`."""
        keys = [arrival.group_key for arrival in arrivals]
        self._load(set(keys))
        for key, arrival in zip(keys, arrivals, strict=True):
            cases = self._cases.setdefault(key, [])
            case = self._joined(cases, arrival)
            mine = replace(arrival, said=case.said) if case and case.said else arrival
            terms = terms_of(self.city, mine, self.at)
            case = case or self._open(cases, key, mine, terms)
            case.take(self.connection, self.city, mine, terms)

    def raise_silent(self, arrivals: Sequence[Arrival]) -> None:
        """Put alarms that no post makes into the incidents they have raised, or open one for each."""
        self._load({arrival.group_key for arrival in arrivals})
        for arrival in arrivals:
            cases = self._cases.setdefault(arrival.group_key, [])
            case = self._joined(cases, arrival)
            if case is None:
                terms = terms_of(self.city, arrival, self.at)
                case = self._open(cases, arrival.group_key, arrival, terms)
                case.heed(self.connection, self.city, arrival, terms)
            else:
                self._silent.append(case)
            case.last_at = max(case.last_at, arrival.published_at)

    def flush(self) -> None:
        """Write incidents, reports, deliveries and events."""
        self._insert()
        # One that took in incidents of other group keys stands under each.
        there = dict.fromkeys(case for cases in self._cases.values() for case in cases)
        grown = [case for case in there if case.entries and case.before]
        self._update([*grown, *self._silent])
        changed = [*self._new, *grown]
        rows = [self._report(case, *entry) for case in changed for entry in case.entries]
        _REPORTS.insert_named(self.connection, rows)
        ids = [one.id for case in grown for one in (case, *case.merged)]
        moved(self.connection, self.city.key, ids, self.at)
        for case in changed:
            for route in case.hand_to.values():
                hand_over(self.connection, self.city, case.id, route, self.at)
        happened = [event for case in changed for event in self._events(case)]
        for case in grown:
            if case.before and case.state is not State.NEW:
                routes = case.before["route"], case.face["route"]
                happened += rerouted(self.connection, self.city, case.id, *routes, self.at)
        events.write(self.connection, self.keys, self.city.key, happened)

    def _load(self, group_keys: Collection[str]) -> None:
        """The incidents of these group keys, with the earliest and latest publication among their reports."""
        if not group_keys:
            return
        table = incidents.c
        rows = self._stored(table.group_key.in_(group_keys))
        under: defaultdict[str, set[int]] = defaultdict(set)
        for row in rows:
            under[row.group_key].add(row.id)
        known = {row.id: row for row in rows}
        # What a person put into an incident of another group key is that one's from then on.
        while gone := {row.merged_into for row in known.values() if row.merged_into} - known.keys():
            known |= {row.id: row for row in self._stored(table.id.in_(gone))}
        for row in rows:
            mine = under[row.group_key]
            while row.merged_into and row.merged_into not in mine:
                mine.add(row.merged_into)
                row = known[row.merged_into]  # noqa: PLW2901 - the chain is followed to its end
        for key, ids in under.items():
            self._cases.setdefault(key, []).extend(self._case(known[id_]) for id_ in sorted(ids))
        last = sa.select(sa.func.max(table.number)).where(table.city == self.city.key)
        self._number = self.connection.scalar(last) or 0

    def _stored(self, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[Any]]:
        table, first = incidents.c, sa.func.min(reports.c.published_at).label("first_at")
        query = (
            sa.select(incidents, first)
            .join(reports, reports.c.incident == table.id, isouter=True)
            .where(table.city == self.city.key, which)
            .group_by(table.id)
            .order_by(table.id)
        )
        return self.connection.execute(query).all()

    def _case(self, row: sa.Row[Any]) -> Case:
        return self._by_id.setdefault(row.id, Case.stored(row, row.first_at))

    def _joined(self, cases: list[Case], arrival: Arrival) -> Case | None:
        """The open incident whose window takes the report.

        Where it lies within reach of several, those that nobody has worked on become one with the oldest, or with the
        nearest that people work on; two that people work on stay two.
        """
        chains = arrival.wanted.chains
        window = self._window(arrival)
        near = [case for case in cases if case.state in OPEN and (not chains or case.distance(arrival) <= window)]
        if not near:
            return self._raised(cases, arrival)
        worked_on = [case for case in near if case.worked_on]
        kept = min(worked_on, key=lambda case: case.distance(arrival)) if worked_on else near[0]
        # What people corrected may stand where another does: their reports stay with each.
        kept = next((case for case in near if arrival.incident and case.id == arrival.incident), kept)
        for other in near:
            if other is not kept and not other.worked_on:
                kept.absorb(self.connection, self.city, other)
                cases.remove(other)
                if other in self._new:
                    self._new.remove(other)
        return kept

    def _raised(self, cases: list[Case], arrival: Arrival) -> Case | None:
        """The incident that people are done with and that was raised by the same alarm: it is not raised again."""
        alarm = arrival.wanted.alarm
        over = [case for case in cases if alarm and case.state is not State.MERGED and case.overlaps(alarm)]
        return over[-1] if over else None

    def _window(self, arrival: Arrival) -> timedelta:
        """The longest window of the topic group's searches: the same for all its reports, whichever comes first."""
        if arrival.wanted.alarm:
            return arrival.wanted.window
        group = arrival.wanted.group
        if group not in self._windows:
            own = [one for one in self.city.searches_of(group) if not one.personal]
            self._windows[group] = max((search.window for search in own), default=timedelta(0))
        return max(arrival.wanted.window, self._windows[group])

    def _open(self, cases: list[Case], group_key: str, arrival: Arrival, terms: Terms) -> Case:
        closed = [case for case in cases if case.state is State.CLOSED]
        case = Case(
            state=State.NEW,
            face=face_of(self.city, arrival, terms),
            first_at=arrival.published_at,
            last_at=arrival.published_at,
            due_first=terms.due_first,
            due_resolved=terms.due_resolved,
            repeat_of=closed[-1].id if closed else None,
            group_key=group_key,
            lead=(arrival.published_at, arrival.key),
            by_hand=frozenset(arrival.said.decided if arrival.said else ()),
            understood=self._understood(arrival) if arrival.said else None,
        )
        cases.append(case)
        self._new.append(case)
        return case

    def _understood(self, arrival: Arrival) -> dict[str, Any]:
        """What Otklik itself makes of a report."""
        plain = replace(arrival, said=None, placed="")
        face = face_of(self.city, plain, terms_of(self.city, plain, self.at))
        return {name: face[name] for name in ("title", "place", "topic")} | {"group_key": plain.group_key}

    def _insert(self) -> None:
        if not self._new:
            return
        for number, case in enumerate(self._new, self._number + 1):
            case.number = number
        same: dict[str, Any] = {
            "city": self.city.key,
            "state": State.NEW.value,
            "merged_into": None,
            "opened_at": self.at,
            "sequence": 1,
            "assignee": "",
            "rejected_for": "",
            "last_act": 0,
            "snoozed_until": None,
        }
        rows = [same | _values(case) | case.face | {"number": case.number} | _of_new(case) for case in self._new]
        _INCIDENTS.insert_named(self.connection, rows)
        by_number = {case.number: case for case in self._new}
        here = sa.and_(incidents.c.city == self.city.key, incidents.c.number.in_(by_number))
        for row in self.connection.execute(sa.select(incidents.c.id, incidents.c.number).where(here)):
            by_number[row.number].id = row.id

    def _update(self, grown: Sequence[Case]) -> None:
        """What a batch changes in stored incidents. That a silence goes on is no news for a ticket."""
        if not grown:
            return
        here = incidents.c.id == sa.bindparam("of")
        names = _values(grown[0])
        one_for_all = incidents.update().where(here).values({name: sa.bindparam(f"new_{name}") for name in names})
        rows = [{f"new_{name}": value for name, value in _values(case).items()} | {"of": case.id} for case in grown]
        self.connection.execute(one_for_all, rows)
        for case in grown:
            if case.merged:
                merge(self.connection, self.city.key, case)
            if case.face is not case.before:
                self.connection.execute(incidents.update().where(incidents.c.id == case.id).values(**case.face))

    def _report(self, case: Case, arrival: Arrival, terms: Terms) -> dict[str, Any]:
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
            "due_first": terms.due_first,
            "due_resolved": terms.due_resolved,
            "placed": bool(arrival.placed),
            "answered_at": None,
            "answer": "",
            "state": "waiting",
            "at": self.at,
            "platform": arrival.channels[1],
        }

    def _events(self, case: Case) -> list[Event]:
        """What happened to an incident: opened or grown, others that went into it, worse or another's."""
        happened = [] if case.before or case.entries else [self._event("opened", case)]
        for other in case.merged:
            happened.append(self._event("merged", other, reason=f"→ {case.number}"))
            happened.append(self._event("took in", case, reason=str(other.number)))
        for place, (arrival, _) in enumerate(case.entries):
            opens = not case.before and not place
            happened.append(self._event("opened" if opens else "report added", case, arrival.post))
        changed = [name for name in ("severity", "route") if case.before and case.face[name] != case.before[name]]
        return happened + [self._event(f"{name} {case.face[name] or '—'}", case) for name in changed]

    def _event(self, what: str, case: Case, *subjects: str, reason: str = "") -> Event:
        return Event(self.at, events.OTKLIK, what, case.id, subjects, reason)


def _of_new(case: Case) -> dict[str, Any]:
    return {"group_key": case.group_key, "by_hand": sorted(case.by_hand), "understood": case.understood}


def _values(case: Case) -> dict[str, Any]:
    return {
        "last_report_at": case.last_at,
        "due_first": case.due_first,
        "due_resolved": case.due_resolved,
        "repeat_of": case.repeat_of,
    }
