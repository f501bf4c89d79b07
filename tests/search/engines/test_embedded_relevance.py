"""The embedded engine's own order of relevance: how far it goes, and what its tokens are worth."""

from contextlib import suppress
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.errors import OtklikError
from search.engine import Order, open_engine
from search.engines import relevance
from search.engines.scoring import MOST_WORDS
from search.engines.token import pack, unpack
from search.query import parse_query
from search.state.database import Database
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.test_pages import QUERIES, Live, between_pages
from tests.search.engines.test_relevance import check_pages, found, put, said
from tests.search.engines.worlds import CONTEXT

TOWNS = count()


@pytest.mark.parametrize("text", QUERIES)
@given(st.randoms(use_true_random=False), between_pages, st.integers(1, 7))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_moves_where_only_some_are_ranked(
    state: Database,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    random: Random,
    changes: list[tuple[int, int, int]],
    limit: int,
) -> None:
    monkeypatch.setattr(relevance, "RANKED", 12)
    engine = open_engine("embedded:", f"town-{next(TOWNS)}", state, NoSecrets())
    check_pages(Live(engine, random), parse_query(text), changes, limit)


def test_behind_those_that_are_ranked_the_older_follow_by_time(
    state: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relevance, "RANKED", 3)
    engine = open_engine("embedded:", "town", state, NoSecrets())
    texts = ["вода, вода, вода", *["вода во дворе"] * 2, "вода, снова вода", "вода во дворе"]
    put(engine, *(said(number, text, hours=number) for number, text in enumerate(texts)))
    for limit in (1, 2, 3, 50):
        assert found(engine, parse_query("вода"), limit) == ["p3", "p4", "p2", "p1", "p0"]


def test_a_token_of_other_words_or_of_an_index_that_is_gone_is_refused(state: Database) -> None:
    engine = open_engine("embedded:", "town", state, NoSecrets())
    put(engine, *(said(number, "Нет воды и света", hours=number) for number in range(5)))
    water, both = parse_query("вода"), parse_query("вода свет")
    token = engine.find(water, CONTEXT, limit=2, order=Order.RELEVANCE).next
    with pytest.raises(OtklikError):
        engine.find(both, CONTEXT, after=token, order=Order.RELEVANCE)
    with pytest.raises(OtklikError):
        engine.find(water, CONTEXT, after=token, order=Order.NEWEST)
    good = unpack(token, Order.RELEVANCE)
    for place in range(len(good)):
        for wrong in ("x", 10**30, -1, [10**30], [[1, 2]], 1.5):
            bad = pack(Order.RELEVANCE, [*good[:place], wrong, *good[place + 1 :]])
            with suppress(OtklikError):  # some are places of other pages
                engine.find(water, CONTEXT, after=bad, order=Order.RELEVANCE)
    engine.begin_rebuild()
    engine.finish_rebuild()
    with pytest.raises(OtklikError):
        engine.find(water, CONTEXT, after=token, order=Order.RELEVANCE)


def test_a_query_of_a_thousand_words_has_a_short_token(state: Database) -> None:
    engine = open_engine("embedded:", "town", state, NoSecrets())
    put(engine, *(said(number, "Нет воды", hours=number) for number in range(5)))
    query = parse_query(" OR ".join(["вода", *(f"слово{number}" for number in range(1_000))]))
    token = engine.find(query, CONTEXT, limit=2, order=Order.RELEVANCE).next
    assert len(token) < 30 * MOST_WORDS
    assert len(found(engine, query, 2)) == 5
