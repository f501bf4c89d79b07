"""What Elasticsearch counts of the posts that a query finds, exactly: by aggregations that leave no bucket out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import elasticsearch as es

from crawler.model.text import Text
from search.engine import Box, Bucket, Cluster, EngineError, Facet, Moment, Step, Tally
from search.engines.points import millionths_in
from search.facets import by_district, ranked
from search.geo import Point
from search.tiles import MOST_ZOOM, Tile, check_zoom, cluster, ordered, tile_in, tile_of
from search.timeline import moments, parts

MOST_VALUES = 10_000
"""Different values of a field that are counted; with more of them no count would be sure."""
MOST_AUTHORS = 1_000
"""Authors that are counted one by one."""
_PRECISE = 40_000
_PAGE = 10_000
_KEPT = "1m"
_SECOND = 1_000_000


class Counting:
    """Counts behind one alias. Everything is asked of the server, within `Server.reached`."""

    def __init__(self, client: es.Elasticsearch, alias: str) -> None:
        self._client = client
        self._alias = alias

    def count(self, asked: dict[str, Any]) -> int:
        """How many posts are found."""
        answer = self._client.search(
            index=self._alias, query=asked, size=0, track_total_hits=True, allow_partial_search_results=False
        )
        return int(answer["hits"]["total"]["value"])

    def facets(self, asked: dict[str, Any], fields: Sequence[Facet], limit: int) -> dict[Facet, tuple[Bucket, ...]]:
        """The most frequent values of these fields. EngineError where one has more than MOST_VALUES."""
        if not fields:
            return {}
        terms = {field.value: {"terms": {"field": field.value, "size": MOST_VALUES}} for field in fields}
        answer = self._aggregate(asked, terms)
        counted: dict[Facet, tuple[Bucket, ...]] = {}
        for field in fields:
            found = answer[field.value]
            if found["sum_other_doc_count"] or found["doc_count_error_upper_bound"]:
                raise _too_many(field)
            counts = [(bucket["key"], bucket["doc_count"]) for bucket in found["buckets"]]
            counted[field] = ranked(by_district(counts) if field is Facet.DISTRICT else dict(counts), limit)
        return counted

    def authors(self, asked: dict[str, Any]) -> Tally:
        """How many pseudonyms: of more than MOST_AUTHORS about so many, by the sketch that Elasticsearch keeps."""
        answer = self._aggregate(
            asked,
            {
                "few": {"terms": {"field": "author", "size": MOST_AUTHORS}},
                "about": {"cardinality": {"field": "author", "precision_threshold": _PRECISE}},
            },
        )
        if answer["few"]["sum_other_doc_count"]:
            return Tally(max(MOST_AUTHORS + 1, int(answer["about"]["value"])), exact=False)
        return Tally(len(answer["few"]["buckets"]))

    def histogram(self, asked: dict[str, Any], step: Step, zone: ZoneInfo) -> tuple[Moment, ...]:
        """How many posts in each part of the calendar of our own time zones, so that every engine has the same."""
        answer = self._aggregate(asked, {name: {name: {"field": "published"}} for name in ("min", "max")})
        first, last = (answer[name]["value"] for name in ("min", "max"))
        if first is None:
            return ()
        starts = parts(int(first) // _SECOND, int(last) // _SECOND, step, zone)
        edges = [*(start * _SECOND for start in starts), int(last) + 1]
        ranges = [{"from": start, "to": end} for start, end in pairwise(edges)]
        answer = self._aggregate(asked, {"parts": {"range": {"field": "published", "ranges": ranges}}})
        counts = [bucket["doc_count"] for bucket in answer["parts"]["buckets"]]
        return moments(starts, zip(starts, counts, strict=True), zone)

    def clusters(self, asked: dict[str, Any], box: Box, zoom: int) -> tuple[Cluster, ...]:
        """Posts and points by tile, of one moment: they are read page by page."""
        check_zoom(zoom)
        south, west, north, east = millionths_in(box)
        inside = [
            {"range": {"places.lat": {"gte": south, "lte": north}}},
            {"range": {"places.lon": {"gte": west, "lte": east}}},
        ]
        share = 4 ** (MOST_ZOOM - zoom)
        sources: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
            "tiles": (
                [{"tile": {"histogram": {"field": "places.tile", "interval": share}}}],
                {"posts": {"reverse_nested": {}}},
            ),
            "points": ([{name: {"terms": {"field": f"places.{name}"}}} for name in ("lat", "lon")], {}),
        }
        view = self._client.open_point_in_time(index=self._alias, keep_alive=_KEPT)["id"]
        try:
            found = {name: list(self._every(asked, inside, view, by, below)) for name, (by, below) in sources.items()}
        finally:
            self._client.close_point_in_time(id=view)
        posts = {tile_in(int(one["key"]["tile"]) // share): int(one["posts"]["doc_count"]) for one in found["tiles"]}
        points: defaultdict[Tile, list[Point]] = defaultdict(list)
        for one in found["points"]:
            point = one["key"]["lat"] / 1e6, one["key"]["lon"] / 1e6
            points[tile_of(point, zoom)].append(point)
        return ordered(cluster(zoom, tile, count, points[tile]) for tile, count in posts.items())

    def _every(
        self,
        asked: dict[str, Any],
        inside: list[dict[str, Any]],
        view: str,
        by: list[dict[str, Any]],
        below: dict[str, Any],
    ) -> Iterator[dict[str, Any]]:
        """Every bucket of the places in a box."""
        composite: dict[str, Any] = {"size": _PAGE, "sources": by}
        while True:
            counted = {"composite": composite, "aggs": below}
            in_box = {"filter": {"bool": {"filter": inside}}, "aggs": {"found": counted}}
            places = {"nested": {"path": "places"}, "aggs": {"box": in_box}}
            found = self._aggregate(asked, {"places": places}, view)["places"]["box"]["found"]
            yield from found["buckets"]
            if len(found["buckets"]) < _PAGE:
                return
            composite["after"] = found["after_key"]

    def _aggregate(self, asked: dict[str, Any], aggs: dict[str, Any], view: str = "") -> dict[str, Any]:
        answer = self._client.search(
            index=None if view else self._alias,
            pit={"id": view, "keep_alive": _KEPT} if view else None,
            query=asked,
            size=0,
            aggs=aggs,
            track_total_hits=False,
            allow_partial_search_results=False,
        )
        return dict(answer["aggregations"])


def _too_many(field: Facet) -> EngineError:
    return EngineError(
        Text(
            "У поля {field} больше {most} разных значений: Elasticsearch не сосчитает их точно. Сузьте запрос",
            "{field} has more than {most} different values: Elasticsearch cannot count them exactly. Narrow the query",
        ).filled(field=field.value, most=MOST_VALUES)
    )
