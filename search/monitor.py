"""The seam between saved searches and posts: which of many searches a post version fits, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from crawler.model.city import SavedSearch
from search.document import Document
from search.reference import Compiled, Context, Match, compile_query
from search.tree import Query


@dataclass(frozen=True, slots=True)
class Found:
    """A saved search that fits a document, and why."""

    search: SavedSearch
    match: Match


class Monitor(Protocol):
    """Holds the active saved searches of one city."""

    def register(self, search: SavedSearch, query: Query) -> None:
        """Take a search, in place of an earlier version of the same id."""
        ...

    def unregister(self, search_id: str) -> None:
        """Let a search go; an unknown id changes nothing."""
        ...

    def match(self, document: Document, at: datetime) -> Sequence[Found]:
        """The searches that fit a document at a clock, by id."""
        ...

    def match_many(self, documents: Sequence[Document], at: datetime) -> Sequence[Sequence[Found]]:
        """What `match` gives for each document, in order."""
        ...

    def explain(self, search_id: str, document: Document, at: datetime) -> Found | None:
        """Why one search fits, None when it does not; KeyError when it is not registered."""
        ...


class LoopMonitor:
    """Asks the reference matcher about every search in turn."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._searches: dict[str, tuple[SavedSearch, Compiled]] = {}

    def register(self, search: SavedSearch, query: Query) -> None:
        """Take a search, in place of an earlier version of the same id."""
        self._searches[search.id] = (search, compile_query(query))

    def unregister(self, search_id: str) -> None:
        """Let a search go; an unknown id changes nothing."""
        self._searches.pop(search_id, None)

    def match(self, document: Document, at: datetime) -> Sequence[Found]:
        """The searches that fit a document at a clock, by id."""
        context = Context(at, self.zone)
        found = [_fits(entry, document, context) for entry in self._searches.values()]
        return sorted((one for one in found if one), key=lambda one: one.search.id)

    def match_many(self, documents: Sequence[Document], at: datetime) -> Sequence[Sequence[Found]]:
        """What `match` gives for each document, in order."""
        return [self.match(document, at) for document in documents]

    def explain(self, search_id: str, document: Document, at: datetime) -> Found | None:
        """Why one search fits, None when it does not; KeyError when it is not registered."""
        return _fits(self._searches[search_id], document, Context(at, self.zone))


def _fits(entry: tuple[SavedSearch, Compiled], document: Document, context: Context) -> Found | None:
    search, matcher = entry
    match = matcher.match(document, context)
    return None if match is None else Found(search, match)
