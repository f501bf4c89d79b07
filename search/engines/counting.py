"""What the embedded engine counts of the posts that a plan finds: SQL does it, one row comes back for many posts."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from search.engine import Box, Bucket, Cluster, Facet, Moment, Step
from search.engines.plan import SECOND, Plan
from search.engines.points import numbers_in, point_of
from search.facets import by_district, ranked
from search.geo import Point
from search.tiles import Tile, check_zoom, cluster, ordered, tile_of
from search.timeline import moments, parts

# Offsets of all zones since 1972 are whole quarters of an hour: so do the parts of their calendars start.
_QUARTER = 900
# Whole quarters before year 1, so that no second is negative: SQL divides towards zero.
_ERA = _QUARTER * 100_000_000


def count(raw: sqlite3.Connection, planned: Plan, prefix: str) -> int:
    """How many posts are found."""
    source, parameters = planned.source(prefix, posts=False)
    return int(raw.execute(f"SELECT count(*) {source}", parameters).fetchone()[0])


def facets(
    raw: sqlite3.Connection, planned: Plan, prefix: str, fields: Sequence[Facet], limit: int
) -> dict[Facet, tuple[Bucket, ...]]:
    """The most frequent values of these fields."""
    of_posts = [field for field in dict.fromkeys(fields) if field is not Facet.DISTRICT]
    counts: dict[Facet, Counter[str]] = {field: Counter() for field in fields}
    if of_posts:
        columns = ", ".join(f"p.{field}" for field in of_posts)
        source, parameters = planned.source(prefix)
        for *values, number in raw.execute(f"SELECT {columns}, count(*) {source} GROUP BY {columns}", parameters):
            for field, value in zip(of_posts, values, strict=True):
                counts[field][value] += number
    if Facet.DISTRICT in fields:
        found, parameters = _found(planned, prefix)
        tables = f"({found}) CROSS JOIN {prefix}_districts USING (document)"
        names = f"SELECT name, count(*) FROM {tables} GROUP BY name"  # noqa: S608 - names of ours
        counts[Facet.DISTRICT].update(by_district(raw.execute(names, parameters)))
    return {field: ranked(counts[field], limit) for field in fields}


def histogram(raw: sqlite3.Connection, planned: Plan, prefix: str, step: Step, zone: ZoneInfo) -> tuple[Moment, ...]:
    """How many posts in each part of the calendar."""
    for length in (_QUARTER, 1):
        groups = _by_time(raw, planned, prefix, length)
        if not groups:
            return ()
        starts = parts(groups[0][0], groups[-1][0] + length - 1, step, zone)
        if not any(start % length for start in starts):
            break
    return moments(starts, groups, zone)


def _by_time(raw: sqlite3.Connection, planned: Plan, prefix: str, length: int) -> list[tuple[int, int]]:
    """(start, how many posts) of the stretches of so many seconds that have posts, in order."""
    source, parameters = planned.source(prefix, posts=False)
    group = f"({planned.number} + {_ERA * SECOND}) / {length * SECOND}"
    rows = raw.execute(f"SELECT {group}, count(*) {source} GROUP BY 1 ORDER BY 1", parameters)
    return [(number * length - _ERA, count) for number, count in rows]


def clusters(raw: sqlite3.Connection, planned: Plan, prefix: str, box: Box, zoom: int) -> tuple[Cluster, ...]:
    """Posts and points by tile."""
    check_zoom(zoom)
    posts: defaultdict[Tile, set[int]] = defaultdict(set)
    points: defaultdict[Tile, set[Point]] = defaultdict(set)
    known: dict[int, Tile] = {}
    for document, number in _points_in(raw, planned, prefix, box):
        tile = known.get(number)
        if tile is None:
            point = point_of(number)
            tile = known[number] = tile_of(point, zoom)
            points[tile].add(point)
        posts[tile].add(document)
    return ordered(cluster(zoom, tile, len(posts[tile]), points[tile]) for tile in points)


def _points_in(raw: sqlite3.Connection, planned: Plan, prefix: str, box: Box) -> sqlite3.Cursor:
    """(document, point) of the found posts' places in the box; the same ones may come again."""
    found, parameters = _found(planned, prefix)
    inside = "point BETWEEN ? AND ? AND point & ? BETWEEN ? AND ?"
    if planned.match:
        tables = f"({found}) CROSS JOIN {prefix}_places USING (document) WHERE {inside}"
        return raw.execute(f"SELECT document, point FROM {tables}", [*parameters, *numbers_in(box)])  # noqa: S608
    # Without words the box says most.
    tables = f"{prefix}_places CROSS JOIN ({found}) USING (document) WHERE point IS NOT NULL AND {inside}"
    return raw.execute(f"SELECT document, point FROM {tables}", [*parameters, *numbers_in(box)])  # noqa: S608


def _found(planned: Plan, prefix: str) -> tuple[str, list[object]]:
    source, parameters = planned.source(prefix, posts=False)
    return f"SELECT {planned.number} AS document {source}", parameters
