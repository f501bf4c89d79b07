"""What the embedded engine counts of the posts that a plan finds: SQL does it, one row comes back for many posts."""

import sqlite3
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from search.engine import Box, Bucket, Cluster, Facet, Moment, Step, Tally
from search.engines.plan import SECOND, Plan
from search.engines.points import numbers_in, point_of
from search.facets import by_district, ranked
from search.geo import Point
from search.tiles import Tile, check_zoom, cluster, ordered, tile_of
from search.timeline import moments, parts


def count(raw: sqlite3.Connection, planned: Plan, prefix: str) -> int:
    """How many posts are found."""
    source, parameters = planned.source(prefix, posts=False)
    return int(raw.execute(f"SELECT count(*) {source}", parameters).fetchone()[0])


def facets(
    raw: sqlite3.Connection, planned: Plan, prefix: str, fields: Sequence[Facet], limit: int
) -> dict[Facet, tuple[Bucket, ...]]:
    """The most frequent values of these fields."""
    counts: dict[Facet, Counter[str]] = {field: Counter() for field in fields}
    found, within = _found(planned, prefix)
    of_posts = [field for field in counts if field is not Facet.DISTRICT]
    if of_posts:
        numbers, parameters = _by_value(planned, prefix)
        rows = f"SELECT posts, {', '.join(of_posts)} FROM ({numbers}) JOIN {prefix}_values USING (number)"  # noqa: S608
        for posts, *values in raw.execute(rows, parameters):
            for field, value in zip(of_posts, values, strict=True):
                counts[field][value] += posts
    if Facet.DISTRICT in counts:
        tables, parameters = f"({found}) CROSS JOIN {prefix}_districts USING (document)", within
        if planned.is_everything:
            # The table of districts has the answer by itself.
            tables, parameters = f"{prefix}_districts", []
        names = f"SELECT name, count(*) FROM {tables} GROUP BY name"  # noqa: S608 - names of ours
        counts[Facet.DISTRICT].update(by_district(raw.execute(names, parameters)))
    return {field: ranked(counts[field], limit) for field in fields}


def authors(raw: sqlite3.Connection, planned: Plan, prefix: str) -> Tally:
    """How many pseudonyms, by the numbers that stand for them."""
    if planned.is_everything:
        # In the order of the index: a tenth of what telling a hundred thousand numbers apart takes.
        every = f"SELECT count(DISTINCT author) FROM {prefix}_valued WHERE author <> 0"  # noqa: S608
        return Tally(int(raw.execute(every).fetchone()[0]))
    found, parameters = _found(planned, prefix)
    if planned.match or planned.reads_posts:
        tables = f"FROM ({found}) CROSS JOIN {prefix}_valued p USING (document)"
    else:
        tables, parameters = planned.source(prefix, posts=False)
    distinct = f"SELECT count(DISTINCT nullif(p.author, 0)) {tables}"
    return Tally(int(raw.execute(distinct, parameters).fetchone()[0]))


def histogram(raw: sqlite3.Connection, planned: Plan, prefix: str, step: Step, zone: ZoneInfo) -> tuple[Moment, ...]:
    """How many posts in each part of the calendar: numbers begin with the second, so their order is that of time."""
    if not planned.match:
        return _counted(raw, planned, prefix, step, zone)
    found, parameters = _found(planned, prefix)
    numbers = [number for (number,) in raw.execute(f"{found} ORDER BY document", parameters)]
    if not numbers:
        return ()
    starts = parts(numbers[0] // SECOND, numbers[-1] // SECOND, step, zone)
    ends = [*(bisect_left(numbers, start * SECOND) for start in starts), len(numbers)]
    counts = (later - earlier for earlier, later in pairwise(ends))
    return moments(starts, zip(starts, counts, strict=True), zone)


def _by_value(planned: Plan, prefix: str) -> tuple[str, list[object]]:
    """How many posts have each set of values."""
    found, parameters = _found(planned, prefix)
    if planned.match or planned.reads_posts:
        tables = f"({found}) CROSS JOIN {prefix}_valued USING (document)"
        return f"SELECT value AS number, count(*) AS posts FROM {tables} GROUP BY value", parameters  # noqa: S608
    # The table that drives has them.
    source, parameters = planned.source(prefix, posts=False)
    return f"SELECT p.value AS number, count(*) AS posts {source} GROUP BY p.value", parameters


def _counted(raw: sqlite3.Connection, planned: Plan, prefix: str, step: Step, zone: ZoneInfo) -> tuple[Moment, ...]:
    """The same where rows are read in the order of their numbers: SQLite counts each part, and gives no row for each of
    a hundred thousand posts.
    """
    found, parameters = _found(planned, prefix)
    edges = [raw.execute(f"{found} ORDER BY document {way} LIMIT 1", parameters).fetchone() for way in ("ASC", "DESC")]
    if None in edges:
        return ()
    (first,), (last,) = edges
    starts = parts(first // SECOND, last // SECOND, step, zone)
    source, parameters = planned.source(prefix, posts=False)
    inside = f"SELECT count(*) {source} AND {planned.number} >= ? AND {planned.number} < ?"
    bounds = pairwise([*(start * SECOND for start in starts), last + 1])
    counts = [int(raw.execute(inside, [*parameters, *some]).fetchone()[0]) for some in bounds]
    return moments(starts, zip(starts, counts, strict=True), zone)


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
    tables = f"({found}) CROSS JOIN {prefix}_places USING (document)"
    inside = "point BETWEEN ? AND ? AND point & ? BETWEEN ? AND ?"
    rows = f"SELECT document, point FROM {tables} WHERE {inside}"  # noqa: S608 - names of ours
    return raw.execute(rows, [*parameters, *numbers_in(box)])


def _found(planned: Plan, prefix: str) -> tuple[str, list[object]]:
    source, parameters = planned.source(prefix, posts=False)
    return f"SELECT {planned.number} AS document {source}", parameters
