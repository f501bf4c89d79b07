"""Which act an undo is about: the one that is named, else the last that stands."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from search import undo_texts as texts
from search.acts import Act, Hand, Kind, acts_of
from search.state.tables import acts, reports


def chosen(hand: Hand, row: sa.Row[Any], act: int | None) -> int:
    """The id of the act on an incident. OtklikError where there is none, or it is undone already."""
    on_it = [one for one in acts_of(hand.connection, row.id) if one.kind is not Kind.UNDO]
    meant = [one for one in on_it if one.id == act] if act else _standing(hand, row, on_it)
    if not meant:
        raise OtklikError(texts.NOTHING.filled(number=row.number), texts.NOTHING_TYPED)
    if meant[-1].undone:
        raise OtklikError(texts.ALREADY.filled(act=meant[-1].id))
    return meant[-1].id


def _standing(hand: Hand, row: sa.Row[Any], on_it: Sequence[Act]) -> list[Act]:
    """What stands on the incident, the last of it last. A report that somebody registered came to it as any does: it is
    meant where it opened the incident, or where nothing else stands.
    """
    standing = [one for one in on_it if not one.undone]
    voices = [one.id for one in standing if one.kind is Kind.REGISTER]
    opener = hand.connection.scalar(sa.select(sa.func.min(reports.c.id)).where(reports.c.incident == row.id))
    query = sa.select(acts.c.id, acts.c.changes).where(acts.c.id.in_(voices))
    came = {
        act
        for act, changes in hand.connection.execute(query)
        if all(report != opener for report, _ in changes["registered"])
    }
    return [one for one in standing if one.id not in came] or standing
