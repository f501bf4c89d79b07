"""The ticket systems: the table of them, how one is opened, and what a ticket says of an incident."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from crawler.fetching.client import GuardedClient
from crawler.model.city import City, Destination
from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.incidents import incident_of, reports_of
from search.tickets import Can, Change, LaterError, Quote, RefusedError, Ticket, TicketSystem, blackhole, webhook
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
    "open_system",
    "ticket_of",
]

# A call that takes longer is given up; the lease of a delivery (search/outbox.py) is far longer.
CALL_SECONDS = 15.0
_QUOTES = 20
_QUOTE_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of ticket system. `check` gets a destination's values as the city file has them and lists what is wrong
    as (key, what is wrong and what is allowed).
    """

    open: Callable[[Destination, Secrets, GuardedClient], TicketSystem]
    check: Callable[[Mapping[str, object]], list[tuple[str, Text]]]


TICKET_SYSTEMS: dict[str, Entry] = {
    "blackhole": Entry(blackhole.open_blackhole, blackhole.check),
    "webhook": Entry(webhook.open_webhook, webhook.check),
}


def open_system(destination: Destination, secrets: Secrets) -> TicketSystem:
    """The ticket system of a destination, behind the address guard. OtklikError when a secret is not set."""
    client = GuardedClient(destination.allow_private, seconds=CALL_SECONDS)
    return TICKET_SYSTEMS[destination.system].open(destination, secrets, client)


def ticket_of(connection: sa.Connection, city: City, incident: int) -> Ticket:
    """What the incident of that id says now. Only reports that fit are counted and quoted, the earliest first."""
    one = incident_of(connection, city, incident)
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
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTE_LENGTH else text[: _QUOTE_LENGTH - 1] + "…"
