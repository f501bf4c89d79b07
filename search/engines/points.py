"""Points of the embedded engine: a number that says where a point is, so that one building is one row of the R*Tree.

The number is the latitude and the longitude in millionths of a degree from the south pole and the 180th meridian.
"""

from search.geo import Point, within

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


class Nearness:
    """Whether the point of a number lies within (lat, lon, metres), exactly."""

    def __init__(self, near: tuple[float, float, float]) -> None:
        self._near = near

    def __call__(self, number: int) -> bool:
        """For the R*Tree's candidates, which are those of a box."""
        return within(point_of(number), self._near)
