"""Puts a gazetteer together from what sources gave: the same input makes the same bytes."""

import json
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from search.address import fold
from search.gazetteer_file import COLUMNS, packed
from search.gazetteer_records import DEGREE, forms_stamp
from search.gazetteer_staged import Area, Staged
from search.gazetteer_streets import Dot, Stretch, apart, apart_dots, middle, middle_of_lines, nearest
from search.gazetteer_towns import KINDS, places_of

Row = list[Any]
_ALIKE = 400.0
"""Metres between two drawings of one landmark: the stops on both sides of a street, a school and its grounds."""


class _HouseRow(NamedTuple):
    name: str
    type: str
    town: str
    id: int
    district: str
    lat: int
    lon: int
    number: int
    suffix: str


def built(staged: Staged) -> bytes:
    """The bytes of the gazetteer."""
    staged.settle()
    return _Building(staged).content()


class _Building:
    def __init__(self, staged: Staged) -> None:
        self.rows = staged.rows
        self.sources = staged.sources
        self.columns = {name: array(code) for name, code in COLUMNS.items()}
        self.suffixes: dict[str, int] = {}
        self.towns: dict[str, int] = {}
        self.town_rows: list[Row] = []
        self.areas: dict[str, int] = {}
        self.area_rows: list[Row] = []
        for area in staged.areas:
            self._area(area)
        for name, kind, point, number in places_of(staged.towns):
            self._town(name, KINDS[kind], [None, None] if point is None else list(map(_whole, point)), number)

    def content(self) -> bytes:
        """Settlements and districts get their numbers from the streets and landmarks that name them."""
        streets = [row for folded, key in self._keys() for row in self._streets(folded, key)]
        landmarks = list(self._landmarks())
        head = {
            "forms": forms_stamp(),
            "sources": self.sources,
            "settlements": self.town_rows,
            "districts": self.area_rows,
            "suffixes": list(self.suffixes),
            "streets": streets,
            "landmarks": landmarks,
        }
        return packed(head, {name: column.tobytes() for name, column in self.columns.items()})

    def _area(self, area: Area) -> None:
        self.areas.setdefault(area.name, len(self.area_rows) + 1)
        at: list[int | None] = [None, None] if area.point is None else [*map(_whole, area.point)]
        if area.shape is not None:
            from shapely import to_wkb

            inside = area.shape.representative_point()
            at = [_whole(inside.y), _whole(inside.x)]
            self.columns["wkb"].frombytes(to_wkb(area.shape, byte_order=1))
            self.columns["shape"].append(len(self.columns["wkb"]))
        self.area_rows.append([area.name, area.kind, *at, area.id, area.rank, area.shape is not None])

    def _district(self, name: str) -> int:
        """The number of a district, 0 for none; one that only rows name is known by its name alone."""
        if name and name not in self.areas:
            self._area(Area(name, "", 0, 0, None))
        return self.areas.get(name, 0)

    def _town(self, name: str, kind: str = "", at: Sequence[int | None] = (None, None), number: int = 0) -> int:
        if fold(name) not in self.towns:
            self.towns[fold(name)] = len(self.town_rows)
            self.town_rows.append([name, kind, *at, number])
        return self.towns[fold(name)]

    def _keys(self) -> list[tuple[str, str]]:
        return self.rows.execute(
            "SELECT folded, key FROM house UNION SELECT folded, key FROM line ORDER BY folded, key"
        ).fetchall()

    def _streets(self, folded: str, key: str) -> Iterator[Row]:
        """The streets of a name in a settlement, mostly one; each has the houses that lie nearest to it."""
        stretches, houses = self._stretches(folded, key), self._houses(folded, key)
        streets = apart(stretches)
        belongs = nearest(streets, [(house.lat, house.lon) for house in houses])
        for number, street in enumerate(streets):
            own = [house for house, place in zip(houses, belongs, strict=True) if place == number]
            yield self._street(key, street, own)

    def _stretches(self, folded: str, key: str) -> list[Stretch]:
        query = "SELECT name, type, town, id, district, also, vertices FROM line WHERE folded = ? AND key = ?"
        return [
            Stretch(name, kind, town, number, district, json.loads(also), _dots(vertices))
            for name, kind, town, number, district, also, vertices in self.rows.execute(
                f"{query} ORDER BY rowid", (folded, key)
            )
        ]

    def _houses(self, folded: str, key: str) -> list[_HouseRow]:
        """The houses of a name by number; of one number and suffix the one that was given first."""
        query = (
            "SELECT name, type, town, id, district, lat, lon, number, suffix FROM house WHERE folded = ? AND key = ?"
        )
        found = self.rows.execute(f"{query} ORDER BY number, suffix, rowid", (folded, key))
        return [_HouseRow(*row) for row in found]

    def _street(self, key: str, stretches: Sequence[Stretch], houses: Sequence[_HouseRow]) -> Row:
        kept = [next(same) for _, same in groupby(houses, key=lambda house: (house.number, house.suffix))]
        for house in kept:
            suffix = self.suffixes.setdefault(house.suffix, len(self.suffixes))
            values = (house.number, suffix, house.lat, house.lon, self._district(house.district), house.id)
            for name, value in zip(("number", "suffix", "lat", "lon", "district", "id"), values, strict=True):
                self.columns[name].append(value)
        for stretch in stretches:
            self.columns["line_lat"].extend(lat for lat, _ in stretch.dots)
            self.columns["line_lon"].extend(lon for _, lon in stretch.dots)
            self.columns["line"].append(len(self.columns["line_lat"]))
        dots = [(house.lat, house.lon) for house in kept]
        first: Stretch | _HouseRow = stretches[0] if stretches else kept[0]
        districts = {one.district for one in (kept or stretches)}
        district = self._district(districts.pop()) if len(districts) == 1 else 0
        also = sorted({other for stretch in stretches for other in stretch.also} - {key})
        dot = dots[middle(dots)] if dots else middle_of_lines(stretches)
        at = [*dot, district, stretches[0].id if stretches else 0]
        return [key, first.name, first.type, self._town(first.town), *at, len(kept), len(stretches), also]

    def _landmarks(self) -> Iterator[Row]:
        """Landmarks by kind and key; what a map draws more than once near by is one."""
        query = "SELECT kind, folded, keys, name, town, lat, lon, district, id FROM landmark"
        rows = self.rows.execute(f"{query} ORDER BY kind, keys, folded, rowid").fetchall()
        for (kind, _, keys), same in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
            near = list(same)
            for at in apart_dots([(row[5], row[6]) for row in near], _ALIKE):
                *_, name, town, lat, lon, district, number = near[at]
                yield [kind, name, self._town(town), lat, lon, self._district(district), number, json.loads(keys)]


def _dots(vertices: bytes) -> list[Dot]:
    flat = array("i", vertices)
    return list(zip(flat[::2], flat[1::2], strict=True))


def _whole(degree: float) -> int:
    return round(degree * DEGREE)
