from math import cos, radians

import pytest

from search.gazetteer import Gazetteer, load_gazetteer
from search.vicinity import DEGREE_METRES, vicinity

LAT, LON = 56.0, 60.0
EAST = cos(radians(LAT)) * DEGREE_METRES


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    """Houses north, east and far away of a place; distances in metres."""
    table = tmp_path_factory.mktemp("town") / "addresses.csv"
    houses = {"1": (0.0, 0.0), "2": (50.0, 0.0), "3": (0.0, 100.0), "9": (0.0, 400.0)}
    lines = [
        f'"ул. Мира, {number}",{LAT + north / DEGREE_METRES:.7f},{LON + east / EAST:.7f},Центр'
        for number, (north, east) in houses.items()
    ]
    table.write_text("\n".join(["address,lat,lon,district", *lines]), encoding="utf-8")
    return load_gazetteer(table, None, "Озёрск")


def test_houses_lie_where_they_are_by_metres(known: Gazetteer) -> None:
    found = vicinity(known, LAT, LON, metres=300, width=300, height=200)
    places = {number: (x, y) for x, y, number in found.houses}
    assert places == {"1": (150.0, 100.0), "2": (150.0, 50.0), "3": (250.0, 100.0)}
    assert (found.scale, found.roads) == (100.0, ())


def test_where_nothing_is_known_nothing_is_drawn(known: Gazetteer) -> None:
    assert vicinity(known, 10.0, 10.0).houses == ()
    assert vicinity(Gazetteer.empty("Озёрск"), LAT, LON).houses == ()
