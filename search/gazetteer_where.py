"""Where streets lie to each other and to districts: what it takes to tell places of one name apart."""

import math
from typing import Any

from search.gazetteer import Gazetteer
from search.gazetteer_records import Point, Street, bare_district
from search.geo import metres

_ABOUT = 1_500.0
"""Metres from the name of a district that a map draws as a point, and still in it."""
_CROSS = 100.0
"""Metres between the lines of two streets that cross: the width of a square."""
_CROSS_HOUSES = 500.0
"""The same where only the houses of a street are known: the next one may stand a long block away."""


def lies_in(known: Gazetteer, place: Point | Street, district: str) -> bool:
    """Whether a point, or some of a street, lies in a district, whichever of those that cover it is named first."""
    wanted = bare_district(district)
    points = [place] if isinstance(place, Point) else [place.point, *(point for _, point in place.houses)]
    if any(wanted == bare_district(point.district) for point in points if point.district):
        return True
    dots = [(point.lat, point.lon) for point in points]
    if isinstance(place, Street):
        dots += [dot for line in place.lines for dot in line]
    polygon = known.polygon(district)
    if polygon is not None:
        from shapely import intersects_xy

        return bool(intersects_xy(polygon, [lon for _, lon in dots], [lat for lat, _ in dots]).any())
    named = known.district(district)
    middle = named.point if named else None
    return middle is not None and any(metres(dot, (middle.lat, middle.lon)) <= _ABOUT for dot in dots)


def crossing(first: Street, second: Street) -> tuple[float, float] | None:
    """Where two streets meet: (lat, lon) of their lines, else between the nearest houses; None where they do not."""
    from shapely import shortest_line

    aside = math.cos(math.radians(first.point.lat))
    one, other = _shape(first, aside), _shape(second, aside)
    if one is None or other is None:
        return None
    (east, north), (east2, north2) = shortest_line(one, other).coords
    ends = (north, east / aside), (north2, east2 / aside)
    reach = _CROSS if first.lines and second.lines else _CROSS_HOUSES
    if metres(*ends) > reach:
        return None
    return (north + north2) / 2, (east + east2) / 2 / aside


def _shape(street: Street, aside: float) -> Any:
    """The street on a plane: its lines, its houses where it has none, None where it has neither."""
    from shapely import MultiLineString, MultiPoint

    lines = [[(lon * aside, lat) for lat, lon in line] for line in street.lines]
    if lines and all(len(line) > 1 for line in lines):
        return MultiLineString(lines)
    dots = [dot for line in lines for dot in line] or [(point.lon * aside, point.lat) for _, point in street.houses]
    return MultiPoint(dots) if dots else None
