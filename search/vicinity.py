"""What lies around a place, as lengths of a small picture: houses with their numbers and stretches of streets."""

from dataclasses import dataclass
from math import cos, radians

from search.gazetteer import Gazetteer

DEGREE_METRES = 111_320
MOST_HOUSES = 60


@dataclass(frozen=True, slots=True)
class Vicinity:
    """A picture of `width` by `height` with the place in its middle. `houses` are (x, y, number), `roads` paths;
    `scale` is how long a hundred metres are.
    """

    width: int
    height: int
    houses: tuple[tuple[float, float, str], ...]
    roads: tuple[str, ...]
    scale: float


def vicinity(
    known: Gazetteer, lat: float, lon: float, *, metres: int = 400, width: int = 480, height: int = 176
) -> Vicinity:
    """The picture of the place, so many metres wide. Empty where the gazetteer has nothing there."""
    east = cos(radians(lat)) * DEGREE_METRES
    scale = width / metres

    def spot(its_lat: float, its_lon: float) -> tuple[float, float]:
        x, y = (its_lon - lon) * east * scale, (lat - its_lat) * DEGREE_METRES * scale
        return round(x + width / 2, 1), round(y + height / 2, 1)

    high, wide = metres * height / width / 2 / DEGREE_METRES, metres / 2 / east
    found = known.houses_in(lat - high, lon - wide, lat + high, lon + wide)
    houses = tuple((*spot(point.lat, point.lon), str(house)) for house, point in found)
    # A stretch may cross the picture without a vertex in it.
    lines = known.lines_in(lat - 3 * high, lon - 3 * wide, lat + 3 * high, lon + 3 * wide)
    roads = tuple("M" + "L".join("{} {}".format(*spot(*vertex)) for vertex in line) for line in lines)
    return Vicinity(width, height, houses[:MOST_HOUSES], roads, round(100 * scale, 1))
