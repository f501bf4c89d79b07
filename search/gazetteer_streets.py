"""Puts streets together from the stretches and houses of a map: what is one street, and where its middle lies."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from search.gazetteer_records import DEGREE

Dot = tuple[int, int]
"""Latitude and longitude in parts of a degree (DEGREE)."""
_GAP = 700.0
"""Metres between stretches of one name that may still be one street: a park, a river, a quarter without a way."""
_METRES = 111_195.0 / DEGREE


class Stretch(NamedTuple):
    """A way of a map."""

    name: str
    type: str
    town: str
    id: int
    district: str
    also: Sequence[str]
    dots: Sequence[Dot]


def apart(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    """The streets that stretches of one name make: those within _GAP of each other are one. A city that took in its
    villages has several «Садовая».
    """
    if len(stretches) < 2:
        return [list(stretches)]
    lines = [_line(one.dots, stretches[0].dots[0]) for one in stretches]
    return [[stretches[at] for at in street] for street in _chained(lines, _GAP)]


def apart_dots(dots: Sequence[Dot], gap: float) -> list[int]:
    """Of dots that lie within so many metres of each other, also by a third, the first; in their order."""
    if len(dots) < 2:
        return list(range(len(dots)))
    return [chain[0] for chain in _chained([_line([dot], dots[0]) for dot in dots], gap)]


def _chained(shapes: Sequence[object], gap: float) -> list[list[int]]:
    """The numbers of shapes in groups that no gap wider than this parts, each group and all of them in order."""
    from shapely import STRtree

    root = list(range(len(shapes)))

    def top(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for one, other in STRtree(shapes).query(shapes, predicate="dwithin", distance=gap).T.tolist():
        first, last = sorted((top(one), top(other)))
        root[last] = first
    groups: dict[int, list[int]] = {}
    for at in range(len(shapes)):
        groups.setdefault(top(at), []).append(at)
    return list(groups.values())


def nearest(streets: Sequence[Sequence[Stretch]], dots: Sequence[Dot]) -> list[int]:
    """Which of the streets each of these lies nearest to."""
    if len(streets) == 1 or not dots:
        return [0] * len(dots)
    from shapely import distance, points, union_all

    origin = dots[0]
    asked = points([_plane(dot, origin) for dot in dots])
    far = [distance(asked, union_all([_line(one.dots, origin) for one in street])) for street in streets]
    return [min(range(len(far)), key=lambda street: far[street][at]) for at in range(len(dots))]


def middle_of_lines(stretches: Sequence[Stretch]) -> Dot:
    """The dot of the stretches that is nearest to the middle of their length."""
    from shapely import union_all
    from shapely.ops import nearest_points

    origin = stretches[0].dots[0]
    whole = union_all([_line(one.dots, origin) for one in stretches])
    east, north = nearest_points(whole, whole.centroid)[0].coords[0]
    aside = math.cos(math.radians(origin[0] / DEGREE))
    return round(origin[0] + north / _METRES), round(origin[1] + east / _METRES / aside)


def middle(dots: Sequence[Dot]) -> int:
    """Which of the dots is nearest to the middle of all."""
    lat = sorted(dot[0] for dot in dots)[len(dots) // 2]
    lon = sorted(dot[1] for dot in dots)[len(dots) // 2]
    aside = math.cos(math.radians(lat / DEGREE))
    return min(range(len(dots)), key=lambda at: (dots[at][0] - lat) ** 2 + ((dots[at][1] - lon) * aside) ** 2)


def _line(dots: Sequence[Dot], origin: Dot) -> object:
    from shapely import LineString
    from shapely import Point as OneDot

    plane = [_plane(dot, origin) for dot in dots]
    return LineString(plane) if len(plane) > 1 else OneDot(plane[0])


def _plane(dot: Dot, origin: Dot) -> tuple[float, float]:
    """Metres from an origin in the same city: its latitude is that of all."""
    aside = math.cos(math.radians(origin[0] / DEGREE))
    return (dot[1] - origin[1]) * _METRES * aside, (dot[0] - origin[0]) * _METRES
