"""What analysts count, on every engine that can: it is what plain loops over the reference matcher count."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import cos, floor, log, pi, radians, tan
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.errors import OtklikError
from crawler.model.items import Kind, Place, PlaceKind, Post, Reading
from search.analysis import name_key
from search.document import Document, document_of
from search.engine import Box, Bucket, Cluster, Engine, Entry, Facet, Moment, Step, Tally
from search.engines.embedded import Embedded
from search.query import parse_query
from search.reference import Context, compile_query
from search.tree import Query
from tests.search.engines.conftest import Opened
from tests.search.engines.worlds import CONTEXT, POINTS, START, corpus, queries

POSTS = corpus(seed=20260302, size=150)
EVERYTHING = Query("", None)
WORLD = Box(-90, -180, 90, 180)
SLOW = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
LATITUDES = sorted({lat for lat, _ in POINTS if lat is not None} | {-90.0, 0.0, 46.951, 90.0})
LONGITUDES = sorted({lon for _, lon in POINTS if lon is not None} | {-180.0, 0.0, 142.731, 180.0})
boxes = st.builds(
    lambda lats, lons: Box(min(lats), min(lons), max(lats), max(lons)),
    st.tuples(*[st.sampled_from(LATITUDES)] * 2),
    st.tuples(*[st.sampled_from(LONGITUDES)] * 2),
)


@pytest.fixture(scope="module")
def filled(opened: Opened) -> Engine:
    engine = opened(f"counting-{uuid4().hex[:12]}")
    engine.put([Entry(number, post.id, post) for number, post in enumerate(POSTS, 1)])
    engine.refresh()
    return engine


def fitting(query: Query) -> list[Document]:
    compiled = compile_query(query)
    return [post for post in POSTS if compiled.fits(post, CONTEXT)]


def districts(post: Document) -> list[str]:
    """One name of each district of a post."""
    names: dict[str, str] = {}
    for place in post.places:
        # What people call a district is another name of the official one.
        own = place.name if place.kind is PlaceKind.DISTRICT and not place.district else (place.district,)
        for name in sorted(filter(name_key, own), reverse=True):
            names[name_key(name)] = min(name, names.get(name_key(name), name))
    return list(names.values())


def counted(posts: Iterable[Document], field: Facet) -> tuple[Bucket, ...]:
    if field is not Facet.DISTRICT:
        counts = Counter(str(getattr(post, field)) for post in posts)
    else:
        by_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for post in posts:
            for name in districts(post):
                by_key[name_key(name)][name] += 1
        counts = Counter()
        for names in by_key.values():
            counts[min(names, key=lambda name: (-names[name], name))] = names.total()
    ordered = sorted((value for value in counts if value), key=lambda value: (-counts[value], value))
    return tuple(Bucket(value, counts[value]) for value in ordered)


def start_of(at: datetime, step: Step) -> datetime:
    local = at.astimezone(CONTEXT.zone).replace(minute=0, second=0, microsecond=0)
    if step is Step.HOUR:
        return local
    day = local.replace(hour=0)
    if step is Step.WEEK:
        day -= timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def timeline(posts: list[Document], step: Step) -> tuple[Moment, ...]:
    counts = Counter(start_of(post.published_at, step) for post in posts)
    if not counts:
        return ()
    hours = (max(counts) - min(counts)) // timedelta(hours=1)
    starts = dict.fromkeys(start_of(min(counts) + timedelta(hours=hour), step) for hour in range(hours + 1))
    return tuple(Moment(start, counts[start]) for start in starts)


def tile(lat: float, lon: float, zoom: int) -> tuple[int, int]:
    # https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames, cut off at its last tiles
    x = floor((lon + 180) / 360 * 2**zoom)
    y = floor((1 - log(tan(radians(lat)) + 1 / cos(radians(lat))) / pi) / 2 * 2**zoom)
    return min(max(x, 0), 2**zoom - 1), min(max(y, 0), 2**zoom - 1)


def clustered(posts: list[Document], box: Box, zoom: int) -> list[Cluster]:
    ids: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    points: defaultdict[tuple[int, int], set[tuple[float, float]]] = defaultdict(set)
    for post in posts:
        for place in post.places:
            if place.lat is None or place.lon is None:
                continue
            point = (round(place.lat, 6), round(place.lon, 6))
            if box.south <= point[0] <= box.north and box.west <= point[1] <= box.east:
                ids[tile(*point, zoom)].add(post.id)
                points[tile(*point, zoom)].add(point)
    found = []
    for at, there in points.items():
        lat, lon = (sum(degrees) / len(there) for degrees in zip(*there, strict=True))
        found.append(Cluster(zoom, *at, len(ids[at]), lat, lon))
    return sorted(found, key=lambda one: (-one.count, one.x, one.y))


@given(queries, st.lists(st.sampled_from(Facet), max_size=7), st.sampled_from((1, 2, 50)))
@SLOW
def test_facets_count_what_the_reference_finds(filled: Engine, query: Query, fields: list[Facet], limit: int) -> None:
    posts = fitting(query)
    assert filled.facets(query, CONTEXT, fields, limit) == {field: counted(posts, field)[:limit] for field in fields}


@given(queries)
@SLOW
def test_authors_are_those_that_the_reference_finds(filled: Engine, query: Query) -> None:
    assert filled.authors(query, CONTEXT) == Tally(len({post.author for post in fitting(query)} - {""}))


def test_of_more_authors_than_are_counted_one_by_one_the_count_says_so(engine: Engine) -> None:
    put(engine, *(replace(placed(number), author=f"{number:032x}") for number in range(1_200)))
    found = engine.authors(EVERYTHING, CONTEXT)
    assert found.exact == isinstance(engine, Embedded)
    assert found.count == pytest.approx(1_200, rel=0.02)


@given(queries, st.sampled_from(Step))
@SLOW
def test_a_histogram_counts_what_the_reference_finds(filled: Engine, query: Query, step: Step) -> None:
    found = filled.histogram(query, CONTEXT, step)
    assert found == timeline(fitting(query), step)
    assert all(moment.start.tzinfo is CONTEXT.zone for moment in found)


@given(queries, boxes, st.integers(0, 22))
@SLOW
def test_clusters_count_what_the_reference_finds(filled: Engine, query: Query, box: Box, zoom: int) -> None:
    found, expected = filled.clusters(query, CONTEXT, box, zoom), clustered(fitting(query), box, zoom)
    assert [(one.zoom, one.x, one.y, one.count) for one in found] == [
        (one.zoom, one.x, one.y, one.count) for one in expected
    ]
    middles = [(one.lat, one.lon) for one in found]
    assert middles == [pytest.approx((one.lat, one.lon), abs=1e-7) for one in expected]


def placed(number: int, *places: Place, hours: float = 0, **values: str) -> Document:
    at = START + timedelta(hours=hours)
    made = Post(f"p{number}", "one", "vk", Kind.POST, "Нет воды", seen_at=at, published_at=at, version=1)
    return document_of(made, Reading(places=places, **values))  # type: ignore[arg-type]


def at(lat: float, lon: float, district: str = "") -> Place:
    return Place(PlaceKind.LANDMARK, ("Остановка",), 0, 1, "", district=district, lat=lat, lon=lon)


def put(engine: Engine, *posts: Document) -> None:
    engine.put([Entry(number, post.id, post) for number, post in enumerate(posts, 1)])
    engine.refresh()


def test_a_district_is_one_bucket_however_it_is_written_and_called_as_most_posts_call_it(engine: Engine) -> None:
    put(
        engine,
        placed(1, at(46, 142, "Центральный"), at(46, 142, "Центральный район"), at(46, 142, "Луговое")),
        placed(2, at(46, 142, "Центральный район")),
        placed(3, at(46, 142, "Центральный район")),
        placed(4, at(46, 142)),
    )
    assert engine.facets(EVERYTHING, CONTEXT, [Facet.DISTRICT]) == {
        Facet.DISTRICT: (Bucket("Центральный район", 3), Bucket("Луговое", 1))
    }


def test_posts_without_a_value_are_in_no_bucket_and_what_ties_comes_by_value(engine: Engine) -> None:
    put(engine, placed(1, topic="вода"), placed(2, topic="яма"), placed(3), placed(4, topic="дороги"))
    fields = [Facet.TOPIC, Facet.ACT, Facet.SOURCE]
    assert engine.facets(EVERYTHING, CONTEXT, fields, limit=2) == {
        Facet.TOPIC: (Bucket("вода", 1), Bucket("дороги", 1)),
        Facet.ACT: (),
        Facet.SOURCE: (Bucket("one", 4),),
    }


def test_counts_follow_changes_and_deletions(engine: Engine) -> None:
    put(engine, placed(1, at(46, 142, "Луговое")), placed(2, at(46, 142, "Луговое"), at(46, 143)))
    engine.put([Entry(3, "p1", placed(1, at(46, 142, "Красное Село"))), Entry(4, "p2", None)])
    engine.refresh()
    assert engine.facets(EVERYTHING, CONTEXT, [Facet.DISTRICT]) == {Facet.DISTRICT: (Bucket("Красное Село", 1),)}
    (found,) = engine.clusters(EVERYTHING, CONTEXT, WORLD, 3)
    assert found.count == 1
    assert (found.lat, found.lon) == pytest.approx((46, 142))
    assert [moment.count for moment in engine.histogram(EVERYTHING, CONTEXT, Step.DAY)] == [1]


def test_days_are_those_of_the_city_and_the_empty_ones_between_are_there(engine: Engine) -> None:
    put(engine, placed(1, hours=0), placed(2, hours=1.5), placed(3, hours=73))
    found = engine.histogram(parse_query("вода"), CONTEXT, Step.DAY)
    # START is 23:00 in the city.
    assert [(f"{moment.start:%d %H:%M %z}", moment.count) for moment in found] == [
        ("01 00:00 +1100", 1),
        ("02 00:00 +1100", 1),
        ("03 00:00 +1100", 0),
        ("04 00:00 +1100", 0),
        ("05 00:00 +1100", 1),
    ]


@pytest.mark.parametrize("night", ["2026-03-28T23:30", "2026-10-24T23:30"])
def test_hours_follow_the_clocks_when_they_are_changed(engine: Engine, night: str) -> None:
    first = (datetime.fromisoformat(night).replace(tzinfo=UTC) - START) / timedelta(hours=1)
    put(engine, *(placed(hour, hours=first + hour) for hour in range(4)))
    found = engine.histogram(EVERYTHING, Context(CONTEXT.now, ZoneInfo("Europe/Berlin")), Step.HOUR)
    assert [moment.count for moment in found] == [1] * 4
    instants = [moment.start.timestamp() for moment in found]
    assert [later - earlier for earlier, later in pairwise(instants)] == [3_600] * 3
    assert len({moment.start.isoformat() for moment in found}) == 4


def test_a_histogram_of_too_many_parts_is_refused_in_words(engine: Engine) -> None:
    put(engine, placed(1, hours=-24 * 365 * 50), placed(2))
    with pytest.raises(OtklikError, match="20000"):
        engine.histogram(EVERYTHING, CONTEXT, Step.HOUR)
    assert len(engine.histogram(EVERYTHING, CONTEXT, Step.MONTH)) == pytest.approx(600, abs=2)


def test_a_box_holds_its_borders_and_a_post_counts_once_in_a_tile(engine: Engine) -> None:
    corners = at(46.95, 142.73), at(46.951, 142.731)
    put(engine, placed(1, *corners), placed(2, corners[0]), placed(3, at(46.96, 142.73)))
    (found,) = engine.clusters(EVERYTHING, CONTEXT, Box(46.95, 142.73, 46.951, 142.731), 10)
    assert found.count == 2
    assert (found.lat, found.lon) == pytest.approx((46.9505, 142.7305))
    assert engine.clusters(EVERYTHING, CONTEXT, Box(46.9500001, 142.73, 46.9509999, 142.731), 10) == ()


@pytest.mark.parametrize("zoom", [-1, 23])
def test_a_zoom_that_no_map_has_is_refused(engine: Engine, zoom: int) -> None:
    with pytest.raises(ValueError, match="zoom"):
        engine.clusters(EVERYTHING, CONTEXT, Box(0, 0, 1, 1), zoom)
