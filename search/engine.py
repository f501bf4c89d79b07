"""The seam to the engines: what an engine is given, what it answers, and the table of engines.

Every engine is a projection of the state, fed from `index_queue` (search/feeder.py); the engines' shared tests run on
all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from search.document import Document
from search.reference import Context
from search.tree import Query


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the index: `document` None takes the post out. `seq` rises with every change of the state."""

    seq: int
    post: str
    document: Document | None


class Order(StrEnum):
    """In which order hits come; ties are broken by post id."""

    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that a query finds."""

    post: str
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """Hits in order and the opaque token of the next page, "" at the end."""

    hits: tuple[Hit, ...]
    next: str


class Engine(Protocol):
    """What finds posts of one city."""

    def put(self, batch: Sequence[Entry]) -> None:
        """Apply changes. An entry whose seq is not above the one known of its post changes nothing."""
        ...

    def delete(self, posts: Sequence[str]) -> None:
        """Take posts out, whatever their seq."""
        ...

    def find(
        self, query: Query, context: Context, *, after: str = "", limit: int = 50, order: Order = Order.NEWEST
    ) -> Page:
        """A page of what `query` finds, from the token `after` on."""
        ...

    def count(self, query: Query, context: Context) -> int:
        """How many posts `query` finds."""
        ...

    def refresh(self) -> None:
        """Make everything that was put findable."""
        ...

    def clear(self) -> None:
        """Empty the index of this city, for a rebuild."""
        ...
