"""One meaning: what an engine finds is what the reference matcher says of each post."""

from itertools import count
from random import Random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.document import Document
from search.engine import Engine, EngineError, Entry, Hit
from search.engines.embedded import Embedded
from search.query import parse_query
from search.reference import compile_query
from search.tree import Phrase, Query, Word
from tests.search.engines.conftest import Opened
from tests.search.engines.worlds import CONTEXT, SHAPES, WORDS, corpus, document, queries

POSTS = corpus(seed=20260301, size=120)
SEQ = count(1_000)
SLOW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def filled(opened: Opened) -> Engine:
    engine = opened(f"meaning-{uuid4().hex[:12]}")
    engine.put([Entry(number, post.id, post) for number, post in enumerate(POSTS, 1)])
    engine.refresh()
    return engine


def all_hits(engine: Engine, query: Query, limit: int = 40) -> list[Hit]:
    found: list[Hit] = []
    after = ""
    while True:
        page = engine.find(query, CONTEXT, after=after, limit=limit)
        found += page.hits
        after = page.next
        if not after:
            return found


def meant(query: Query, posts: list[Document]) -> list[Hit]:
    compiled = compile_query(query)
    fitting = [post for post in posts if compiled.fits(post, CONTEXT)]
    fitting.sort(key=lambda post: (-post.published_at.timestamp(), post.id))
    return [Hit(post.id, post.version) for post in fitting]


@given(queries)
@SLOW
def test_any_query_finds_what_the_reference_says_in_order(filled: Engine, query: Query) -> None:
    expected = meant(query, POSTS)
    assert all_hits(filled, query) == expected
    assert filled.count(query, CONTEXT) == len(expected)


@given(st.randoms(use_true_random=False), st.lists(queries, min_size=5, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_posts_are_found_as_the_reference_says(filled: Engine, random: Random, asked: list[Query]) -> None:
    posts = [document(10_000 + number, random) for number in range(3)]
    filled.put([Entry(next(SEQ), post.id, post) for post in posts])
    filled.refresh()
    try:
        for query in asked:
            assert all_hits(filled, query, limit=100) == meant(query, POSTS + posts)
    finally:
        filled.delete([post.id for post in posts])
        filled.refresh()


@pytest.mark.parametrize("text", sorted({word.lower() for word in WORDS}))
def test_each_word_is_found_exactly_as_written(filled: Engine, text: str) -> None:
    query = parse_query(f"={text}") if "🔥" not in text else parse_query(text)
    assert meant(query, POSTS)
    assert all_hits(filled, query) == meant(query, POSTS)


CLAUSES = [
    *(f'in:"{name}"' for name in SHAPES),
    *(f'-in:"{name}"' for name in SHAPES),
    "in:Нигде",
    "in:центре",
    'place:"Школа № 6"',
    'place:"школе 6" house:10',
    'place:"улица Ленина"',
    "place:Ленина in:Центр house:10-20",
    "at(place:Ленина in:Центр near:46.95,142.73,420m) -at(house:12)",
    'place:"ТЦ Европа" OR in:"Чукотский берег"',
    'place:Европа -place:"торговый центр Европа"',
    "-author:official -author:unknown",
    "-author:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "-topic:Вода",
    "has:photo has:video -has:place",
    "-(has:photo OR has:link OR is:copy)",
    "seen:2026-03-02T20:00 -seen:2026-03-02T23:00 until:2026-03-01",
]


@pytest.mark.parametrize("text", CLAUSES)
def test_names_polygons_and_what_is_not_there(filled: Engine, text: str) -> None:
    query = parse_query(text)
    assert all_hits(filled, query) == meant(query, POSTS)
    assert filled.count(query, CONTEXT) == len(meant(query, POSTS))


def test_a_query_of_a_thousand_clauses_is_answered(filled: Engine) -> None:
    many = " ".join(f"-слово{number}" for number in range(500))
    either = " OR ".join(f"другое{number}" for number in range(500))
    for text in (f"вода {many}", f"({either} OR вода)", f"вода OR source:one {many}"):
        query = parse_query(text)
        assert all_hits(filled, query) == meant(query, POSTS)


def test_sixteen_parentheses_are_answered(filled: Engine) -> None:
    text = "яма"
    for level in range(15):
        text = f"(вода {text})" if level % 2 else f"(source:one OR нет {text})"
    query = parse_query(text)
    assert all_hits(filled, query) == meant(query, POSTS)


def test_a_long_phrase_in_any_order_is_exact_or_refused(filled: Engine) -> None:
    words = ["яма", "вода", "нет", "дом", "село", "горячая", "центр", "бизнес"]
    apart = Query("", Phrase(tuple((Word(word, (0, 0)),) for word in words), (0, 0), 20, ordered=False))
    assert all_hits(filled, apart) == meant(apart, POSTS)
    twice = Query("", Phrase(tuple((Word("вода", (0, 0)),) for _ in words), (0, 0), 50, ordered=False))
    if isinstance(filled, Embedded):
        assert all_hits(filled, twice) == meant(twice, POSTS)
    else:
        with pytest.raises(EngineError, match="~>"):
            filled.find(twice, CONTEXT)
