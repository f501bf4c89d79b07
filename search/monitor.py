"""The seam between saved searches and posts: which of many searches a post version fits, and why."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from crawler.model.city import SavedSearch
from search.document import Document
from search.names import NO_NAMES, Names
from search.reference import Compiled, Context, Match
from search.tree import Query

logger = logging.getLogger(__name__)


class Found:
    """A saved search that fits a document. Why it fits is worked out when it is asked for, which few callers do; then
    `compiled` is called where it is a call.
    """

    __slots__ = ("_compiled", "_context", "_document", "_match", "search")

    def __init__(
        self, search: SavedSearch, compiled: Compiled | Callable[[], Compiled], document: Document, context: Context
    ) -> None:
        self.search = search
        self._compiled = compiled
        self._document = document
        self._context = context
        self._match: Match | None = None

    @property
    def match(self) -> Match:
        """The reasons and the places that are bound."""
        if self._match is None:
            compiled = self._compiled if isinstance(self._compiled, Compiled) else self._compiled()
            self._match = compiled.why(self._document, self._context)
        return self._match

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Found) and (self.search, self.match) == (other.search, other.match)

    __hash__ = None  # type: ignore[assignment]  # what is compared is worked out lazily

    def __repr__(self) -> str:
        return f"Found({self.search.id!r}, {self.match!r})"


class Failures(Counter[str]):
    """How often each search could not be asked about a post, by its id; the first time of each is in the log.

    It is left out then, and the others are not: a fault in one query must not cost the post its report.
    """

    def add(self, search_id: str, document: Document, error: Exception) -> None:
        """Count an error."""
        if not self[search_id]:
            told = "search %s cannot be asked about post %s: it is left out there"
            logger.error(told, search_id, document.id, exc_info=error)
        self[search_id] += 1


class Monitor(Protocol):
    """Holds the active saved searches of one city."""

    failures: Failures

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
    """Asks the reference matcher about every search in turn: the oracle of the other one."""

    def __init__(self, zone: ZoneInfo, names: Names = NO_NAMES) -> None:
        self.zone = zone
        self.names = names
        self.failures = Failures()
        self._searches: dict[str, tuple[SavedSearch, Compiled]] = {}

    def register(self, search: SavedSearch, query: Query) -> None:
        """Take a search, in place of an earlier version of the same id."""
        self._searches[search.id] = (search, Compiled(query))

    def unregister(self, search_id: str) -> None:
        """Let a search go; an unknown id changes nothing."""
        self._searches.pop(search_id, None)

    def match(self, document: Document, at: datetime) -> Sequence[Found]:
        """The searches that fit a document at a clock, by id."""
        found = []
        for search_id in sorted(self._searches):
            try:
                one = self.explain(search_id, document, at)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is told
                self.failures.add(search_id, document, error)
            else:
                found += [one] if one else []
        return found

    def match_many(self, documents: Sequence[Document], at: datetime) -> Sequence[Sequence[Found]]:
        """What `match` gives for each document, in order."""
        return [self.match(document, at) for document in documents]

    def explain(self, search_id: str, document: Document, at: datetime) -> Found | None:
        """Why one search fits, None when it does not; KeyError when it is not registered."""
        search, compiled = self._searches[search_id]
        context = Context(at, self.zone, self.names)
        return Found(search, compiled, document, context) if compiled.fits(document, context) else None
