"""Areas around points on the ground: which points lie together, and the convex shape around those that do."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import cos, degrees, floor, pi, radians, sin

from search.geo import RADIUS, Point

_CORNERS = 12
_CELLS = 1.5
"""Cells a step, so small that no two points in one are further apart."""
_BESIDE = tuple(step for step in product(range(-2, 3), repeat=2) if step >= (0, 0))
"""The half of the squares around one that is not before it: the other half is met from there."""
Shape = tuple[Point, ...]
_Cell = tuple[int, int, int]
"""A row and a column of squares, and a slot of the number beside."""


def together(points: Sequence[Point], far: float, near_in: Sequence[float] = (), apart: float = 1) -> list[list[int]]:
    """The places of points that chains of steps of at most `far` metres connect; with `near_in` each step may also be
    no more than `apart` in that number. Groups and their members in order.
    """
    # A city is flat, and as wide as at its middle. What lies in one cell is near each other, whichever way.
    side = degrees(far / RADIUS)
    narrow = max(0.01, cos(radians(sum(lat for lat, _ in points) / max(1, len(points)))))
    third = [one / apart for one in near_in] if near_in else [0.0] * len(points)
    spots = [(lat / side, lon * narrow / side, at) for (lat, lon), at in zip(points, third, strict=True)]
    cells: defaultdict[_Cell, list[int]] = defaultdict(list)
    for number, (y, x, z) in enumerate(spots):
        cells[floor(y * _CELLS), floor(x * _CELLS), floor(z)].append(number)
    numbers = {cell: number for number, cell in enumerate(cells)}
    parents = list(range(len(cells)))
    for one, other in _side_by_side(cells):
        mine, yours = _root(parents, numbers[one]), _root(parents, numbers[other])
        if mine != yours and any(_close(spots[at], spots[to]) for at in cells[one] for to in cells[other]):
            parents[yours] = mine
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for cell, number in numbers.items():
        groups[_root(parents, number)] += cells[cell]
    return sorted(sorted(some) for some in groups.values())


def _side_by_side(cells: Iterable[_Cell]) -> Iterator[tuple[_Cell, _Cell]]:
    """The pairs of cells that may hold points a step apart."""
    slots: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for row, column, slot in cells:
        slots[row, column].append(slot)
    for (row, column), mine in slots.items():
        for up, over in _BESIDE:
            beside = row + up, column + over
            # Most squares of a city are empty at any time.
            for its in slots.get(beside, ()):
                yield from (((row, column, slot), (*beside, its)) for slot in mine if abs(slot - its) <= 1)


def _close(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return abs(one[2] - other[2]) <= 1 and (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 <= 1


def around(points: Iterable[Point], far: float) -> Shape:
    """The convex shape that holds everything within so many metres of the points, its corners in turn."""
    # Circles around the corners alone: those inside reach no further.
    edge = [corner for point in _hull(set(points)) for corner in _circle(point, far)]
    return tuple((round(lat, 5), round(lon, 5)) for lat, lon in _hull(edge))


def _root(parents: list[int], at: int) -> int:
    while parents[at] != at:
        parents[at] = parents[parents[at]]
        at = parents[at]
    return at


def _circle(point: Point, far: float) -> list[Point]:
    lat, lon = point
    up = degrees(far / RADIUS)
    aside = up / max(0.01, cos(radians(lat)))
    turns = (2 * pi * corner / _CORNERS for corner in range(_CORNERS))
    return [(lat + up * sin(turn), lon + aside * cos(turn)) for turn in turns]


def _hull(points: Iterable[Point]) -> list[Point]:
    """The corners of the convex hull of some points, each once."""
    from shapely import convex_hull, get_coordinates, multipoints

    corners = get_coordinates(convex_hull(multipoints(list(points)))).tolist()
    return list(dict.fromkeys((lat, lon) for lat, lon in corners))
