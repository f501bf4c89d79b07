"""The named polygons of a city: what their files may say, and which points lie in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from crawler.model.errors import OtklikError
from search.areas import Area, Areas, read_areas
from search.shapes import read_shapes
from tests.search.engines.worlds import SHAPES

AREAS = Areas(lambda: SHAPES)
SQUARE: list[Any] = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def feature(name: str, *rings: list[Any], kind: str = "Polygon") -> dict[str, object]:
    coordinates = list(rings) if kind == "Polygon" else [[ring] for ring in rings]
    return {"type": "Feature", "properties": {"name": name}, "geometry": {"type": kind, "coordinates": coordinates}}


def written(path: Path, *features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@given(
    st.floats(46.93, 46.97) | st.floats(65.9, 66.3) | st.floats(88, 90),
    st.floats(142.71, 142.75) | st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 179.95]),
)
def test_a_point_lies_in_the_polygons_that_cover_it(lat: float, lon: float) -> None:
    dot = Point(round(lon, 6), round(lat, 6))
    over = AREAS.over(lat, lon)
    assert len(over) == sum(shape.covers(dot) for shape in SHAPES.values())
    for name, shape in SHAPES.items():
        area = AREAS.area(name)
        assert area is not None
        assert area.holds((lat, lon)) is shape.covers(dot)
        south, north, west, east = area.box
        assert not shape.covers(dot) or (south <= round(lat, 6) <= north and west <= round(lon, 6) <= east)


def test_a_border_and_what_rounds_to_it_are_inside() -> None:
    area = Area("Центр", box(142.72, 46.94, 142.74, 46.96))
    assert area.holds((46.94, 142.73))
    assert area.holds((46.9399996, 142.73))
    assert not area.holds((46.939999, 142.73))


def test_many_points_are_asked_at_once() -> None:
    area = Area("Центр", box(142.72, 46.94, 142.74, 46.96))
    assert area.hold([(46.95, 142.73), (46.97, 142.73), (46.94, 142.72)]) == [True, False, True]
    assert area.hold([]) == []


def test_a_name_is_found_in_any_form() -> None:
    for name in ("Центр", "центре", "ЦЕНТРА"):
        area = AREAS.area(name)
        assert area is not None
        assert area.name == "Центр"
    assert AREAS.area("Нигде") is None
    assert AREAS.names == tuple(SHAPES)


def test_outer_rings_run_counter_clockwise() -> None:
    clockwise = Area("а", box(0, 0, 1, 1, ccw=False))
    assert clockwise.geojson["type"] == "Polygon"
    assert clockwise.geojson["coordinates"][0][:3] == ((0, 0), (1, 0), (1, 1))
    berth = AREAS.area("Чукотский берег")
    assert berth is not None
    assert (berth.geojson["type"], len(berth.geojson["coordinates"])) == ("MultiPolygon", 2)


def test_files_are_read_when_a_polygon_is_asked_for() -> None:
    asked: list[int] = []

    def load() -> dict[str, object]:
        asked.append(1)
        return SHAPES

    areas = Areas(load)
    assert asked == []
    assert areas.over(46.945, 142.725)
    assert areas.names
    assert asked == [1]


def test_no_polygons_hold_nothing() -> None:
    none = Areas(dict)
    assert (none.names, none.area("Центр"), none.over(46.9, 142.7)) == ((), None, frozenset())


def test_features_of_one_name_are_one_polygon(tmp_path: Path) -> None:
    apart = [[x + 5, y] for x, y in SQUARE]
    path = written(tmp_path / "a.geojson", feature("Парк", SQUARE), feature("Парк", apart, kind="MultiPolygon"))
    (shape,) = read_shapes(path).values()
    assert shape.area == 2
    # With heights, which nobody asks for.
    high = written(tmp_path / "h.geojson", feature("Парк", [[*point, 7] for point in SQUARE]))
    assert Area("Парк", read_shapes(high)["Парк"]).geojson["coordinates"][0][0] == (0, 0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (feature("Парк", [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "crosses itself: Self-intersection[0.5 0.5]"),
        (feature("Парк", [[50, 142], [51, 142], [51, 143], [50, 142]]), "longitude -180 to 180, then latitude"),
        (feature("Парк", [[-170, 60], [170, 60], [170, 61], [-170, 61], [-170, 60]]), "180th meridian"),
        (feature("Парк", []), "a polygon"),
        (feature("", SQUARE), "properties.district"),
        (feature("Парк", [["x", 0], [1, 0], [1, 1], [0, 0]]), "a polygon"),
        ({"properties": {"name": "Парк"}, "geometry": {"type": "Point", "coordinates": [1, 1]}}, "a polygon"),
        ({"properties": {"name": "Парк"}, "geometry": {"type": "Круг"}}, "a polygon"),
        (7, "a polygon"),
    ],
)
def test_a_wrong_feature_is_named(tmp_path: Path, content: object, says: str) -> None:
    path = written(tmp_path / "a.geojson", feature("Хороший", SQUARE), content)
    with pytest.raises(OtklikError) as caught:
        read_shapes(path)
    assert f"{path}, feature 2: " in caught.value.text.en
    assert says in caught.value.text.en


@pytest.mark.parametrize("content", ["[" * 100_000, '{"features": 7}', "\x00", '{"features": [}'])
def test_a_file_that_is_no_geojson_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(OtklikError, match="geojson"):
        read_shapes(path)


def test_a_polygon_that_no_query_can_tell_from_another_is_refused(tmp_path: Path) -> None:
    apart = [[x + 5, y] for x, y in SQUARE]
    districts = written(tmp_path / "d.geojson", feature("Луговое", SQUARE), feature("Луговой район", apart))
    # As for district:, they are one.
    assert [(name, shape.area) for name, shape in read_areas(read_shapes(districts), None).items()] == [("Луговое", 2)]
    for name, other in (("Луговое", "Луговое"), ("Луговой", "Луговое"), ("?!", "")):
        polygons = written(tmp_path / "p.geojson", feature(name, SQUARE))
        with pytest.raises(OtklikError) as caught:
            read_areas(read_shapes(districts), polygons)
        assert f"cannot tell «{name}» from «{other}»" in caught.value.text.en
    polygons = written(tmp_path / "p.geojson", feature("Парк", SQUARE))
    assert list(read_areas(read_shapes(districts), polygons)) == ["Луговое", "Парк"]
    assert list(read_areas({}, polygons)) == ["Парк"]
