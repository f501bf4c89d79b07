"""Tickets of an executor who was changed: what has not gone out is taken back, what has gone out stays and is told."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Deliver, Route
from search.acts import Draft
from search.events import OTKLIK, Event
from search.state.tables import deliveries
from search.states import State, hand_over

WITHDRAWN, STAYS = "ticket withdrawn", "ticket stays"


def redirect(draft: Draft, row: sa.Row[Any], route: Route | None) -> list[Event]:
    """Let an incident go to whom its new route leads, where one in its state goes, and take back what waits for any
    other; what is to be told of that. The act remembers what it took back, so that its undo sends it after all.
    """
    hand, happened = draft.hand, []
    if route and goes_by(route, row.state):
        hand_over(hand.connection, hand.city, row.id, route, hand.at)
    # After the handing over, so that ids are not given twice.
    others = deliveries.c.destination != (route.destination if route else "")
    for one, what, told in _taken_back(hand.connection, hand.city, row.id, others):
        if what == WITHDRAWN:
            draft.more.setdefault("withdrawn", []).append([one.id, one.destination])
        happened.append(draft.event(what, row.id, reason=told))
    return happened


def goes_by(route: Route, state: str) -> bool:
    """Whether an incident in that state is handed over by the route: a new one only where it goes at once."""
    return state != State.NEW or route.deliver is Deliver.AT_ONCE


def rerouted(connection: sa.Connection, city: City, incident: int, old: str, new: str, at: datetime) -> list[Event]:
    """Take back what waits for the destination of an incident's route, where a report leads it by another one; what
    Otklik tells of it.
    """
    leads = {route.key: route.destination for route in city.routes}
    if old not in leads or leads[old] == leads.get(new):
        return []
    found = _taken_back(connection, city, incident, deliveries.c.destination == leads[old])
    return [Event(at, OTKLIK, what, incident, (), told) for _, what, told in found]


def _taken_back(
    connection: sa.Connection, city: City, incident: int, where: sa.ColumnElement[bool]
) -> Iterator[tuple[sa.Row[Any], str, str]]:
    """Each delivery of an incident, withdrawn where nothing of it went out, with what happened and to what."""
    table = deliveries.c
    here = sa.and_(table.city == city.key, table.incident == incident, where)
    for one in connection.execute(sa.select(deliveries).where(here).order_by(table.id)).all():
        if is_unsent(one):
            connection.execute(sa.delete(deliveries).where(table.id == one.id))
            yield one, WITHDRAWN, one.destination
        else:
            yield one, STAYS, f"{one.destination} {one.external_id}"


def is_unsent(row: sa.Row[Any]) -> bool:
    """Whether nothing of a delivery went out, nor may have."""
    return not row.external_id and not row.payload_digest


def is_to_go(city: City, state: State, route: str, destination: str) -> Route | None:
    """The route of that key, where it leads to the destination and an incident in that state is handed over by it."""
    found = next((one for one in city.routes if one.key == route and one.destination == destination), None)
    return found if found and goes_by(found, state) else None
