"""One meaning: for any versions of posts, any queries and any clock the reference matcher, both monitors, the embedded
engine and the real Elasticsearch say the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.engine import Engine, Entry
from search.reference import Context
from search.state.database import Database
from search.tree import Query
from tests.search.engines.saying import both, differing, everyone
from tests.search.engines.worlds import CONTEXT, START, corpus, document, queries

pytestmark = pytest.mark.elasticsearch

POSTS = {post.id: post for post in corpus(seed=20260308, size=150)}
SEQ = count(1)
NEW = 10_000
CLOCKS = st.builds(
    lambda hours, micros, zone: Context(
        START + timedelta(hours=hours, microseconds=micros), ZoneInfo(zone), CONTEXT.names
    ),
    st.integers(0, 72),
    st.sampled_from((0, 1, 999_999)),
    st.sampled_from(("Asia/Sakhalin", "Europe/Moscow", "UTC")),
)


@pytest.fixture(scope="module")
def engines(database: Database, elasticsearch_url: str) -> Iterator[dict[str, Engine]]:
    with both(database, elasticsearch_url, [Entry(next(SEQ), post.id, post) for post in POSTS.values()]) as made:
        yield made


@given(st.lists(queries, min_size=12, max_size=12), CLOCKS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_everyone_says_the_same(
    engines: dict[str, Engine], asked: list[Query], context: Context, random: Random
) -> None:
    ids = list(POSTS)
    changed = {post.id: post for post in (document(NEW + number, random) for number in range(2))}
    for number in random.sample(range(len(ids)), 3):
        changed[ids[number]] = replace(document(number, random), id=ids[number], version=POSTS[ids[number]].version + 1)
    gone = random.choice([post for post in ids if post not in changed])
    entries = [Entry(next(SEQ), post, one) for post, one in changed.items()] + [Entry(next(SEQ), gone, None)]
    posts = [one for one in ({**POSTS, **changed}).values() if one.id != gone]
    try:
        for engine in engines.values():
            engine.put(entries)
            engine.refresh()
        assert differing(everyone(asked, posts, engines, context), asked) == {}
    finally:
        back = [Entry(next(SEQ), entry.post, POSTS.get(entry.post)) for entry in entries]
        for engine in engines.values():
            engine.put(back)
            engine.refresh()
