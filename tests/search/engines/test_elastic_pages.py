"""Pages of Elasticsearch show one moment of the index from the second on, by a point in time that the last closes."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import elasticsearch
import pytest

from crawler.model.errors import OtklikError
from search.engine import Engine, Entry, Order, open_engine
from search.engines import elastic_pages
from search.engines.elastic import Elastic
from search.engines.elastic_pages import _packed, _read
from search.engines.token import pack
from search.state.database import Database
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.test_engine import EVERYTHING, found, post
from tests.search.engines.test_months import MONTHS, client, seen
from tests.search.engines.worlds import CONTEXT

__all__ = ["client"]
pytestmark = pytest.mark.elasticsearch
Client = elasticsearch.Elasticsearch
Found = list[tuple[str, int]]


@pytest.fixture
def engine(elasticsearch_url: str, state: Database, city: str) -> Iterator[Elastic]:
    """Two hundred posts of two months."""
    engine = opened(elasticsearch_url, state, city)
    random = Random(3)
    numbers = range(200)
    engine.put([Entry(n + 1, f"p{n:04}", seen(post(n, hours=random.randrange(60)), MONTHS[n % 2])) for n in numbers])
    engine.refresh()
    yield engine
    engine.remove()
    engine.close()


def opened(url: str, state: Database, city: str) -> Elastic:
    engine = open_engine(f"elasticsearch:{url}", city, state, NoSecrets())
    assert isinstance(engine, Elastic)
    return engine


def pages(engine: Engine, after: str = "", limit: int = 30) -> Iterator[tuple[Found, str]]:
    while True:
        page = engine.find(EVERYTHING, CONTEXT, after=after, limit=limit)
        yield [(hit.post, hit.version) for hit in page.hits], page.next
        after = page.next
        if not after:
            return


def contexts(client: Client, city: str) -> int:
    """How many of the city's shards are held open."""
    stats = client.indices.stats(index=f"otklik-{city}.*", metric="search")
    return int(stats["_all"]["total"]["search"]["open_contexts"])


def test_pages_show_the_moment_of_the_second_whatever_changes(engine: Elastic) -> None:
    before = found(engine)
    looked = pages(engine)
    collected = next(looked)[0] + next(looked)[0]
    random = Random(4)
    for seq in range(1_000, 1_010):
        number = random.randrange(200)
        moved = post(number, version=2, hours=random.randrange(-10, 100))
        new, gone = post(900 + seq, hours=random.randrange(60)), f"p{random.randrange(200):04}"
        changed = Entry(10 * seq, moved.id, moved, MONTHS[number % 2])
        engine.put([changed, Entry(10 * seq + 1, new.id, new), Entry(10 * seq + 2, gone, None)])
        engine.refresh()
        collected += next(looked, ([], ""))[0]
    assert collected == before
    assert found(engine) != before


def test_the_point_in_time_is_closed_with_the_last_page(engine: Elastic, client: Client, city: str) -> None:
    held = [contexts(client, city) for _ in pages(engine)]
    assert held == [0, 3, 3, 3, 3, 3, 0]
    assert found(engine)
    assert contexts(client, city) == 0


@pytest.mark.usefixtures("engine")
def test_pages_that_nobody_asks_for_are_closed_with_the_engine(
    elasticsearch_url: str, state: Database, client: Client, city: str
) -> None:
    other = opened(elasticsearch_url, state, city)
    other.find(EVERYTHING, CONTEXT, after=other.find(EVERYTHING, CONTEXT, limit=10).next, limit=10)
    assert contexts(client, city) == 3
    other.close()
    assert contexts(client, city) == 0


def test_any_process_goes_on_with_a_token(
    engine: Elastic, elasticsearch_url: str, state: Database, client: Client, city: str
) -> None:
    before = found(engine)
    looked = pages(engine)
    (first, _), (second, after) = next(looked), next(looked)
    engine.put([Entry(1_000, post(900).id, post(900, hours=-1))])
    engine.refresh()
    other = opened(elasticsearch_url, state, city)
    assert first + second + [hit for page, _ in pages(other, after) for hit in page] == before
    other.close()
    assert contexts(client, city) == 0


def test_a_point_in_time_that_is_gone_costs_the_look_but_no_post(engine: Elastic, client: Client, city: str) -> None:
    before = found(engine)
    collected: Found = []
    for hits, more in pages(engine):
        collected += hits
        if more:
            if view := _read(more, Order.NEWEST)[1]:
                client.close_point_in_time(id=view)
            new = post(900 + len(collected), hours=100)
            engine.put([Entry(1_000 + len(collected), new.id, new)])
            engine.refresh()
    assert collected == before
    assert contexts(client, city) == 0


def test_pages_go_on_in_the_generation_of_a_rebuild(engine: Elastic) -> None:
    before = found(engine)
    hits, after = next(pages(engine))
    engine.begin_rebuild()
    engine.feed_rebuild([Entry(1_000 + n, f"p{n:04}", post(n)) for n in range(200) if (f"p{n:04}", 1) not in hits])
    engine.finish_rebuild()
    left = [hit for page, _ in pages(engine, after) for hit in page]
    assert len(left) == len(set(left))
    assert not set(left) & set(hits)
    assert set(left) < set(before)


def test_only_so_many_points_in_time_are_open(
    engine: Elastic, client: Client, city: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_pages, "MOST_OPEN", 3)
    before = found(engine)
    begun = []
    for number in range(8):
        looked = pages(engine, limit=50 + number)
        (first, _), (second, after) = next(looked), next(looked)
        begun.append((first + second, after))
    assert contexts(client, city) == 3 * 3
    for hits, after in begun:
        assert hits + [hit for page, _ in pages(engine, after) for hit in page] == before
    assert contexts(client, city) == 0


def test_a_token_with_the_point_in_time_of_another_city_shows_nothing_of_it(
    engine: Elastic, elasticsearch_url: str, state: Database, city: str
) -> None:
    other = opened(elasticsearch_url, state, f"{city}-2")
    other.put([Entry(n + 1, f"q{n}", replace(post(n), id=f"q{n}")) for n in range(20)])
    other.refresh()
    looked = pages(other, limit=5)
    _, (_, theirs) = next(looked), next(looked)
    forged = pack(Order.NEWEST, [[10**17, ""], _packed(_read(theirs, Order.NEWEST)[1])])
    assert [hit for page, _ in pages(engine, forged) for hit in page] == found(engine)
    other.remove()
    other.close()


@pytest.mark.parametrize("view", ["", _packed("abcd"), _packed("A" * 400)])
def test_a_token_with_no_point_in_time_goes_on_without(engine: Elastic, view: str) -> None:
    _, after = next(pages(engine))
    straight = [hit for page, _ in pages(engine, after) for hit in page]
    forged = pack(Order.NEWEST, [_read(after, Order.NEWEST)[0], view])
    assert [hit for page, _ in pages(engine, forged) for hit in page] == straight


@pytest.mark.parametrize("view", ["я", "abcde", "AAAA", _packed("A" * 4_000_000)])
def test_a_token_that_cannot_be_unpacked_is_refused(engine: Elastic, view: str) -> None:
    with pytest.raises(OtklikError):
        engine.find(EVERYTHING, CONTEXT, after=pack(Order.NEWEST, [[0, "p"], view]))
