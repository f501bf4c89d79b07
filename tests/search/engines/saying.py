"""What each of those who can say it says a query fits: the reference matcher, both monitors and the engines."""

from collections.abc import Mapping, Sequence

from crawler.model.city import SavedSearch
from search.document import Document
from search.engine import Engine
from search.indexed_monitor import IndexedMonitor
from search.monitor import LoopMonitor, Monitor
from search.reference import Context, compile_query
from search.tree import Query

Pairs = frozenset[tuple[int, str]]
"""The number of a query with the id of a post that fits it."""
_PAGE = 2_000


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
