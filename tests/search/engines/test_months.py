"""A post stays in the index of the month in which it was first seen, whatever becomes of it: never in two."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from threading import Barrier, Thread

import elasticsearch
import pytest
import sqlalchemy as sa

from search.document import Document
from search.engine import Entry, open_engine
from search.engines.elastic import Elastic
from search.feeder import Drained
from search.state.database import Database
from search.state.tables import posts
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.test_engine import EVERYTHING, found, post
from tests.search.engines.test_feeder import Town
from tests.search.engines.worlds import CONTEXT

pytestmark = pytest.mark.elasticsearch
MONTHS = [datetime(2025, 11, 30, 23, 59, 59, 999_999, UTC), datetime(2025, 12, 1, tzinfo=UTC)]
MONTHS += [datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 2, 3)]


@pytest.fixture
def town(elasticsearch_url: str, state: Database, city: str) -> Iterator[Town]:
    url = f"elasticsearch:{elasticsearch_url}"
    engine = open_engine(url, city, state, NoSecrets())
    assert isinstance(engine, Elastic)
    yield Town(city, state, engine, url)
    engine.remove()
    engine.close()


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[elasticsearch.Elasticsearch]:
    with elasticsearch.Elasticsearch(elasticsearch_url) as client:
        yield client


def seen(one: Document, at: datetime) -> Document:
    return replace(one, seen_at=at)


def held(client: elasticsearch.Elasticsearch, city: str) -> list[tuple[str, str]]:
    """(generation and month, post) of every document of the city on the server."""
    client.indices.refresh(index=f"otklik-{city}.*")
    hits = client.search(index=f"otklik-{city}.*", size=10_000, source=False)["hits"]["hits"]
    return sorted((hit["_index"].removeprefix(f"otklik-{city}."), hit["_id"]) for hit in hits)


def test_a_post_lies_in_the_month_it_was_first_seen_in(town: Town, client: elasticsearch.Elasticsearch) -> None:
    for number, at in enumerate(MONTHS):
        town.record(seen(post(number, hours=-number), at))
    town.feeder.drain(30)
    assert held(client, town.key) == [
        ("1.2025-11", "p0000"),
        ("1.2025-12", "p0001"),
        *((f"1.2026-0{month}", f"p000{month + 1}") for month in (1, 2, 3)),
    ]
    # Edited and published anew in other months, it stays where it is.
    for number, at in enumerate(reversed(MONTHS)):
        town.record(seen(post(number, version=2, hours=number * 800), at))
    town.feeder.drain(30)
    assert [index for index, _ in held(client, town.key)] == [
        "1.2025-11",
        "1.2025-12",
        *(f"1.2026-0{month}" for month in (1, 2, 3)),
    ]
    assert found(town.engine) == town.state() == [(f"p{number:04}", 2) for number in (4, 3, 2, 1, 0)]
    town.feeder.reindex()
    assert [index for index, _ in held(client, town.key)][:2] == ["2.2025-11", "2.2025-12"]
    assert found(town.engine) == town.state()


def test_order_and_pages_are_exact_across_months(town: Town) -> None:
    random = Random(5)
    town.record(*(seen(post(n, hours=random.randrange(200)), random.choice(MONTHS)) for n in range(400)))
    town.feeder.drain(30)
    town.engine.refresh()
    pages, after = [], ""
    while True:
        page = town.engine.find(EVERYTHING, CONTEXT, after=after, limit=37)
        pages += [(hit.post, hit.version) for hit in page.hits]
        after = page.next
        if not after:
            break
    assert pages == town.state()


def test_a_post_that_went_and_came_again_in_another_month_is_there_once(
    town: Town, client: elasticsearch.Elasticsearch
) -> None:
    town.record(seen(post(1), MONTHS[0]), seen(post(2), MONTHS[0]))
    town.feeder.drain(30)
    town.erase("p0001")
    town.record(seen(post(1), MONTHS[3]))
    town.feeder.drain(30)
    assert held(client, town.key) == [("1.2025-11", "p0002"), ("1.2026-02", "p0001")]
    # Also while changes of both of its lives wait, and while a rebuild is under way.
    town.record(seen(post(1, version=2), MONTHS[4]))
    town.erase("p0001", "p0002")
    town.record(seen(post(1), MONTHS[1]), seen(post(2), MONTHS[2]))

    def meanwhile(_: int) -> None:
        town.erase("p0001")
        town.record(seen(post(1, version=3), MONTHS[4]))
        town.feeder.drain(30)

    town.feeder.reindex(meanwhile)
    town.feeder.drain(30)
    assert held(client, town.key) == [("2.2026-01", "p0002"), ("2.2026-03", "p0001")]
    assert found(town.engine) == town.state()
    assert town.queued() == 0


def test_a_removal_of_a_post_that_the_state_knows_no_more_finds_its_month(
    town: Town, client: elasticsearch.Elasticsearch
) -> None:
    town.record(*(seen(post(number), at) for number, at in enumerate(MONTHS)))
    town.feeder.drain(30)
    with town.database.begin() as connection:
        connection.execute(sa.delete(posts).where(posts.c.city == town.key))
        town.projection.removed(connection, [f"p000{number}" for number in range(5)])
    town.feeder.drain(30)
    assert held(client, town.key) == []


def test_months_are_made_once_by_many_at_once(
    town: Town, elasticsearch_url: str, client: elasticsearch.Elasticsearch
) -> None:
    start = Barrier(6)
    errors: list[Exception] = []

    def write(worker: int) -> None:
        engine = open_engine(f"elasticsearch:{elasticsearch_url}", town.key, town.database, NoSecrets())
        start.wait()
        try:
            engine.put([Entry(n, f"p{n:04}", seen(post(n), MONTHS[n % 5])) for n in range(worker, 60, 6)])
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)
        engine.close()

    threads = [Thread(target=write, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(found(town.engine)) == 60
    behind = client.indices.get_alias(name=f"otklik-{town.key}")
    assert sorted(behind) == sorted(client.indices.get(index=f"otklik-{town.key}.*"))
    assert len(behind) == 6


def test_a_writer_that_knew_the_former_generation_goes_on_in_the_new_one(
    town: Town, client: elasticsearch.Elasticsearch
) -> None:
    other = open_engine(town.url, town.key, town.database, NoSecrets())
    town.record(seen(post(1), MONTHS[0]))
    town.feeder.drain(30)
    other.put([Entry(100, "p0002", seen(post(2), MONTHS[0]))])
    town.feeder.reindex()
    # One month that it knew, one that it has to make: neither comes to be in the former generation.
    other.put([Entry(101, "p0003", seen(post(3), MONTHS[0])), Entry(102, "p0004", seen(post(4), MONTHS[1]))])
    other.close()
    assert held(client, town.key) == [("2.2025-11", "p0001"), ("2.2025-11", "p0003"), ("2.2025-12", "p0004")]
    assert all(name.startswith(f"otklik-{town.key}.2") for name in client.indices.get(index=f"otklik-{town.key}.*"))


def test_a_month_that_joins_while_its_generation_is_replaced_goes_with_it(
    town: Town, client: elasticsearch.Elasticsearch
) -> None:
    town.record(seen(post(1), MONTHS[0]))
    town.feeder.drain(30)
    late = f"otklik-{town.key}.1.2026-01"
    town.feeder.reindex()
    client.indices.create(index=late, aliases={f"otklik-{town.key}": {}})
    again = open_engine(town.url, town.key, town.database, NoSecrets())
    assert found(again) == [("p0001", 1)]
    again.close()
    assert not client.indices.exists(index=late)
    client.indices.create(index=late, aliases={f"otklik-{town.key}": {}})
    assert town.feeder.reindex() == 1
    assert found(town.engine) == [("p0001", 1)]
    assert not client.indices.exists(index=late)


def test_a_generation_that_answers_no_more_gets_no_month(town: Town, client: elasticsearch.Elasticsearch) -> None:
    town.record(seen(post(1), MONTHS[0]))
    town.feeder.drain(30)
    assert isinstance(town.engine, Elastic)
    client.indices.delete_alias(index=f"otklik-{town.key}.1", name=f"otklik-{town.key}")
    town.engine._layout.open_month(1, "2026-01")
    assert not client.indices.exists(index=f"otklik-{town.key}.1.2026-01")


def _until(town: Town, waiting: int) -> Drained:
    """The drain after which so few wait, or the last of many."""
    for _ in range(60):
        if (drained := town.feeder.drain(0.5)).waiting == waiting:
            break
    return drained


def test_a_month_that_takes_nothing_keeps_no_other_waiting(town: Town, client: elasticsearch.Elasticsearch) -> None:
    town.record(*(seen(post(n, hours=n), MONTHS[n % 2]) for n in range(10)))
    town.feeder.drain(30)
    locked = f"otklik-{town.key}.1.2025-11"
    client.indices.put_settings(index=locked, settings={"index.blocks.write": True})
    town.record(*(seen(post(n, version=2, hours=n), MONTHS[n % 2]) for n in range(10)))
    town.record(*(seen(post(n, hours=n), MONTHS[1]) for n in range(10, 500)))
    town.record(seen(post(0, version=3), MONTHS[0]))
    assert _until(town, 6).waiting == 6
    stuck = town.feeder.drain(0)
    assert (stuck.fed, stuck.waiting, stuck.refused) == (0, 6, 0)
    assert "429" in stuck.error
    # Whoever comes later passes the stuck ones too, however few are sent at once by then.
    town.record(*(seen(post(n, hours=n), MONTHS[1]) for n in range(500, 503)))
    assert _until(town, 6).waiting == 6
    client.indices.put_settings(index=locked, settings={"index.blocks.write": None})
    assert town.feeder.drain(60).waiting == 0
    assert town.queued() == 0
    town.engine.refresh()
    pages, after = list[tuple[str, int]](), ""
    while page := town.engine.find(EVERYTHING, CONTEXT, after=after, limit=500):
        pages += [(hit.post, hit.version) for hit in page.hits]
        after = page.next
        if not after:
            break
    assert pages == town.state()
