"""The monitor behind its protocol: what is registered is matched, by id, and explained."""

import pytest

from crawler.model.city import SavedSearch
from search.document import Document, document_of
from search.monitor import LoopMonitor, Monitor
from search.query import parse_query
from tests.search.town import HOUR, NOON, PITS, SAKHALIN, WATER, house, said


def document(text: str) -> Document:
    return document_of(*said("tg:1/1", text, house("Садовая", 5)))


@pytest.fixture
def monitor() -> Monitor:
    monitor = LoopMonitor(SAKHALIN)
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
