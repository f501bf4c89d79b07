"""The clauses of a query: when one fits a document, and where."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crawler.model.items import Place, PlaceKind
from search.address import fits
from search.analysis import Token, name_key, query_lemmas, surface_key
from search.areas import Area
from search.document import Document
from search.geo import within
from search.names import NO_NAMES, Names
from search.nearness import first_near
from search.periods import resolve
from search.place_names import asked_name, own_names, place_names
from search.properties import property_check
from search.street_key import street_fits
from search.tree import At, Field, Period, Phrase, Prefix, Span, Word

MAX_REASONS = 10
"""Reasons shown for one clause; what matches does not depend on it."""


@dataclass(frozen=True, slots=True)
class Context:
    """The clock that `-24h` counts from, the zone of the city's days, and what names stand for there."""

    now: datetime
    zone: ZoneInfo
    names: Names = NO_NAMES


class Reason(NamedTuple):
    """A clause that fits. `field` is title or text with the code points of what fits; for a property of the post it
    is the property's name, and start and end are 0.
    """

    clause: Span
    field: str
    start: int
    end: int


class Part(ABC):
    """A node of the tree."""

    @abstractmethod
    def fits(self, document: Document, context: Context) -> bool:
        """Whether the document fits."""

    @abstractmethod
    def fitting(self, document: Document, context: Context) -> Iterator["Leaf"]:
        """The leaves that make it fit; asked only of a part that fits."""


class Leaf(Part):
    """A clause."""

    @abstractmethod
    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:
        """Where the document fits; asked only of a clause that fits."""

    def fitting(self, document: Document, context: Context) -> Iterator["Leaf"]:  # noqa: ARG002
        """Itself."""
        yield self

    def bound(self, document: Document, context: Context) -> list[int]:  # noqa: ARG002
        """The places, by index, that it is bound to; none but for an at()."""
        return []


class _Word(Leaf):
    def __init__(self, word: Word) -> None:
        self.span = word.span
        self.exact = word.exact
        self.keys = frozenset({surface_key(word.text)}) if word.exact else query_lemmas(word.text)

    def fits(self, document: Document, context: Context) -> bool:  # noqa: ARG002 - one shape for every clause
        if self.exact:
            return not self.keys.isdisjoint(document.surface_set)
        return not self.keys.isdisjoint(document.lemma_set)

    def tokens(self, document: Document) -> list[Token]:
        found = document.surfaces if self.exact else document.lemmas
        return sorted((token for key in self.keys for token in found.get(key, ())), key=_in_stream)

    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:  # noqa: ARG002
        return _spans(self.span, self.tokens(document))


class _Prefix(Leaf):
    def __init__(self, prefix: Prefix) -> None:
        self.span = prefix.span
        self.text = prefix.text

    def fits(self, document: Document, context: Context) -> bool:  # noqa: ARG002
        return bool(document.surfaces_from(self.text))

    def tokens(self, document: Document) -> list[Token]:
        keys = document.surfaces_from(self.text)
        return sorted((token for key in keys for token in document.surfaces[key]), key=_in_stream)

    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:  # noqa: ARG002
        return _spans(self.span, self.tokens(document))


def _lemmas_of(slot: Sequence[_Word | _Prefix]) -> frozenset[str] | None:
    """What a text must have one of for the slot; None where prefixes or exact words are in it."""
    if any(isinstance(word, _Prefix) or word.exact for word in slot):
        return None
    return frozenset().union(*(word.keys for word in slot if isinstance(word, _Word)))


class _Phrase(Leaf):
    def __init__(self, phrase: Phrase) -> None:
        self.span = phrase.span
        self.phrase = phrase
        self.slots = [
            [_Word(word) if isinstance(word, Word) else _Prefix(word) for word in slot] for slot in phrase.slots
        ]
        # Most phrases fail on a slot none of whose words is in the text: one look a slot, not one a word.
        self._plain = [_lemmas_of(slot) for slot in self.slots]

    def fits(self, document: Document, context: Context) -> bool:
        for slot, lemmas in zip(self.slots, self._plain, strict=True):
            if lemmas is None:
                if not any(word.fits(document, context) for word in slot):
                    return False
            elif lemmas.isdisjoint(document.lemma_set):
                return False
        return self.tokens(document) is not None

    def tokens(self, document: Document) -> tuple[Token, ...] | None:
        """The tokens of the first place where the phrase stands. Hyphenated wholes have no part in it."""
        slots = [
            sorted({token for word in slot for token in word.tokens(document) if not token.whole}, key=_in_stream)
            for slot in self.slots
        ]
        return first_near(slots, self.phrase)

    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:  # noqa: ARG002
        return _spans(self.span, self.tokens(document) or ())


class _Field(Leaf):
    def __init__(self, field: Field) -> None:
        self.field = field
        self.check = property_check(field)

    def fits(self, document: Document, context: Context) -> bool:
        return self.check(document, context.names)

    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:  # noqa: ARG002
        return (Reason(self.field.span, self.field.name, 0, 0),)


class _Period(Leaf):
    def __init__(self, period: Period) -> None:
        self.period = period

    def fits(self, document: Document, context: Context) -> bool:
        first, last = resolve(self.period, context.now, context.zone)
        return is_within(self.period, document, first, last)

    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:  # noqa: ARG002
        return (Reason(self.period.span, self.period.name, 0, 0),)


def _lies_in(place: Place, area: Area | None) -> bool:
    """Whether the point of a place is in a polygon; never where the city has no such polygon (any more)."""
    return area is not None and place.lat is not None and place.lon is not None and area.holds((place.lat, place.lon))


def is_within(period: Period, document: Document, first: datetime | None, last: datetime | None) -> bool:
    """Whether what a period speaks of lies between these moments: the arrival for `seen`, of what it tells of a part
    for `when`, else the publication.
    """
    if period.name == "when":
        assert first
        assert last
        return any(begins <= last and first <= ends for begins, ends in document.happens)
    at = document.seen_at if period.name == "seen" else document.published_at
    return (first is None or first <= at) and (last is None or at <= last)


class _At(Leaf):
    def __init__(self, at: At) -> None:
        self.at = at
        self.district = name_key(at.district)
        self.settlement = name_key(at.settlement)
        self.place = asked_name(at.place)

    def fits(self, document: Document, context: Context) -> bool:
        return any(self.holds(place, context) for place in document.places)

    def holds(self, place: Place, context: Context) -> bool:
        """Whether every part asked for fits this one place."""
        at = self.at
        return (
            (not at.street or street_fits(at.street, place.street_key))
            and (at.house is None or any(fits(at.house, house) for house in place.houses))
            and (not at.district or self.district in place_names(place, PlaceKind.DISTRICT))
            and (not at.settlement or self.settlement in place_names(place, PlaceKind.SETTLEMENT))
            and (not at.place or self.place in own_names(place))
            and (
                at.near is None
                or (place.lat is not None and place.lon is not None and within((place.lat, place.lon), at.near))
            )
            and (not at.polygon or _lies_in(place, context.names.area(at.polygon)))
        )

    def bound(self, document: Document, context: Context) -> list[int]:
        return [index for index, place in enumerate(document.places) if self.holds(place, context)]

    def reasons(self, document: Document, context: Context) -> Iterable[Reason]:
        found = (document.places[index] for index in self.bound(document, context)[:MAX_REASONS])
        return [Reason(self.at.span, place.field, place.start, place.end) for place in found]


def leaf_of(node: Word | Prefix | Phrase | Field | Period | At) -> Leaf:
    """The clause of a leaf of the tree, with what does not depend on the document worked out."""
    match node:
        case Word():
            return _Word(node)
        case Prefix():
            return _Prefix(node)
        case Phrase():
            return _Phrase(node)
        case Field():
            return _Field(node)
        case Period():
            return _Period(node)
        case At():
            return _At(node)


def _in_stream(token: Token) -> tuple[int, int]:
    return token.position, -token.end


def _spans(clause: Span, tokens: Iterable[Token]) -> list[Reason]:
    return [Reason(clause, token.field, token.start, token.end) for token in list(tokens)[:MAX_REASONS]]
