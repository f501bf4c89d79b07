"""What is erased is gone from both engines, and a feeder that is killed loses and doubles nothing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler.model.items import House, Kind, Place, PlaceKind, Post, Reading
from search.document import Document, document_of
from search.engine import Entry, open_engine
from search.engines.elastic import Elastic
from search.state.database import Database
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.test_engine import WATER, found, post
from tests.search.engines.test_feeder import Town, town
from tests.search.engines.worlds import CONTEXT, START

__all__ = ["town"]
ROOT = Path(__file__).parents[3]


def test_what_is_removed_is_gone_until_it_is_recorded_again(town: Town) -> None:
    town.record(post(1), post(2), post(3))
    town.feeder.drain(30)
    town.erase("p0001", "p0404")
    town.erase("p0001")
    town.feeder.drain(30)
    assert found(town.engine, WATER) == [("p0002", 1), ("p0003", 1)]
    assert town.engine.count(WATER, CONTEXT) == 2
    town.record(post(1, version=2))
    town.erase("p0002")
    town.feeder.drain(30)
    assert found(town.engine) == town.state() == [("p0001", 2), ("p0003", 1)]


def test_the_last_of_changes_in_one_transaction_counts(town: Town) -> None:
    town.record(post(1), post(2))
    town.feeder.drain(30)
    again = post(1, version=2)
    with town.database.begin() as connection:
        town.projection.removed(connection, ["p0001", "p0002"])
        town.projection.changed(connection, [again])
        town.kept[again.id] = again
    town.feeder.drain(30)
    assert found(town.engine) == [("p0001", 2)]
    assert town.queued() == 0


def test_removing_nothing_is_no_change(town: Town) -> None:
    with town.database.begin() as connection:
        town.projection.removed(connection, [])
        town.projection.changed(connection, [])
    assert town.queued() == 0
    assert found(town.engine) == []


def placed(number: int) -> Document:
    """A post at one and the same building, in letters that cp1251 has and has not."""
    house = Place(
        PlaceKind.HOUSE, ("Ленина",), 0, 1, "", houses=(House(5),), street_key="ленина/улица", lat=46.95, lon=142.73
    )
    text = f"Бизнес-центр, қала, яма {number}"
    made = Post(f"p{number}", "one", "vk", Kind.POST, text, seen_at=START, published_at=START, version=1)
    return document_of(made, Reading(places=(house,)))


def test_nothing_of_a_removed_post_stays_in_the_state_but_its_seq(state: Database) -> None:
    engine = open_engine("embedded:", "town", state, NoSecrets())
    engine.put([Entry(1, "p1", placed(1)), Entry(2, "p2", placed(2))])
    engine.put([Entry(3, "p1", None)])
    assert left(state) == {"posts": 1, "places": 2, "points": 1, "gone": 1, "words": 6}
    engine.put([Entry(4, "p2", None)])
    assert left(state) == {"posts": 0, "places": 0, "points": 0, "gone": 2, "words": 0}


def left(state: Database) -> dict[str, int]:
    """The rows of each table of the index; of the words, those that a post still has."""
    with state.begin() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, embedded_1_words, col)")
        counts = {
            name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
            for name, table in {
                **{name: f"embedded_1_{name}" for name in ("posts", "places", "points", "gone")},
                "words": "temp.terms WHERE col = 'lemma' AND term NOT LIKE '|%'",
            }.items()
        }
        connection.exec_driver_sql("DROP TABLE temp.terms")
    return counts


@pytest.mark.elasticsearch
def test_a_feeder_killed_at_any_moment_indexes_every_post_once(
    elasticsearch_url: str, state: Database, city: str
) -> None:
    url = f"elasticsearch:{elasticsearch_url}"
    town = Town(city, state, open_engine(url, city, state, NoSecrets()))
    town.record(*(post(number, hours=number) for number in range(2_000)))
    town.record(*(post(number, version=2, hours=number) for number in range(0, 2_000, 7)))
    town.erase(*(f"p{number:04}" for number in range(0, 2_000, 11)))
    command = [sys.executable, "-m", "tests.search.engines.draining", str(state.where), city, url]
    for left_over in (1_900, 1_100, 300):
        with subprocess.Popen(command, cwd=ROOT) as feeder:
            while town.queued() > left_over and feeder.poll() is None:
                time.sleep(0.002)
            feeder.kill()
        assert town.queued() > 0
    drained = town.feeder.drain(60)
    assert (drained.waiting, drained.refused, drained.error) == (0, 0, "")
    town.engine.refresh()
    hits = [hit for page in _pages(town) for hit in page]
    assert hits == town.state()
    assert town.engine.count(WATER, CONTEXT) == len(hits) == 2_000 - 182
    assert isinstance(town.engine, Elastic)
    town.engine.remove()
    town.engine.close()


def _pages(town: Town) -> list[list[tuple[str, int]]]:
    pages, after = [], ""
    while True:
        page = town.engine.find(WATER, CONTEXT, after=after, limit=1_000)
        pages.append([(hit.post, hit.version) for hit in page.hits])
        after = page.next
        if not after:
            return pages
