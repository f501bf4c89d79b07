"""Hostile queries: an error with a place, or what the reference matcher says. Never anything else."""

from collections.abc import Sequence
from functools import cache

import pytest

from crawler.model.city import SavedSearch
from crawler.model.errors import QueryError
from search.engine import Engine, EngineError, Entry
from search.engines.embedded import Embedded
from search.indexed_monitor import IndexedMonitor
from search.lint import Around, lint
from search.query import mend, parse_query, show
from search.reference import compile_query
from search.tree import Query
from tests.search.engines.conftest import Opened
from tests.search.engines.worlds import CONTEXT, corpus
from tests.search.hostile import hostile

POSTS = corpus(seed=20260306, size=60)
COUNT = 10_000
OF_ELASTICSEARCH = 5
"""One of so many is asked of the real server."""


def read(text: str) -> Query | QueryError:
    try:
        return parse_query(text)
    except QueryError as error:
        return error


@cache
def readable() -> Sequence[Query]:
    """The queries that can be read; the others have an error with a place and, at best, a repair that leads on."""
    found = []
    for text in hostile(seed=1, count=COUNT):
        query = read(text)
        if isinstance(query, Query):
            found.append(query)
        else:
            assert 0 <= query.start <= query.end <= len(text), text
            assert query.text.ru, text
            assert not query.hint or mend(text, query) != text, text
    return found


@cache
def meant(number: int) -> frozenset[str]:
    """The posts that a readable query fits."""
    compiled = compile_query(readable()[number])
    return frozenset(post.id for post in POSTS if compiled.fits(post, CONTEXT))


@pytest.fixture(scope="module")
def filled(opened: Opened) -> Engine:
    engine = opened("hostile")
    engine.put([Entry(number, post.id, post) for number, post in enumerate(POSTS, 1)])
    engine.refresh()
    return engine


def test_every_kind_is_read_and_refused() -> None:
    assert COUNT / 5 < len(readable()) < COUNT / 2


def test_what_can_be_read_is_shown_and_remarked_on() -> None:
    for query in readable():
        for one in lint(query, Around(CONTEXT)):
            assert 0 <= one.span[0] <= one.span[1] <= len(query.text)
        again = read(show(query))
        if isinstance(again, Query):
            assert show(again) == show(query)
        else:
            # A tree spelt out may have more brackets, or letters, than its text.
            assert "deeper" in again.text.en or "characters" in again.text.en


def test_an_engine_finds_what_the_reference_says(filled: Engine) -> None:
    every = 1 if isinstance(filled, Embedded) else OF_ELASTICSEARCH
    asked = range(0, len(readable()), every)
    refused, answered = 0, 0
    for number in asked:
        query = readable()[number]
        try:
            page = filled.find(query, CONTEXT, limit=len(POSTS))
        except EngineError as error:
            refused += "Elasticsearch has no exact answer" in error.text.en
            continue
        answered += 1
        assert {hit.post for hit in page.hits} == meant(number), query.text
        if isinstance(filled, Embedded):
            assert filled.count(query, CONTEXT) == len(meant(number)), query.text
    assert answered + refused == len(asked)
    assert refused == 0 or not isinstance(filled, Embedded)
    assert refused < len(asked) / 50


def test_the_monitor_finds_what_the_reference_says() -> None:
    monitor = IndexedMonitor(CONTEXT.zone, CONTEXT.names, first_look=20)
    for number, query in enumerate(readable()):
        monitor.register(SavedSearch(f"user:{number}", "", query.text, ""), query)
    for post in POSTS:
        found = {int(one.search.id.partition(":")[2]) for one in monitor.match(post, CONTEXT.now)}
        assert found == {number for number in range(len(readable())) if post.id in meant(number)}
