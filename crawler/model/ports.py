"""What the packages below need from the shell above: the time, secrets, keys. The runner passes them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from crawler.model.city import Source, Token
from crawler.model.crawled import SpiderItem


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC)


class Secrets(Protocol):
    """Secrets by the name of their environment variable; they never appear in logs."""

    def get(self, name: str) -> str:
        """The secret, or an OtklikError that names the variable and what needs it."""
        ...


class Keys(Protocol):
    """The two keys of an installation: one hashes, one encrypts."""

    def pseudonym(self, *parts: str) -> str:
        """A keyed hash of the parts, 32 hex digits: equal parts give equal pseudonyms, none can be turned back."""
        ...

    def seal(self, plain: bytes) -> bytes:
        """Authenticated encryption of `plain`."""
        ...

    def unseal(self, sealed: bytes) -> bytes:
        """What was sealed, or an OtklikError if it was changed or sealed with another key."""
        ...


class Intake(Protocol):
    """Where the items of a spider go: the way of a post, down to the state."""

    def take(self, items: Sequence[SpiderItem]) -> None:
        """Run the items through every step and commit them, in order. Outcomes are counted, none is lost."""
        ...


SPENT = "quota"
"""The word of a token whose calls of the day are spent."""


@dataclass(frozen=True, slots=True)
class Account:
    """A token as its platform counts it. `zone` is the one in whose days it counts."""

    platform: str
    token: str = field(repr=False)
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much a token may: calls a second of all methods together, calls a day of the one asked for (0: no bound)."""

    a_second: float
    a_day: int = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """A token that is left alone until then, `why` in one word; `method` is "" where that holds for all of them."""

    method: str
    why: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What a token did today, calls by method, and what it rests from."""

    calls: Mapping[str, int]
    rests: tuple[Rest, ...] = ()


def next_day(now: datetime, zone: ZoneInfo) -> datetime:
    """When the next day begins in a zone, in UTC."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


class Ledger(Protocol):
    """Counts the calls that tokens make, for every city and process of an installation together. Methods may block."""

    def take(self, account: Account, method: str, allowance: Allowance) -> float:
        """Count one call before it is sent: the seconds to wait before sending it. RestingError, and nothing counted,
        when the day's calls are spent or the token rests.
        """
        ...

    def rest(self, account: Account, why: str, until: datetime, method: str = "") -> None:
        """Leave a token alone until then, for one method or for all; `why` is one word."""
        ...

    def hold(self, account: Account, seconds: float) -> None:
        """Let no call of a token be sent for so long: it was too fast."""
        ...

    def standing(self, account: Account) -> Standing:
        """What the token did today and what it rests from now."""
        ...


@dataclass(frozen=True, slots=True)
class Crawl:
    """One pass over one source: what a spider is given. `cursor` is its own JSON of the last pass, "" at first;
    `token` is the one the source is read with, None where the city file has none.
    """

    city: str
    source: Source
    cursor: str
    clock: Clock
    secrets: Secrets
    intake: Intake
    ledger: Ledger
    token: Token | None = None
