"""What a document must have for a query to fit it: the sound filter in front of the reference matcher.

A feature is a short string that a document has or has not: a lemma key as it is; the rest with a sign no key has. A
clause is a set of features of which a fitting document has at least one; all clauses of a query hold at once. The
clauses may let through what does not fit, never the other way round (tests/search/test_monitor.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeGuard

from crawler.model.items import PlaceKind
from search.address import fold
from search.analysis import name_key, query_lemmas, surface_key
from search.asked_forms import Forms
from search.document import Document
from search.names import NO_NAMES, Names
from search.place_names import asked_name, own_names, place_names
from search.properties import MANY, property_of
from search.street_key import asked_terms, street_terms
from search.tree import And, At, Field, Node, Not, Or, Period, Phrase, Prefix, Word

Clause = Sequence[str]
"""Features in their order, each once."""
Choice = Sequence[Sequence["Required"]]
"""The parts of an OR of which one holds, each with what it requires itself."""
Required = Clause | Choice

NOTHING = ""
"""The feature that every document has."""
_MOST_CLAUSES = 8
_PLACE, _POINT = "@", "@@"
# What a place has is told by one sign more: "@s" street, "@d" district, "@t" settlement, and these two.
_NAMED, _INSIDE = "@n", "@i"


class Outline(NamedTuple):
    """What a query requires, and the clauses of which a document has none.

    `whole`: that is all the query says. Else `residue_of` has to be asked too.
    """

    required: Sequence[Required]
    excluded: Sequence[Clause]
    whole: bool


def outline_of(node: Node | None) -> Outline:
    """The outline of a query with this root: of JSON's own types but for the tuples."""
    required = [one for part in _parts(node) for one in _required(part)]
    excluded = [_clause(part.part) for part in _parts(node) if _excludes(part)]
    return Outline(tuple(dict.fromkeys(required)), tuple(excluded), whole=residue_of(node) is None)


def residue_of(node: Node | None) -> Node | None:
    """What of a query its clauses do not say; None where they say everything."""
    rest = tuple(part for part in _parts(node) if not (_is_clause(part) or _excludes(part)))
    return And(rest) if rest else None


def is_clause(required: Required) -> TypeGuard[Clause]:
    """A clause, no choice."""
    return isinstance(required[0], str)


def features_of(required: Iterable[Required]) -> Iterator[Clause]:
    """Every clause, those of choices too."""
    for one in required:
        if is_clause(one):
            yield one
        else:
            for part in one:
                yield from features_of(part)


def clauses_of(required: Iterable[Required], cost: Callable[[Clause], float]) -> list[Clause]:
    """The clauses of a query, the cheapest first; empty where nothing can be required of a document.

    `cost` is how many of a hundred documents, say, have one of these features: it decides which clauses of the parts
    of an OR stand together.
    """
    found: list[Clause] = []
    for one in required:
        if is_clause(one):
            found.append(one)
        else:
            found += _either([clauses_of(part, cost)[:_MOST_CLAUSES] for part in one])
    return sorted(found, key=cost)


def _required(node: Node) -> list[Required]:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case Word() | Prefix():
            return [_word(node)]
        case Phrase(slots):
            return [_union(map(_word, slot)) for slot in slots]
        case Field():
            return [(_of_field(node),)]
        case At():
            return _place_clauses(node)
        case And(parts):
            return [clause for part in parts for clause in _required(part)]
        case Or(parts):
            return _choice([_required(part) for part in parts])
        case Not() | Period():
            return []


def _of_field(field: Field) -> str:
    """A group of topics is one feature, which its topics have."""
    return f"{property_of(field)}:{fold(field.value) if field.name == 'topic' else field.value}"


def _parts(node: Node | None) -> tuple[Node, ...]:
    """What of a query holds all at once."""
    if node is None:
        return ()
    return node.parts if isinstance(node, And) else (node,)


def _excludes(node: Node) -> TypeGuard[Not]:
    """A clause that must not hold."""
    return isinstance(node, Not) and _is_clause(node.part)


def _clause(node: Node) -> Clause:
    """The one that such a node is."""
    (clause,) = _required(node)
    assert is_clause(clause)
    return clause


def _is_clause(node: Node) -> bool:
    """Whether a document fits the node if, and only if, it has one of the features of one clause."""
    match node:
        case Word() | Prefix():
            return True
        case Field(name):
            # The name of a topic that the city has no more may differ in its letters.
            return name != "topic"
        case At():
            said = (node.street, node.district, node.settlement, node.place, node.polygon, node.house, node.near)
            return sum(map(bool, said)) == 1 and not (node.house or node.near)
        case Or(parts):
            return all(map(_is_clause, parts))
    return False


def _word(word: Word | Prefix) -> Clause:
    if isinstance(word, Prefix):
        return (f"{word.text}*",)
    return (f"={surface_key(word.text)}",) if word.exact else tuple(sorted(query_lemmas(word.text)))


def _union(clauses: Iterable[Clause]) -> Clause:
    return tuple(sorted({feature for clause in clauses for feature in clause}))


def _choice(parts: Sequence[Sequence[Required]]) -> list[Required]:
    """What an OR requires: nothing where a part requires nothing, one clause where each part is one."""
    if not all(parts):
        return []
    alone = [part[0] for part in parts if len(part) == 1 and is_clause(part[0])]
    if len(alone) == len(parts):
        return [_union(clause for clause in alone if is_clause(clause))]
    return [tuple(map(tuple, parts))]


def _either(parts: Sequence[Sequence[Clause]]) -> list[Clause]:
    """The first clauses of the parts together, the second ones together: whichever part holds, each of these does."""
    widest = max(map(len, parts))
    return [_union(part[min(at, len(part) - 1)] for part in parts) for at in range(widest)]


def _place_clauses(at: At) -> list[Required]:
    found: list[Required] = []
    if at.street:
        found.append(tuple(f"@s{term}" for term in asked_terms(at.street)))
    if at.district:
        found.append((f"@d{name_key(at.district)}",))
    if at.settlement:
        found.append((f"@t{name_key(at.settlement)}",))
    if at.place:
        found.append((f"{_NAMED}{asked_name(at.place)}",))
    if at.polygon:
        found.append((f"{_INSIDE}{name_key(at.polygon)}",))
    elif at.near:
        found.append((_POINT,))
    return found or [(_PLACE,)]


class Features:
    """Reads the features of documents: those that some query asks for."""

    def __init__(self, names: Names = NO_NAMES) -> None:
        self._names = names
        self._wanted: set[str] = set()
        self._properties: set[str] = set()
        self._of_places: set[str] = set()
        self._forms = Forms()
        # Asked for, and not looked through yet: a start asks for tens of thousands before the first document comes.
        self._new: list[Clause] = []

    def want(self, clauses: Iterable[Clause]) -> None:
        """Read the features of these clauses from now on."""
        self._new.extend(clauses)

    def of(self, document: Document) -> set[str]:
        """The features of a document."""
        if self._new:
            self._look_through()
        found = self._wanted.intersection(document.lemma_set)
        found.add(NOTHING)
        forms = self._forms
        for token in document.tokens:
            if features := forms[token[0]]:
                found.update(features)
        if self._properties:
            found.update(self._properties_of(document))
        if document.places:
            found.update(self._places_of(document))
        return found

    def spread(self, documents: Sequence[Document]) -> dict[str, int]:
        """Which of the documents have each feature: document N has it where bit N is set."""
        if self._new:
            self._look_through()
        found: defaultdict[str, int] = defaultdict(int)
        wanted, forms, bit = self._wanted, self._forms, 1
        for document in documents:
            # By index, and not by way of the sets: this is a good part of the work on a batch.
            for token in document.tokens:
                if token[1] in wanted:
                    found[token[1]] |= bit
                if features := forms[token[0]]:
                    for feature in features:
                        found[feature] |= bit
            for feature in self._properties_of(document) if self._properties else ():
                found[feature] |= bit
            for feature in self._places_of(document) if document.places else ():
                found[feature] |= bit
            bit <<= 1
        found[NOTHING] = bit - 1
        return found

    def _look_through(self) -> None:
        for feature in {feature for clause in self._new for feature in clause} - self._wanted:
            self._wanted.add(feature)
            # Properties first: the name of a topic or source may end as a prefix does.
            if ":" in feature and feature[0] not in "@=":
                self._properties.add(feature.partition(":")[0])
            elif feature[:2] in (_NAMED, _INSIDE):
                self._of_places.add(feature[:2])
            elif feature[-1:] == "*" or feature[:1] == "=":
                self._forms.want(feature)
        self._new.clear()

    def _properties_of(self, document: Document) -> list[str]:
        found: list[str] = []
        for name in self._properties:
            values = getattr(document, name)
            if name == "topic":
                values = self._names.called(document.topic) if document.topic else ()
            elif name not in MANY:
                values = (values,)
            found += [f"{name}:{value}" for value in values]
        return found

    def _places_of(self, document: Document) -> list[str]:
        found = [_PLACE]
        areas = self._names.areas if _INSIDE in self._of_places else None
        for place in document.places:
            found += [f"@s{term}" for term in street_terms(place.street_key)]
            found += [f"@d{name}" for name in place_names(place, PlaceKind.DISTRICT)]
            found += [f"@t{name}" for name in place_names(place, PlaceKind.SETTLEMENT)]
            if _NAMED in self._of_places:
                found += [f"{_NAMED}{name}" for name in own_names(place)]
            if place.lat is not None and place.lon is not None:
                found.append(_POINT)
                if areas:
                    found += [f"{_INSIDE}{key}" for key in areas.over(place.lat, place.lon)]
        return found
