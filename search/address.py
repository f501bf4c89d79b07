"""House numbers in one normal form, whether a house fits what is asked, and the keys that group reports by place."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from crawler.model.items import House, Place, PlaceKind
from search.lemmas import LOOK_ALIKES
from search.street_key import full_type, split_street
from search.tree import Houses

HOUSE_PATTERN = (
    r"(?P<number>[1-9]\d{0,3})(?!\d)"
    r"(?:(?P<letter>(?![кс]\.?\s?\d)[а-яa-z])(?!(?![кс]\d)[^\W\d_])|\s?(?P<quoted>[«\"'][а-яa-z][»\"']))?"
    r"(?:\s?[/\\]\s?(?P<slash>\d{1,3}(?!\d)[а-я]?(?![^\W\d_]))|/(?P<fraction>[а-я])(?![^\W\d_]))?"
    r"(?:[\s,.]{0,3}(?:корпус|корп|кор|к)\.?\s?№?\s?(?P<corps>\d{1,2}(?!\d)|(?<!к)(?<!к\s)(?<!к\.)[а-я](?![^\W\d_])))?"
    r"(?:(?:[\s,.]{0,3}(?:строение|стр)\.?\s?|(?<=\w)с(?=\d))(?P<building>\d{1,2}(?!\d)))?"
    r"(?:[\s,.]{0,3}(?:литера|литер|лит)\.?\s?[«\"']?(?P<litera>[а-я]{1,2})(?![^\W\d_])[»\"']?"
    r"|(?<=\d)(?P<tail>[а-я])(?![^\W\d_]))?"
)
_HOUSE = re.compile(HOUSE_PATTERN, re.IGNORECASE)
_RANGE = re.compile(r"\s?[-–—]\s?(?P<end>[1-9]\d{0,3})(?!\d)")
# «12 А»: in a text the gap may be a preposition («12 в центре»), in a list of houses it is not.
_APART = re.compile(r"(?<=\d) (?![кси]\.?\s?\d|и\s)(?=[а-яa-z](?![^\W\d_]))", re.IGNORECASE)
_LEAD = re.compile(r"[\s,;.]*(?:(?:дома|дом|д|и)\b[\s.]*)*(?:№\s?)?", re.IGNORECASE)
_PARITY = re.compile(r"[\s,(]*(?P<odd>не)?ч[её]тн\w+\)?|[\s,(]*(?P<odd_short>не)?ч[её]т\b\)?", re.IGNORECASE)


def house_of(match: re.Match[str]) -> House:
    """The house of a match of HOUSE_PATTERN; suffixes in a fixed order: letter, /, к, с, litera."""
    if match.lastgroup == "number":
        return House(int(match["number"]))
    part = {name: (value or "").casefold().upper().translate(LOOK_ALIKES) for name, value in match.groupdict().items()}
    suffix = part["letter"] + re.sub(r"\W", "", part["quoted"]) + part["fraction"]
    suffix += f"/{part['slash']}" if part["slash"] else ""
    suffix += f"к{part['corps']}" if part["corps"] else ""
    suffix += f"с{part['building']}" if part["building"] else ""
    return House(int(part["number"]), suffix + part["litera"] + part["tail"])


def parse_houses(text: str) -> tuple[House, ...]:
    """Every house of a list: «д.29 корп.2 лит.А, 31», «10-20 чётные». Empty when the text is not such a list."""
    text = _APART.sub("", text)
    houses: list[House] = []
    at = 0
    while True:
        lead = _LEAD.match(text, at)
        match = _HOUSE.match(text, lead.end() if lead else at)
        if not match:
            return tuple(houses) if not text[at:].strip(" ,;.") else ()
        house, at = house_of(match), match.end()
        stretch = _RANGE.match(text, at)
        if stretch and not house.suffix and int(stretch["end"]) > house.number:
            parity = _PARITY.match(text, stretch.end())
            odd = parity and (parity["odd"] or parity["odd_short"])
            house = House(house.number, "", int(stretch["end"]), ("odd" if odd else "even") if parity else "")
            at = parity.end() if parity else stretch.end()
        houses.append(house)


def parse_asked(text: str) -> Houses:
    """What a query asks for: «12» (with any suffix), «12А», «29 корп. 2», «10-20». ValueError says what is wrong."""
    houses = parse_houses(text)
    if len(houses) != 1 or houses[0].parity:
        raise ValueError(f"not one house or one range: {text!r} (expected 12, 12А, 29к2, 12/1 or 10-20)")
    house = houses[0]
    return Houses(house.number, house.end or house.number, house.suffix or None)


def fits(asked: Houses, house: House) -> bool:
    """Whether a house overlaps what is asked. Without a suffix asked, every suffix fits; a range fits by overlap."""
    first, last = max(asked.first, house.number), min(asked.last, house.end or house.number)
    if first > last:
        return False
    if house.parity and first == last and first % 2 != (house.parity == "odd"):
        return False
    return asked.suffix is None or bool(house.end) or house.suffix == asked.suffix


_LONGEST = 1_000


class Address(NamedTuple):
    """An official address in parts; what it does not give is empty."""

    settlement: str
    type: str
    name: str
    house: House | None


_SETTLEMENT = re.compile(
    r"(?:(?:г|гор|город|пос|посёлок|поселок|пгт|рп|п|с|село|д|дер|деревня|ст|станица|станция|хутор|снт)[.\s]\s*)+"
    r"(?=[^\W\d])(?P<name>.+)",
    re.IGNORECASE,
)
_SKIPPED = re.compile(
    r"муниципальный округ|территория|.*\b(?:район|р-н|область|обл|край|республика|округ)\b|россия$|рф$", re.IGNORECASE
)
_HOUSE_PART = re.compile(
    r"(?:дом|д|корпус|корп|к|стр|строение|лит|литера|литер|№)?[\s.]*(?:№\s?)?\d|(?:лит|литера)\b", re.IGNORECASE
)


_INLINE = re.compile(r" (?=(?:д(?:ом)?[. ]*)?\d)", re.IGNORECASE)


def read_address(text: str) -> Address | None:
    """An address of a register: «г.Пермь, ул. Ленина, дом 7, корпус 2, литера А». None when it names no street, or is
    longer than any address.
    """
    if len(text) > _LONGEST:
        return None
    settlement, street, houses = "", "", ""
    for part in (" ".join(piece.split()) for piece in text.split(",")):
        town = None if street or settlement else _SETTLEMENT.fullmatch(part)
        if town:
            settlement = town["name"]
        elif not part or (not street and _SKIPPED.match(part)) or re.fullmatch(r"\d{6}", part):
            continue
        elif street and _HOUSE_PART.match(part):
            houses += f" {part}"
        elif not street or (not settlement and _is_town_before(street, part)):
            settlement, street = street or settlement, part
    if not street:
        return None
    if not houses:
        street, houses = _apart(street)
    kind, name = split_street(street)
    return Address(settlement, kind, name, _one_house(houses))


def _is_town_before(named: str, part: str) -> bool:
    """Whether a bare name before a street with its type or house is its town: «Озёрск, Ленина 7»."""
    bare = not split_street(named)[0] and not any(char.isdigit() for char in named)
    return bare and (all(split_street(part)) or _one_house(_apart(part)[1]) is not None)


def _apart(street: str) -> tuple[str, str]:
    """A street and the house that stands behind it: «Ленина д7», «Садовая 5 к 2», «40 лет Октября 5»."""
    for at in _INLINE.finditer(street):
        named, rest = street[: at.start()], street[at.end() :]
        if any(char.isalpha() for char in named) and _one_house(rest) and not full_type(rest.split()[-1]):
            return named, rest
    return street, ""


def _one_house(text: str) -> House | None:
    # «д7» is «д. 7», and one building «7-9» is asked for by 7.
    found = parse_houses(re.sub(r"\b(?:дом|д)(?=\d)|(?<=\d)\s?[-–]\s?\d+", "", text))
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """A name as keys have it: small letters, «ё» as «е», hyphens as blanks, single blanks."""
    return " ".join(name.casefold().replace("ё", "е").replace("-", " ").split())


def place_keys(place: Place, home: str) -> tuple[str, ...]:
    """The keys that group reports by place: one for each house of a place, else one; none for a settlement alone. Two
    streets of one name in a city have different ones, and so has a place of which it cannot be told which it is.
    """
    which = "?" if place.candidates else f"@{place.namesake}" if place.namesake else ""
    return tuple(f"{fold(place.settlement or home)}:{what}{which}" for what in _whats(place))


def place_key(place: Place, home: str) -> str:
    """The first of a place's keys, "" when it has none."""
    return next(iter(place_keys(place, home)), "")


def _typed(street: str) -> str:
    """A street named without its type is an «улица»: «Ленина, 5» and «ул. Ленина, 5» are one house."""
    return f"{street}улица" if street.endswith("/") else street


def _whats(place: Place) -> Iterator[str]:
    name = " ".join(map(fold, place.name))
    if place.kind is PlaceKind.HOUSE:
        for house in place.houses:
            yield f"house:{_typed(place.street_key)}:{house}"
    elif place.kind is PlaceKind.INTERSECTION:
        yield f"intersection:{'|'.join(sorted(map(_typed, place.street_key.split('|'))))}"
    elif place.kind is PlaceKind.STREET:
        yield f"street:{_typed(place.street_key)}"
    elif place.kind is PlaceKind.LANDMARK and name:
        yield f"{place.kind}:{_landmark(f'{fold(place.type)} {name}')}"
    elif place.kind is PlaceKind.DISTRICT and name:
        yield f"{place.kind}:{fold(place.type)}:{(not place.type and fold(place.district)) or name}"


def _landmark(name: str) -> str:
    """People say «у школы 6» and mean its stop: остановка «Школа № 6» and школа 6 are one landmark."""
    words = name.replace("№", " ").split()
    return " ".join(word for word in words if word != "остановка") or name
