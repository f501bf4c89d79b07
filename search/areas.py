"""The polygons of a city that have a name: what `in:` asks for. Their geometry stands in no index."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from crawler.model.city import GazetteerFiles
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.analysis import name_key
from search.gazetteer import open_gazetteer
from search.geo import Box, Point, rounded
from search.shapes import read_shapes


class Area:
    """One polygon, or several of one name. A point on the border is inside."""

    def __init__(self, name: str, shape: Any) -> None:
        from shapely import prepare

        prepare(shape)
        self.name = name
        self.shape = shape

    def holds(self, point: Point) -> bool:
        """Whether it covers a point (lat, lon), as places are compared: to a millionth of a degree."""
        return self.hold([(rounded(point[0]), rounded(point[1]))])[0]

    def hold(self, points: Sequence[Point]) -> list[bool]:
        """Whether it covers each of these, which are rounded already: a hundredth of the time of asking one by one."""
        from shapely import intersects_xy

        found = intersects_xy(self.shape, [lon for _, lon in points], [lat for lat, _ in points])
        return [bool(one) for one in found]

    @property
    def box(self) -> Box:
        """South, north, west, east."""
        west, south, east, north = self.shape.bounds
        return south, north, west, east

    @cached_property
    def geojson(self) -> dict[str, Any]:
        """The geometry, outer rings counter-clockwise (RFC 7946, 3.1.6)."""
        from shapely.geometry import mapping
        from shapely.geometry.polygon import orient

        whole = mapping(self.shape)
        if whole["type"] == "Polygon":
            return dict(mapping(orient(self.shape)))
        return {"type": whole["type"], "coordinates": [mapping(orient(one))["coordinates"] for one in self.shape.geoms]}


class Areas:
    """The named polygons of one city. The files are read when one is first asked for."""

    def __init__(self, load: Callable[[], Mapping[str, Any]], stamp: str = "") -> None:
        """`load` gives the shapely geometries by name, no two names of one key; `stamp` tells other files apart."""
        self.stamp = stamp
        self._load = load
        self.over = lru_cache(1 << 16)(self._over)
        """As `_over`; posts of a city speak of the same places again and again."""

    @cached_property
    def _by_key(self) -> dict[str, Area]:
        return {name_key(name): Area(name, shape) for name, shape in self._load().items()}

    @cached_property
    def _tree(self) -> tuple[Any, list[str]]:
        from shapely import STRtree

        return STRtree([area.shape for area in self._by_key.values()]), list(self._by_key)

    @property
    def names(self) -> tuple[str, ...]:
        """The names as the files spell them."""
        return tuple(area.name for area in self._by_key.values())

    def area(self, name: str) -> Area | None:
        """The polygon of a name in any of its forms; None for an unknown one."""
        return self._by_key.get(name_key(name))

    def _over(self, lat: float, lon: float) -> frozenset[str]:
        """The keys (`name_key`) of every polygon that covers a point, as places are compared."""
        from shapely import Point as Dot

        tree, keys = self._tree
        inside = tree.query(Dot(rounded(lon), rounded(lat)), predicate="intersects")
        return frozenset(keys[number] for number in inside)


def read_areas(districts: Mapping[str, Any], polygons: Path | None) -> dict[str, Any]:
    """The polygons of districts and of a file, if any, by name. Districts that a query cannot tell apart are one, as
    they are for `district:`. OtklikError also for a polygon that a query cannot tell from another, or from a district.
    """
    from shapely import union_all

    found: dict[str, Any] = {}
    spelt: dict[str, str] = {}
    for name, shape in districts.items():
        first = spelt.setdefault(name_key(name), name)
        found[first] = union_all([found[first], shape]) if first in found else shape
    for name, shape in (read_shapes(polygons) if polygons else {}).items():
        other = spelt.get(name_key(name))
        if other or not name_key(name):
            raise OtklikError(
                Text(
                    f"{polygons}: «{name}» в запросе не отличить от «{other or ''}»: дайте другое название",
                    f"{polygons}: a query cannot tell «{name}» from «{other or ''}»: give it another name",
                )
            )
        spelt[name_key(name)] = name
        found[name] = shape
    return found


def areas_of(files: GazetteerFiles) -> Areas:
    """The polygons that a city file names."""
    paths = (files.built, files.districts, files.polygons)
    stamp = "".join(f"{path} {path.stat().st_mtime_ns} " for path in paths if path)
    return Areas(lambda: read_areas(_districts(files), files.polygons), stamp)


def _districts(files: GazetteerFiles) -> Mapping[str, Any]:
    if files.built:
        return open_gazetteer(files.built, "").shapes
    return read_shapes(files.districts) if files.districts else {}
