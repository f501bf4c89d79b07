"""Distances on the ground, one definition for the matcher and the engines: degrees of WGS 84 on a sphere."""

from math import asin, cos, degrees, radians, sin, sqrt

RADIUS = 6_371_008.77
"""Metres: the mean radius of the Earth, as Elasticsearch has it."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


def rounded(degree: float) -> float:
    """A coordinate as places are compared by: to a millionth of a degree, some ten centimetres."""
    return round(degree, 6)


def metres(one: Point, other: Point) -> float:
    """The distance of two points (lat, lon) by the haversine formula."""
    (lat, lon), (lat2, lon2) = map(_radians, (one, other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * RADIUS * asin(min(1.0, sqrt(half)))


def within(point: Point, near: tuple[float, float, float]) -> bool:
    """Whether a point lies at most so many metres from (lat, lon, metres)."""
    return metres((rounded(point[0]), rounded(point[1])), near[:2]) <= near[2]


def box(near: tuple[float, float, float]) -> Box:
    """South, north, west, east around (lat, lon, metres), never too small: all longitudes at a pole or the 180th
    meridian.
    """
    lat, lon, far = near[0], near[1], near[2] + 1
    up = degrees(far / RADIUS)
    south, north = lat - up, lat + up
    if south <= -90 or north >= 90:
        return south, north, -180.0, 180.0
    aside = degrees(asin(min(1.0, sin(radians(up)) / cos(radians(lat)))))
    west, east = lon - aside, lon + aside
    return (south, north, -180.0, 180.0) if west < -180 or east > 180 else (south, north, west, east)


def _radians(point: Point) -> Point:
    return radians(point[0]), radians(point[1])
