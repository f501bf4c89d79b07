"""What every engine promises of its index: versions, deletions, pages, cities that do not see each other."""

from datetime import timedelta

import pytest

from crawler.model.errors import OtklikError
from crawler.model.items import Kind, Post, Reading
from search.document import Document, document_of
from search.engine import Engine, EngineError, Entry, Order, open_engine
from search.engines.elastic import Elastic
from search.engines.tables import drop_some, indexes, retire
from search.query import parse_query
from search.state.database import Database
from search.tree import Query
from tests.search.engines.conftest import NoSecrets, Opened
from tests.search.engines.refusing import refuses
from tests.search.engines.worlds import CONTEXT, START

WATER = parse_query("вода")
EVERYTHING = Query("", None)


def post(number: int, text: str = "Нет воды", version: int = 1, hours: float = 0) -> Document:
    at = START + timedelta(hours=hours)
    made = Post(f"p{number:04}", "one", "vk", Kind.POST, text, seen_at=at, published_at=at, version=version)
    return document_of(made, Reading())


def found(engine: Engine, query: Query = EVERYTHING) -> list[tuple[str, int]]:
    engine.refresh()
    return [(hit.post, hit.version) for hit in engine.find(query, CONTEXT, limit=500).hits]


def test_a_later_change_replaces_an_earlier_one(engine: Engine) -> None:
    engine.put([Entry(1, "p0001", post(1))])
    engine.put([Entry(2, "p0001", post(1, "Яма", version=2))])
    assert found(engine) == [("p0001", 2)]
    assert found(engine, WATER) == []


def test_an_older_change_that_comes_late_changes_nothing(engine: Engine) -> None:
    engine.put([Entry(5, "p0001", post(1, version=2))])
    engine.put([Entry(4, "p0001", post(1, "Яма")), Entry(5, "p0001", post(1, "Яма"))])
    assert found(engine, WATER) == [("p0001", 2)]
    assert engine.count(EVERYTHING, CONTEXT) == 1


def test_several_changes_of_a_post_in_one_batch_leave_the_last(engine: Engine) -> None:
    engine.put([Entry(1, "p0001", post(1)), Entry(3, "p0001", post(1, version=3)), Entry(2, "p0001", None)])
    assert found(engine) == [("p0001", 3)]


def test_a_deleted_post_stays_away_until_a_later_change(engine: Engine) -> None:
    engine.put([Entry(1, "p0001", post(1)), Entry(2, "p0002", post(2))])
    engine.put([Entry(3, "p0001", None)])
    assert found(engine) == [("p0002", 1)]
    engine.put([Entry(2, "p0001", post(1))])
    assert found(engine) == [("p0002", 1)]
    engine.put([Entry(4, "p0001", post(1, version=2))])
    assert found(engine) == [("p0001", 2), ("p0002", 1)]


def test_a_deletion_of_what_was_never_there_still_counts(engine: Engine) -> None:
    # An engine may remember it by the month of posts: one that holds none of a month knows nothing of it yet.
    engine.put([Entry(1, "p0002", post(2)), Entry(7, "p0001", None)])
    engine.put([Entry(6, "p0001", post(1))])
    assert found(engine) == [("p0002", 1)]


def test_delete_takes_out_whatever_the_seq_and_the_next_change_comes_in(engine: Engine) -> None:
    engine.put([Entry(9, "p0001", post(1)), Entry(10, "p0002", post(2))])
    engine.delete(["p0001", "p0404"])
    assert found(engine) == [("p0002", 1)]
    engine.put([Entry(9, "p0001", post(1))])
    assert found(engine) == [("p0002", 1)]
    engine.put([Entry(11, "p0001", post(1, version=2))])
    assert found(engine) == [("p0001", 2), ("p0002", 1)]


def test_a_post_whose_publication_moves_is_there_once(engine: Engine) -> None:
    engine.put([Entry(1, "p0001", post(1)), Entry(2, "p0002", post(2, hours=1))])
    engine.put([Entry(3, "p0001", post(1, version=2, hours=2))])
    assert found(engine) == [("p0001", 2), ("p0002", 1)]


def test_clear_empties_one_city_only(opened: Opened, city: str) -> None:
    one, other = opened(city), opened(f"{city}-2")
    one.put([Entry(1, "p0001", post(1))])
    other.put([Entry(1, "p0002", post(2))])
    assert found(one) == [("p0001", 1)]
    assert found(other) == [("p0002", 1)]
    one.clear()
    assert found(one) == []
    assert found(other) == [("p0002", 1)]
    one.put([Entry(1, "p0001", post(1))])
    assert found(one) == [("p0001", 1)]


def test_pages_neither_skip_nor_repeat_while_posts_arrive(engine: Engine) -> None:
    # Seven posts share each moment, so that pages end inside one.
    engine.put([Entry(number, f"p{number:04}", post(number, hours=number // 7)) for number in range(1, 60)])
    before = found(engine, WATER)
    seen: list[tuple[str, int]] = []
    after, arriving = "", 100
    while True:
        page = engine.find(WATER, CONTEXT, after=after, limit=10)
        seen += [(hit.post, hit.version) for hit in page.hits]
        assert len(page.hits) == 10 or not page.next
        if not page.next:
            break
        after = page.next
        engine.put([Entry(arriving, f"p{arriving:04}", post(arriving, hours=arriving))])
        engine.refresh()
        arriving += 1
    assert seen == before
    assert len(seen) == 59


def test_a_page_that_ends_with_the_last_hit_has_no_next(engine: Engine) -> None:
    engine.put([Entry(number, f"p{number:04}", post(number)) for number in range(1, 11)])
    engine.refresh()
    assert engine.find(WATER, CONTEXT, limit=10).next == ""
    assert engine.find(WATER, CONTEXT, limit=9).next != ""


@pytest.mark.parametrize("token", ["нет", "WzEsMl0", "e30", "W10=="])
def test_a_token_that_is_none_is_refused(engine: Engine, token: str) -> None:
    with pytest.raises(OtklikError):
        engine.find(WATER, CONTEXT, after=token, order=Order.NEWEST)


def test_a_post_with_a_time_before_1970_is_found_last(engine: Engine) -> None:
    engine.put([Entry(1, "p0001", post(1, hours=-24 * 365 * 60)), Entry(2, "p0002", post(2))])
    assert found(engine) == [("p0002", 1), ("p0001", 1)]


def test_what_was_put_is_there_when_the_engine_is_opened_again(opened: Opened, city: str) -> None:
    opened(city).put([Entry(1, "p0001", post(1))])
    assert found(opened(city)) == [("p0001", 1)]


def test_a_rebuild_leaves_the_old_index_answering_until_the_new_one_does(engine: Engine) -> None:
    engine.put([Entry(1, "p0001", post(1))])
    engine.begin_rebuild()
    assert found(engine) == [("p0001", 1)]
    engine.begin_rebuild()
    engine.finish_rebuild()
    assert found(engine) == []


@pytest.mark.parametrize(
    "url",
    [
        "sphinx:",
        "elasticsearch:localhost:9200",
        "elasticsearch:http://user:word@localhost:9200",
        "elasticsearch:http://localhost:9200?password=word",
        "elasticsearch:http://localhost:9200?user=otklik",
        "elasticsearch:http://localhost:9200?timeout=never",
        "elasticsearch:https://localhost:9200?ca=/nowhere/ca.crt",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_without_its_secrets(state: Database, url: str) -> None:
    with pytest.raises(EngineError) as caught:
        open_engine(url, "town", state, NoSecrets())
    assert "word@" not in str(caught.value)


def test_an_embedded_index_of_another_form_says_reindex(state: Database) -> None:
    engine = open_engine("embedded:", "town", state, NoSecrets())
    with state.begin() as connection:
        connection.exec_driver_sql("UPDATE embedded_indexes SET digest = 'older'")
    engine.put([Entry(1, "p0001", post(1))])
    with refuses("otklik reindex town"):
        engine.find(WATER, CONTEXT)
    engine.begin_rebuild()
    engine.finish_rebuild()
    assert found(engine) == []


def test_an_embedded_index_whose_dropping_was_cut_off_goes_with_the_next_purge(state: Database) -> None:
    engine = open_engine("embedded:", "town", state, NoSecrets())
    engine.put([Entry(1, "p0001", post(1))])
    engine.begin_rebuild()
    with state.begin() as connection:
        (built,) = [index for index in indexes(connection, "town") if not index.answers]
        retire(connection, built)
        assert drop_some(connection, built)
    engine.put([Entry(2, "p0002", post(2))])
    with pytest.raises(EngineError):
        engine.finish_rebuild()
    assert {one for one, _ in found(engine)} == {"p0001", "p0002"}
    assert engine.purge()
    with state.read() as connection:
        assert [index.answers for index in indexes(connection, "town")] == [True]
        left = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE ?", (f"{built.prefix}%",))
        assert left.all() == []


@pytest.mark.elasticsearch
def test_an_elasticsearch_index_of_another_form_says_reindex(
    elasticsearch_url: str, state: Database, city: str
) -> None:
    import elasticsearch

    with elasticsearch.Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=f"otklik-{city}.1", aliases={f"otklik-{city}": {}})
    engine = open_engine(f"elasticsearch:{elasticsearch_url}", city, state, NoSecrets())
    with refuses(f"otklik reindex {city}"):
        engine.put([Entry(1, "p0001", post(1))])
    engine.begin_rebuild()
    engine.finish_rebuild()
    engine.put([Entry(1, "p0001", post(1))])
    assert found(engine) == [("p0001", 1)]
    assert isinstance(engine, Elastic)
    engine.remove()
    engine.close()
