"""CPU time a post of matching it against many saved searches, one post at a time and in batches.

usage: python -m benchmarks.matching LINES [--searches N] [--posts N] [--gazetteer BUILDINGS.csv] [--districts GEOJSON]
           [--polygons GEOJSON] [--loaded N] [--rivals]

With --polygons, which is no gazetteer, some searches ask for places in one of these.

LINES are those of `otklik ingest`. The first half of the posts warms up, the second half is measured, three times, ours
before, between and after the rivals; the least counts. Timed is the way from a post's tokens and places to the searches
that fit: analysis is not in it, nor is it for the rivals, whose words come analysed and need splitting at blanks alone.
The loop over the reference matcher is asked about a part of the posts: the pairs of post and search must be the same.

Loading is measured apart, in processes of its own: the first start knows nothing of the searches yet.
"""

import argparse
import gc
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.matching import loading, lucene, percolator
from benchmarks.matching.lucene import Figures
from benchmarks.matching.neutral import post_json, query_json
from benchmarks.matching.searches import Writer
from crawler.cli import COLLECT_AFTER
from crawler.model.city import SavedSearch
from crawler.model.items import Kind, Post, Reading
from pipelines.toponyms import PlaceFinder
from search.areas import Areas, read_areas
from search.document import Document, document_of
from search.gazetteer import load_gazetteer
from search.indexed_monitor import IndexedMonitor
from search.monitor import LoopMonitor, Monitor
from search.names import Names
from search.query import parse_query
from search.tree import Query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
REPEATED = 3
BATCH = 1000
CHECKED = 200


def documents(lines: Path, count: int, finder: PlaceFinder) -> list[Document]:
    """The first posts of a file, placed."""
    made = []
    with lines.open(encoding="utf-8") as stream:
        for values in map(json.loads, islice(stream, count)):
            post = Post(f"given:ingest/{values['id']}", "ingest", "given", Kind.APPEAL, values["text"], NOW, version=1)
            made.append(document_of(post, Reading(places=tuple(finder.find(values["text"])))))
    return made


def fresh(posts: Sequence[Document]) -> list[Document]:
    """The same posts, nothing worked out of their tokens yet."""
    fields = Document.__dataclass_fields__
    return [Document(**{name: getattr(post, name) for name in fields}) for post in posts]


def microseconds(count: int, work: Callable[[], object]) -> float:
    """CPU time of each of so many."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e6 / count


def pairs(monitor: Monitor, posts: Sequence[Document]) -> frozenset[tuple[int, str]]:
    """Every post, by its place, with every search that it fits."""
    found = monitor.match_many(posts, NOW)
    return frozenset((number, one.search.id) for number, many in enumerate(found) for one in many)


def register(monitor: Monitor, searches: Sequence[SavedSearch], queries: Sequence[Query]) -> None:
    """Give every search to the monitor."""
    for search, query in zip(searches, queries, strict=True):
        monitor.register(search, query)


def one_by_one(monitor: Monitor, posts: Sequence[Document]) -> Callable[[], object]:
    """Matching that is ready to be timed: each post alone."""
    anew = fresh(posts)
    return lambda: deque((monitor.match(post, NOW) for post in anew), maxlen=0)


def in_batches(monitor: Monitor, posts: Sequence[Document]) -> Callable[[], object]:
    """The same, BATCH posts at a time."""
    anew = fresh(posts)
    return lambda: deque(
        (monitor.match_many(anew[at : at + BATCH], NOW) for at in range(0, len(anew), BATCH)), maxlen=0
    )


def main() -> None:
    gc.set_threshold(COLLECT_AFTER)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--posts", type=int, default=2_000)
    parser.add_argument("--gazetteer", type=Path)
    parser.add_argument("--districts", type=Path)
    parser.add_argument("--polygons", type=Path)
    parser.add_argument("--loaded", type=int, default=30_000, help="so many searches are loaded from a state")
    parser.add_argument("--rivals", action="store_true", help="Lucene Monitor and the percolator in the same run")
    given = parser.parse_args()
    finder = PlaceFinder(load_gazetteer(given.gazetteer, given.districts, "Санкт-Петербург"), "Санкт-Петербург", {})
    posts = documents(given.lines, 2 * given.posts, finder)
    areas = Areas(lambda: read_areas({}, given.polygons))
    writer = Writer(posts, areas, seed=1)
    searches = [(SavedSearch(f"user:{at}", "", writer.query(), "topic")) for at in range(given.searches)]
    queries = [parse_query(search.query) for search in searches]
    first, *later = loading.measure([writer.query() for _ in range(given.loaded)], 1 + REPEATED)
    print(f"loading {given.loaded} searches from the state: first start {first:.2f} s, later starts {min(later):.2f} s")
    compare(posts[: given.posts], posts[given.posts :], searches, queries, Names(areas=areas), rivals=given.rivals)


def compare(
    warm: Sequence[Document],
    measured: Sequence[Document],
    searches: Sequence[SavedSearch],
    queries: Sequence[Query],
    names: Names,
    *,
    rivals: bool,
) -> None:
    """Measure ours before, between and after the rivals, and print the table."""
    monitor, oracle = IndexedMonitor(ZONE, names), LoopMonitor(ZONE, names)
    load = microseconds(len(searches), lambda: register(monitor, searches, queries))
    register(oracle, searches, queries)
    monitor.match_many(fresh(warm), NOW)
    found = pairs(monitor, measured)
    gc.collect()
    gc.freeze()
    ours = [of_ours(monitor, measured)]
    others: dict[str, Figures] = {}
    if rivals:
        trees = [
            (search.id, query_json(query.root, names))
            for search, query in zip(searches, queries, strict=True)
            if query.root
        ]
        fed = [post_json(post) for post in warm], [post_json(post) for post in measured]
        others["Lucene Monitor"] = lucene.measure(trees, *fed, repeated=REPEATED, batch=BATCH)
        ours.append(of_ours(monitor, measured))
        name = f"percolator (batches of {percolator.BATCH})"
        others[name] = percolator.measure(trees, *fed, repeated=REPEATED)
        ours.append(of_ours(monitor, measured))
    some = measured[:CHECKED]
    same = pairs(oracle, some) == pairs(monitor, some)
    print(f"searches {len(searches)}, keys {monitor.size()[1]}, posts {len(measured)}, pairs {len(found)}")
    print(f"the reference says the same of {len(some)} posts: {same}")
    best = Figures(load, min(single for single, _ in ours), min(batch for _, batch in ours), found)
    for name, figures in {"ours": best, **others}.items():
        told(name, figures, best)


def of_ours(monitor: Monitor, posts: Sequence[Document]) -> tuple[float, float]:
    """Microseconds a post, singly and in batches: the least of some."""
    rounds = range(REPEATED)
    single = min(microseconds(len(posts), one_by_one(monitor, posts)) for _ in rounds)
    return single, min(microseconds(len(posts), in_batches(monitor, posts)) for _ in rounds)


def told(name: str, figures: Figures, ours: Figures) -> None:
    """A line of the table: microseconds, how many times ours, and whether the pairs are the same."""
    line = f"{name:28} one at a time {figures.single:9.1f} us ({figures.single / ours.single:5.1f} x)"
    line += f"   batches {figures.batch:9.1f} us ({figures.batch / ours.batch:5.1f} x)   load {figures.load:7.1f} us"
    missing, more = len(ours.pairs - figures.pairs), len(figures.pairs - ours.pairs)
    print(f"{line}   pairs: {missing} missing, {more} more")


if __name__ == "__main__":
    main()
