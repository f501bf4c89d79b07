"""A place that a person types: read as the address of a call is, held against the gazetteer, and offered from it."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice

from crawler.model.errors import OtklikError
from crawler.model.items import Place, PlaceKind, PlacePrecision
from crawler.model.stated import ADDRESS
from crawler.model.text import Text
from pipelines.toponyms import PlaceFinder
from search.address import fold
from search.gazetteer import Gazetteer, Landmark, Street
from search.street_key import split_street, street_key
from search.wanted import place_alone

MOST = 8
_NEAR = 3
_LONGEST = 300
_LETTERS = 2
# «Ленина 18», «ул. Ленина, д. 18а»
_HOUSE = re.compile(r"(?P<street>.*?[^\W\d_].*?)(?:,\s*|\s+)(?:д(?:ом)?[.\s]*)?(?P<house>\d[\w/]{0,8})?\s*")


def read_place(finder: PlaceFinder, home: str, written: str) -> Place | None:
    """The place that was typed, None for what cannot be read as one."""
    if not written.strip():
        return None
    return place_alone(finder.find(ADDRESS + " ".join(written.split())), home)[1]


def known_place(finder: PlaceFinder, home: str, written: str) -> Place:
    """The place that was typed, which the gazetteer knows. OtklikError where it does not, with what is near."""
    typed = " ".join(written.split())[:_LONGEST]
    place = read_place(finder, home, typed)
    if place is not None and is_known(finder.gazetteer, place):
        return place
    if place is not None and place.candidates:
        raise OtklikError(_SEVERAL.filled(typed=typed, several=", ".join(place.candidates)))
    text = _NO_HOUSE if place is not None and place.precision is PlacePrecision.STREET else _UNKNOWN
    near = [one for one in _near(finder, home, typed, place) if _is_read(finder, home, one)]
    there = ", ".join(f"«{one}»" for one in near)
    ru, en = (f" Есть: {there}.", f" There is: {there}.") if near else ("", "")
    said = text.filled(typed=typed)
    raise OtklikError(Text(said.ru + ru, said.en + en))


def is_known(gazetteer: Gazetteer, place: Place) -> bool:
    """Whether the gazetteer has just that place: a house as such, and not its street."""
    if place.candidates or len(place.houses) > 1:
        return False
    exact = {PlaceKind.HOUSE: PlacePrecision.HOUSE, PlaceKind.INTERSECTION: PlacePrecision.INTERSECTION}
    if place.kind in exact:
        return place.precision is exact[place.kind]
    if place.kind is PlaceKind.DISTRICT:
        return gazetteer.district(place.district or " ".join(place.name)) is not None
    if place.kind is PlaceKind.SETTLEMENT:
        return gazetteer.settlement(" ".join(place.name)) is not None
    return place.precision is not PlacePrecision.NONE


def offered(finder: PlaceFinder, home: str, typed: str) -> list[str]:
    """What could be meant by what was typed so far: streets and their houses, landmarks, settlements, districts. All of
    it is read as a place that the gazetteer knows.
    """
    made = _offers(finder.gazetteer, home, typed)
    return list(islice((one for one in dict.fromkeys(made) if _is_read(finder, home, one)), MOST))


def _is_read(finder: PlaceFinder, home: str, label: str) -> bool:
    place = read_place(finder, home, label)
    return place is not None and is_known(finder.gazetteer, place)


def _offers(gazetteer: Gazetteer, home: str, typed: str) -> list[str]:
    typed = " ".join(typed.split())[:_LONGEST]
    if len(typed) < _LETTERS:
        return []
    if (found := _HOUSE.fullmatch(f"{typed} ")) and (streets := _of_name(gazetteer, found["street"])):
        return [*islice(_houses(streets, home, (found["house"] or "").upper()), MOST)]
    wanted = fold(split_street(typed)[1] or typed)
    named = [(fold(name), shown) for name, shown in _names(gazetteer, home)]
    first = [shown for name, shown in named if name.startswith(wanted)]
    later = [shown for name, shown in named if f" {wanted}" in name]
    return [*first, *later]


def _of_name(gazetteer: Gazetteer, written: str) -> tuple[Street, ...]:
    kind, name = split_street(written)
    return gazetteer.streets(street_key(name, kind))


def _houses(streets: tuple[Street, ...], home: str, begun: str) -> Iterator[str]:
    for street in streets:
        if not begun:
            yield _street(street, home)
        for house, _ in street.houses:
            if str(house).startswith(begun):
                yield f"{_street(street, home)}, {house}"


def _names(gazetteer: Gazetteer, home: str) -> Iterator[tuple[str, str]]:
    """Every name with what is shown of it."""
    for street in gazetteer.every_street:
        yield street.name, _street(street, home)
    for landmark in gazetteer.every_landmark:
        yield landmark.name, _landmark(landmark)
    for name in gazetteer.settlement_names:
        yield name, name
    for name in gazetteer.district_names:
        yield name, f"район {name}"


def _street(street: Street, home: str) -> str:
    name = f"{street.type} {street.name}".strip()
    return name if fold(street.settlement) in ("", fold(home)) else f"{street.settlement}, {name}"


def _landmark(landmark: Landmark) -> str:
    is_said = fold(landmark.name).startswith(fold(landmark.kind))
    return landmark.name if is_said else f"{landmark.kind} {landmark.name}".strip()


def _near(finder: PlaceFinder, home: str, typed: str, place: Place | None) -> list[str]:
    """What there is instead: houses of the street nearest by number, else names that are spelt alike."""
    gazetteer = finder.gazetteer
    if place is not None and place.precision is PlacePrecision.STREET and place.houses:
        streets = gazetteer.streets(place.street_key, place.settlement)
        there = [
            (abs(house.number - place.houses[0].number), f"{_street(one, home)}, {house}")
            for one in streets
            for house, _ in one.houses
        ]
        return [shown for _, shown in sorted(there)[:_NEAR]] or [_street(one, home) for one in streets[:_NEAR]]
    if some := offered(finder, home, typed):
        return some[:_NEAR]
    found = _HOUSE.fullmatch(f"{typed} ")
    wanted = fold(split_street(found["street"] if found else typed)[1] or typed)
    named = {fold(name): shown for name, shown in _names(gazetteer, home)}
    return [named[one] for one in get_close_matches(wanted, named, _NEAR)]


_NO_HOUSE = Text(
    "Такого дома справочник города не знает: «{typed}». Можно указать одну улицу.",
    "The city's gazetteer has no such house: “{typed}”. The street alone can be given.",
)
_UNKNOWN = Text(
    "Такого места справочник города не знает: «{typed}».",
    "The city's gazetteer has no such place: “{typed}”.",
)
_SEVERAL = Text(
    "Таких мест несколько: «{typed}» — {several}. Допишите, какое из них.",
    "There are several such places: “{typed}” is {several}. Say which of them.",
)
