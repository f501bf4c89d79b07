"""A city's gazetteer as GeoJSON: the blank map that incidents are shown on. Degrees have five decimals, a metre."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from search.gazetteer import Gazetteer

MOST_HOUSES = 1_500
"""Of one look at the map: where there are more, nobody tells them apart."""
Box = tuple[float, float, float, float]
"""South, west, north, east."""
Pair = tuple[float, float]


def town_map(known: Gazetteer) -> bytes:
    """The districts as polygons, the streets as lines with a point for the name; a street whose line is not known is
    its point alone. As UTF-8.
    """
    features = [*_districts(known), *_streets(known)]
    content: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    box = known.corners
    if box is not None:
        south, north, west, east = box
        content["bbox"] = [west, south, east, north]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def houses_of(known: Gazetteer, box: Box) -> bytes:
    """The houses of a part of the map as points with their numbers, none where there are more than MOST_HOUSES."""
    found = list(islice(known.houses_in(*box), MOST_HOUSES + 1))
    features = [
        _feature("Point", _pair(point.lat, point.lon), kind="house", name=str(house))
        for house, point in (found if len(found) <= MOST_HOUSES else ())
    ]
    content = {"type": "FeatureCollection", "features": features}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _districts(known: Gazetteer) -> Iterable[dict[str, Any]]:
    from shapely.geometry import mapping

    for name, shape in known.shapes.items():
        point = shape.representative_point()
        drawn = mapping(shape.simplify(0.00002))
        label = _pair(point.y, point.x)
        yield {
            "type": "Feature",
            "properties": {"kind": "district", "name": name, "label": label},
            "geometry": {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])},
        }


def _streets(known: Gazetteer) -> Iterable[dict[str, Any]]:
    for street in known.every_street:
        name = f"{street.type} {street.name}".strip()
        label = _pair(street.point.lat, street.point.lon)
        lines = [[_pair(*vertex) for vertex in line] for line in street.lines]
        if lines:
            yield _feature("MultiLineString", lines, kind="street", name=name, label=label)
        else:
            yield _feature("Point", label, kind="street", name=name, label=label)


def _feature(kind_of_shape: str, coordinates: object, **properties: object) -> dict[str, Any]:
    geometry = {"type": kind_of_shape, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _pair(lat: float, lon: float) -> Pair:
    """As GeoJSON has it: longitude first."""
    return round(lon, 5), round(lat, 5)


def _rounded(coordinates: Any) -> Any:
    if coordinates and isinstance(coordinates[0], int | float):
        return [round(float(one), 5) for one in coordinates[:2]]
    return [_rounded(one) for one in coordinates]
