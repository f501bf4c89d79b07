"""What every ticket system speaks: the protocol, what a ticket says, and how a call can fail.

A new system is one module here with an `ENTRY`, and one line in TICKET_SYSTEMS (search/ticketing.py). The last
functions here are for what most of them share.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from crawler.fetching.client import Answer, GuardedClient
from crawler.model.city import Destination
from crawler.model.errors import OtklikError
from crawler.model.ports import Secrets
from crawler.model.text import Text

# Of 4xx these say «not now» (RFC 9110, 8470, 6585); every other says «never like this».
# A wrong secret or address is the administrator's to mend, and the tickets go then: they are not refused for good.
_NOT_LET_IN = frozenset({401, 403, 407})
_NOT_NOW = frozenset({404, 405, 408, 425, 429}) | _NOT_LET_IN
_LONGEST_WAIT = 6 * 3600


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
class Suggested:
    """Whom such incidents went to before, a guess: its share of so many cases, 0 to 1."""

    executor: str
    share: float
    cases: int


FIELDS = ("group", "suggested")
"""What a ticket tells only where its destination has a place for it (`fields` of the city file)."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an executor is told of an incident: its current state as a whole, so that the latest one wins.

    `reports` counts all of them, `quotes` holds the earliest. `repeat_of` is the number of the closed incident that
    this one repeats, `merged_into` of the one that its reports went into, told of none but a merged one. `sequence`
    rises with every change of the incident. `group` and `suggested` are told where they are among `fields`; None: not
    known.
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
    group: str | None = None
    suggested: Suggested | None = None
    fields: tuple[str, ...] = ()
    merged_into: int | None = None

    def content(self) -> dict[str, Any]:
        """The ticket in JSON's own types, times in ISO 8601 and UTC."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self), default=_iso))
        untold = {"fields", *FIELDS} - set(self.fields) | ({"merged_into"} if self.merged_into is None else set())
        return {name: value for name, value in content.items() if name not in untold}

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


Problems = list[tuple[str, Text]]
"""What is wrong with a destination: each as (key, what is wrong and what is allowed)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of ticket system, `ENTRY` of its module. `check` gets a destination's values as the city file has them;
    `options` names those that it reads.
    """

    open: Callable[[Destination, Secrets, GuardedClient], TicketSystem]
    check: Callable[[Mapping[str, object]], Problems]
    options: frozenset[str] = frozenset()


def check_url(values: Mapping[str, object]) -> Problems:
    """`url` is an http(s) address without secrets in it."""
    url = values.get("url")
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        sound = parts is not None and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        parts, sound = None, False
    if parts is None or not sound:
        return [("url", Text("нужен адрес https://узел/путь", "an address https://host/path is needed"))]
    if parts.username or parts.password or parts.fragment:
        return [
            ("url", Text("имени, пароля и # в адресе быть не должно", "no user name, password or # in the address"))
        ]
    return []


def check_secret(values: Mapping[str, object]) -> Problems:
    """`secret` names an environment variable; whether it could be the name of one is checked for every system."""
    if values.get("secret"):
        return []
    wrong = Text("нужно имя переменной окружения с секретом", "the name of the environment variable with the secret")
    return [("secret", wrong)]


def accepted(answer: Answer) -> Answer:
    """The answer if it is a success, else RefusedError, or LaterError with the time that a `Retry-After` asks for.

    The body of any other is not repeated: nobody knows what it holds.
    """
    if 200 <= answer.status < 300:
        return answer
    text = Text("получатель ответил {status}", "the receiver answered {status}")
    if answer.status in _NOT_LET_IN:
        text = Text(
            "получатель ответил {status}: не принят секрет, проверьте его; заявки подождут",
            "the receiver answered {status}: it did not take the secret, check it; the tickets wait",
        )
    text = text.filled(status=answer.status)
    if 400 <= answer.status < 500 and answer.status not in _NOT_NOW:
        raise RefusedError(text)
    wait = answer.headers.get("retry-after", "")
    raise LaterError(text, min(float(wait), _LONGEST_WAIT) if wait.isdecimal() else 0.0)
