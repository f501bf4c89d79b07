"""Tickets of an executor who was changed: what has not gone out is taken back, what has gone out stays and is told."""

from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Deliver, Route
from search.acts import Draft
from search.events import Event
from search.state.tables import deliveries
from search.states import State

WITHDRAWN, STAYS = "ticket withdrawn", "ticket stays"


def withdraw(draft: Draft, incident: int, keep: str) -> list[Event]:
    """Take back what waits for any destination of an incident but `keep`; what is to be told of it. The act remembers
    what it took back, so that its undo sends it after all.
    """
    connection, table = draft.hand.connection, deliveries.c
    here = sa.and_(table.city == draft.hand.city.key, table.incident == incident, table.destination != keep)
    happened = []
    for one in connection.execute(sa.select(deliveries).where(here).order_by(table.id)).all():
        if is_unsent(one):
            connection.execute(sa.delete(deliveries).where(table.id == one.id))
            draft.more.setdefault("withdrawn", []).append([one.id, one.destination])
            happened.append(draft.event(WITHDRAWN, incident, reason=one.destination))
        else:
            happened.append(draft.event(STAYS, incident, reason=f"{one.destination} {one.external_id}"))
    return happened


def is_unsent(row: sa.Row[Any]) -> bool:
    """Whether nothing of a delivery went out, nor may have."""
    return not row.external_id and not row.payload_digest


def is_to_go(city: City, state: State, route: str, destination: str) -> Route | None:
    """The route of that key, where it leads to the destination and an incident in that state is handed over by it."""
    found = next((one for one in city.routes if one.key == route and one.destination == destination), None)
    return found if found and (state is not State.NEW or found.deliver is Deliver.AT_ONCE) else None
