"""One try of a delivery, outside any transaction: what is asked of a ticket system, and how that went."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.fetching.client import NotSentError
from crawler.model.city import City
from crawler.model.errors import AddressRefusedError, OtklikError
from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.ticketing import Can, LaterError, RefusedError, Ticket, TicketSystem, open_system

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery taken for one try. `tried` tells that an earlier try may have made the ticket already."""

    id: int
    destination: str
    key: str
    external_id: str
    sequence: int
    attempts: int
    until: datetime
    tried: bool
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Result:
    """How a try went. `acknowledged` is the sequence that the other side surely knows now, 0 for its mere existence."""

    external_id: str = ""
    acknowledged: int = 0
    error: str = ""
    dead: bool = False
    not_sent: bool = False
    wait: float = 0.0


class Sender:
    """Sends to the destinations of a city. `systems` are opened from the city file when they are not given."""

    def __init__(self, city: City, secrets: Secrets, systems: Mapping[str, TicketSystem] | None = None) -> None:
        self.city = city
        self.secrets = secrets
        self._systems: dict[str, TicketSystem] = dict(systems or {})

    def attempt(self, claim: Claim) -> Result:
        """One try, outside any transaction."""
        try:
            system = self._system(claim.destination)
        except OtklikError as error:
            return Result(error=str(error), not_sent=True)
        try:
            return self._send(claim, system)
        except (NotSentError, AddressRefusedError) as error:
            return Result(error=str(error), not_sent=True)
        except OtklikError as error:
            wait = error.seconds if isinstance(error, LaterError) else 0.0
            return Result(error=str(error), dead=isinstance(error, RefusedError), wait=wait)
        except Exception as error:
            # What an unforeseen error says could hold anything, so only its name is kept.
            logger.exception("ticket system %s failed on delivery %s", claim.destination, claim.id)
            return Result(error=type(error).__name__)

    def _send(self, claim: Claim, system: TicketSystem) -> Result:
        if claim.external_id:
            if Can.UPDATE in system.can:
                system.update(claim.external_id, claim.ticket, claim.sequence)
            return Result(claim.external_id, claim.sequence)
        found = system.find_by_key(claim.key) if claim.tried and Can.FIND in system.can else None
        external_id = found or system.create(claim.ticket, claim.key)
        # A ticket that an earlier try may have made can hold the state of that try: the update that follows tells it
        # the current one.
        surely_new = not claim.tried or (found is None and Can.FIND in system.can)
        known = surely_new or Can.UPDATE not in system.can
        return Result(external_id, claim.sequence if known else 0)

    def _system(self, name: str) -> TicketSystem:
        if name not in self._systems:
            destination = next((one for one in self.city.destinations if one.key == name), None)
            if destination is None:
                raise OtklikError(
                    Text("такого назначения в файле города больше нет", "no such destination in the city file any more")
                )
            self._systems[name] = open_system(destination, self.secrets)
        return self._systems[name]
