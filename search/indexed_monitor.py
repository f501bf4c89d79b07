"""The monitor for many searches: two features that a document must have lead to the few that may fit it.

Of the clauses of a query (search/features.py) the two rarest are its keys: a document is looked up by its features, and
by each feature found, by its features again. Whoever stands there is asked about its other clauses, and about what
clauses cannot say (search/checks.py). How rare a feature is, is learnt from the documents that pass; the keys are
chosen anew after some hundreds of them and seldomer later. A registration or removal touches one search alone.

Of a batch every feature has the bits of the documents that have it, and the same is done with bits.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from operator import attrgetter
from zoneinfo import ZoneInfo

from crawler.model.city import SavedSearch
from search.checks import Check, check_of
from search.document import Document
from search.features import (
    NOTHING,
    Clause,
    Features,
    Outline,
    clauses_of,
    features_of,
    is_clause,
    outline_of,
    residue_of,
)
from search.monitor import Failures, Found
from search.names import NO_NAMES, Names
from search.query import parse_query
from search.rarity import Rarity
from search.reference import Compiled, Context
from search.tree import Query

_ANYTHING = (NOTHING,)
_MOST_PAIRS = 64
_MOST_AT_ONCE = 1000
_BITS = [1 << number for number in range(_MOST_AT_ONCE)]

Pair = tuple[str, str]


class _Entry:
    """A registered search. Its query is read and its check made when they are first needed: most never are.

    `rest` are the clauses that are no keys; `check` is asked for what no clause says, None where there is nothing.
    """

    __slots__ = ("_compiled", "_query", "check", "excluded", "id", "pairs", "required", "rest", "search")

    def __init__(self, search: SavedSearch, query: Query | None, outline: Outline) -> None:
        self.id = search.id
        self.search = search
        self.required = outline.required
        self.excluded = outline.excluded
        self.rest: Sequence[Clause] = ()
        self.pairs: Sequence[Pair] = ()
        self.check: Check | None = None if outline.whole else self._first_check
        self._query = query
        self._compiled: Compiled | None = None

    def query(self) -> Query:
        """The query as it was given, or as the search has it."""
        if self._query is None:
            self._query = parse_query(self.search.query)
        return self._query

    def compiled(self) -> Compiled:
        """The query ready to tell why a document fits."""
        if self._compiled is None:
            self._compiled = Compiled(self.query())
        return self._compiled

    def admits(self, features: set[str]) -> bool:
        """Whether a document that has the keys has what the other clauses say."""
        for clause in self.rest:
            if features.isdisjoint(clause):
                return False
        return all(map(features.isdisjoint, self.excluded))

    def admitted(self, spread: Mapping[str, int], bits: int) -> int:
        """The same of many documents: the bits of those that have it, of the bits given."""
        for clause in self.rest:
            some = 0
            for feature in clause:
                some |= spread.get(feature, 0)
            bits &= some
        for clause in self.excluded:
            for feature in clause:
                bits &= ~spread.get(feature, 0)
        return bits

    def _first_check(self, document: Document, context: Context) -> bool:
        self.check = check_of(Query("", residue_of(self.query().root)))
        return self.check(document, context)


_BY_ID = attrgetter("id")


class IndexedMonitor:
    """Holds the active saved searches of one city. Not for several threads at once: record matches under its lock.

    `first_look` is how many documents pass before the keys are chosen anew, then ten times as many, and so on.
    """

    def __init__(self, zone: ZoneInfo, names: Names = NO_NAMES, *, first_look: int = 500) -> None:
        self.zone = zone
        self.names = names
        self.failures = Failures()
        self._entries: dict[str, _Entry] = {}
        self._index: dict[str, dict[str, list[_Entry]]] = {}
        self._features = Features(names)
        self._rarity = Rarity()
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
        if entry is None:
            return
        for first, second in entry.pairs:
            inner = self._index[first]
            inner[second].remove(entry)
            if not inner[second]:
                del inner[second]
            if not inner:
                del self._index[first]

    def match(self, document: Document, at: datetime) -> Sequence[Found]:
        """The searches that fit a document at a clock, by id."""
        context = Context(at, self.zone, self.names)
        features = self._features.of(document)
        fitting = []
        for entry in self._candidates(features):
            if (entry.rest or entry.excluded) and not entry.admits(features):
                continue
            if entry.check is None or self._holds(entry, document, context):
                fitting.append(entry)
        # Only now: keys that are chosen anew may be features that nobody looked for in this document.
        self._learn((document,))
        fitting.sort(key=_BY_ID)
        return [Found(entry.search, entry.compiled, document, context) for entry in fitting]

    def match_many(self, documents: Sequence[Document], at: datetime) -> Sequence[Sequence[Found]]:
        """What `match` gives for each document, in order."""
        context = Context(at, self.zone, self.names)
        starts = range(0, len(documents), _MOST_AT_ONCE)
        batches = [self._match_batch(documents[start : start + _MOST_AT_ONCE], context) for start in starts]
        return [found for batch in batches for found in batch]

    def explain(self, search_id: str, document: Document, at: datetime) -> Found | None:
        """Why one search fits, None when it does not; KeyError when it is not registered."""
        entry, context = self._entries[search_id], Context(at, self.zone, self.names)
        fits = check_of(entry.query())(document, context)
        return Found(entry.search, entry.compiled, document, context) if fits else None

    def size(self) -> tuple[int, int]:
        """How many searches there are, and under how many keys they stand."""
        return len(self._entries), sum(map(len, self._index.values()))

    def breadth(self, search_id: str) -> int:
        """How many things a search asks for at once; KeyError when it is not registered."""
        return len(self._entries[search_id].required)

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
            if entry.rest or entry.excluded:
                bits = entry.admitted(spread, bits)
            asks, search, compiled = entry.check is not None, entry.search, entry.compiled
            while bits:
                number = bits.bit_length() - 1
                bits ^= _BITS[number]
                document = documents[number]
                if not asks or self._holds(entry, document, context):
                    found[number].append(Found(search, compiled, document, context))
        self._learn(documents)
        return found

    def _spread_candidates(self, spread: Mapping[str, int]) -> dict[_Entry, int]:
        """The same for many documents: for each search the bits of those that it may fit."""
        index, bits_of = self._index, spread.get
        found: dict[_Entry, int] = {}
        for first in index.keys() & spread.keys():
            some = spread[first]
            for second, entries in index[first].items():
                if (other := bits_of(second)) and (both := some & other):
                    for entry in entries:
                        found[entry] = found.get(entry, 0) | both
        return found

    def _holds(self, entry: _Entry, document: Document, context: Context) -> bool:
        """Whether what no clause says is true of a document, too."""
        try:
            return entry.check is None or entry.check(document, context)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told
            self.failures.add(entry.id, document, error)
            return False

    def _take(self, entry: _Entry) -> None:
        self.unregister(entry.id)
        self._entries[entry.id] = entry
        self._file(entry)

    def _file(self, entry: _Entry) -> None:
        """Put a search under its keys."""
        clauses = clauses_of(entry.required, self._rarity.share)
        keys = clauses[:2] if len(clauses) > 1 and len(clauses[0]) * len(clauses[1]) <= _MOST_PAIRS else clauses[:1]
        first_key, second_key = [*keys, _ANYTHING, _ANYTHING][:2]
        entry.pairs = list(product(first_key, second_key))
        entry.rest = [one for one in entry.required if is_clause(one) and one not in keys]
        self._features.want([*features_of(entry.required), *entry.excluded])
        for first, second in entry.pairs:
            self._index.setdefault(first, {}).setdefault(second, []).append(entry)

    def _learn(self, documents: Sequence[Document]) -> None:
        """Count features, and choose the keys anew when enough documents have passed."""
        for document in self._rarity.sample(documents):
            # Words that nobody asks for yet too: somebody may.
            self._rarity.count(self._features.of(document) | document.lemma_set)
        if self._rarity.passed >= self._look:
            self._look *= 10
            self._index, self._features = {}, Features(self.names)
            for entry in self._entries.values():
                self._file(entry)
