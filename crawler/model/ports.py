"""What the packages below need from the shell above: the time, secrets, keys. The runner passes them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from crawler.model.city import Source
from crawler.model.items import SpiderItem


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


@dataclass(frozen=True, slots=True)
class Crawl:
    """One pass over one source: what a spider is given. `cursor` is its own JSON of the last pass, "" at first."""

    city: str
    source: Source
    cursor: str
    clock: Clock
    secrets: Secrets
    intake: Intake
