"""What the undo of a report by hand does: what a person registered is taken back, and its incident with it where nobody
else speaks there. The post stays in the archive; registered again, it is a report again.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import undo_texts as texts
from search.acts import QUIET, Act, Draft, Hand, Kind, acts_of, later_act
from search.corrected import said_of
from search.correcting_undo import because
from search.events import Event
from search.founding import founded, lead_of
from search.hand import is_by_hand
from search.joining import refresh, reports_in, standing_in
from search.state.tables import acts, deliveries, incidents, reports
from search.states import OPEN, Decided, State, moved
from search.wanted import HAND, TAKEN_BACK
from search.withdrawing import is_unsent, redirect

BY_MISTAKE = "taken back"
"""The reason in the journal of an incident that is rejected because all it had was registered by mistake."""
REPORT_TAKEN_BACK = "report taken back"


def note_registered(hand: Hand, post: str, incident: int, *, call: bool) -> None:
    """Remember that a person registered a post, so that it can be taken back: with the report that they made, of a
    `call` with all that its words made.
    """
    here = sa.and_(reports.c.city == hand.city.key, reports.c.post == post, reports.c.state != TAKEN_BACK)
    rows = hand.connection.execute(sa.select(reports).where(here).order_by(reports.c.id)).all()
    mine = [row for row in rows if call or (row.incident == incident and is_by_hand(row))]
    draft = Draft(hand, Kind.REGISTER)
    for row in hand.connection.execute(sa.select(incidents).where(incidents.c.id.in_({one.incident for one in mine}))):
        # It is a report that came, and stands in nobody's way.
        draft.touch(row, aside=True)
    draft.more |= {"registered": [[row.id, row.incident] for row in mine], "call": call}
    draft.finish([draft.event("registered", incident, post)])


class Registered:
    """What an act registered, as it stands now."""

    def __init__(self, hand: Hand, act: Act, changes: dict[str, Any]) -> None:
        self.hand = hand
        self.act = act
        self.call: bool = changes["call"]
        self.was = dict(changes["registered"])
        here = sa.and_(reports.c.id.in_(self.was), reports.c.state != TAKEN_BACK)
        self.rows = hand.connection.execute(sa.select(reports).where(here).order_by(reports.c.id)).all()
        found = hand.connection.execute(
            sa.select(incidents).where(incidents.c.id.in_({one.incident for one in self.rows}))
        )
        self.incidents = {row.id: row for row in found}

    def refusal(self) -> OtklikError | None:
        """Why it cannot be taken back."""
        if not self.rows:
            return OtklikError(texts.GONE)
        for one in self.rows:
            row = self.incidents[one.incident]
            if later := self._mover(one) or self._later(row):
                return texts.later(row.number, later)
            if row.state not in OPEN:
                return because(self.hand, row, self.act)
        return None

    def says(self) -> list[Text]:
        """What taking it back will do."""
        said: list[Text | None] = []
        for row in self.incidents.values():
            left = self._left(row.id)
            gone = [one for one in self._mine(row.id) if self._goes(one)]
            if not gone:
                said.append(texts.STAYS_BY_SEARCH.filled(number=row.number))
            elif left:
                said.append(texts.TAKEN.filled(number=row.number, count=len(left)))
            else:
                said.append(texts.CLOSES.filled(number=row.number))
            face = self._face(row)
            if face and face.get("executor", row.executor) != row.executor:
                said.append(texts.sets(row.number, "executor", face["executor"], {}))
            keep = self._keeps(face) if face and face.get("route", row.route) != row.route else None
            for ticket in self._tickets(row.id) if gone else ():
                unsent = is_unsent(ticket) and (not left or keep not in (None, ticket.destination))
                said.append(texts.left(self.hand.city, ticket, unsent=unsent))
        return [*(one for one in said if one), texts.IN_ARCHIVE]

    def take_back(self, draft: Draft) -> list[Event]:
        """Do it; what is told of it."""
        happened: list[Event] = []
        for row in self.incidents.values():
            mine = self._mine(row.id)
            face = self._face(row)
            for one in mine:
                self._let_go(one)
                happened.append(draft.event(REPORT_TAKEN_BACK, row.id, one.post))
            left = self._left(row.id)
            if not left:
                happened.append(self._reject(draft, row))
                continue
            happened += self._put(draft, row, face) if face else []
            refresh(draft, row.id)
        moved(self.hand.connection, self.hand.city.key, list(self.incidents), self.hand.at)
        return happened

    def _mine(self, incident: int) -> list[sa.Row[Any]]:
        return [one for one in self.rows if one.incident == incident]

    def _goes(self, one: sa.Row[Any]) -> bool:
        """Whether nothing but the person's word made a report."""
        return self.call or all(reason["search"] == HAND for reason in one.reasons)

    def _left(self, incident: int) -> list[sa.Row[Any]]:
        gone = {one.id for one in self.rows if self._goes(one)}
        return [one for one in standing_in(self.hand, incident) if one.id not in gone]

    def _mover(self, one: sa.Row[Any]) -> Act | None:
        """The act that moved a report since; None where Otklik itself put its incident into another."""
        if one.incident == self.was[one.id]:
            return None
        table = acts.c
        later = {act.id: act for act in acts_of(self.hand.connection, one.incident) if act.id > self.act.id}
        query = sa.select(table.id, table.changes).where(table.id.in_(later), table.undone_by.is_(None))
        found = [id_ for id_, changes in self.hand.connection.execute(query) if _moves(changes, one.id)]
        return later[min(found)] if found else None

    def _later(self, row: sa.Row[Any]) -> Act | None:
        """What people did since with an incident that would lose all it has."""
        return None if self._left(row.id) else later_act(self.hand.connection, row.id, self.act.id, QUIET)

    def _tickets(self, incident: int) -> Sequence[sa.Row[Any]]:
        here = sa.and_(deliveries.c.city == self.hand.city.key, deliveries.c.incident == incident)
        return self.hand.connection.execute(sa.select(deliveries).where(here).order_by(deliveries.c.id)).all()

    def _let_go(self, one: sa.Row[Any]) -> None:
        values: dict[str, Any] = {"reasons": [reason for reason in one.reasons if reason["search"] != HAND]}
        if self._goes(one):
            # It keeps why it was there, under a name by which no reading makes it again.
            reasons = [reason | ({"search": TAKEN_BACK} if reason["search"] == HAND else {}) for reason in one.reasons]
            values = {"reasons": reasons, "fits": False, "state": TAKEN_BACK}
        self.hand.connection.execute(reports.update().where(reports.c.id == one.id).values(**values))

    def _reject(self, draft: Draft, row: sa.Row[Any]) -> Event:
        unsent = [ticket.id for ticket in self._tickets(row.id) if is_unsent(ticket)]
        self.hand.connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(unsent)))
        draft.set(row.id, state=State.REJECTED.value, snoozed_until=None)
        return draft.event(State.REJECTED.value, row.id, reason=BY_MISTAKE)

    def _face(self, row: sa.Row[Any]) -> dict[str, Any] | None:
        """Name, place, topic and who answers of an incident that loses the report that it has them of, by those
        that are left; None where it keeps its own. What people decided is not among it.
        """
        left, going = self._left(row.id), {one.id for one in self._mine(row.id) if self._goes(one)}
        led = lead_of(reports_in(self.hand, row.id)).id in going
        if not left or not led or said_of(row.by_hand, row.topic, row.place):
            return None
        values, _ = founded(self.hand, row, left, "")
        answers = () if Decided.EXECUTOR in row.by_hand else ("route", "executor")
        return {name: values[name] for name in ("title", "place", "topic", "policy", "risk", *answers)}

    def _keeps(self, face: dict[str, Any]) -> str:
        """The destination of the route that a face leads to, "" for none."""
        return next((one.destination for one in self.hand.city.routes if one.key == face["route"]), "")

    def _put(self, draft: Draft, row: sa.Row[Any], face: dict[str, Any]) -> list[Event]:
        """Let an incident have that face; what is told of its tickets."""
        hand, here = self.hand, dict(face)
        draft.put(row.id, title=here.pop("title"), place=here.pop("place"))
        draft.set(row.id, **here)
        if here.get("route", row.route) == row.route:
            return []
        route = next((one for one in hand.city.routes if one.key == here["route"]), None)
        return [draft.event(f"route {here['route'] or '—'}", row.id), *redirect(draft, row, route)]


def _moves(changes: dict[str, Any], report: int) -> bool:
    return any(number == report for number, *_ in changes["reports"])
