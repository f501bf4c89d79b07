"""What an edit or a new reading means to the reports that a post has: updated, no longer fitting, fitting again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Severity
from crawler.model.ports import Keys
from search import events
from search.document import Document
from search.events import Event
from search.state.tables import incidents, reports
from search.states import moved
from search.wanted import Wanted, report_key


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

    def compare(
        self, document: Document, known: Mapping[str, sa.Row[Any]], wanted: Mapping[tuple[str, str], Wanted]
    ) -> Sequence[Wanted]:
        """Note what changes in the known reports of a post; the wanted ones that it does not have yet."""
        by_key = {report_key(document.id, report): report for report in wanted.values()}
        for key, row in known.items():
            if key in by_key:
                self._still(document, row, by_key[key].reasons())
            elif row.fits:
                self._no_longer(row)
        return [report for key, report in by_key.items() if key not in known]

    def flush(self) -> None:
        """Write the changed reports, what they mean to the severity of their incidents, and the events."""
        for number, values in self._changes:
            self.connection.execute(reports.update().where(reports.c.id == number).values(**values))
        self._weigh()
        moved(self.connection, self.city.key, sorted(self._incidents), self.at)
        events.write(self.connection, self.keys, self.city.key, self._events)

    def _still(self, document: Document, row: sa.Row[Any], reasons: list[dict[str, Any]]) -> None:
        if row.fits and row.version == document.version and row.reasons == reasons:
            return
        state = "waiting" if row.state == "withdrawn" else row.state
        self._change(row, version=document.version, reasons=reasons, fits=True, state=state)
        if not row.fits:
            self._tell("report fits again", row)

    def _no_longer(self, row: sa.Row[Any]) -> None:
        # What was answered stays answered; nobody waits for an answer to the rest.
        self._change(row, fits=False, state="withdrawn" if row.state == "waiting" else row.state)
        self._tell("report no longer fits", row)
        self.withdrawn += 1

    def _change(self, row: sa.Row[Any], **values: object) -> None:
        self._changes.append((row.id, values))
        self._incidents.add(row.incident)

    def _tell(self, what: str, row: sa.Row[Any]) -> None:
        self._events.append(Event(self.at, events.OTKLIK, what, row.incident, (row.post,)))

    def _weigh(self) -> None:
        """An incident is as severe as the worst report that fits; without any it keeps what it had."""
        severities: defaultdict[int, set[Severity]] = defaultdict(set)
        here = sa.and_(reports.c.incident.in_(self._incidents), reports.c.fits)
        for row in self.connection.execute(sa.select(reports.c.incident, reports.c.reasons).where(here)):
            severities[row.incident] |= {Severity(reason["severity"]) for reason in row.reasons}
        known = sa.select(incidents.c.id, incidents.c.severity).where(incidents.c.id.in_(severities))
        for row in self.connection.execute(known).all():
            worst = min(severities[row.id], key=lambda severity: severity.rank)
            if worst.value != row.severity:
                self.connection.execute(incidents.update().where(incidents.c.id == row.id).values(severity=worst.value))
                self._events.append(Event(self.at, events.OTKLIK, f"severity {worst.value}", row.id))
