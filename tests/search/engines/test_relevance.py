"""The order of relevance, on every engine that can: the same posts as the newest, pages that stay as they were."""

from collections import Counter
from datetime import timedelta
from itertools import count
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.items import Kind, Post, Reading
from search.document import Document, document_of
from search.engine import Engine, Entry, Order
from search.query import parse_query
from search.reference import compile_query
from search.tree import Query
from tests.search.engines.conftest import Opened
from tests.search.engines.test_pages import QUERIES, Live, between_pages
from tests.search.engines.worlds import CONTEXT, START, corpus, queries

POSTS = corpus(seed=20260303, size=120)
CITIES = count()
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def filled(opened: Opened) -> Engine:
    engine = opened(f"relevance-{uuid4().hex[:12]}")
    engine.put([Entry(number, post.id, post) for number, post in enumerate(POSTS, 1)])
    engine.refresh()
    return engine


def found(engine: Engine, query: Query, limit: int = 40) -> list[str]:
    posts: list[str] = []
    after = ""
    while True:
        page = engine.find(query, CONTEXT, after=after, limit=limit, order=Order.RELEVANCE)
        posts += [hit.post for hit in page.hits]
        after = page.next
        if not after:
            return posts


@given(queries, st.sampled_from((3, 7, 40, 500)))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_the_posts_are_those_of_the_newest_and_pages_say_the_same_as_one(
    filled: Engine, query: Query, limit: int
) -> None:
    compiled = compile_query(query)
    posts = found(filled, query, limit)
    assert sorted(posts) == sorted(post.id for post in POSTS if compiled.fits(post, CONTEXT))
    assert posts == found(filled, query, 500)


@pytest.mark.parametrize("text", QUERIES)
@given(st.randoms(use_true_random=False), between_pages, st.integers(1, 7))
@settings(max_examples=6, deadline=None, suppress_health_check=SLOW)
def test_what_arrives_and_goes_meanwhile_moves_nothing(
    opened: Opened, city: str, text: str, random: Random, changes: list[tuple[int, int, int]], limit: int
) -> None:
    check_pages(Live(opened(f"{city}-{next(CITIES)}"), random), parse_query(text), changes, limit)


def check_pages(live: Live, query: Query, changes: list[tuple[int, int, int]], limit: int) -> None:
    """Pages give what one page would have given, but for what went, whatever arrives or is read anew meanwhile."""
    whole = found(live.engine, query)
    seen: list[str] = []
    after = ""
    for arriving, read_anew, going in [*changes, *[(0, 0, 0)] * 200]:
        page = live.engine.find(query, CONTEXT, after=after, limit=limit, order=Order.RELEVANCE)
        seen += [hit.post for hit in page.hits]
        after = page.next
        if not after:
            break
        live.change(arriving, 0, going)
        live.put([live.posts[post] for post in live.some(read_anew)])
        live.engine.refresh()
    assert not after
    assert not [post for post, times in Counter(seen).items() if times > 1]
    assert [post for post in seen if post in live.posts] == [post for post in whole if post in live.posts]


def said(number: int, text: str, hours: float = 0) -> Document:
    at = START + timedelta(hours=hours)
    return document_of(Post(f"p{number}", "one", "vk", Kind.POST, text, seen_at=at, published_at=at), Reading())


def put(engine: Engine, *posts: Document) -> None:
    engine.put([Entry(number, post.id, post) for number, post in enumerate(posts, 1)])
    engine.refresh()


def test_a_post_about_it_comes_before_one_that_mentions_it(engine: Engine) -> None:
    rest = "Спасибо управляющей компании за праздник во дворе, детям понравились качели и новая горка."
    put(engine, said(1, "Яма на дороге. Яму не чинят год, в яме вода."), said(2, f"{rest} Одна яма осталась.", hours=5))
    assert found(engine, parse_query("яма")) == ["p1", "p2"]


def test_words_of_one_sentence_come_before_those_of_two(engine: Engine) -> None:
    put(
        engine,
        said(1, "В подвале дома стоит вода. Жители пишут третий месяц."),
        said(2, "Вода идёт ржавая вечером. Жители пишут про подвал.", hours=5),
    )
    assert found(engine, parse_query("вода подвал")) == ["p1", "p2"]


def test_the_rarer_word_weighs_more(engine: Engine) -> None:
    common = [said(number, "Опять нет воды в доме", hours=number) for number in range(10, 30)]
    put(engine, *common, said(1, "Опять нет лифта в доме"))
    assert found(engine, parse_query("вода OR лифт"))[0] == "p1"


def test_of_posts_that_say_the_same_the_newest_comes_first(engine: Engine) -> None:
    put(engine, *(said(number, "Нет воды", hours=number) for number in range(5)))
    assert found(engine, parse_query("вода"), 2) == ["p4", "p3", "p2", "p1", "p0"]


def test_without_words_the_newest_come_first(engine: Engine) -> None:
    put(engine, *(said(number, "Нет воды", hours=number) for number in range(5)))
    assert found(engine, parse_query("source:one -яма"), 2) == ["p4", "p3", "p2", "p1", "p0"]
