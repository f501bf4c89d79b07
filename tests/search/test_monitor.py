"""The monitors behind their protocol: what is registered is matched, by id, and explained; both say the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.city import SavedSearch
from search.document import Document, document_of
from search.indexed_monitor import IndexedMonitor
from search.monitor import Found, LoopMonitor, Monitor
from search.names import Names
from search.query import parse_query
from search.tree import And, Period, Query, Word
from tests.search.engines.worlds import CONTEXT, corpus, queries
from tests.search.town import HOUR, NOON, PITS, SAKHALIN, WATER, house, said


def document(text: str) -> Document:
    return document_of(*said("tg:1/1", text, house("Садовая", 5)))


@pytest.fixture(params=[LoopMonitor, IndexedMonitor])
def monitor(request: pytest.FixtureRequest) -> Monitor:
    make: Callable[[ZoneInfo], Monitor] = request.param
    monitor = make(SAKHALIN)
    for search in (WATER, PITS):
        monitor.register(search, parse_query(search.query))
    return monitor


def test_every_fitting_search_is_found_by_id(monitor: Monitor) -> None:
    both = monitor.match(document("яма и нет воды"), NOON)
    assert [one.search.id for one in both] == ["file:pits", "file:water"]
    assert [(reason.start, reason.end) for reason in both[1].match.why] == [(10, 14)]


def test_many_are_matched_as_one_by_one(monitor: Monitor) -> None:
    documents = [document("яма"), document("тихо"), document("воды нет")]
    assert monitor.match_many(documents, NOON) == [monitor.match(one, NOON) for one in documents]


def test_more_than_one_batch_comes_back_in_order(monitor: Monitor) -> None:
    documents = [document("яма"), document("тихо"), document("воды нет")] * 700
    found = monitor.match_many(documents, NOON)
    assert [[one.search.id for one in some] for some in found] == [["file:pits"], [], ["file:water"]] * 700


def test_a_registered_id_is_replaced_and_an_unregistered_one_is_silent(monitor: Monitor) -> None:
    monitor.register(WATER, parse_query("кран"))
    assert monitor.match(document("нет воды"), NOON) == []
    assert [one.search.id for one in monitor.match(document("кран"), NOON)] == ["file:water"]
    monitor.unregister("file:water")
    monitor.unregister("file:water")
    assert monitor.match(document("кран"), NOON) == []


def test_explain_tells_why_one_search_fits(monitor: Monitor) -> None:
    found = monitor.explain("file:pits", document("яма"), NOON)
    assert found
    assert found.search == PITS
    assert monitor.explain("file:water", document("яма"), NOON) is None
    with pytest.raises(KeyError):
        monitor.explain("file:none", document("яма"), NOON)


def test_the_clock_is_the_one_given(monitor: Monitor) -> None:
    fresh = SavedSearch("file:fresh", "Свежее", "since:-2h", "дороги")
    monitor.register(fresh, parse_query(fresh.query))
    assert [one.search.id for one in monitor.match(document("тихо"), NOON + HOUR)] == ["file:fresh"]
    assert monitor.match(document("тихо"), NOON + 3 * HOUR) == []


def test_a_search_that_cannot_be_asked_is_told_counted_and_stops_no_other(
    monitor: Monitor, caplog: pytest.LogCaptureFixture
) -> None:
    no_period = And((Word("яма", (0, 3)), Period("since", "once", (4, 8))))
    monitor.register(SavedSearch("file:faulty", "", "", "дороги"), Query("", no_period))
    pit, quiet = document("яма"), document("тихо")
    with caplog.at_level("ERROR"):
        found = [monitor.match(pit, NOON), *monitor.match_many([quiet, pit], NOON)]
    assert [[one.search.id for one in some] for some in found] == [["file:pits"], [], ["file:pits"]]
    assert monitor.failures["file:faulty"] >= 2
    assert [record.getMessage() for record in caplog.records if "tg:1/1" in record.getMessage()] == [
        "search file:faulty cannot be asked about post tg:1/1: it is left out there"
    ]
    assert caplog.records[0].exc_info


POSTS = corpus(seed=20260302, size=30)


def search_of(number: int) -> SavedSearch:
    return SavedSearch(f"user:{number:03}", "", "", "дороги")


def meant(asked: dict[str, Query], documents: Sequence[Document]) -> Sequence[Sequence[Found]]:
    oracle = LoopMonitor(CONTEXT.zone, CONTEXT.names)
    for search_id, query in asked.items():
        oracle.register(SavedSearch(search_id, "", "", "дороги"), query)
    return oracle.match_many(documents, CONTEXT.now)


@given(st.lists(queries, min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_index_leaves_out_no_search_that_fits(asked: list[Query], data: st.DataObject) -> None:
    monitor = IndexedMonitor(CONTEXT.zone, CONTEXT.names, first_look=20)
    there = {search_of(number).id: query for number, query in enumerate(asked)}
    for number, query in enumerate(asked):
        monitor.register(search_of(number), query)
    # Before, at and after the choice of keys that the documents passed bring about.
    assert monitor.match_many(POSTS, CONTEXT.now) == meant(there, POSTS)
    gone = data.draw(st.sampled_from(sorted(there)))
    monitor.unregister(gone)
    there.pop(gone)
    changed, query = data.draw(st.sampled_from(sorted({*there, "user:new"}))), data.draw(queries)
    monitor.register(SavedSearch(changed, "", "", "дороги"), query)
    there[changed] = query
    assert monitor.match_many(POSTS, CONTEXT.now) == meant(there, POSTS)


def test_the_document_at_which_keys_are_chosen_anew_is_found_too() -> None:
    # The words are in every document before, so that the prefix is the rarest and becomes a key: nobody looked for
    # prefixes until then.
    monitor = IndexedMonitor(CONTEXT.zone, first_look=300)
    monitor.register(search_of(1), parse_query("яма двор дорог*"))
    for _ in range(299):
        assert monitor.match(document("яма двор"), NOON) == []
    hits = monitor.match_many([document("яма двор дороге")] * 2, NOON)
    assert [[one.search.id for one in found] for found in hits] == [["user:001"]] * 2


@pytest.mark.parametrize("query", ['topic:"Двор*"', 'topic:"Снег*"', 'source:"a*"'])
def test_a_name_that_ends_as_a_prefix_is_a_name(query: str) -> None:
    names = Names({"Двор*": ["Снег*"]})
    snow = replace(document("тихо"), topic="Снег*", source="a*")
    for make in (LoopMonitor, IndexedMonitor):
        monitor: Monitor = make(SAKHALIN, names)
        monitor.register(search_of(1), parse_query(query))
        assert [one.search.id for one in monitor.match(snow, NOON)] == ["user:001"]
        assert [len(some) for some in monitor.match_many([snow], NOON)] == [1]


def test_nothing_is_left_of_searches_that_went() -> None:
    monitor = IndexedMonitor(SAKHALIN)
    for search in (WATER, PITS):
        monitor.register(search, parse_query(search.query))
    for search in (WATER, PITS):
        monitor.unregister(search.id)
    assert monitor.size() == (0, 0)
