"""Points as engines keep them: in the embedded one a number says where a point is, so that one building is one row of
its R*Tree.

The number is the latitude and the longitude in millionths of a degree from the south pole and the 180th meridian.
"""

import json
from math import floor

from search.areas import Area
from search.engine import Box
from search.geo import Point, within

FUNCTION = "otklik_fits"
"""The SQL function that asks a check of a plan: its number, and what it is asked about."""
_BITS = 29


def number_of(point: Point) -> int:
    """The number of a point whose coordinates are rounded."""
    return (round((point[0] + 90) * 1e6) << _BITS) + round((point[1] + 180) * 1e6)


def point_of(number: int) -> Point:
    """The point again, exactly."""
    lat, lon = divmod(number, 1 << _BITS)
    return (lat - 90_000_000) / 1e6, (lon - 180_000_000) / 1e6


def row_of(point: Point) -> tuple[int, float, float, float, float]:
    """The row of a point in the R*Tree."""
    lat, lon = point
    return number_of(point), lat, lat, lon, lon


def numbers_in(box: Box) -> tuple[int, int, int, int, int]:
    """First and last number of the points in a box, then what else they have: bits, and the least and most of those."""
    mask = (1 << _BITS) - 1
    south, west, north, east = millionths_in(box)
    return (
        (south + 90_000_000) << _BITS,
        (north + 90_000_000) << _BITS | mask,
        mask,
        west + 180_000_000,
        east + 180_000_000,
    )


def millionths_in(box: Box) -> tuple[int, int, int, int]:
    """The borders of a box, south, west, north and east: the outermost millionths of a degree that lie in it."""
    south, north = _least(max(box.south, -91.0)), _most(min(box.north, 91.0))
    return south, _least(max(box.west, -181.0)), north, _most(min(box.east, 181.0))


def _least(degree: float) -> int:
    """The first whole millionth that is not below, as floats compare."""
    millionths = floor(degree * 1e6) - 1
    while millionths / 1e6 < degree:
        millionths += 1
    return millionths


def _most(degree: float) -> int:
    return -_least(-degree)


class Inside:
    """Which of many points lie in a polygon."""

    def __init__(self, area: Area) -> None:
        self._area = area

    def __call__(self, numbers: str) -> str:
        """For the R*Tree's candidates, which are those of a box; as JSON, since a call for each would cost the most."""
        given = json.loads(numbers)
        held = self._area.hold([point_of(number) for number in given])
        return json.dumps([number for number, inside in zip(given, held, strict=True) if inside])


class Nearness:
    """Whether the point of a number lies within (lat, lon, metres), exactly."""

    def __init__(self, near: tuple[float, float, float]) -> None:
        self._near = near

    def __call__(self, number: int) -> bool:
        """For the R*Tree's candidates, which are those of a box."""
        return within(point_of(number), self._near)
