"""What each of those who can say it says a query fits: the reference matcher, both monitors and the engines."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import uuid4

from crawler.model.city import SavedSearch
from search.document import Document
from search.engine import Engine, Entry, open_engine
from search.engines.elastic import Elastic
from search.indexed_monitor import IndexedMonitor
from search.monitor import LoopMonitor, Monitor
from search.reference import Context, compile_query
from search.state.database import Database
from search.tree import Query
from tests.search.engines.conftest import NoSecrets

Pairs = frozenset[tuple[int, str]]
"""The number of a query with the id of a post that fits it."""
_PAGE = 2_000
_BATCH = 500


@contextmanager
def both(database: Database, elasticsearch_url: str, entries: Sequence[Entry]) -> Iterator[dict[str, Engine]]:
    """Both engines with the same posts, of a city of their own; no index is left on the server in the end."""
    city = f"saying-{uuid4().hex[:12]}"
    urls = {"embedded": "embedded:", "elasticsearch": f"elasticsearch:{elasticsearch_url}"}
    made = {name: open_engine(url, city, database, NoSecrets()) for name, url in urls.items()}
    for engine in made.values():
        for start in range(0, len(entries), _BATCH):
            engine.put(entries[start : start + _BATCH])
        engine.refresh()
    yield made
    elastic = made["elasticsearch"]
    assert isinstance(elastic, Elastic)
    elastic.remove()
    for engine in made.values():
        engine.close()


def everyone(
    asked: Sequence[Query], posts: Sequence[Document], engines: Mapping[str, Engine], context: Context
) -> dict[str, Pairs]:
    """The pairs of everyone, by name; the engines hold these posts and no others."""
    said = {"reference": by_reference(asked, posts, context)}
    for made in (LoopMonitor, IndexedMonitor):
        monitor: Monitor = made(context.zone, context.names)
        for number, query in enumerate(asked):
            monitor.register(SavedSearch(f"user:{number}", "", query.text, ""), query)
        said[made.__name__] = by_monitor(monitor, posts, context)
        singly = [monitor.match(post, context.now) for post in posts]
        assert singly == list(monitor.match_many(posts, context.now))
    for name, engine in engines.items():
        said[name] = by_engine(engine, asked, context)
    return said


def by_reference(asked: Sequence[Query], posts: Sequence[Document], context: Context) -> Pairs:
    """What a query means."""
    compiled = [compile_query(query) for query in asked]
    return frozenset(
        (number, post.id) for number, one in enumerate(compiled) for post in posts if one.fits(post, context)
    )


def by_monitor(monitor: Monitor, posts: Sequence[Document], context: Context) -> Pairs:
    """What it matches, all posts at once."""
    found = monitor.match_many(posts, context.now)
    return frozenset(
        (int(one.search.id.partition(":")[2]), post.id) for post, many in zip(posts, found, strict=True) for one in many
    )


def by_engine(engine: Engine, asked: Sequence[Query], context: Context) -> Pairs:
    """What it finds, over all pages, each as often as it counts."""
    pairs: set[tuple[int, str]] = set()
    for number, query in enumerate(asked):
        hits: list[str] = []
        after = ""
        while True:
            page = engine.find(query, context, after=after, limit=_PAGE)
            hits += [hit.post for hit in page.hits]
            after = page.next
            if not after:
                break
        assert len(hits) == len(set(hits)) == engine.count(query, context), query
        pairs.update((number, post) for post in hits)
    return frozenset(pairs)


def differing(said: Mapping[str, Pairs], asked: Sequence[Query]) -> dict[str, list[tuple[Query, str]]]:
    """Whoever does not say what the reference does, with some of the queries and posts they differ about."""
    meant = said["reference"]
    return {
        name: [(asked[number], post) for number, post in sorted(pairs ^ meant)[:3]]
        for name, pairs in said.items()
        if pairs != meant
    }
