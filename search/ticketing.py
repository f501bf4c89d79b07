"""The ticket systems: the table of them, how one is opened, and what a ticket says of an incident."""

from importlib import import_module

import sqlalchemy as sa

from crawler.fetching.client import GuardedClient
from crawler.model.city import City, Destination
from crawler.model.errors import OtklikError
from crawler.model.ports import Secrets
from search.executors import suggested_executor
from search.incidents import incident_of, reports_of
from search.state.tables import incidents
from search.tickets import Can, Change, Entry, LaterError, Quote, RefusedError, Suggested, Ticket, TicketSystem
from search.titles import district_of, place_text

__all__ = [
    "TICKET_SYSTEMS",
    "Can",
    "Change",
    "Entry",
    "LaterError",
    "Quote",
    "RefusedError",
    "Ticket",
    "TicketSystem",
    "entry_of",
    "open_system",
    "ticket_of",
]

# A call that takes longer is given up; the lease of a delivery (search/outbox.py) is far longer.
CALL_SECONDS = 15.0
_QUOTES = 20
_QUOTE_LENGTH = 2_000


TICKET_SYSTEMS: dict[str, str] = {
    "blackhole": "search.tickets.blackhole",
    "webhook": "search.tickets.webhook",
}
"""One line a ticket system: its key is the `system` of destinations; the module, loaded when asked for, has `ENTRY`."""


def entry_of(system: str) -> Entry:
    """What the module of a system offers."""
    entry = import_module(TICKET_SYSTEMS[system]).ENTRY
    assert isinstance(entry, Entry)
    return entry


def open_system(destination: Destination, secrets: Secrets) -> TicketSystem:
    """The ticket system of a destination, behind the address guard. OtklikError when a secret is not set."""
    client = GuardedClient(destination.allow_private, seconds=CALL_SECONDS)
    return entry_of(destination.system).open(destination, secrets, client)


def can_update(city: City, destination: str, secrets: Secrets) -> bool:
    """Whether the tickets of a destination can be changed from here. One that cannot be opened now may be later; one
    that the city file does not name any more cannot.
    """
    known = next((one for one in city.destinations if one.key == destination), None)
    if known is None:
        return False
    try:
        return Can.UPDATE in open_system(known, secrets).can
    except OtklikError:
        return True


def ticket_of(connection: sa.Connection, city: City, incident: int, destination: str = "") -> Ticket:
    """What the incident of that id says now to a destination. Only reports that fit are counted and quoted, the
    earliest first.
    """
    one = incident_of(connection, city, incident)
    fields = next((known.fields for known in city.destinations if known.key == destination), ())
    quoted = reports_of(connection, city, incident, fitting=True, limit=_QUOTES)
    return Ticket(
        city=city.key,
        number=one.number,
        sequence=one.sequence,
        state=one.state.value,
        title=one.title,
        topic=one.topic,
        severity=one.severity.value,
        place=place_text(one.place, city.home),
        district=district_of(one.place),
        lat=one.place.lat if one.place else None,
        lon=one.place.lon if one.place else None,
        executor=one.executor,
        opened_at=one.opened_at,
        due_first=one.due_first,
        due_resolved=one.due_resolved,
        repeat_of=one.repeat_of,
        reports=one.fitting,
        quotes=tuple(Quote(_shortened(report.text), report.url, report.published_at) for report in quoted),
        group=city.groups.group(one.topic) or None,
        suggested=_suggested(connection, city, incident) if "suggested" in fields else None,
        fields=fields,
        merged_into=one.merged_into,
    )


def _suggested(connection: sa.Connection, city: City, incident: int) -> Suggested | None:
    row = connection.execute(sa.select(incidents).where(incidents.c.id == incident)).one()
    found = suggested_executor(connection, city, row)
    return Suggested(found.executor, round(found.share, 3), found.cases) if found else None


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTE_LENGTH else text[: _QUOTE_LENGTH - 1] + "…"
