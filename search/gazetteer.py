"""What is known of a city's places, and every way to ask for it."""

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from crawler.model.city import GazetteerFiles
from crawler.model.items import House, PlacePrecision
from search.address import fold
from search.gazetteer_build import built
from search.gazetteer_called import Called
from search.gazetteer_file import COLUMNS, OTHER, Content, file_error, mapped, unpacked
from search.gazetteer_polygons import Polygons
from search.gazetteer_records import (
    DEGREE,
    Columns,
    District,
    Landmark,
    Point,
    Settlement,
    Street,
    bare_district,
    forms_stamp,
)
from search.gazetteer_staged import Staged
from search.gazetteer_table import read_polygons, read_table

__all__ = [
    "District",
    "Gazetteer",
    "Landmark",
    "Point",
    "Settlement",
    "Street",
    "gazetteer_of",
    "load_gazetteer",
    "open_gazetteer",
]


_LONG_ENOUGH = 6


class Gazetteer:
    """What is known of a city's places. Every look-up is by normal form; an empty one knows nothing and says so.

    Made of what a file holds (search/gazetteer_file.py): houses, stretches and polygons stay where they lie and are
    made when they are asked for. It does not change: threads may share it.
    """

    def __init__(self, content: Content, home: str = "") -> None:
        self.home = home
        self.head = content.head
        self._columns = Columns(content)
        self.every_street = tuple(self._streets(content.head["streets"]))
        self._by_name: dict[tuple[str, str], list[Street]] = {}
        self._everywhere: dict[str, list[Street]] = {}
        self._by_word: dict[str, list[Street]] = {}
        for one, row in zip(self.every_street, content.head["streets"], strict=True):
            town = fold(one.settlement)
            for name in dict.fromkeys(key.partition("/")[0] for key in (one.key, *row[10])):
                self._by_name.setdefault((town, name), []).append(one)
                self._everywhere.setdefault(name, []).append(one)
                for word in name.split() if " " in name else ():
                    self._by_word.setdefault(word, []).append(one)

    @classmethod
    def empty(cls, home: str = "") -> "Gazetteer":
        """The gazetteer of a city that gives no files."""
        head: dict[str, Any] = {name: [] for name in ("settlements", "districts", "suffixes", "streets", "landmarks")}
        return cls(Content(head, {name: memoryview(array(code)) for name, code in COLUMNS.items()}), home)

    def _streets(self, rows: Sequence[Sequence[Any]]) -> Iterator[Street]:
        house = line = 0
        for row in rows:
            houses, lines = range(house, house + row[8]), range(line, line + row[9])
            yield Street(self._columns, row, self._town(row[3]), houses, lines)
            house, line = houses.stop, lines.stop

    def _town(self, number: int) -> str:
        name: str = self.head["settlements"][number][0]
        return name or self.home

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

    def misspelt(self, key: str, settlement: str = "") -> tuple[Street, ...]:
        """The streets of the only name that is one slip away from a key's: «Садвая». Six letters at least, no digit."""
        name, town = key.partition("/")[0], fold(settlement or self.home)
        if len(name) < _LONG_ENOUGH or any(map(str.isdigit, name)):
            return ()
        near = process.extract(name, self._names.get(town, ()), scorer=OSA.distance, score_cutoff=1, limit=2)
        return tuple(self._by_name[town, near[0][0]]) if len(near) == 1 else ()

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for town, name in self._by_name:
            if not any(map(str.isdigit, name)):
                found.setdefault(town, []).append(name)
        return found

    def everywhere(self, key: str) -> tuple[Street, ...]:
        """The streets of a key in all settlements, types as in `streets`."""
        name, _, kind = key.partition("/")
        return tuple(one for one in self._everywhere.get(name, ()) if not kind or one.type in ("", kind))

    def street(self, key: str, settlement: str = "") -> Street | None:
        """The one street of a key, None where there is none or several."""
        found = self.streets(key, settlement)
        return found[0] if len(found) == 1 else None

    def namesake(self, street: Street) -> str:
        """The id of a street where its settlement has several of its very key, else "": what tells them apart."""
        same = self._by_name[fold(street.settlement), street.key.partition("/")[0]]
        return street.point.id if sum(one.key == street.key for one in same) > 1 else ""

    def house(self, key: str, number: House, settlement: str = "") -> Point | None:
        """The point of a house of the one street of a key, as `Street.house` has it."""
        street = self.street(key, settlement)
        return street.house(number) if street else None

    def knows_street(self, key: str) -> bool:
        """Whether any settlement has a street of that name, whatever its type."""
        return key.partition("/")[0] in self._everywhere

    def knows_landmark(self, kind: str, name: str) -> bool:
        """Whether any settlement has an object of that kind which is called just so, or whose number is its name."""
        return self._called.knows(kind, name)

    def landmarks(self, kind: str, name: str) -> tuple[Landmark, ...]:
        """The objects of a kind with this number or name, in all settlements (search/gazetteer_called.py)."""
        return self._called.find(kind, name)

    @cached_property
    def every_landmark(self) -> tuple[Landmark, ...]:
        """All of them, in the order of the file."""
        return tuple(
            Landmark(row[0], row[1], self._town(row[2]), self._columns.point(row[3:7], PlacePrecision.LANDMARK))
            for row in self.head["landmarks"]
        )

    @cached_property
    def _called(self) -> Called:
        return Called(zip(self.every_landmark, (row[7] for row in self.head["landmarks"]), strict=True))

    @cached_property
    def settlements(self) -> dict[str, Settlement]:
        """The settlements by their folded names."""
        found: dict[str, Settlement] = {}
        for name, kind, lat, lon, number in self.head["settlements"]:
            point = None if lat is None else self._columns.point((lat, lon, 0, number), PlacePrecision.SETTLEMENT)
            found[fold(name or self.home)] = Settlement(name or self.home, kind, point)
        return found

    def settlement(self, name: str) -> Settlement | None:
        """The settlement of a name."""
        return self.settlements.get(fold(name))

    @cached_property
    def districts(self) -> dict[str, District]:
        """The districts by `bare_district`; of one name the first that has a polygon."""
        found: dict[str, District] = {}
        for number, (name, kind, lat, lon, id_, _, _) in enumerate(self.head["districts"], 1):
            row = (lat, lon, number, id_)
            point = None if lat is None else self._columns.point(row, PlacePrecision.DISTRICT)
            known = found.get(bare_district(name))
            if known is None or (known.point is None and point is not None):
                found[bare_district(name)] = District(name, kind, point)
        return found

    def district(self, name: str) -> District | None:
        """The district of a name, with or without «район»."""
        return self.districts.get(bare_district(name))

    @cached_property
    def shapes(self) -> dict[str, Any]:
        """The shapely geometries of districts by name; those of one name are one."""
        from shapely import union_all

        parts: dict[str, list[Any]] = {}
        for row, shape in self._drawn:
            parts.setdefault(row[0], []).append(shape)
        return {name: union_all(some) if len(some) > 1 else some[0] for name, some in parts.items()}

    @cached_property
    def _drawn(self) -> list[tuple[Sequence[Any], Any]]:
        from shapely import from_wkb

        ends, body = self._columns.of["shape"], self._columns.of["wkb"]
        rows = [row for row in self.head["districts"] if row[6]]
        starts = [0, *ends][: len(rows)]
        return [(row, from_wkb(bytes(body[start:end]))) for row, start, end in zip(rows, starts, ends, strict=True)]

    @cached_property
    def _polygons(self) -> Polygons:
        return Polygons([shape for _, shape in self._drawn], [row[5] for row, _ in self._drawn])

    def polygon(self, name: str) -> Any:
        """The shapely geometry of a district (with or without «район»), None when it is not known."""
        known = self.district(name)
        return self.shapes.get(known.name) if known else None

    def district_at(self, lat: float, lon: float) -> str:
        """The name of the district that covers a point, "" outside of all."""
        if not any(row[6] for row in self.head["districts"]):
            return ""
        (found,) = self._polygons.at([(lat, lon)])
        return "" if found is None else str(self._drawn[found][0][0])

    @cached_property
    def settlement_names(self) -> tuple[str, ...]:
        """The settlements that are known, and home."""
        return tuple(sorted({row[0] or self.home for row in self.head["settlements"]} | {self.home} - {""}))

    @cached_property
    def district_names(self) -> tuple[str, ...]:
        """The districts of tables, polygons and maps."""
        return tuple(sorted({row[0] for row in self.head["districts"]}))

    @property
    def counts(self) -> dict[str, int]:
        """How many it has of what."""
        return {
            "settlements": sum(1 for row in self.head["settlements"] if row[0]),
            "districts": len(self.district_names),
            "polygons": len({row[0] for row in self.head["districts"] if row[6]}),
            "streets": len(self.every_street),
            "lines": sum(1 for row in self.head["streets"] if row[9]),
            "houses": len(self._columns.of["number"]),
            "landmarks": len(self.head["landmarks"]),
        }

    @cached_property
    def corners(self) -> tuple[float, float, float, float] | None:
        """South, north, west, east of all houses; None where there are none."""
        lats, lons = self._columns.of["lat"], self._columns.of["lon"]
        if not len(lats):
            return None
        return min(lats) / DEGREE, max(lats) / DEGREE, min(lons) / DEGREE, max(lons) / DEGREE

    def houses_in(self, *box: float) -> Iterator[tuple[House, Point]]:
        """The houses inside a box of degrees: south, west, north, east."""
        return (self._columns.numbered(at) for at in self._columns.rows_in(*box))

    def lines_in(self, *box: float) -> Iterator[list[tuple[float, float]]]:
        """The stretches of streets that have a vertex inside such a box, each a list of (lat, lon)."""
        return (self._columns.line(at) for at in self._columns.lines_in(*box))


def gazetteer_of(files: GazetteerFiles, home: str) -> Gazetteer:
    """The gazetteer that a city file names, an empty one where it names none. OtklikError as for its files."""
    if files.built:
        return open_gazetteer(files.built, home)
    if files.addresses is None and files.districts is None:
        return Gazetteer.empty(home)
    return load_gazetteer(files.addresses, files.districts, home)


def open_gazetteer(path: Path, home: str) -> Gazetteer:
    """The gazetteer of a built file, mapped. OtklikError names the file and what is wrong with it."""
    content = mapped(path)
    if content.head["forms"] != forms_stamp():
        raise file_error(path, OTHER)
    return Gazetteer(content, home)


def load_gazetteer(addresses: Path | None, districts: Path | None, home: str) -> Gazetteer:
    """The gazetteer of a table and a GeoJSON, made in memory; either may be None. OtklikError names file and line."""
    with Staged() as staged:
        if addresses:
            read_table(addresses, staged)
        if districts:
            read_polygons(districts, staged)
        return Gazetteer(unpacked(memoryview(built(staged)), Path()), home)
