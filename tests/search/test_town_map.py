"""The gazetteer as a picture: of a town that pyosmium wrote, with lines of streets and districts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.gazetteer import Gazetteer, open_gazetteer
from search.gazetteer_file import save
from search.gazetteer_sources import build
from search.town_map import MOST_HOUSES, houses_of, town_map
from search.vicinity import vicinity
from tests.search.map_of_town import drawn

DEGREES = st.integers(4_995, 5_060).map(lambda one: one / 100)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    folder = tmp_path_factory.mktemp("map")
    content, _ = build([drawn().write(folder / "town.osm.pbf")])
    save(content, folder / "town.gazetteer")
    return open_gazetteer(folder / "town.gazetteer", "Речной")


def test_streets_are_lines_where_the_map_has_them(town: Gazetteer) -> None:
    content = json.loads(town_map(town))
    streets = [one for one in content["features"] if one["properties"]["kind"] == "street"]
    assert len(streets) == len(town.every_street)
    for one, street in zip(streets, town.every_street, strict=True):
        lon, lat = one["properties"]["label"]
        assert (lat, lon) == pytest.approx((street.point.lat, street.point.lon), abs=1e-5)
        if not street.lines:
            assert one["geometry"] == {"type": "Point", "coordinates": [lon, lat]}
            continue
        assert one["geometry"]["type"] == "MultiLineString"
        drawn_lines = one["geometry"]["coordinates"]
        assert [len(line) for line in drawn_lines] == [len(line) for line in street.lines]
        first = drawn_lines[0][0]
        assert (first[1], first[0]) == pytest.approx(street.lines[0][0], abs=1e-5)
    names = {one["properties"]["name"] for one in content["features"] if one["properties"]["kind"] == "district"}
    assert names == set(town.shapes)


@settings(max_examples=60, deadline=None)
@given(DEGREES, DEGREES, DEGREES.map(lambda one: one + 10), DEGREES.map(lambda one: one + 10))
def test_what_is_in_a_box_is_what_looking_at_all_gives(
    town: Gazetteer, south: float, north: float, west: float, east: float
) -> None:
    def inside(lat: float, lon: float) -> bool:
        return south <= lat <= north and west <= lon <= east

    every = [(str(house), point) for street in town.every_street for house, point in street.houses]
    expected = [one for one in every if inside(one[1].lat, one[1].lon)]
    assert [(str(house), point) for house, point in town.houses_in(south, west, north, east)] == expected
    lines = [line for street in town.every_street for line in street.lines]
    assert list(town.lines_in(south, west, north, east)) == [
        line for line in lines if any(inside(*vertex) for vertex in line)
    ]
    shown = json.loads(houses_of(town, (south, west, north, east)))["features"]
    assert len(shown) == len(expected) <= MOST_HOUSES


def test_a_street_beside_a_place_is_a_path(town: Gazetteer) -> None:
    street = next(one for one in town.every_street if one.lines)
    lat, lon = street.lines[0][0]
    found = vicinity(town, lat, lon)
    assert any(road.startswith(f"M{found.width / 2} {found.height / 2}") for road in found.roads)
