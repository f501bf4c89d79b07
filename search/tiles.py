"""Tiles of the web map (EPSG:3857, as every tile server counts them), and what a cluster is made of."""

from collections.abc import Collection, Iterable
from math import asinh, floor, pi, radians, tan

from search.engine import Cluster
from search.geo import Point

MOST_ZOOM = 22
Tile = tuple[int, int]


def tile_of(point: Point, zoom: int) -> Tile:
    """The tile (x, y) a point (lat, lon) lies in. Points beyond 85.05° lie in the last row of their side."""
    size = 1 << zoom
    lat, lon = point
    x = floor((lon + 180) / 360 * size)
    y = floor((1 - asinh(tan(radians(lat))) / pi) / 2 * size)
    return min(max(x, 0), size - 1), min(max(y, 0), size - 1)


def number_of(tile: Tile) -> int:
    """The tile as a number: the bits of x and y in turn, so that tiles of one larger tile are consecutive numbers."""
    x, y = tile
    return sum((x >> bit & 1) << 2 * bit | (y >> bit & 1) << 2 * bit + 1 for bit in range(MOST_ZOOM))


def tile_in(number: int) -> Tile:
    """The tile again."""
    bits = range(MOST_ZOOM)
    return sum((number >> 2 * bit & 1) << bit for bit in bits), sum((number >> 2 * bit + 1 & 1) << bit for bit in bits)


def check_zoom(zoom: int) -> None:
    """ValueError where the web map has no such zoom."""
    if not 0 <= zoom <= MOST_ZOOM:
        raise ValueError(f"zoom {zoom} is not within 0–{MOST_ZOOM}")


def cluster(zoom: int, tile: Tile, count: int, points: Collection[Point]) -> Cluster:
    """The cluster of so many posts at these distinct points."""
    # In millionths, which sum exactly: the mean does not depend on the order.
    lat, lon = (
        sum(round(degree * 1e6) for degree in degrees) / len(points) / 1e6 for degrees in zip(*points, strict=True)
    )
    return Cluster(zoom, *tile, count, lat, lon)


def ordered(clusters: Iterable[Cluster]) -> tuple[Cluster, ...]:
    """Most posts first, then by x and y."""
    return tuple(sorted(clusters, key=lambda one: (-one.count, one.x, one.y)))
