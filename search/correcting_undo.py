"""Why what a person said of an incident cannot be taken back: something later rests on it."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import undo_texts as texts
from search.acts import Act, Hand, Kind, acts_of, later_act
from search.arrivals import is_personal
from search.joining import standing_in
from search.state.tables import reports
from search.states import OPEN, State

CORRECTIONS = (Kind.PLACE, Kind.TOPIC)


def refusal(hand: Hand, row: sa.Row[Any], act: Act, changes: Mapping[str, Any]) -> OtklikError | None:
    """Of the undo of a place, a topic or an executor; None where nothing stands against it."""
    if act.kind not in (*CORRECTIONS, Kind.EXECUTOR):
        return None
    if State(row.state) not in OPEN:
        # Its tickets are told what became of it: no executor of before gets one now.
        return because(hand, row, act)
    if act.kind is Kind.EXECUTOR:
        return None
    on_it = (one for one in acts_of(hand.connection, row.id) if one.id > act.id and not one.undone)
    other = next((one for one in on_it if one.kind in CORRECTIONS), None)
    if other:
        # What the later one left as it was, it left because of this one.
        return texts.later(row.number, other)
    return _of_reports(hand, row, act, changes)


def _of_reports(hand: Hand, row: sa.Row[Any], act: Act, changes: Mapping[str, Any]) -> OtklikError | None:
    mine = standing_in(hand, row.id)
    dated = [number for number, _, _ in changes.get("dues", ())]
    found = sa.select(reports.c.id).where(reports.c.id.in_(dated), reports.c.incident != row.id)
    if not mine or hand.connection.execute(found.limit(1)).first():
        return because(hand, row, act)
    understood = (row.understood or {}).get("group_key", "")
    if is_personal(understood) and len({one.post for one in mine}) > 1:
        return OtklikError(PERSONAL.filled(number=row.number))
    return None


def because(hand: Hand, row: sa.Row[Any], act: Act) -> OtklikError:
    """Something later changed that incident: an act, or Otklik itself."""
    later = later_act(hand.connection, row.id, act.id)
    return texts.later(row.number, later) if later else OtklikError(texts.BY_ITSELF.filled(number=row.number))


PERSONAL = Text(
    "№ {number}: прежняя тема личная, а в инциденте уже чужие голоса. Сначала выделите их.",
    "{number}: the former topic is a personal matter, and others speak in the incident now. Split them off first.",
)
