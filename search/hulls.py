"""Areas around points on the ground: which points lie together, and the convex shape around those that do."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import product
from math import cos, degrees, floor, pi, radians, sin

from search.geo import RADIUS, Point

_CORNERS = 12
Shape = tuple[Point, ...]


def together(points: Sequence[Point], far: float, near_in: Sequence[float] = (), apart: float = 0) -> list[list[int]]:
    """The places of points that chains of steps of at most `far` metres connect; with `near_in` each step may also be
    no more than `apart` in that number. Groups and their members in order.
    """
    cell = degrees(far / RADIUS)
    # A city is flat, and as wide as at its middle.
    narrow = max(0.01, cos(radians(sum(lat for lat, _ in points) / max(1, len(points)))))
    flat = [(lat / cell, lon * narrow / cell) for lat, lon in points]
    cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    parents = list(range(len(points)))
    for at, (y, x) in enumerate(flat):
        row, column = floor(y), floor(x)
        for up, over in product((-1, 0, 1), repeat=2):
            for other in cells.get((row + up, column + over), ()):
                close = not near_in or abs(near_in[at] - near_in[other]) <= apart
                if close and (flat[other][0] - y) ** 2 + (flat[other][1] - x) ** 2 <= 1:
                    parents[_root(parents, other)] = _root(parents, at)
        cells[row, column].append(at)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at in range(len(points)):
        groups[_root(parents, at)].append(at)
    return sorted(groups.values())


def around(points: Iterable[Point], far: float) -> Shape:
    """The convex shape that holds everything within so many metres of the points, its corners in turn."""
    edge = [corner for point in set(points) for corner in _circle(point, far)]
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
    """Andrew's monotone chain (1979)."""
    ordered = sorted(points)
    halves: list[Point] = []
    for side in (ordered, ordered[::-1]):
        chain: list[Point] = []
        for point in side:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        halves += chain[:-1]
    return halves


def _turn(one: Point, two: Point, three: Point) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])
