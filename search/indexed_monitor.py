"""The monitor for many searches: two features that a document must have lead to the few that may fit it.

Of the clauses of a query (search/features.py) the two rarest are its keys: a document is looked up by its features, and
by each feature found, by its features again. Whoever stands there is checked (search/checks.py). How rare a feature is,
is learnt from the documents that pass; the keys are chosen anew after some hundreds of them and seldomer later. A
registration or removal touches one search alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from crawler.model.city import SavedSearch
from search.checks import Check, check_of
from search.document import Document
from search.features import NOTHING, Clause, Features, clauses_of
from search.monitor import Found
from search.reference import Context
from search.tree import Query

_MOST_PAIRS = 64
# Once so many were counted, every sixteenth document says enough.
_COUNTED_ALL = 10_000
_SAMPLE = 16
_GUESSED = 200
"""So many documents weighs what is assumed of a feature before any was seen."""

Pair = tuple[str, str]


class _Entry:
    """A registered search. Its check is made when it is first asked: most of many searches never are."""

    __slots__ = ("check", "pairs", "query", "search")

    def __init__(self, search: SavedSearch, query: Query) -> None:
        self.search = search
        self.query = query
        self.check: Check | None = None
        self.pairs: list[Pair] = []

    def found(self, document: Document, context: Context) -> Found | None:
        """The search, None when it does not fit."""
        if self.check is None:
            self.check = check_of(self.query)
        return Found(self.search, self.query, document, context) if self.check(document, context) else None


class IndexedMonitor:
    """Holds the active saved searches of one city. Not for several threads at once: record matches under its lock.

    `first_look` is how many documents pass before the keys are chosen anew, then ten times as many, and so on.
    """

    def __init__(self, zone: ZoneInfo, first_look: int = 500) -> None:
        self.zone = zone
        self._entries: dict[str, _Entry] = {}
        self._index: dict[str, dict[str, dict[str, _Entry]]] = {}
        self._features = Features()
        self._counts: Counter[str] = Counter()
        self._counted = 0
        self._passed = 0
        self._look = first_look

    def register(self, search: SavedSearch, query: Query) -> None:
        """Take a search, in place of an earlier version of the same id."""
        self.unregister(search.id)
        self._entries[search.id] = entry = _Entry(search, query)
        self._file(search.id, entry)

    def unregister(self, search_id: str) -> None:
        """Let a search go; an unknown id changes nothing."""
        entry = self._entries.pop(search_id, None)
        for first, second in entry.pairs if entry else ():
            inner = self._index[first]
            del inner[second][search_id]
            if not inner[second]:
                del inner[second]
            if not inner:
                del self._index[first]

    def match(self, document: Document, at: datetime) -> Sequence[Found]:
        """The searches that fit a document at a clock, by id."""
        context = Context(at, self.zone)
        found = [one for entry in self._candidates(document) if (one := entry.found(document, context))]
        return sorted(found, key=lambda one: one.search.id)

    def match_many(self, documents: Sequence[Document], at: datetime) -> Sequence[Sequence[Found]]:
        """What `match` gives for each document, in order."""
        return [self.match(document, at) for document in documents]

    def explain(self, search_id: str, document: Document, at: datetime) -> Found | None:
        """Why one search fits, None when it does not; KeyError when it is not registered."""
        return self._entries[search_id].found(document, Context(at, self.zone))

    def size(self) -> tuple[int, int]:
        """How many searches there are, and under how many keys they stand."""
        return len(self._entries), sum(map(len, self._index.values()))

    def _candidates(self, document: Document) -> Iterable[_Entry]:
        """Every search that may fit, and as few others as two features can tell."""
        features = self._features.of(document)
        index = self._index
        found: dict[str, _Entry] = {}
        for first in index.keys() & features:
            inner = index[first]
            for second in inner.keys() & features:
                found.update(inner[second])
        # Only now: keys that are chosen anew may be features that nobody looked for in this document.
        self._learn(features)
        return found.values()

    def _file(self, search_id: str, entry: _Entry) -> None:
        entry.pairs = _pairs_of(clauses_of(entry.query.root, self._cost))
        self._features.want(entry.pairs)
        for first, second in entry.pairs:
            self._index.setdefault(first, {}).setdefault(second, {})[search_id] = entry

    def _learn(self, features: set[str]) -> None:
        self._passed += 1
        if self._counted < _COUNTED_ALL or self._passed % _SAMPLE == 0:
            self._counts.update(features)
            self._counted += 1
        if self._passed >= self._look:
            self._look *= 10
            self._index, self._features = {}, Features()
            for search_id, entry in self._entries.items():
                self._file(search_id, entry)

    def _cost(self, clause: Clause) -> float:
        """What share of the documents has a feature of the clause, at most and about."""
        counts = self._counts
        return sum([counts[feature] + _GUESSED * _guess(feature) for feature in clause]) / (self._counted + _GUESSED)


def _guess(feature: str) -> float:
    """What share of documents has a feature, before any was seen."""
    if not feature:
        return 1.0
    if feature[0] == "@":
        return _GUESSED_PLACES.get(feature[1:2], 0.5)
    if feature[-1] == "*":
        return 0.02
    return 0.5 if ":" in feature else 0.01


_GUESSED_PLACES = {"s": 0.002, "d": 0.1, "t": 0.5}


def _pairs_of(clauses: Sequence[Clause]) -> list[Pair]:
    """The keys of a query with these clauses: every feature of the first with every one of the second."""
    if not clauses:
        return [(NOTHING, NOTHING)]
    if len(clauses) > 1 and len(clauses[0]) * len(clauses[1]) <= _MOST_PAIRS:
        return list(product(sorted(clauses[0]), sorted(clauses[1])))
    return [(feature, NOTHING) for feature in sorted(clauses[0])]
