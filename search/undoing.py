"""Undoing what a person did: said beforehand, refused where something later rests on it, and kept beside the act.

What the act set is set back, its reports and tickets go back where they were. What follows from the reports is exactly
as before where they are the same as then; where others came meanwhile, these stay and it follows from those there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crawler.model.city import Route
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import correcting_undo
from search import undo_texts as texts
from search.acting import route_of
from search.acts import (
    DERIVED,
    QUIET,
    Act,
    Draft,
    Hand,
    Kind,
    act_of,
    later_act,
    members_of,
    packed,
    row_of,
    unpacked,
)
from search.correcting import place_before, take_back
from search.correcting_undo import because
from search.event_names import executors_of
from search.joining import refresh, reports_in, standing_in
from search.state.tables import acts, deliveries, incidents, notes, reports
from search.states import OPEN, Decided, State, hand_over, moved
from search.taking_back import Registered
from search.tickets.called import destination
from search.titles import place_of, place_text
from search.undo_choice import chosen
from search.withdrawing import goes_by, is_to_go, is_unsent


@dataclass(frozen=True, slots=True)
class Preview:
    """What an undo will do, in sentences; `refusal` says why it will not (then nothing is done)."""

    act: Act
    says: tuple[Text, ...]
    refusal: OtklikError | None = None


def preview(hand: Hand, number: int, act: int | None = None) -> Preview:
    """What the undo of that act on an incident, or of the last that stands, will do. Writes nothing. OtklikError when
    there is no such act.
    """
    return _Undo(hand, number, act, None).preview()


def undo(hand: Hand, number: int, act: int | None = None, *, seen: int | None = None) -> Preview:
    """Undo that act on an incident, or the last that stands; what was done. OtklikError when something later rests on
    it (it says what), or when there is nothing to undo. Undoing is an act too, and none that can be undone.
    """
    undoing = _Undo(hand, number, act, seen)
    told = undoing.preview()
    if told.refusal:
        raise told.refusal
    undoing.write()
    return told


class _Undo:
    """The undo of one act, as things stand now."""

    def __init__(self, hand: Hand, number: int, act: int | None, seen: int | None) -> None:
        self.hand = hand
        self.row = row_of(hand, number, seen)
        row = hand.connection.execute(sa.select(acts).where(acts.c.id == chosen(hand, self.row, act))).one()
        self.act, self.changes = act_of(row), row.changes
        touched = {int(one) for one in (*self.changes["cells"], *self.changes["members"])}
        found = hand.connection.execute(sa.select(incidents).where(incidents.c.id.in_(touched)))
        self.rows: dict[int, sa.Row[Any]] = {one.id: one for one in found}
        ids = [one[0] for one in self.changes["reports"]]
        there = hand.connection.execute(sa.select(reports).where(reports.c.id.in_(ids)))
        # One that was erased meanwhile goes nowhere.
        self.reports: dict[int, sa.Row[Any]] = {one.id: one for one in there}
        self.registered = Registered(hand, self.act, self.changes) if self.act.kind is Kind.REGISTER else None
        if self.registered:
            self.rows |= self.registered.incidents
        # What follows from reports that went elsewhere is reckoned, what was decided by hand is let go by name.
        others = {"by_hand", *(DERIVED if self._reckons else ())}
        self.cells: dict[int, Mapping[str, Any]] = {
            int(incident): {name: pair for name, pair in cells.items() if name not in others}
            for incident, cells in self.changes["cells"].items()
        }

    @property
    def _reckons(self) -> bool:
        """Whether the act changed what an incident takes from its reports."""
        return bool(self.changes["reports"]) or "dues" in self.changes

    def preview(self) -> Preview:
        """What it will do."""
        refusal = self._refusal()
        return Preview(self.act, () if refusal else tuple(self._says()), refusal)

    def _refusal(self) -> OtklikError | None:
        if self.registered:
            return self.registered.refusal()
        if said := correcting_undo.refusal(self.hand, self.row, self.act, self.changes):
            return said
        for incident, cells in self.cells.items():
            row = self.rows[incident]
            for name, (_, after) in cells.items():
                if packed(getattr(row, name)) != after:
                    return because(self.hand, row, self.act)
        for number, _, to, _ in self.changes["reports"]:
            if number in self.reports and self.reports[number].incident != to:
                return because(self.hand, self.rows[to], self.act)
        if "place" in self.changes and self.row.place != self.changes["place"][1]:
            return because(self.hand, self.row, self.act)
        return self._source_refusal() or self._founded_refusal() or self._emptied_refusal() or self._repeat_refusal()

    def _source_refusal(self) -> OtklikError | None:
        """Reports can go back to an incident only while people work on it."""
        for _, source, _, _ in self.changes["reports"]:
            row = self.rows[source]
            if "state" not in self.cells.get(source, {}) and row.state not in OPEN:
                return because(self.hand, row, self.act)
        return None

    def _founded_refusal(self) -> OtklikError | None:
        """What was split off and then worked on stays, until that work is undone."""
        founded = self.changes.get("founded")
        later = later_act(self.hand.connection, founded, self.act.id) if founded else None
        return texts.later(self.rows[founded].number, later) if later else None

    def _emptied_refusal(self) -> OtklikError | None:
        """An open incident keeps a report: where the others went since, their going rests on those of the act."""
        for to in dict.fromkeys(to for number, _, to, _ in self.changes["reports"] if number in self.reports):
            left = any(one.id not in self.reports for one in standing_in(self.hand, to))
            if to != self.changes.get("founded") and not left:
                return because(self.hand, self.rows[to], self.act)
        return None

    def _repeat_refusal(self) -> OtklikError | None:
        """A trouble that came again after a closing rests on the closing."""
        if self.act.kind is not Kind.STATE or self.act.detail != State.CLOSED:
            return None
        here = sa.and_(incidents.c.repeat_of == self.row.id, incidents.c.state != State.MERGED.value)
        number = self.hand.connection.scalar(sa.select(incidents.c.number).where(here).limit(1))
        refusal = texts.REPEATED.filled(number=self.row.number, repeat=number)
        return OtklikError(refusal) if number else None

    def _says(self) -> list[Text]:
        if self.registered:
            return self.registered.says()
        said = []
        for incident, cells in self.cells.items():
            number = self.rows[incident].number
            said += [texts.sets(number, name, pair[0], executors_of(self.hand.city)) for name, pair in cells.items()]
        if "place" in self.changes:
            released = self._released(self.changes["cells"].get(str(self.row.id), {}))
            before = place_before(self.row, self.changes, {*self.row.by_hand} - released)
            said.append(texts.place(self.row.number, place_text(place_of(before), self.hand.city.home)))
        if "dues" in self.changes:
            said.append(texts.RECKONED.filled(number=self.row.number))
        said += self._says_of_reports()
        erased = len(self.changes["reports"]) - len(self.reports)
        if erased:
            said.append(texts.ERASED.filled(count=erased))
        for row in self._tickets():
            said.append(texts.left(self.hand.city, row, unsent=self._is_unsent(row)))
        for _, route in self._withdrawn():
            said.append(texts.of_ticket(texts.GOES_AGAIN, destination(self.hand.city, route.destination)))
        if self.act.kind in (Kind.SNOOZE, Kind.WAKE):
            said.append((texts.WAKES if self.act.kind is Kind.SNOOZE else texts.SLEEPS).filled(number=self.row.number))
        if self.act.kind in (Kind.NOTE, Kind.REMOVE_NOTE):
            said.append(texts.NOTE_GOES if self.act.kind is Kind.NOTE else texts.NOTE_COMES)
        return [one for one in said if one]

    def _says_of_reports(self) -> list[Text]:
        said = []
        back: dict[tuple[int, int], int] = {}
        for number, source, to, _ in self.changes["reports"]:
            if number in self.reports:
                back[to, source] = back.get((to, source), 0) + 1
        for (to, source), count in back.items():
            said.append(texts.GO_BACK.filled(count=count, number=self.rows[source].number, now=self.rows[to].number))
        for to in dict.fromkeys(to for to, _ in back):
            left = len(reports_in(self.hand, to)) - sum(count for (now, _), count in back.items() if now == to)
            text = texts.EMPTIED if to == self.changes.get("founded") and not left else texts.STAY
            said.append(text.filled(count=left, number=self.rows[to].number))
        return said

    def _tickets(self) -> list[sa.Row[Any]]:
        """The tickets that the act led to, and those that hear of its undoing."""
        if self.act.kind in QUIET:
            return []
        here = sa.and_(deliveries.c.city == self.hand.city.key, deliveries.c.incident.in_(self.rows))
        return list(self.hand.connection.execute(sa.select(deliveries).where(here).order_by(deliveries.c.id)))

    def _is_unsent(self, row: sa.Row[Any]) -> bool:
        """Whether only the act made this delivery, and nothing of it went out."""
        return row.id in self.changes["made"] and is_unsent(row)

    def write(self) -> None:
        """Do it."""
        hand, draft = self.hand, Draft(self.hand, Kind.UNDO, str(self.act.id))
        aside = self.act.kind in (Kind.NOTE, Kind.REMOVE_NOTE)
        for row in self.rows.values():
            draft.touch(row, aside=aside)
        tickets = self._tickets()
        unsent = [row.id for row in tickets if self._is_unsent(row)]
        hand.connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(unsent)))
        for incident, cells in self.cells.items():
            if cells:
                draft.set(incident, **unpacked({name: pair[0] for name, pair in cells.items()}))
        self._hand_again()
        self._release(draft)
        self._bring_back(draft)
        if self.act.kind in (Kind.PLACE, Kind.TOPIC):
            take_back(draft, self.row.id, self.changes)
        self._follow(draft)
        happened = self.registered.take_back(draft) if self.registered else []
        if "note" in self.changes:
            mine = notes.update().where(notes.c.id == self.changes["note"])
            hand.connection.execute(mine.values(removed=self.act.kind is Kind.NOTE))
        if self.act.kind not in QUIET and not self.registered:
            moved(hand.connection, hand.city.key, list(self.rows), hand.at)
        reason = f"{self.act.kind.value} {self.act.detail}"
        happened += [draft.event("undone", incident, reason=reason) for incident in self.rows]
        number = draft.finish(happened)
        hand.connection.execute(acts.update().where(acts.c.id == self.act.id).values(undone_by=number))

    def _withdrawn(self) -> list[tuple[int, Route]]:
        """Deliveries that the act took back and that go after all, by their ids."""
        state = State(self.row.state)
        route = self.cells.get(self.row.id, {}).get("route", [self.row.route])[0]
        found = [(one, is_to_go(self.hand.city, state, route, to)) for one, to in self.changes.get("withdrawn", ())]
        return [(one, route) for one, route in found if route]

    def _hand_again(self) -> None:
        for one, route in self._withdrawn():
            hand_over(self.hand.connection, self.hand.city, self.row.id, route, self.hand.at, one)

    def _release(self, draft: Draft) -> None:
        """What this act decided is Otklik's again, but for who belongs where: nothing is put together again by itself
        that a person took apart.
        """
        for incident, cells in self.changes["cells"].items():
            given = self._released(cells)
            if given:
                left = sorted({*self.rows[int(incident)].by_hand} - given)
                draft.set(int(incident), by_hand=left)

    @staticmethod
    def _released(cells: Mapping[str, Any]) -> set[str]:
        before, after = cells.get("by_hand", ([], []))
        return {*after} - {*before, Decided.MEMBERS.value}

    def _bring_back(self, draft: Draft) -> None:
        for number, source, _, placed in self.changes["reports"]:
            if number in self.reports:
                draft.carry([self.reports[number]], source, placed=False)
                here = reports.update().where(reports.c.id == number)
                self.hand.connection.execute(here.values(placed=placed))
        founded = self.changes.get("founded")
        if founded and not reports_in(self.hand, founded):
            draft.set(founded, state=State.MERGED.value, merged_into=self._origin())
        for ticket, was, to in self.changes.get("tickets", []):
            self._return_ticket(ticket, was, to)

    def _origin(self) -> int:
        return int(self.changes["reports"][0][1])

    def _return_ticket(self, ticket: int, was: int, to: int) -> None:
        """It knows the sequence of where it was, which never falls; the other may need one of its own now."""
        connection, city = self.hand.connection, self.hand.city
        here = sa.and_(deliveries.c.id == ticket, deliveries.c.incident == to)
        connection.execute(deliveries.update().where(here).values(incident=was))
        both = sa.select(sa.func.max(incidents.c.sequence)).where(incidents.c.id.in_([was, to]))
        highest = connection.scalar(both)
        connection.execute(incidents.update().where(incidents.c.id == was).values(sequence=highest))
        row = connection.execute(sa.select(incidents).where(incidents.c.id == to)).one()
        route = route_of(city, row)
        if route and row.state in OPEN and goes_by(route, row.state):
            hand_over(connection, city, to, route, self.hand.at)

    def _follow(self, draft: Draft) -> None:
        """What follows from the reports: as it was where these are as they were, else from those that are there."""
        connection = self.hand.connection
        for incident in self.rows if self._reckons else ():
            cells = self.changes["cells"].get(str(incident), {})
            names: tuple[str, ...] = DERIVED
            now = connection.execute(sa.select(incidents).where(incidents.c.id == incident)).one()
            if members_of(connection, incident) != self.changes["members"][str(incident)]:
                refresh(draft, incident)
                names = ("repeat_of",)
            there = [name for name in names if name in cells and packed(getattr(now, name)) == cells[name][1]]
            if there:
                draft.set(incident, **unpacked({name: cells[name][0] for name in there}))
