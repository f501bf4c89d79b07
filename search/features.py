"""What a document must have for a query to fit it: the sound filter in front of the reference matcher.

A feature is a short string that a document has or has not: a lemma key as it is; the rest with a sign no key has. A
clause is a set of features of which a fitting document has at least one; all clauses of a query hold at once. The
clauses may let through what does not fit, never the other way round (tests/search/test_monitor.py).
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from crawler.model.items import PlaceKind
from search.analysis import name_key, query_lemmas, surface_key
from search.document import Document
from search.reference import place_names
from search.street_key import asked_terms, street_terms
from search.tree import And, At, Field, Node, Not, Or, Period, Phrase, Prefix, Word

Clause = frozenset[str]

NOTHING = ""
"""The feature that every document has."""
STEM = 3
"""The shortest prefix that a query may ask for."""
_MOST_CLAUSES = 8
_PLACE, _POINT = "@", "@@"


def word_features(word: Word | Prefix) -> Clause:
    """Those of one word."""
    if isinstance(word, Prefix):
        return frozenset({f"{word.text}*" if len(word.text) >= STEM else NOTHING})
    return frozenset({f"={surface_key(word.text)}"}) if word.exact else query_lemmas(word.text)


def clauses_of(node: Node | None, cost: Callable[[Clause], float]) -> list[Clause]:
    """The clauses of a query, the cheapest first; empty where nothing can be required of a document.

    `cost` is how many of a hundred documents, say, have one of these features: it decides which clauses of the parts
    of an OR stand together.
    """
    found = _clauses(node, cost) if node is not None else []
    return sorted(dict.fromkeys(found), key=cost)[:_MOST_CLAUSES]


def _clauses(node: Node, cost: Callable[[Clause], float]) -> list[Clause]:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case Word() | Prefix():
            return [word_features(node)]
        case Phrase(slots):
            return [frozenset().union(*map(word_features, slot)) for slot in slots]
        case Field(name, value):
            return [frozenset({f"{name}:{value}"})]
        case At():
            return _place_clauses(node)
        case And(parts):
            return [clause for part in parts for clause in _clauses(part, cost)]
        case Or(parts):
            return _either([clauses_of(part, cost) for part in parts])
        case Not() | Period():
            return []


def _either(parts: Sequence[Sequence[Clause]]) -> list[Clause]:
    """The first clauses of the parts together, the second ones together: whichever part holds, each of these does."""
    if not all(parts):
        return []
    widest = max(map(len, parts))
    return [frozenset().union(*(part[min(at, len(part) - 1)] for part in parts)) for at in range(widest)]


def _place_clauses(at: At) -> list[Clause]:
    found = [frozenset({_POINT if at.near else _PLACE})]
    if at.street:
        found.append(frozenset(f"@s{term}" for term in asked_terms(at.street)))
    if at.district:
        found.append(frozenset({f"@d{name_key(at.district)}"}))
    if at.settlement:
        found.append(frozenset({f"@t{name_key(at.settlement)}"}))
    return found


class Features:
    """Reads the features of documents: only those exact forms and prefixes that some query asks for."""

    def __init__(self) -> None:
        self._exact: set[str] = set()
        # The first three letters of a prefix → the lengths of the prefixes that begin so.
        self._stems: dict[str, frozenset[int]] = {}

    def want(self, clauses: Iterable[Iterable[str]]) -> None:
        """Read the features of these clauses from now on."""
        for feature in {feature for clause in clauses for feature in clause}:
            if feature.endswith("*"):
                lengths = self._stems.get(feature[:STEM], frozenset())
                self._stems[feature[:STEM]] = lengths | {len(feature) - 1}
            elif feature.startswith("="):
                self._exact.add(feature[1:])

    def of(self, document: Document) -> set[str]:
        """The features of a document."""
        found = {
            NOTHING,
            f"source:{document.source}",
            f"platform:{document.platform}",
            f"kind:{document.kind}",
            *document.lemma_set,
        }
        surfaces = document.surface_set
        if self._exact:
            found.update([f"={surface}" for surface in self._exact & surfaces])
        if self._stems:
            found.update(self._prefixes(surfaces))
        if document.places:
            found.update(_features_of_places(document))
        return found

    def _prefixes(self, surfaces: Collection[str]) -> list[str]:
        stems = self._stems
        return [
            f"{surface[:length]}*"
            for surface in surfaces
            if (lengths := stems.get(surface[:STEM]))
            for length in lengths
            if len(surface) >= length
        ]


def _features_of_places(document: Document) -> list[str]:
    found = [_PLACE]
    for place in document.places:
        found += [f"@s{term}" for term in street_terms(place.street_key)]
        found += [f"@d{name}" for name in place_names(place, PlaceKind.DISTRICT)]
        found += [f"@t{name}" for name in place_names(place, PlaceKind.SETTLEMENT)]
        if place.lat is not None and place.lon is not None:
            found.append(_POINT)
    return found
