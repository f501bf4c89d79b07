"""Pages of every engine while posts arrive, change and go: nothing that is there throughout is skipped or repeated."""

import base64
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.errors import OtklikError
from search.document import Document
from search.engine import Engine, Entry
from search.query import parse_query
from search.reference import compile_query
from search.tree import Query
from tests.search.engines.conftest import Opened
from tests.search.engines.worlds import CONTEXT, document

CITIES = count()
QUERIES = ("", "вода", "вода OR яма", '"нет воды"~5', "source:one -село", "вод* центр*")
# How many posts arrive, are edited and go between two pages.
between_pages = st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=8)


class Live:
    """An index that lives while it is read."""

    def __init__(self, engine: Engine, random: Random) -> None:
        self.engine = engine
        self.random = random
        self.seq = count(1)
        self.numbers = count(1)
        self.posts: dict[str, Document] = {}
        self.arrive(40)

    def arrive(self, number: int) -> None:
        self.put([document(next(self.numbers), self.random) for _ in range(number)])
        self.engine.refresh()

    def change(self, arriving: int, edited: int, going: int) -> None:
        self.arrive(arriving)
        # Another text at the same moment: the place among the newest is that of the publication.
        others = {post: document(next(self.numbers), self.random) for post in self.some(edited)}
        self.put([replace(it, id=post, published_at=self.posts[post].published_at) for post, it in others.items()])
        gone = self.some(going)
        self.engine.put([Entry(next(self.seq), post, None) for post in gone])
        for post in gone:
            del self.posts[post]
        self.engine.refresh()

    def some(self, number: int) -> list[str]:
        return self.random.sample(sorted(self.posts), min(number, len(self.posts)))

    def put(self, posts: Iterable[Document]) -> None:
        new = {post.id: post for post in posts}
        self.engine.put([Entry(next(self.seq), post, it) for post, it in new.items()])
        self.posts |= new

    def fitting(self, query: Query) -> set[str]:
        compiled = compile_query(query)
        return {post for post, document in self.posts.items() if compiled.fits(document, CONTEXT)}


@pytest.mark.parametrize("text", QUERIES)
@given(st.randoms(use_true_random=False), between_pages, st.integers(1, 7))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_what_is_there_throughout_comes_once_whatever_arrives_changes_and_goes(
    opened: Opened, city: str, text: str, random: Random, changes: list[tuple[int, int, int]], limit: int
) -> None:
    live = Live(opened(f"{city}-{next(CITIES)}"), random)
    query = parse_query(text)
    throughout = live.fitting(query)
    seen: list[str] = []
    after = ""
    for change in [*changes, *[(0, 0, 0)] * 200]:
        page = live.engine.find(query, CONTEXT, after=after, limit=limit)
        seen += [hit.post for hit in page.hits]
        after = page.next
        if not after:
            break
        live.change(*change)
        throughout &= live.fitting(query)
    assert not after
    times = Counter(seen)
    assert {post: times[post] for post in throughout} == dict.fromkeys(throughout, 1)
    assert not [post for post in live.posts if times[post] > 1]


@pytest.mark.parametrize(
    "values", [[10**30, "x"], [-(10**18), "x"], [1.5, "x"], [1], [1, "x", 2], [[1], "x"], [None, None], [1, "\ud800"]]
)
def test_a_token_that_no_page_gave_is_refused(engine: Engine, values: list[object]) -> None:
    with pytest.raises(OtklikError):
        engine.find(parse_query("вода"), CONTEXT, after=token(values))


def token(values: list[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(["newest", *values]).encode()).decode()
