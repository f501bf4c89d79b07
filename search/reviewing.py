"""What an edit or a new reading means to the reports that a post has: updated, no longer fitting, fitting again, or
speaking up anew.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Deliver, Severity
from crawler.model.ports import Keys
from search import events
from search.arrivals import Arrival, Terms, earliest, face_of, is_personal, terms_of
from search.corrected import Said, said_of
from search.document import Document
from search.events import Event
from search.state.tables import incidents, reports
from search.states import OPEN, Decided, State, hand_over, is_weighed, moved
from search.wanted import HAND, TAKEN_BACK, report_key
from search.withdrawing import rerouted

# What a known report's row says of its incident, each as `incident_NAME`.
OF_INCIDENT = (
    *("state", "group_key", "severity", "route", "due_first", "due_resolved", "by_hand", "executor", "topic", "place"),
)


def _is_worse(row: sa.Row[Any], arrival: Arrival, by_hand: frozenset[str]) -> bool:
    """Whether a report may raise what a person said of its incident: only when it became worse than it was itself."""
    before = min((Severity(reason["severity"]).rank for reason in row.reasons), default=len(Severity))
    return not is_weighed(by_hand) or arrival.wanted.severity.rank < before


def is_newly_said(row: sa.Row[Any], arrival: Arrival) -> bool:
    """Whether a person registers a report now that only searches had made."""
    before = {reason["search"] for reason in row.reasons}
    return HAND not in before and any(one.search.id == HAND for one in arrival.wanted.found)


def _said(row: sa.Row[Any]) -> Said | None:
    """What people said of the incident that a known report is in."""
    return said_of(row.incident_by_hand, row.incident_topic, row.incident_place)


def _followed(new: Sequence[Arrival], gone: Sequence[sa.Row[Any]]) -> list[Arrival]:
    """New reports of a post. One that only another topic or place tells from a report that the post no longer makes
    goes where that is, if a person said what its topic or place are.
    """
    left = [row for row in gone if row.fits and State(row.incident_state) in OPEN and _said(row)]
    followed = []
    for arrival in new:
        row = next((row for row in left if _is_what_was(row, arrival)), None)
        if row is not None:
            left.remove(row)
            followed.append(replace(arrival, placed=row.incident_group_key, incident=row.incident, said=_said(row)))
        else:
            followed.append(arrival)
    return followed


def _is_what_was(row: sa.Row[Any], arrival: Arrival) -> bool:
    said, wanted = _said(row), arrival.wanted
    assert said is not None
    same_topic, same_place = wanted.group == row.topic_group, wanted.place_key == row.place_key
    return (said.of_topic or same_topic) and (said.of_place or same_place)


class Review:
    """Compares what posts say now with the reports they have; `flush` writes what changed."""

    def __init__(self, connection: sa.Connection, city: City, keys: Keys, at: datetime) -> None:
        self.connection = connection
        self.city = city
        self.keys = keys
        self.at = at
        self.withdrawn = 0
        self._changes: list[tuple[int, dict[str, Any]]] = []
        self._events: list[Event] = []
        self._incidents: set[int] = set()
        self._asking: defaultdict[int, list[tuple[sa.Row[Any], Arrival, Terms]]] = defaultdict(list)

    def compare(
        self, document: Document, known: Mapping[str, Sequence[sa.Row[Any]]], arrivals: Mapping[str, Arrival]
    ) -> list[Arrival]:
        """Note what changes in the known reports of a post (their turns by key); the reports that it does not have
        yet, a further turn of one among them.
        """
        unknown = [arrival for key, arrival in arrivals.items() if key not in known]
        new = _followed(unknown, [turns[-1] for key, turns in known.items() if key not in arrivals])
        for key, turns in known.items():
            row = turns[-1]
            if key not in arrivals:
                if row.fits:
                    self._no_longer(row, "report no longer fits")
                    self.withdrawn += 1
                continue
            if (
                row.state == TAKEN_BACK
                and row.version == arrivals[key].version
                and not is_newly_said(row, arrivals[key])
            ):
                continue
            said = _said(row)
            arrival = replace(arrivals[key], said=said)
            turn = report_key(document.id, arrival.wanted, len(turns) + 1)
            speaks = document.version > row.version or not row.fits or is_newly_said(row, arrival)
            if State(row.incident_state) not in OPEN and speaks and not arrival.wanted.alarm:
                # What is over stays as it was. The post speaks now: a window is counted from here.
                placed = row.incident_group_key if row.placed or said else ""
                new.append(replace(arrival, key=turn, published_at=document.seen_at, placed=placed))
            elif arrival.wanted.personal and not is_personal(row.incident_group_key) and not (said and said.of_topic):
                self._no_longer(row, "report became personal")
                new.append(replace(arrival, key=turn))
            else:
                self._still(row, arrival)
        return new

    def flush(self) -> None:
        """Write the changed reports, what they mean to their incidents, and the events."""
        for number, values in self._changes:
            self.connection.execute(reports.update().where(reports.c.id == number).values(**values))
        for incident, asking in self._asking.items():
            self._heed(incident, asking)
        self._weigh()
        moved(self.connection, self.city.key, sorted(self._incidents), self.at)
        events.write(self.connection, self.keys, self.city.key, self._events)

    def _still(self, row: sa.Row[Any], arrival: Arrival) -> None:
        reasons = arrival.wanted.reasons()
        if row.fits and row.version == arrival.version and row.reasons == reasons:
            return
        values = {"version": arrival.version, "reasons": reasons, "fits": True}
        if State(row.incident_state) in OPEN and not (row.fits and row.reasons == reasons):
            terms = terms_of(self.city, arrival, self.at)
            self._asking[row.incident].append((row, arrival, terms))
            values["due_first"] = earliest((row.due_first, terms.due_first))
            values["due_resolved"] = earliest((row.due_resolved, terms.due_resolved))
        self._change(row, **values, state="waiting" if row.state in ("withdrawn", TAKEN_BACK) else row.state)
        if not row.fits:
            self._tell("report fits again", row.incident, row.post)

    def _no_longer(self, row: sa.Row[Any], what: str) -> None:
        # What was answered stays answered; nobody waits for an answer to the rest.
        self._change(row, fits=False, state="withdrawn" if row.state == "waiting" else row.state)
        self._tell(what, row.incident, row.post)

    def _change(self, row: sa.Row[Any], **values: object) -> None:
        self._changes.append((row.id, values))
        self._incidents.add(row.incident)

    def _tell(self, what: str, incident: int, *subjects: str) -> None:
        self._events.append(Event(self.at, events.OTKLIK, what, incident, subjects))

    def _heed(self, incident: int, asking: Sequence[tuple[sa.Row[Any], Arrival, Terms]]) -> None:
        """Let an open incident follow what its changed reports ask for, as if they came now: who answers, by when, and
        whether it is handed over at once.
        """
        row, worst, terms = min(asking, key=lambda one: (one[1].wanted.severity.rank, one[1].published_at, one[1].key))
        by_hand = frozenset(row.incident_by_hand)
        values: dict[str, Any] = {
            name: earliest([getattr(row, f"incident_{name}"), *(getattr(one, name) for _, _, one in asking)])
            for name in ("due_first", "due_resolved")
        }
        routes = [one.route for _, _, one in asking if one.route and one.route.deliver is Deliver.AT_ONCE]
        if worst.wanted.severity.rank < Severity(row.incident_severity).rank and _is_worse(row, worst, by_hand):
            face = face_of(self.city, worst, terms)
            if not is_weighed(by_hand):
                del face["severity"]  # weighed with those of the other reports
            if Decided.EXECUTOR in by_hand:
                face |= {"executor": row.incident_executor, "route": row.incident_route}
            values |= face
            if face["route"] != row.incident_route:
                self._tell(f"route {face['route'] or '—'}", incident)
            if terms.route and row.incident_state != State.NEW:
                routes.append(terms.route)  # confirmed already, and now it is another's
            if row.incident_state != State.NEW:
                old, new = row.incident_route, face["route"]
                self._events += rerouted(self.connection, self.city, incident, old, new, self.at)
        self.connection.execute(incidents.update().where(incidents.c.id == incident).values(**values))
        for route in routes if Decided.EXECUTOR not in by_hand else ():
            hand_over(self.connection, self.city, incident, route, self.at)

    def _weigh(self) -> None:
        """An incident is as severe as the worst report that fits; without any, or where a person said how bad it is, it
        keeps what it had.
        """
        severities: defaultdict[int, set[Severity]] = defaultdict(set)
        here = sa.and_(reports.c.incident.in_(self._incidents), reports.c.fits)
        for row in self.connection.execute(sa.select(reports.c.incident, reports.c.reasons).where(here)):
            severities[row.incident] |= {Severity(reason["severity"]) for reason in row.reasons}
        columns = (incidents.c[name] for name in ("id", "severity", "by_hand"))
        known = sa.select(*columns).where(incidents.c.id.in_(severities))
        for row in self.connection.execute(known).all():
            if is_weighed(row.by_hand):
                continue
            worst = min(severities[row.id], key=lambda severity: severity.rank)
            if worst.value != row.severity:
                self.connection.execute(incidents.update().where(incidents.c.id == row.id).values(severity=worst.value))
                self._tell(f"severity {worst.value}", row.id)
