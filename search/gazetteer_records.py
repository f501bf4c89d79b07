"""What a gazetteer gives: points, streets with their houses, landmarks, settlements, districts."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crawler.model.items import House, PlacePrecision
from search.address import fold
from search.analysis import name_key
from search.gazetteer_file import Content
from search.gazetteer_landmarks import landmark_keys
from search.street_key import street_key

DEGREE = 10_000_000
"""Coordinates are kept in whole parts of a degree: a centimetre."""
_ORIGINS = ("table:", "osm:node/", "osm:way/", "osm:relation/")
_LITERA = re.compile(r"(?:с\d+)?[А-Я]{0,2}")


def forms_stamp() -> str:
    """What today's normal forms make of some names: a file with other keys would find nothing and not say so."""
    names = [("Маршала Жукова", "улица"), ("1-я Советская", "улица"), ("40 лет Октября", ""), ("Заводской", "проезд")]
    keys = [*(street_key(*name) for name in names), *landmark_keys("школа", "Гимназия № 4 имени Братьев Чайкиных")]
    more = [
        *landmark_keys("парк", "Центральный парк"),
        *landmark_keys("церковь", "Храм Рождества"),
        name_key("Луговое"),
    ]
    return "|".join([*keys, *more])


def id_of(origin: str, number: int) -> int:
    """The number that stands for «osm:way/123» in a file; origin is one of table, node, way, relation."""
    return number << 2 | ("table", "node", "way", "relation").index(origin)


def name_of_id(number: int) -> str:
    """«osm:way/123», «table:123»; "" for none."""
    return f"{_ORIGINS[number & 3]}{number >> 2}" if number else ""


@dataclass(frozen=True, slots=True)
class Point:
    """Where something is, WGS 84 degrees; `precision` says whether the very house was found or only its street. `id`
    names the object on the map or in the table, "" where it has none.
    """

    lat: float
    lon: float
    district: str = ""
    precision: PlacePrecision = PlacePrecision.HOUSE
    id: str = ""


class Landmark(NamedTuple):
    """An object that people know by number or name."""

    kind: str
    name: str
    settlement: str
    point: Point


class Settlement(NamedTuple):
    """A city, town or village; `point` is where its name stands on the map, None where only addresses name it."""

    name: str
    kind: str
    point: Point | None


class District(NamedTuple):
    """A part of a city; `point` lies in it, None where no polygon is known."""

    name: str
    kind: str
    point: Point | None


def bare_district(name: str) -> str:
    """A district's name without its type, as names compare: «Центральный район» and «центральный» are one."""
    return re.sub(r"\b(?:район|р н|округ|микрорайон|мкр)\b", "", fold(name)).strip(" .")


class Columns:
    """The numbers of a file, read where they lie."""

    def __init__(self, content: Content) -> None:
        self.of = content.columns
        self.suffixes: Sequence[str] = content.head["suffixes"]
        self._districts: Sequence[str] = ["", *(row[0] for row in content.head["districts"])]

    def point(self, row: Sequence[int], precision: PlacePrecision) -> Point:
        """The point of four numbers: latitude, longitude, district (0 for none), id."""
        lat, lon, district, number = row
        return Point(lat / DEGREE, lon / DEGREE, self._districts[district], precision, name_of_id(number))

    def house(self, at: int) -> Point:
        """The point of a house by its row."""
        of = self.of
        return self.point((of["lat"][at], of["lon"][at], of["district"][at], of["id"][at]), PlacePrecision.HOUSE)

    def numbered(self, at: int) -> tuple[House, Point]:
        """The number and the point of a house by its row."""
        return House(self.of["number"][at], self.suffixes[self.of["suffix"][at]]), self.house(at)

    def rows_in(self, south: float, west: float, north: float, east: float) -> list[int]:
        """The rows of the houses inside a box."""
        return self._inside("lat", "lon", (south, west, north, east))

    def lines_in(self, south: float, west: float, north: float, east: float) -> list[int]:
        """The rows of the stretches that have a vertex inside a box."""
        ends = self.of["line"]
        vertices = self._inside("line_lat", "line_lon", (south, west, north, east))
        return sorted({bisect_right(ends, vertex) for vertex in vertices})

    def _inside(self, lat: str, lon: str, box: tuple[float, float, float, float]) -> list[int]:
        import numpy as np

        lats, lons = (np.frombuffer(self.of[name], dtype="<i4") for name in (lat, lon))
        south, west, north, east = (round(degree * DEGREE) for degree in box)
        inside = (lats >= south) & (lats <= north) & (lons >= west) & (lons <= east)
        rows: list[int] = np.flatnonzero(inside).tolist()
        return rows

    def line(self, at: int) -> list[tuple[float, float]]:
        """A stretch of a street by its row: its vertices (lat, lon)."""
        ends = self.of["line"]
        first, last = ends[at - 1] if at else 0, ends[at]
        lats, lons = self.of["line_lat"][first:last], self.of["line_lon"][first:last]
        return [(lat / DEGREE, lon / DEGREE) for lat, lon in zip(lats, lons, strict=True)]


class Street:
    """A street of one settlement. `point` lies on it, in the middle; it has a district only where all of it shares one.
    Houses and stretches are made when they are asked for.
    """

    __slots__ = ("_columns", "_houses", "_lines", "key", "name", "point", "settlement", "type")

    def __init__(self, columns: Columns, row: Sequence[Any], settlement: str, houses: range, lines: range) -> None:
        self.key, self.name, self.type = row[:3]
        self.settlement = settlement
        self.point = columns.point(row[4:8], PlacePrecision.STREET)
        self._columns, self._houses, self._lines = columns, houses, lines

    def has(self, number: int) -> bool:
        """Whether any of its houses has this number."""
        return bool(self._rows(number))

    def at(self, number: int) -> dict[str, Point]:
        """The houses of a number by their suffixes."""
        suffix, suffixes = self._columns.of["suffix"], self._columns.suffixes
        return {suffixes[suffix[at]]: self._columns.house(at) for at in self._rows(number)}

    def _rows(self, number: int) -> range:
        numbers = self._columns.of["number"]
        first = bisect_left(numbers, number, self._houses.start, self._houses.stop)
        return range(first, bisect_right(numbers, number, first, self._houses.stop))

    def house(self, wanted: House) -> Point | None:
        """The point of a house. A missing or other litera or building is the same house; «12/1» and «12к1» stand for
        each other. Another corpus of the number gives its point with the precision of the street.
        """
        by_suffix = self.at(wanted.number)
        return _choose(by_suffix, wanted.suffix) if by_suffix else None

    @property
    def houses(self) -> Iterator[tuple[House, Point]]:
        """Every house with its point, by number and suffix."""
        return map(self._columns.numbered, self._houses)

    @property
    def lines(self) -> list[list[tuple[float, float]]]:
        """Its stretches on the map, each a list of (lat, lon); empty where only its houses are known."""
        return [self._columns.line(at) for at in self._lines]


def _choose(by_suffix: Mapping[str, Point], suffix: str) -> Point:
    """The point of the suffix, of a variation of its litera, of its other spelling, or of the number alone."""
    swapped = suffix.replace("/", "к") if "/" in suffix else suffix.replace("к", "/")
    for wanted in (suffix, swapped):
        if wanted in by_suffix:
            return by_suffix[wanted]
    for wanted in (suffix, swapped):
        bare = re.sub(_LITERA.pattern + "$", "", wanted)
        for stem in (wanted, bare):
            for known in sorted(by_suffix):
                if known.startswith(stem) and _LITERA.fullmatch(known, len(stem)):
                    return by_suffix[known]
    corner = [known for known in sorted(by_suffix) if known.startswith("/")] if not suffix else []
    if corner:
        return by_suffix[corner[0]]
    near = by_suffix[min(by_suffix)]
    return Point(near.lat, near.lon, near.district, PlacePrecision.STREET, near.id)
