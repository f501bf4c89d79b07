"""The monitor for many searches: two features that a document must have lead to the few that may fit it.

Of the clauses of a query (search/features.py) the two rarest are its keys: a document is looked up by its features, and
by each feature found, by its features again. Whoever stands there is asked about its other clauses, and about what
clauses cannot say (search/checks.py). How rare a feature is, is learnt from the documents that pass; the keys are
chosen anew after some hundreds of them and seldomer later. A registration or removal touches one search alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from operator import attrgetter
from zoneinfo import ZoneInfo

from crawler.model.city import SavedSearch
from search.checks import Check, check_of
from search.document import Document
from search.features import NOTHING, Clause, Features, Outline, clauses_of, is_clause, outline_of, residue_of
from search.monitor import Found
from search.names import NO_NAMES, Names
from search.query import parse_query
from search.reference import Context
from search.tree import Query

_ANYTHING = (NOTHING,)
_MOST_PAIRS = 64
_MOST_AT_ONCE = 1000
# Once so many were counted, every sixteenth document says enough.
_COUNTED_ALL = 10_000
_SAMPLE = 16
_GUESSED = 200
"""So many documents weighs what is assumed of a feature before any was seen."""

Pair = tuple[str, str]


class _Entry:
    """A registered search. Its query is read and its check made when they are first needed: most never are."""

    __slots__ = ("_check", "_query", "id", "outline", "pairs", "rest", "search")

    def __init__(self, search: SavedSearch, query: Query | None, outline: Outline) -> None:
        self.id = search.id
        self.search = search
        self.outline = outline
        self.pairs: list[Pair] = []
        # The clauses that are no keys.
        self.rest: Sequence[Clause] = ()
        self._query = query
        self._check: Check | None = None

    def query(self) -> Query:
        """The query as it was given, or as the search has it."""
        if self._query is None:
            self._query = parse_query(self.search.query)
        return self._query

    def holds(self, document: Document, context: Context) -> bool:
        """Whether what the clauses do not say is true of a document, too."""
        if self.outline.whole:
            return True
        if self._check is None:
            self._check = check_of(Query("", residue_of(self.query().root)))
        return self._check(document, context)


_BY_ID = attrgetter("id")


class IndexedMonitor:
    """Holds the active saved searches of one city. Not for several threads at once: record matches under its lock.

    `first_look` is how many documents pass before the keys are chosen anew, then ten times as many, and so on.
    """

    def __init__(self, zone: ZoneInfo, names: Names = NO_NAMES, *, first_look: int = 500) -> None:
        self.zone = zone
        self.names = names
        self._entries: dict[str, _Entry] = {}
        self._index: dict[str, dict[str, list[_Entry]]] = {}
        self._features = Features(names)
        self._counts: Counter[str] = Counter()
        self._counted = 0
        self._passed = 0
        self._look = first_look

    def register(self, search: SavedSearch, query: Query) -> None:
        """Take a search, in place of an earlier version of the same id."""
        self._take(_Entry(search, query, outline_of(query.root)))

    def register_outlined(self, search: SavedSearch, outline: Outline) -> None:
        """Take a search whose query is known to be sound and to have this outline: it is read when it is needed."""
        self._take(_Entry(search, None, outline))

    def unregister(self, search_id: str) -> None:
        """Let a search go; an unknown id changes nothing."""
        entry = self._entries.pop(search_id, None)
        for first, second in entry.pairs if entry else ():
            inner = self._index[first]
            inner[second].remove(entry)  # type: ignore[arg-type]  # no pairs without an entry
            if not inner[second]:
                del inner[second]
            if not inner:
                del self._index[first]

    def match(self, document: Document, at: datetime) -> Sequence[Found]:
        """The searches that fit a document at a clock, by id."""
        context = Context(at, self.zone, self.names)
        features = self._features.of(document)
        fitting = [
            entry
            for entry in self._candidates(features)
            if not (entry.rest and any(map(features.isdisjoint, entry.rest))) and entry.holds(document, context)
        ]
        # Only now: keys that are chosen anew may be features that nobody looked for in this document.
        if self._counted < _COUNTED_ALL or self._passed % _SAMPLE == 0:
            self._counts.update(features)
            self._counted += 1
        self._pass(1)
        fitting.sort(key=_BY_ID)
        return [Found(entry.search, entry.query, document, context) for entry in fitting]

    def match_many(self, documents: Sequence[Document], at: datetime) -> Sequence[Sequence[Found]]:
        """What `match` gives for each document, in order."""
        context = Context(at, self.zone, self.names)
        return [
            found
            for start in range(0, len(documents), _MOST_AT_ONCE)
            for found in self._match_batch(documents[start : start + _MOST_AT_ONCE], context)
        ]

    def explain(self, search_id: str, document: Document, at: datetime) -> Found | None:
        """Why one search fits, None when it does not; KeyError when it is not registered."""
        entry, context = self._entries[search_id], Context(at, self.zone, self.names)
        features = self._features.of(document)
        clauses = filter(is_clause, entry.outline.required)
        fits = not any(map(features.isdisjoint, clauses)) and entry.holds(document, context)
        return Found(entry.search, entry.query, document, context) if fits else None

    def size(self) -> tuple[int, int]:
        """How many searches there are, and under how many keys they stand."""
        return len(self._entries), sum(map(len, self._index.values()))

    def _candidates(self, features: set[str]) -> Iterable[_Entry]:
        """Every search that may fit, and as few others as two features can tell."""
        index = self._index
        found: set[_Entry] = set()
        for first in index.keys() & features:
            inner = index[first]
            for second in inner.keys() & features:
                found.update(inner[second])
        return found

    def _match_batch(self, documents: Sequence[Document], context: Context) -> list[list[Found]]:
        spread = self._features.spread(documents)
        found: list[list[Found]] = [[] for _ in documents]
        candidates = self._spread_candidates(spread)
        for entry in sorted(candidates, key=_BY_ID):
            bits = candidates[entry]
            for clause in entry.rest:
                bits &= _any_of(clause, spread)
            search, query, sure = entry.search, entry.query, entry.outline.whole
            while bits:
                last = bits & -bits
                bits ^= last
                number = last.bit_length() - 1
                document = documents[number]
                if sure or entry.holds(document, context):
                    found[number].append(Found(search, query, document, context))
        if self._counted < _COUNTED_ALL or self._passed // len(documents) % _SAMPLE == 0:
            counts = self._counts
            for feature, bits in spread.items():
                counts[feature] += bits.bit_count()
            self._counted += len(documents)
        self._pass(len(documents))
        return found

    def _spread_candidates(self, spread: Mapping[str, int]) -> dict[_Entry, int]:
        """The same for many documents: for each search the bits of those that it may fit."""
        index = self._index
        found: dict[_Entry, int] = {}
        for first in index.keys() & spread.keys():
            inner, some = index[first], spread[first]
            for second in inner.keys() & spread.keys():
                if both := some & spread[second]:
                    for entry in inner[second]:
                        found[entry] = found.get(entry, 0) | both
        return found

    def _take(self, entry: _Entry) -> None:
        self.unregister(entry.id)
        self._entries[entry.id] = entry
        self._file(entry)

    def _file(self, entry: _Entry) -> None:
        """Put a search under its keys."""
        required = entry.outline.required
        clauses = clauses_of(required, self._cost)
        keys = clauses[:2] if len(clauses) > 1 and len(clauses[0]) * len(clauses[1]) <= _MOST_PAIRS else clauses[:1]
        first_key, second_key = [*keys, _ANYTHING, _ANYTHING][:2]
        entry.pairs = list(product(first_key, second_key))
        entry.rest = [one for one in required if is_clause(one) and one not in keys]
        self._features.want(keys)
        self._features.want(entry.rest)
        for first, second in entry.pairs:
            self._index.setdefault(first, {}).setdefault(second, []).append(entry)

    def _pass(self, documents: int) -> None:
        self._passed += documents
        if self._passed >= self._look:
            self._look *= 10
            self._index, self._features = {}, Features(self.names)
            for entry in self._entries.values():
                self._file(entry)

    def _cost(self, clause: Clause) -> float:
        """What share of the documents has a feature of the clause, at most and about."""
        counts = self._counts
        return sum([counts[feature] + _GUESSED * _guess(feature) for feature in clause]) / (self._counted + _GUESSED)


def _any_of(clause: Clause, spread: Mapping[str, int]) -> int:
    """The bits of the documents that have a feature of the clause."""
    found = 0
    for feature in clause:
        found |= spread.get(feature, 0)
    return found


def _guess(feature: str) -> float:
    """What share of documents has a feature, before any was seen."""
    if not feature:
        return 1.0
    if feature[0] == "@":
        return _GUESSED_PLACES.get(feature[1:2], 0.5)
    if feature[-1] == "*":
        return 0.02
    return _GUESSED_PROPERTIES.get(feature.partition(":")[0], 0.5) if ":" in feature else 0.01


_GUESSED_PROPERTIES = {"author": 0.001, "topic": 0.05}
_GUESSED_PLACES = {"s": 0.002, "d": 0.1, "t": 0.5}
