from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from crawler.model.city import SavedSearch
from crawler.model.items import Place, PlacePrecision
from search.geo import metres
from search.hulls import around, together
from search.zones import zones
from tests.search.plans import plans_of, queries
from tests.search.town import CITY, NOON, Town, house, said

POINTS = st.lists(st.tuples(st.floats(54.9, 55.0), st.floats(60, 60.2)), max_size=25)


@given(POINTS, st.floats(50, 3000))
def test_points_that_steps_connect_are_together(points: list[tuple[float, float]], far: float) -> None:
    groups = together(points, far)
    assert sorted(at for some in groups for at in some) == list(range(len(points)))
    of = {at: number for number, some in enumerate(groups) for at in some}
    for one in range(len(points)):
        for other in range(one):
            # A city is taken for flat: what is at the very bound may fall on either side.
            if metres(points[one], points[other]) < far * 0.99:
                assert of[one] == of[other]
    for some in groups:
        reached = {some[0]}
        while len(reached) < len(some):
            more = {at for at in some for known in reached if metres(points[at], points[known]) < far * 1.01}
            assert more > reached
            reached |= more


@given(POINTS.filter(bool), st.floats(20, 500))
def test_a_shape_is_convex_and_holds_its_points(points: list[tuple[float, float]], far: float) -> None:
    shape = around(iter(points), far)
    assert len(shape) >= 8
    area = Polygon(shape)
    assert all(area.contains(Point(at)) for at in points)
    # Corners are rounded to a metre.
    assert area.convex_hull.difference(area).area <= 1e-5 * area.length


def test_around_one_point_is_a_circle() -> None:
    shape = around((at for at in [(55.0, 60.0), (55.0, 60.0)]), 90)
    assert len(shape) == 12
    assert all(85 < metres((55, 60), at) < 95 for at in shape)


def test_what_is_near_but_long_ago_is_apart() -> None:
    assert together([(55, 60), (55, 60.001), (55, 60.002)], 300, [0, 20, 2], 6) == [[0, 2], [1]]
    assert together([], 300) == []


def at(number: int) -> Place:
    return house("Мира", number, lat=55.0, lon=60 + number / 10_000, precision=PlacePrecision.HOUSE)


def test_what_nobody_can_tell_and_personal_matters_are_no_zone(tmp_path: Path) -> None:
    city = replace(CITY, searches=(*CITY.searches, SavedSearch("file:any", "Беда", "беда", "")))
    town = Town.open(tmp_path, city)
    for word in ("беда", "льгота", "яма"):
        for number in (1, 2, 3):
            town.hear(said(f"{word}{number}", f"{word} {number}", at(number)))
    with town.database.read() as connection:
        found = zones(connection, city, NOON)
    assert [(zone.title, len(zone.numbers)) for zone in found] == [("дороги", 3)]


def test_zones_read_open_incidents_and_not_all_there_ever_were(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    with queries() as asked, town.database.read() as connection:
        zones(connection, CITY, NOON)
    steps = plans_of(town.database, [one for one in asked if "opened_at" in one[0]], "incidents")
    assert steps
    assert all("state=?" in step for step in steps), steps
