"""Places in a text: found by ordered rules (toponym_rules.py), looked up in the gazetteer, given with offsets."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace

from crawler.model.items import House, Place, PlaceKind, PlacePrecision
from pipelines.toponym_rules import find_mentions
from pipelines.toponym_text import Mention, Vocabulary
from search.address import fold
from search.gazetteer import Gazetteer, Point, Street
from search.morphology import forms
from search.street_key import street_key

_NEAR = 120  # characters between a settlement and the address it governs


class PlaceFinder:
    """Finds places. `district_aliases` maps a colloquial name of a district to its official one."""

    def __init__(
        self, gazetteer: Gazetteer, home_settlement: str, district_aliases: Mapping[str, str] | None = None
    ) -> None:
        self.gazetteer = gazetteer
        self.home = home_settlement
        districts = {_lemma(name): name for name in gazetteer.district_names if _can_stand_alone(name)}
        districts |= {_lemma(alias): alias for alias in district_aliases or {}}
        self._official = {fold(alias): name for alias, name in (district_aliases or {}).items()}
        homes = {fold(home_settlement): home_settlement} if home_settlement else {}
        towns = frozenset(map(fold, gazetteer.settlement_names)) | homes.keys()
        self._vocabulary = Vocabulary(homes, towns, districts, lambda low: gazetteer.knows_street(street_key(low)))

    def find(self, text: str, title: str = "", home: str | None = None) -> tuple[Place, ...]:
        """The places of the title, then of the text. Offsets count code points of the field that `Place.field` names.
        A place without a settlement of its own gets `home` (the finder's when None).
        """
        at_home = self.home if home is None else home
        vocabulary = self._vocabulary
        if fold(at_home) not in vocabulary.homes and at_home:
            vocabulary = replace(vocabulary, homes={**vocabulary.homes, fold(at_home): at_home})
        places: list[Place] = []
        for field, content in (("title", title), ("text", text)):
            if content:
                mentions = find_mentions(content, vocabulary)
                settlements = [one for one in mentions if one.kind is PlaceKind.SETTLEMENT]
                places += [self._place(one, settlements, content, field, at_home) for one in mentions]
        return tuple(places)

    def _place(self, mention: Mention, settlements: list[Mention], content: str, field: str, home: str) -> Place:
        keys = [street_key(name, kind) for name, kind in zip(mention.names, mention.types, strict=False)]
        addressed = mention.kind in (PlaceKind.STREET, PlaceKind.HOUSE, PlaceKind.INTERSECTION)
        place = Place(
            kind=mention.kind,
            name=mention.names,
            start=mention.start,
            end=mention.end,
            quote=content[mention.start : mention.end],
            field=field,
            type=mention.types[0],
            houses=mention.houses,
            settlement=mention.names[0] if mention.kind is PlaceKind.SETTLEMENT else _governing(mention, settlements),
            street_key="|".join(keys) if addressed else "",
            confidence=mention.confidence,
            rule=mention.rule,
        )
        resolved = self._resolved(place, home)
        return resolved if resolved.settlement else replace(resolved, settlement=home)

    def _resolved(self, place: Place, home: str) -> Place:
        """The place with what the gazetteer knows of it."""
        if place.kind is PlaceKind.DISTRICT:
            return self._district(place)
        if place.kind is PlaceKind.INTERSECTION:
            return self._intersection(place, home)
        if place.kind in (PlaceKind.STREET, PlaceKind.HOUSE):
            return self._address(place, home)
        return place

    def _district(self, place: Place) -> Place:
        official = self._official.get(fold(place.name[0]), place.name[0])
        known = self.gazetteer.district(official)
        if known is None or known.point is None:
            return replace(place, district=official)
        lat, lon = known.point.lat, known.point.lon
        return replace(place, district=official, lat=lat, lon=lon, precision=PlacePrecision.DISTRICT)

    def _address(self, place: Place, home: str) -> Place:
        streets = self._streets(place, home)
        if not streets:
            return place
        if len(streets) > 1:
            return replace(place, candidates=tuple(f"{one.settlement}: {one.key}" for one in streets))
        street = streets[0]
        point = self._house_point(street, place.houses) or street.point
        named = replace(
            place, name=(street.name,), type=street.type, street_key=street.key, settlement=street.settlement
        )
        return self._at(named, point)

    def _streets(self, place: Place, home: str) -> tuple[Street, ...]:
        """The streets that can be meant: of the settlement named, else of home, else of any that has the house; the
        type as written, else («пр.» is short for two types) any.
        """
        known, settlement = self.gazetteer, place.settlement or home
        untyped = place.street_key.partition("/")[0] + "/"
        streets = known.streets(place.street_key, settlement) or known.streets(untyped, settlement)
        if not place.settlement and not _with_house(streets, place.houses):
            elsewhere = known.everywhere(place.street_key) or known.everywhere(untyped)
            streets = _with_house(elsewhere, place.houses) or streets
        streets = streets or known.longer(place.street_key, settlement)
        if not streets and not place.type:
            # «на Заводском, 4»: without its type an adjective is taken for a feminine, and may be a проезд.
            masculine = street_key(" ".join(place.name), "проезд").partition("/")[0]
            streets = known.streets(f"{masculine}/", settlement)
        return _with_house(streets, place.houses) or streets

    def _house_point(self, street: Street, houses: tuple[House, ...]) -> Point | None:
        return street.house(houses[0]) if houses else None

    def _at(self, place: Place, point: Point) -> Place:
        district = point.district or (
            self.gazetteer.district_at(point.lat, point.lon) if point.precision is PlacePrecision.HOUSE else ""
        )
        return replace(place, lat=point.lat, lon=point.lon, precision=point.precision, district=district)

    def _intersection(self, place: Place, home: str) -> Place:
        """Where the houses of both streets come nearest; the names as the gazetteer has them."""
        sides = [self.gazetteer.street(key, place.settlement or home) for key in place.street_key.split("|")]
        first, second = sides if len(sides) == 2 else (None, None)
        if not first or not second:
            return place
        pairs = [(one, other) for _, one in first.houses for _, other in second.houses]
        if not pairs:
            return place  # a map has streets without houses
        one, other = min(pairs, key=lambda pair: (pair[0].lat - pair[1].lat) ** 2 + (pair[0].lon - pair[1].lon) ** 2)
        middle = Point((one.lat + other.lat) / 2, (one.lon + other.lon) / 2, "", PlacePrecision.INTERSECTION)
        key = f"{first.key}|{second.key}"
        return self._at(replace(place, street_key=key, name=(first.name, second.name)), middle)


def _with_house(streets: tuple[Street, ...], houses: tuple[House, ...]) -> tuple[Street, ...]:
    """Those of the streets that have the first of the houses; all of them where no house is asked for."""
    return tuple(one for one in streets if not houses or one.has(houses[0].number))


def _governing(mention: Mention, settlements: list[Mention]) -> str:
    """The settlement of an address: the one named last before it, near enough; "" for none."""
    for town in reversed(settlements[: bisect_left(settlements, mention.start, key=lambda one: one.start)]):
        return town.names[0] if mention.start - town.end <= _NEAR else ""
    return ""


def _lemma(name: str) -> str:
    """The key under which the words of a text find a district's name."""
    low = fold(name)
    return forms(low)[0].lemma.replace("ё", "е") if " " not in low else low


def _can_stand_alone(name: str) -> bool:
    """Whether a district's name says by itself that it is one: «Луговое», but not «Центральный», a common adjective."""
    return " " not in name and forms(name)[0].pos not in ("ADJF", "") and len(name) > 3
