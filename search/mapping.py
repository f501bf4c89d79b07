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
from search.areas import Area
from search.document import Document
from search.geo import Point, rounded
from search.names import Names
from search.place_names import asked_name, own_names, place_names
from search.street_key import asked_terms, street_terms
from search.tree import At, Houses, Period, Phrase, Prefix, Word

FORM = 4

LEMMA = "lemma"
SURFACE = "surface"
PUBLISHED = "published"
SEEN = "seen"
HAPPENS = "happens"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def period_field(period: Period) -> str:
    """The field with the microseconds that a period speaks of; HAPPENS has stretches of them."""
    return {"seen": SEEN, "when": HAPPENS}.get(period.name, PUBLISHED)


def digest(form: object) -> str:
    """What an engine writes beside its index: changes with FORM, with the gap of the stream, and with its own form."""
    return hashlib.blake2b(repr((FORM, GAP, form)).encode(), digest_size=8).hexdigest()


class Spot(NamedTuple):
    """A place of a post with at most one of its houses, as keys; `names` are its own. Numbers from `first` to `last`, 0
    without a house.

    `parity` is 1 for odd numbers, 0 for even ones, None for all; never set where first = last. `point` is (lat, lon)
    to a millionth of a degree.
    """

    streets: tuple[str, ...]
    districts: tuple[str, ...]
    settlements: tuple[str, ...]
    names: tuple[str, ...]
    first: int = 0
    last: int = 0
    suffix: str = ""
    ranged: bool = False
    parity: int | None = None
    point: Point | None = None

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Every (street, district, settlement, name, further name) of this place, "" where it has none."""
        # Most places have two names: with the type and without.
        names = [(*self.names[at : at + 2], "")[:2] for at in range(0, len(self.names), 2)]
        for *areas, both in product(
            self.streets or ("",), self.districts or ("",), self.settlements or ("",), names or [("", "")]
        ):
            yield (*areas, *both)


def spots(document: Document) -> list[Spot]:
    """The places of a document: one for each house that can be asked for, and one for a place without such."""
    found: list[Spot] = []
    for place in document.places:
        areas = _areas(place.kind, place.name, place.street_key, place.district, place.settlement)
        keys = (*areas, tuple(sorted(own_names(place))))
        houses = [house for house in place.houses if fits(Houses(house.number, house.end or house.number), house)]
        point = None if place.lat is None or place.lon is None else (rounded(place.lat), rounded(place.lon))
        found.extend(_house_spot(keys, house, point) for house in houses)
        if not houses:
            found.append(Spot(*keys, point=point))
    return list(dict.fromkeys(found))


def districts(document: Document) -> tuple[str, ...]:
    """The districts of a document by their official names, one for each key: the least, where it has several."""
    names: dict[str, str] = {}
    for place in document.places:
        # «за речкой» is Заречье: what people call it is no district of its own.
        for name in (place.district,) if place.district or place.kind is not PlaceKind.DISTRICT else place.name:
            key = name_key(name)
            if key:
                shown = " ".join(name.split())
                names[key] = min(shown, names.get(key, shown))
    return tuple(sorted(names.values()))


Keys = tuple[str, ...]


@lru_cache(1 << 14)
def _areas(
    kind: PlaceKind, name: tuple[str, ...], street: str, district: str, settlement: str
) -> tuple[Keys, Keys, Keys]:
    """The keys of streets, districts and settlements. Posts of a city speak of the same places again and again."""
    place = Place(kind, name, 0, 0, "", street_key=street, district=district, settlement=settlement)
    names = [tuple(sorted(place_names(place, area))) for area in (PlaceKind.DISTRICT, PlaceKind.SETTLEMENT)]
    return street_terms(street), names[0], names[1]


def _house_spot(keys: tuple[Keys, Keys, Keys, Keys], house: House, point: Point | None) -> Spot:
    last = house.end or house.number
    parity = int(house.parity == "odd") if house.parity and last > house.number else None
    ranged = bool(house.end)
    return Spot(*keys, first=house.number, last=last, suffix=house.suffix, ranged=ranged, parity=parity, point=point)


@dataclass(frozen=True, slots=True)
class Asked:
    """An at() as keys: one of `streets`, the district, the settlement, a name of the place, (lat, lon, metres); empty
    parts ask nothing. `nowhere` says that it lies in a polygon that the city has not.
    """

    streets: tuple[str, ...]
    district: str
    settlement: str
    house: Houses | None
    place: str
    near: tuple[float, float, float] | None
    area: Area | None
    nowhere: bool


def asked(at: At, names: Names) -> Asked:
    """The keys of an at()."""
    area = names.area(at.polygon) if at.polygon else None
    return Asked(
        streets=asked_terms(at.street),
        district=name_key(at.district),
        settlement=name_key(at.settlement),
        house=at.house,
        place=asked_name(at.place),
        near=at.near,
        area=area,
        nowhere=bool(at.polygon) and area is None,
    )


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
