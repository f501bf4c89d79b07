"""Which settlement a point belongs to, by what a map draws: areas of settlements, their names as points, borders."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search.address import fold
from search.gazetteer_polygons import Polygons
from search.geo import metres

# How far the houses of a settlement lie from the point of its name where no area is drawn, metres.
_REACH = {"city": 12_000, "town": 5_000, "village": 2_500, "hamlet": 1_000, "isolated_dwelling": 700}
KINDS = {
    "city": "город",
    "town": "город",
    "village": "село",
    "hamlet": "деревня",
    "isolated_dwelling": "хутор",
}
_DEGREE = 111_195.0  # metres of latitude
_NEAREST = 8


@dataclass(frozen=True)
class Town:
    """A settlement of a map: `place` is the value of its tag."""

    name: str
    place: str
    lat: float
    lon: float
    id: int
    shape: Any = None


def places_of(towns: Sequence[Town]) -> list[tuple[str, str, tuple[float, float] | None, int]]:
    """Each name once: (name, place, point, id), larger settlements first. Two villages of one name have no point."""
    order = list(_REACH)
    ranked = sorted(towns, key=lambda town: (order.index(town.place), town.shape is not None, town.id))
    found: dict[str, tuple[str, str, tuple[float, float] | None, int]] = {}
    for town in ranked:
        name, place, point, id_ = found.setdefault(
            fold(town.name), (town.name, town.place, (town.lat, town.lon), town.id)
        )
        if place == town.place and point and metres(point, (town.lat, town.lon)) > 2 * _REACH[place]:
            found[fold(town.name)] = (name, place, None, id_)
    return list(found.values())


class Towns:
    """The settlements of a map. An area goes before an address, an address before the nearest name, and that before
    the border of a municipality called as the city in it.
    """

    def __init__(self, towns: Sequence[Town], borders: Sequence[tuple[str, Any]]) -> None:
        """`borders` are names of municipalities without their type words, and their geometries."""
        drawn = [town for town in towns if town.shape is not None]
        self._areas = [town.name for town in drawn]
        self._polygons = Polygons([town.shape for town in drawn], [0] * len(drawn))
        cities = {fold(town.name): town.name for town in towns if town.place in ("city", "town")}
        named = [(cities[fold(name)], shape) for name, shape in borders if fold(name) in cities]
        self._borders = [name for name, _ in named]
        self._border_polygons = Polygons([shape for _, shape in named], [0] * len(named))
        self._points = [town for town in towns if town.place in _REACH]
        self._tree = self._nearest_tree()

    def _nearest_tree(self) -> Any:
        if not self._points:
            return None
        from scipy.spatial import cKDTree

        self._aside = math.cos(math.radians(self._points[0].lat))
        return cKDTree([self._plane(town.lat, town.lon) for town in self._points])

    def _plane(self, lat: float, lon: float) -> tuple[float, float]:
        return lat * _DEGREE, lon * _DEGREE * self._aside

    def of(self, points: Sequence[tuple[float, float]], said: Sequence[str]) -> list[str]:
        """The settlement of each point (lat, lon); `said` is what its address says, "" for nothing."""
        found = [self._areas[at] if at is not None else "" for at in self._polygons.at(points)]
        found = [town or address for town, address in zip(found, said, strict=True)]
        open_ = [at for at, town in enumerate(found) if not town]
        if self._tree is not None and open_:
            far, near = self._tree.query([self._plane(*points[at]) for at in open_], k=_NEAREST)
            for at, distances, numbers in zip(open_, far.tolist(), near.tolist(), strict=True):
                found[at] = self._reached(distances, numbers)
            open_ = [at for at in open_ if not found[at]]
        for at, border in zip(open_, self._border_polygons.at([points[at] for at in open_]), strict=True):
            found[at] = self._borders[border] if border is not None else ""
        return found

    def _reached(self, distances: Sequence[float], numbers: Sequence[int]) -> str:
        """Of the settlements in reach the one in whose reach the point lies deepest, "" for none."""
        near = [
            (distance / _REACH[self._points[number].place], number)
            for distance, number in zip(distances, numbers, strict=True)
            if number < len(self._points)
        ]
        share, number = min(near, default=(math.inf, 0))
        return self._points[number].name if share <= 1 else ""
