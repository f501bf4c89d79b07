"""Which of several streets or landmarks of a gazetteer a mention means: by signs in an order, never by a sum."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeVar

from crawler.model.items import Place, PlaceKind, PlacePrecision
from search.address import fold
from search.gazetteer import Gazetteer, Landmark, Point, Street
from search.gazetteer_where import crossing, lies_in
from search.street_key import street_key

_UNKNOWN_HOUSE = 0.8
_ELSEWHERE = 0.8
_OTHER_NAME = 0.9
_SLIP = 0.7
_SEVERAL = 0.5
"""What the confidence of a mention is multiplied by: the house is not on the map; the street is of another settlement
than home and neither text nor thread says so; the map has a longer or another form of the name; its name is one slip of
the hand away; several may be meant.
"""
_SIGNS = ("district", "thread", "house", "home")
"""What can speak for one of several streets, the strongest first: the words of `Place.decided`."""
_Named = TypeVar("_Named", Street, Landmark)


class _Mention:
    """A mention on its way to the gazetteer."""

    def __init__(self, known: Gazetteer, place: Place, home: str, district: str, thread: Sequence[Place]) -> None:
        self.known = known
        self.place = place
        self.home = home
        self.district = district
        self.thread = thread
        self.house = place.houses[0] if place.houses else None
        self.alone = True
        self.towns = {fold(one.name[0]) for one in thread if one.kind is PlaceKind.SETTLEMENT}

    def _score(self, one: Street | Landmark) -> tuple[int, ...]:
        """What speaks for a candidate, in the order of _SIGNS. No sign takes one out for which a stronger one speaks,
        so a true district in the text can only help.
        """
        return (
            self._is_in(one, self.district),
            self._said_in_thread(one),
            isinstance(one, Street) and bool(self.house and one.has(self.house.number)),
            fold(one.settlement) == fold(self.home),
        )

    def _best(self, all_: Sequence[_Named]) -> tuple[Sequence[_Named], str]:
        """Those for which most speaks, and the sign that told them from the others."""
        if len(all_) < 2:
            return all_, ""
        scores = [self._score(one) for one in all_]
        most = max(scores)
        best = [one for one, score in zip(all_, scores, strict=True) if score == most]
        second = max((score for score in scores if score != most), default=(0, 0, 0, 0))
        signs = (sign for sign, high, low in zip(_SIGNS, most, second, strict=True) if high > low)
        return best, next(signs, _SIGNS[-1])

    def _is_in(self, one: Street | Landmark, district: str) -> bool:
        if not district:
            return False
        whole = isinstance(one, Street) and not self.house
        return lies_in(self.known, one if whole and isinstance(one, Street) else self._point(one), district)

    def _said_in_thread(self, candidate: Street | Landmark) -> int:
        """2: the thread names this very one; 1: a settlement or a district that it lies in; 0: nothing of it."""
        said = 0
        for one in self.thread:
            if one.kind is PlaceKind.SETTLEMENT:
                here = fold(one.name[0]) == fold(candidate.settlement)
            elif isinstance(candidate, Street) and candidate.key in one.street_key.split("|"):
                same = one.namesake == self.known.namesake(candidate)
                if same and fold(one.settlement) == fold(candidate.settlement):
                    return 2
                continue
            elif isinstance(candidate, Landmark) and candidate.point.id and candidate.point.id == one.id:
                return 2
            else:
                here = bool(one.district) and self._is_in(candidate, one.district)
            said = max(said, int(here))
        return said

    def _point(self, one: Street | Landmark) -> Point:
        if isinstance(one, Street) and self.house:
            return one.house(self.house) or one.point
        return one.point

    def _at(self, place: Place, point: Point, told: float) -> Place:
        exact = point.precision is not PlacePrecision.STREET
        district = point.district or (self.known.district_at(point.lat, point.lon) if exact else "")
        return replace(place, district=district, confidence=round(place.confidence * told, 3), **spot_of(point))


class LandmarkMention(_Mention):
    """An object that people know by number or name: where the map has it, called as the text calls it."""

    def resolved(self) -> Place:
        """The place, where the map tells which is meant; else with its candidates, or as it was."""
        town = fold(self.place.settlement)
        found = [
            one
            for one in self.known.landmarks(self.place.type, self.place.name[0])
            if not town or fold(one.settlement) == town
        ]
        best, decided = self._best(found)
        if len(best) > 1:
            return _several(self.place, [_shown([one.name], one) for one in best], 1.0)
        if not best:
            return self.place
        one = best[0]
        beside = sum(fold(other.settlement) == fold(one.settlement) for other in found)
        told = 1.0 if self.place.settlement or fold(one.settlement) == fold(self.home) else _ELSEWHERE
        namesake = one.point.id if beside > 1 else ""
        named = replace(self.place, settlement=one.settlement, namesake=namesake, decided=decided)
        return self._at(named, one.point, told)


class AddressMention(_Mention):
    """A street, house or intersection."""

    def resolved(self) -> Place:
        """The place, where the map tells which is meant; else with its candidates, or as it was."""
        if self.place.kind is PlaceKind.INTERSECTION:
            return self._intersection()
        streets, told = self._candidates()
        best, decided = self._best(streets)
        if not best:
            return self.place
        if len(best) > 1:
            return _several(self.place, [_shown([_called(one)], one, self._point(one)) for one in best], told)
        street = best[0]
        point = self._point(street)
        if self.house and point.precision is not PlacePrecision.HOUSE:
            told *= _UNKNOWN_HOUSE
        if not self.place.settlement and fold(street.settlement) not in (fold(self.home), *self.towns):
            told *= _ELSEWHERE
        named = replace(
            self.place,
            name=(street.name,),
            type=street.type,
            street_key=street.key,
            settlement=street.settlement,
            namesake=self.known.namesake(street),
            decided=decided or ("" if self.alone else _SIGNS[-1]),
        )
        return self._at(named, point, told)

    def _candidates(self) -> tuple[Sequence[Street], float]:
        """The streets that can be meant, and how sure their name is. A settlement that is named has them alone."""
        known, key, settlement = self.known, self.place.street_key, self.place.settlement or self.home
        untyped = key.partition("/")[0] + "/"
        streets = known.streets(key, settlement) or known.streets(untyped, settlement)
        streets = tuple(one for one in streets if fold(one.settlement) == fold(settlement))
        if not self.place.settlement:
            elsewhere = known.everywhere(key) or known.everywhere(untyped)
            streets += tuple(one for one in elsewhere if one not in streets)
        likely = [one for one in streets if self._may_be(one)]
        if likely:
            self.alone = len(streets) == 1
            return likely, 1.0
        streets = known.longer(key, settlement)
        if not streets and not self.place.type:
            # «на Заводском, 4»: without its type an adjective is taken for a feminine, and may be a проезд.
            masculine = street_key(" ".join(self.place.name), "проезд").partition("/")[0]
            streets = known.streets(f"{masculine}/", settlement)
        if not streets and (self.place.type or self.house):
            streets = known.misspelt(key, settlement)
            if streets:
                self.place = replace(self.place, rule=f"{self.place.rule}, one_slip")
                return streets, _SLIP
        return streets, _OTHER_NAME

    def _may_be(self, street: Street) -> bool:
        """Of others than home only those streets count that have the house, or for which text or thread speaks."""
        if self.house is None or fold(street.settlement) == fold(self.place.settlement or self.home):
            return True
        return street.has(self.house.number) or any(self._score(street)[:2])

    def _intersection(self) -> Place:
        """Where the two streets meet; the names as the gazetteer has them."""
        settlement = self.place.settlement or self.home
        sides = [self.known.streets(key, settlement) for key in self.place.street_key.split("|")]
        met = {
            (one, other): at
            for one, other in product(sides[0], sides[-1])
            if len(sides) == 2 and (at := crossing(one, other)) is not None
        }
        inside = [pair for pair in met if self.district and self._meet_in(met[pair])]
        pairs = inside or list(met)
        if len(pairs) != 1:
            shown = [_shown([_called(one) for one in pair], pair[0], Point(*met[pair])) for pair in pairs]
            return _several(self.place, shown, 1.0) if pairs else self.place
        first, second = pairs[0]
        named = replace(
            self.place,
            street_key=f"{first.key}|{second.key}",
            name=(first.name, second.name),
            settlement=first.settlement,
            namesake="|".join(filter(None, map(self.known.namesake, pairs[0]))),
        )
        return self._at(named, Point(*met[pairs[0]], "", PlacePrecision.INTERSECTION), 1.0)

    def _meet_in(self, at: tuple[float, float]) -> bool:
        return lies_in(self.known, Point(*at), self.district)


def _several(place: Place, candidates: Sequence[str], told: float) -> Place:
    return replace(place, candidates=tuple(candidates), confidence=round(place.confidence * told * _SEVERAL, 3))


def _called(street: Street) -> str:
    return f"{street.type} {street.name}".strip()


def _shown(names: Sequence[str], one: Street | Landmark, at: Point | None = None) -> str:
    """A candidate in words: its settlement, what it is called, its district, its id."""
    point = at or one.point
    parts = [one.settlement, " / ".join(names), point.district, f"[{point.id}]" if point.id else ""]
    return ", ".join(filter(None, parts))


def spot_of(point: Point) -> dict[str, Any]:
    """What a point gives to a place."""
    return {"lat": point.lat, "lon": point.lon, "precision": point.precision, "id": point.id}
