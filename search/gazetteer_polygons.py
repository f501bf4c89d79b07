"""Which district covers a point, for one point or many at once."""

from collections.abc import Sequence
from typing import Any


class Polygons:
    """Polygons by rank: what an administrator drew (0) goes before the borders of a map (1) and both before its other
    areas (2). Of one rank the smallest that covers a point has it, since districts may hold smaller ones.
    """

    def __init__(self, shapes: Sequence[Any], ranks: Sequence[int]) -> None:
        from shapely import STRtree

        self._tree = STRtree(list(shapes))
        self._order = [
            (rank, float(shape.area), at) for at, (shape, rank) in enumerate(zip(shapes, ranks, strict=True))
        ]

    def at(self, points: Sequence[tuple[float, float]]) -> list[int | None]:
        """For each point (lat, lon) the number of the polygon that has it, None outside of all."""
        from shapely import points as dots

        found: list[int | None] = [None] * len(points)
        if not points or not self._order:
            return found
        asked = dots([(lon, lat) for lat, lon in points])
        for point, polygon in self._tree.query(asked, predicate="intersects").T.tolist():
            before = found[point]
            if before is None or self._order[polygon] < self._order[before]:
                found[point] = polygon
        return found
