"""Named polygons from a GeoJSON file: districts of the gazetteer, and whatever else a city gives a name to."""

import json
from pathlib import Path
from typing import Any

from crawler.model.errors import OtklikError
from crawler.model.text import Text

_NO_FEATURES = Text(ru="нет списка features (GeoJSON)", en="no list of features (GeoJSON)")
_NEEDED = Text(
    ru="нужны properties.district (или name) и многоугольник: Polygon или MultiPolygon",
    en="properties.district (or name) and a polygon are needed: Polygon or MultiPolygon",
)
_OUTSIDE = Text(
    ru="координаты вне пределов: долгота от -180 до 180, потом широта от -90 до 90",
    en="coordinates out of range: longitude -180 to 180, then latitude -90 to 90",
)
_WIDE = Text(
    ru="многоугольник шире 180°: через 180-й меридиан его разрезают на части",
    en="a polygon wider than 180°: one across the 180th meridian is cut there in parts",
)


def read_shapes(path: Path) -> dict[str, Any]:
    """The shapely geometries of a GeoJSON file by `district`, else `name`; features of one name are one geometry.

    WGS 84, cut at the 180th meridian (RFC 7946, 3.1.9). OtklikError names the file, the feature and what is wrong.
    """
    from shapely import union_all

    parts: dict[str, list[Any]] = {}
    for number, feature in enumerate(_features(path), 1):
        name, area = _read(path, number, feature)
        parts.setdefault(name, []).append(area)
    return {name: union_all(areas) if len(areas) > 1 else areas[0] for name, areas in parts.items()}


def _features(path: Path) -> list[Any]:
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
    except json.JSONDecodeError as error:
        what = Text(ru=f"строка {error.lineno}: не JSON: {error.msg}", en=f"line {error.lineno}: not JSON: {error.msg}")
        raise _error(path, what) from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise _error(path, Text(ru=f"не читается: {error}", en=f"cannot be read: {error}")) from error
    except (KeyError, TypeError) as error:
        raise _error(path, _NO_FEATURES) from error
    if not isinstance(features, list):
        raise _error(path, _NO_FEATURES)
    return features


def _read(path: Path, number: int, feature: Any) -> tuple[str, Any]:
    from shapely import force_2d
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        properties = feature["properties"]
        name = str(properties.get("district") or properties["name"]).strip()
        area = force_2d(shape(feature["geometry"]))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError) as error:
        raise _error(path, _NEEDED, number) from error
    wrong = _wrong(name, area)
    if wrong:
        raise _error(path, wrong, number)
    return name, area


def _wrong(name: str, area: Any) -> Text | None:
    """What is wrong with a polygon of that name."""
    from shapely import get_parts, is_valid_reason

    if not name or area.geom_type not in ("Polygon", "MultiPolygon") or area.is_empty:
        return _NEEDED
    for part in get_parts(area):
        west, south, east, north = part.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            return _OUTSIDE
        if east - west > 180:
            return _WIDE
    if not area.is_valid:
        why = is_valid_reason(area)
        return Text(
            ru=f"граница «{name}» пересекает саму себя: {why}", en=f"the border of «{name}» crosses itself: {why}"
        )
    return None


def _error(path: Path, what: Text, number: int = 0) -> OtklikError:
    ru, en = (f", объект {number}", f", feature {number}") if number else ("", "")
    return OtklikError(Text(ru=f"{path}{ru}: {what.ru}", en=f"{path}{en}: {what.en}"))
