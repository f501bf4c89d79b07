"""Streets, houses and districts with coordinates, first form: a CSV of addresses and a GeoJSON of districts."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from crawler.model.errors import OtklikError
from crawler.model.items import House, PlacePrecision
from crawler.model.text import Text
from search.address import fold, read_address
from search.shapes import read_shapes
from search.street_key import street_key

_REQUIRED = ("address", "lat", "lon", "district")
_LITERA = re.compile(r"(?:с\d+)?[А-Я]{0,2}")


@dataclass(frozen=True, slots=True)
class Point:
    """Where something is, WGS 84 degrees; `precision` says whether the very house was found or only its street."""

    lat: float
    lon: float
    district: str = ""
    precision: PlacePrecision = PlacePrecision.HOUSE


@dataclass(slots=True)
class Street:
    """A street of one settlement. `point` is the house nearest to the middle of its houses."""

    key: str
    name: str
    type: str
    settlement: str
    houses: dict[int, dict[str, Point]] = field(default_factory=dict)

    def points(self) -> list[Point]:
        """The points of all its houses."""
        return [point for by_suffix in self.houses.values() for point in by_suffix.values()]

    @property
    def point(self) -> Point:
        """A house in the middle; the district only where all houses share it."""
        points = self.points()
        lat = sorted(point.lat for point in points)[len(points) // 2]
        lon = sorted(point.lon for point in points)[len(points) // 2]
        middle = min(points, key=lambda point: (point.lat - lat) ** 2 + (point.lon - lon) ** 2)
        districts = {point.district for point in points}
        return Point(middle.lat, middle.lon, middle.district if len(districts) == 1 else "", PlacePrecision.STREET)


class Gazetteer:
    """What is known of a city's places. Every look-up is by normal form; an empty one knows nothing and says so."""

    def __init__(
        self,
        home: str = "",
        streets: Mapping[tuple[str, str], Street] | None = None,
        districts: "Districts | None" = None,
    ) -> None:
        self.home = home
        self._streets = dict(streets or {})
        self.every_street = tuple(self._streets.values())
        self._districts = districts or Districts({})
        self._by_name: dict[tuple[str, str], list[Street]] = {}
        self._everywhere: dict[str, list[Street]] = {}
        self._by_word: dict[str, list[Street]] = {}
        for (settlement, key), one in self._streets.items():
            self._by_name.setdefault((settlement, key.partition("/")[0]), []).append(one)
            name = key.partition("/")[0]
            self._everywhere.setdefault(name, []).append(one)
            for word in name.split() if " " in name else ():
                self._by_word.setdefault(word, []).append(one)
        towns = {one.settlement for one in self._streets.values()} - {""}
        tables = {point.district for one in self._streets.values() for point in one.points()} - {""}
        self._settlements = tuple(sorted(towns | ({home} if home else set())))
        self._district_names = tuple(sorted(tables | set(self._districts.names)))

    @classmethod
    def empty(cls, home: str = "") -> "Gazetteer":
        """The gazetteer of a city that gives no files."""
        return cls(home)

    def streets(self, key: str, settlement: str = "") -> tuple[Street, ...]:
        """The streets of a key; an untyped key or an untyped street fits every type. Without a settlement the home's
        come first, and those of other settlements only where home has none.
        """
        name, _, kind = key.partition("/")
        found = self._by_name.get((fold(settlement or self.home), name), ())
        if not found and not settlement:
            found = self._everywhere.get(name, ())
        exact = tuple(one for one in found if one.key == key)
        return exact or tuple(one for one in found if not kind or one.type in ("", kind))

    def longer(self, key: str, settlement: str = "") -> tuple[Street, ...]:
        """The streets whose names hold every word of the key and more: «Тухачевского» for «Маршала Тухачевского»."""
        wanted = set(key.partition("/")[0].split())
        town = fold(settlement or self.home)
        candidates = self._by_word.get(max(wanted, key=len), ()) if wanted else ()
        return tuple(
            one
            for one in candidates
            if fold(one.settlement) == town and wanted < set(one.key.partition("/")[0].split())
        )

    def everywhere(self, key: str) -> tuple[Street, ...]:
        """The streets of a key in all settlements, types as in `streets`."""
        name, _, kind = key.partition("/")
        return tuple(one for one in self._everywhere.get(name, ()) if not kind or one.type in ("", kind))

    def street(self, key: str, settlement: str = "") -> Street | None:
        """The one street of a key, None where there is none or several."""
        found = self.streets(key, settlement)
        return found[0] if len(found) == 1 else None

    def house(self, key: str, number: House, settlement: str = "") -> Point | None:
        """The point of a house. A missing or other litera or building is the same house; «12/1» and «12к1» stand for
        each other. Another corpus of the number gives its point with the precision of the street.
        """
        street = self.street(key, settlement)
        by_suffix = street.houses.get(number.number) if street else None
        return _choose(by_suffix, number.suffix) if by_suffix else None

    def polygon(self, name: str) -> Any:
        """The shapely geometry of a district (with or without «район»), None when it is not known."""
        return self._districts.polygon(name)

    def district_at(self, lat: float, lon: float) -> str:
        """The name of the district that covers a point, "" outside of all."""
        return self._districts.at(lat, lon)

    @property
    def settlement_names(self) -> tuple[str, ...]:
        """The settlements of the table of addresses, and home."""
        return self._settlements

    @property
    def district_names(self) -> tuple[str, ...]:
        """The districts of the table and of the polygons."""
        return self._district_names

    @cached_property
    def corners(self) -> tuple[float, float, float, float] | None:
        """South, north, west, east of all houses; None where there are none."""
        points = [point for street in self.every_street for point in street.points()]
        lats, lons = [point.lat for point in points], [point.lon for point in points]
        return (min(lats), max(lats), min(lons), max(lons)) if points else None

    def knows_street(self, key: str) -> bool:
        """Whether any settlement has a street of that name, whatever its type."""
        return key.partition("/")[0] in self._everywhere


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
    return Point(near.lat, near.lon, near.district, PlacePrecision.STREET)


class Districts:
    """Named polygons, found by name and by point."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        from shapely import STRtree, prepare

        self.names = tuple(shapes)
        self._shapes = list(shapes.values())
        self._by_name = {_district(name): shape for name, shape in shapes.items()}
        for shape in self._shapes:
            prepare(shape)
        self._tree = STRtree(self._shapes)

    def polygon(self, name: str) -> Any:
        """The geometry of a name, None for an unknown one."""
        return self._by_name.get(_district(name))

    def at(self, lat: float, lon: float) -> str:
        """The smallest polygon that covers the point, since districts may hold smaller ones."""
        from shapely import Point as Dot

        dot = Dot(lon, lat)
        inside = [at for at in self._tree.query(dot) if self._shapes[at].covers(dot)]
        return self.names[min(inside, key=lambda at: float(self._shapes[at].area))] if inside else ""


def _district(name: str) -> str:
    return re.sub(r"\b(?:район|р н|округ|микрорайон|мкр)\b", "", fold(name)).strip(" .")


def load_gazetteer(addresses: Path | None, districts: Path | None, home: str) -> Gazetteer:
    """Read both files; either may be None. OtklikError names the file, the line and what was expected."""
    streets: dict[tuple[str, str], Street] = {}
    if addresses:
        for text, point in _rows(addresses):
            _add(streets, text, point, home)
    return Gazetteer(home, streets, Districts(read_shapes(districts)) if districts else None)


def _add(streets: dict[tuple[str, str], Street], text: str, point: Point, home: str) -> None:
    """File one address; what names no street (a village of numbered houses) cannot be asked for and is left out."""
    address = read_address(text)
    if not address or not address.house:
        return
    key, settlement = street_key(address.name, address.type), address.settlement or home
    if not key:
        return
    street = streets.setdefault((fold(settlement), key), Street(key, address.name, address.type, settlement))
    street.houses.setdefault(address.house.number, {}).setdefault(address.house.suffix, point)


def _rows(path: Path) -> Iterator[tuple[str, Point]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.reader(lines)
            head = next(table, [])
            missing = [name for name in _REQUIRED if name not in head]
            if missing:
                raise _error(
                    path,
                    1,
                    Text(
                        ru="нет столбцов {missing}; ожидаются address,lat,lon,district",
                        en="columns {missing} are missing; expected address,lat,lon,district",
                    ).filled(missing=", ".join(missing)),
                )
            at = [head.index(name) for name in _REQUIRED]
            for row in table:
                if row:
                    yield _row(path, table.line_num, row, at)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _row(path: Path, line: int, row: list[str], at: list[int]) -> tuple[str, Point]:
    try:
        address, lat, lon, district = (row[column] for column in at)
        point = Point(float(lat), float(lon), district.strip())
    except (IndexError, ValueError) as error:
        expected = Text(
            ru="ожидаются адрес и числа lat, lon: {row}", en="expected an address and numbers lat, lon: {row}"
        )
        raise _error(path, line, expected.filled(row=",".join(row)[:80])) from error
    if not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):
        wrong = Text(
            ru="координаты вне пределов (lat от -90 до 90, lon от -180 до 180): {lat}, {lon}",
            en="coordinates out of range (lat -90 to 90, lon -180 to 180): {lat}, {lon}",
        )
        raise _error(path, line, wrong.filled(lat=lat, lon=lon))
    return address, point


def _error(path: Path, line: int, what: Text) -> OtklikError:
    return OtklikError(
        Text(ru=f"Газеттир {path}, строка {line}: {what.ru}", en=f"Gazetteer {path}, line {line}: {what.en}")
    )


def _unreadable(path: Path, error: Exception) -> OtklikError:
    text = Text(ru="Газеттир {path} не читается: {why}", en="Gazetteer {path} cannot be read: {why}")
    return OtklikError(text.filled(path=path, why=error))
