"""What an index keeps of a document, and under which field: one table for every engine.

A property of a post (search/properties.py) has the same name in the index.

A change here or in search/analysis.py that makes another index of the same post raises FORM: the embedded engine then
refuses an index of the older form and names `otklik reindex`. Elasticsearch keeps a form of each field: raise MADE in
search/engines/elastic_index.py too, for the fields that come out otherwise.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from crawler.model.items import House, Place, PlaceKind
from search.address import fits
from search.analysis import GAP, name_key, query_lemmas, surface_key
from search.document import Document
from search.geo import Point, rounded
from search.reference import place_names
from search.street_key import asked_terms, street_terms
from search.tree import At, Houses, Period, Phrase, Prefix, Word

FORM = 2

LEMMA = "lemma"
SURFACE = "surface"
PUBLISHED = "published"
SEEN = "seen"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def period_field(period: Period) -> str:
    """The field with the microseconds that a period speaks of."""
    return SEEN if period.name == "seen" else PUBLISHED


def digest(form: object) -> str:
    """What an engine writes beside its index: changes with FORM, with the gap of the stream, and with its own form."""
    return hashlib.blake2b(repr((FORM, GAP, form)).encode(), digest_size=8).hexdigest()


class Spot(NamedTuple):
    """A place of a post with at most one of its houses, as keys. Numbers from `first` to `last`, 0 without a house.

    `parity` is 1 for odd numbers, 0 for even ones, None for all; never set where first = last. `point` is (lat, lon)
    to a millionth of a degree.
    """

    streets: tuple[str, ...]
    districts: tuple[str, ...]
    settlements: tuple[str, ...]
    first: int = 0
    last: int = 0
    suffix: str = ""
    ranged: bool = False
    parity: int | None = None
    point: Point | None = None

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Every (street, district, settlement) of this place, "" where it has none."""
        return product(self.streets or ("",), self.districts or ("",), self.settlements or ("",))


def spots(document: Document) -> list[Spot]:
    """The places of a document: one for each house that can be asked for, and one for a place without such."""
    found: list[Spot] = []
    for place in document.places:
        keys = _keys(place.kind, place.name, place.street_key, place.district, place.settlement)
        houses = [house for house in place.houses if fits(Houses(house.number, house.end or house.number), house)]
        point = None if place.lat is None or place.lon is None else (rounded(place.lat), rounded(place.lon))
        found.extend(_house_spot(keys, house, point) for house in houses)
        if not houses:
            found.append(Spot(*keys, point=point))
    return list(dict.fromkeys(found))


def districts(document: Document) -> tuple[str, ...]:
    """The districts of a document as people write them, one name for each key: the least, where it has several."""
    names: dict[str, str] = {}
    for place in document.places:
        for name in (place.district, *(place.name if place.kind is PlaceKind.DISTRICT else ())):
            key = name_key(name)
            if key:
                shown = " ".join(name.split())
                names[key] = min(shown, names.get(key, shown))
    return tuple(sorted(names.values()))


Keys = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@lru_cache(1 << 14)
def _keys(kind: PlaceKind, name: tuple[str, ...], street: str, district: str, settlement: str) -> Keys:
    """The keys of streets, districts and settlements. Posts of a city speak of the same places again and again."""
    place = Place(kind, name, 0, 0, "", street_key=street, district=district, settlement=settlement)
    names = [tuple(sorted(place_names(place, area))) for area in (PlaceKind.DISTRICT, PlaceKind.SETTLEMENT)]
    return street_terms(street), names[0], names[1]


def _house_spot(keys: Keys, house: House, point: Point | None) -> Spot:
    last = house.end or house.number
    parity = int(house.parity == "odd") if house.parity and last > house.number else None
    ranged = bool(house.end)
    return Spot(*keys, first=house.number, last=last, suffix=house.suffix, ranged=ranged, parity=parity, point=point)


@dataclass(frozen=True, slots=True)
class Asked:
    """An at() as keys: one of `streets`, the district and settlement, (lat, lon, metres); empty parts ask nothing."""

    streets: tuple[str, ...]
    district: str
    settlement: str
    house: Houses | None
    near: tuple[float, float, float] | None


def asked(at: At) -> Asked:
    """The keys of an at(). ValueError for a part that engines do not know."""
    if at.place or at.polygon:
        raise ValueError(f"no engine can find by place or polygon: {at}")
    return Asked(asked_terms(at.street), name_key(at.district), name_key(at.settlement), at.house, at.near)


class Words(NamedTuple):
    """The stream of a document: the lemmas and the surface forms of each sentence, and the hyphenated wholes
    as (lemma, surface form).

    Words of a sentence take consecutive positions, sentences lie GAP positions apart.
    """

    lemmas: list[list[str]]
    surfaces: list[list[str]]
    wholes: dict[tuple[str, str], None]


def words(document: Document) -> Words:
    """The stream of a document."""
    found = Words([], [], {})
    current, lemmas, surfaces = -1, list[str](), list[str]()
    for surface, lemma, _, _, _, sentence, _ in document.tokens:
        if "-" in surface:  # what Token.whole says, without a call for every word of every post
            found.wholes[lemma, surface] = None
            continue
        if sentence != current:
            current, lemmas, surfaces = sentence, [], []
            found.lemmas.append(lemmas)
            found.surfaces.append(surfaces)
        lemmas.append(lemma)
        surfaces.append(surface)
    return found


@lru_cache(4096)
def word_keys(word: Word) -> tuple[str, tuple[str, ...]]:
    """The index field of a word and the keys of which a post needs one, without those that no post can have."""
    field = SURFACE if word.exact else LEMMA
    keys = {surface_key(word.text)} if word.exact else query_lemmas(word.text)
    return field, tuple(sorted(key for key in keys if is_key(key)))


def is_key(key: str) -> bool:
    """Whether a key can stand in an index: letters and digits of any script, hyphens and slashes."""
    return (
        bool(key)
        and all(char.isalnum() or char in "-/" or ord(char) > 127 for char in key)
        and not any(char.isspace() for char in key)
    )


def slot_field(slot: tuple[Word | Prefix, ...]) -> str | None:
    """The one field that every alternative of a slot is looked up in; None with a prefix or with several fields."""
    fields = {None if isinstance(word, Prefix) else word_keys(word)[0] for word in slot}
    return fields.pop() if len(fields) == 1 else None


def key_sequences(phrase: Phrase, limit: int) -> tuple[str, list[tuple[str, ...]]] | None:
    """The one field of a phrase and its choices of a key for each slot; None for several fields, or above `limit`."""
    fields = {slot_field(slot) for slot in phrase.slots}
    field = next(iter(fields))
    if len(fields) > 1 or not field:
        return None
    slots = [[key for word in slot if isinstance(word, Word) for key in word_keys(word)[1]] for slot in phrase.slots]
    size = 1
    for slot in slots:
        size *= len(slot)
    return (field, list(product(*slots))) if size <= limit else None


def plain_phrases(phrase: Phrase, limit: int) -> tuple[str, list[tuple[str, ...]]] | None:
    """The field and the key sequences whose words stand side by side; None where a phrase is more than that.

    A phrase of one slot is more: it leaves hyphenated wholes out, which looking a key up does not.
    """
    if phrase.sentence or not phrase.ordered or phrase.distance or len(phrase.slots) < 2:
        return None
    return key_sequences(phrase, limit)
