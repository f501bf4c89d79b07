"""What sources gave to a gazetteer, until it is put together: houses, stretches of streets, landmarks and areas.

Rows wait in a temporary database on disk, so memory holds names and areas, not the houses of a region.
"""

import json
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from crawler.model.items import House
from search.address import fold
from search.gazetteer_landmarks import landmark_keys
from search.gazetteer_polygons import Polygons
from search.gazetteer_records import DEGREE
from search.gazetteer_streets import Dot
from search.gazetteer_towns import Town, Towns
from search.street_key import street_key

_TABLES = ("house", "line", "landmark")
_SPOT = "lat INTEGER, lon INTEGER, id INTEGER, town TEXT, folded TEXT, district TEXT"
_SCHEMA = f"""
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE house ({_SPOT}, key TEXT, name TEXT, type TEXT, number INTEGER, suffix TEXT);
CREATE TABLE line ({_SPOT}, key TEXT, name TEXT, type TEXT, also TEXT, vertices BLOB);
CREATE TABLE landmark ({_SPOT}, kind TEXT, name TEXT, keys TEXT);
BEGIN;
"""
_CHUNK = 20_000
_MOST = 0xFFFF


class Spot(NamedTuple):
    """Where a row lies. `town` is what its address says, "" for nothing; so is `district`."""

    lat: float
    lon: float
    id: int = 0
    town: str = ""
    district: str = ""

    def values(self) -> tuple[object, ...]:
        """As the columns of every table begin."""
        return round(self.lat * DEGREE), round(self.lon * DEGREE), self.id, self.town, "", self.district


class Area(NamedTuple):
    """A part of a city: a polygon of a rank (search/gazetteer_polygons.py) or, where `shape` is None, a name with a
    point or without.
    """

    name: str
    kind: str
    rank: int
    id: int
    shape: Any = None
    point: tuple[float, float] | None = None


class Staged:
    """Takes what sources give. `within` is a geometry: what lies outside of it is left out."""

    def __init__(self, within: Any = None) -> None:
        self.within = within
        self.towns: list[Town] = []
        self.borders: list[tuple[str, Any]] = []
        self.areas: list[Area] = []
        self.sources: list[dict[str, str]] = []
        self.left_out: Counter[str] = Counter()
        # The empty name is a file of SQLite's own that goes with the connection.
        self.rows = sqlite3.connect("", isolation_level=None)
        self.rows.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.rows.close()

    def house(self, name: str, kind: str, house: House, spot: Spot) -> None:
        """A house of a street; left out where nobody could ask for the street."""
        key = street_key(name, kind)
        if key and 0 < house.number <= _MOST:
            self._add("house", (*spot.values(), key, name, kind, house.number, house.suffix))
        else:
            self.left_out["house"] += 1

    def line(self, name: str, kind: str, also: Sequence[str], dots: Sequence[Dot], spot: Spot) -> None:
        """A stretch of a street; `also` are the keys of its other names."""
        key = street_key(name, kind)
        if key:
            flat = array("i", [value for dot in dots for value in dot]).tobytes()
            self._add("line", (*spot.values(), key, name, kind, json.dumps(also), flat))
        else:
            self.left_out["street"] += 1

    def landmark(self, kind: str, names: Sequence[str], spot: Spot) -> None:
        """An object of a kind with its names, the one on the map first."""
        keys = [key for name in names for key in landmark_keys(kind, name)]
        if keys:
            unique = json.dumps(list(dict.fromkeys(keys)), ensure_ascii=False)
            self._add("landmark", (*spot.values(), kind, names[0], unique))
        else:
            self.left_out["landmark"] += 1

    def _add(self, table: str, values: Sequence[object]) -> None:
        self.rows.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", values)  # noqa: S608 - names of tables of our own, here and below

    def settle(self) -> None:
        """Give every row its settlement and district, and take out what lies outside."""
        self._drop_areas_outside()
        towns = Towns(self.towns, self.borders)
        drawn = [area for area in self.areas if area.shape is not None]
        polygons = Polygons([area.shape for area in drawn], [area.rank for area in drawn])
        for table in _TABLES:
            for rows in self._chunks(table):
                points = [(lat / DEGREE, lon / DEGREE) for _, lat, lon, *_ in rows]
                inside = self._inside(polygons, rows) if table == "line" else polygons.at(points)
                found = zip(towns.of(points, [row[3] for row in rows]), inside, rows, strict=True)
                self.rows.executemany(
                    f"UPDATE {table} SET town = ?, folded = ?, district = ? WHERE rowid = ?",  # noqa: S608
                    [
                        (town, fold(town), row[4] or ("" if area is None else drawn[area].name), row[0])
                        for town, area, row in found
                    ],
                )
                self._drop_outside(table, rows, points)
            self.rows.execute(
                f"CREATE INDEX {table}_at ON {table} (folded, {'kind' if table == 'landmark' else 'key'})"
            )

    def _inside(self, polygons: Polygons, rows: Sequence[Sequence[Any]]) -> Iterator[int | None]:
        """The polygon of each stretch of a street, None where not all of its vertices share it."""
        query = "SELECT vertices FROM line WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
        flat = [array("i", vertices) for (vertices,) in self.rows.execute(query, (rows[0][0], rows[-1][0]))]
        dots = [(one[at] / DEGREE, one[at + 1] / DEGREE) for one in flat for at in range(0, len(one), 2)]
        found = iter(polygons.at(dots))
        for one in flat:
            over = {next(found) for _ in range(0, len(one), 2)}
            yield over.pop() if len(over) == 1 else None

    def _chunks(self, table: str) -> Iterator[list[tuple[int, int, int, str, str]]]:
        last = 0
        query = f"SELECT rowid, lat, lon, town, district FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608
        while rows := self.rows.execute(query, (last, _CHUNK)).fetchall():
            yield rows
            last = rows[-1][0]

    def _drop_areas_outside(self) -> None:
        """A border that only touches the geometry is outside: what counts is a point in its middle."""
        if self.within is None:
            return
        from shapely import intersects_xy

        def held(point: tuple[float, float]) -> bool:
            return bool(intersects_xy(self.within, point[1], point[0]))

        self.towns = [town for town in self.towns if town.shape is not None or held((town.lat, town.lon))]
        kept = []
        for area in self.areas:
            point = area.point
            if area.shape is not None:
                middle = area.shape.representative_point()
                point = middle.y, middle.x
            if point is None or held(point):
                kept.append(area)
        self.areas = kept

    def _drop_outside(self, table: str, rows: Sequence[Sequence[Any]], points: Sequence[tuple[float, float]]) -> None:
        if self.within is None:
            return
        from shapely import intersects_xy

        inside = intersects_xy(self.within, [lon for _, lon in points], [lat for lat, _ in points])
        outside = [(row[0],) for row, held in zip(rows, inside, strict=True) if not held]
        self.rows.executemany(f"DELETE FROM {table} WHERE rowid = ?", outside)  # noqa: S608
