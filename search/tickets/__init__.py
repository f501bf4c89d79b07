"""What every ticket system speaks: the protocol, what a ticket says, and how a call can fail.

A new system is one module here and one line in TICKET_SYSTEMS (search/ticketing.py).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from crawler.model.errors import OtklikError
from crawler.model.text import Text


class Can(StrEnum):
    """What a ticket system is able to do."""

    CREATE = "create"
    FIND = "find"
    UPDATE = "update"
    CHANGES = "changes"
    ATTACH = "attach"


@dataclass(frozen=True, slots=True)
class Quote:
    """What one resident wrote, and where it stands. Nobody is named."""

    text: str
    url: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an executor is told of an incident: its current state as a whole, so that the latest one wins.

    `reports` counts all of them, `quotes` holds the earliest. `repeat_of` is the number of the closed incident that
    this one repeats. `sequence` rises with every change of the incident.
    """

    city: str
    number: int
    sequence: int
    state: str
    title: str
    topic: str
    severity: str
    place: str
    district: str
    lat: float | None
    lon: float | None
    executor: str
    opened_at: datetime
    due_first: datetime | None
    due_resolved: datetime | None
    repeat_of: int | None
    reports: int
    quotes: tuple[Quote, ...]

    def content(self) -> dict[str, Any]:
        """The ticket in JSON's own types, times in ISO 8601 and UTC."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self), default=_iso))
        return content

    def digest(self) -> str:
        """Hash of all it says: 64 hex digits."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True).encode()).hexdigest()


def _iso(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket got another state on the other side."""

    external_id: str
    state: str
    at: datetime


class RefusedError(OtklikError):
    """The ticket system refuses this for good: trying again is of no use until a person mends something."""


class LaterError(OtklikError):
    """It did not work and whether it was done is not known: try again, in `seconds` if the system named a time."""

    def __init__(self, text: Text, seconds: float = 0.0) -> None:
        super().__init__(text)
        self.seconds = seconds


class CannotError(OtklikError):
    """The ticket system was asked for what is not in its `can`."""

    def __init__(self, system: str, ability: Can) -> None:
        super().__init__(
            Text(
                "Система заявок {system} этого не умеет: {ability}.",
                "Ticket system {system} cannot do this: {ability}.",
            ).filled(system=system, ability=ability.value)
        )


class TicketSystem(Protocol):
    """Where tickets go. Calls may also raise what GuardedClient.request raises, and then mean what it means there."""

    @property
    def can(self) -> frozenset[Can]:
        """What it is able to do; anything else raises CannotError."""
        ...

    def create(self, incident: Ticket, key: str) -> str:
        """Make a ticket and remember `key` with it; its external id. RefusedError, LaterError."""
        ...

    def find_by_key(self, key: str) -> str | None:
        """The external id of the ticket made with `key`, None when there is none."""
        ...

    def update(self, external_id: str, change: Ticket, sequence: int) -> None:
        """Bring a ticket to the incident's current state. A sequence not above the one it has changes nothing."""
        ...

    def changes_since(self, cursor: str) -> tuple[Sequence[Change], str]:
        """What changed on the other side since `cursor` ("" for the beginning), and the next cursor."""
        ...

    def attach(self, external_id: str, name: str, content: bytes) -> None:
        """Add a file to a ticket."""
        ...
