"""The index follows the state: in one transaction where it can, else through the queue, whatever dies meanwhile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from search import index_queue as queue
from search import rebuild_mark
from search.document import Document
from search.engine import Engine, EngineError, Remote, open_engine
from search.engines.elastic import Elastic
from search.feeder import Feeder, Projection
from search.state.database import Database
from search.state.tables import index_queue, posts
from tests.search.engines.conftest import BOTH, NoSecrets
from tests.search.engines.refusing import refuses
from tests.search.engines.test_engine import WATER, found, post
from tests.search.engines.worlds import CONTEXT
from tests.search.plans import plans_of, queries
from tests.servers.gate import Gate, gate_to


@dataclass
class Town:
    """A state, its engine, and what record does: keep a post and tell the projection in one transaction."""

    key: str
    database: Database
    engine: Engine
    url: str = "embedded:"
    kept: dict[str, Document] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.projection = Projection(self.key, self.engine)
        self.feeder = Feeder(self.key, self.database, self.engine, self.load)

    def load(self, connection: sa.Connection, ids: Sequence[str]) -> list[Document]:
        known = set(connection.scalars(sa.select(posts.c.id).where(posts.c.city == self.key, posts.c.id.in_(ids))))
        return [self.kept[one] for one in ids if one in known]

    def record(self, *documents: Document) -> None:
        with self.database.begin() as connection:
            for one in documents:
                here = sa.and_(posts.c.city == self.key, posts.c.id == one.id)
                first_seen = connection.scalar(sa.select(posts.c.first_seen_at).where(here)) or one.seen_at
                connection.execute(sa.delete(posts).where(here))
                connection.execute(sa.insert(posts).values(row(self.key, one) | {"first_seen_at": first_seen}))
                self.kept[one.id] = one
            self.projection.changed(connection, documents)

    def erase(self, *ids: str) -> None:
        with self.database.begin() as connection:
            connection.execute(sa.delete(posts).where(posts.c.city == self.key, posts.c.id.in_(ids)))
            self.projection.removed(connection, ids)

    def state(self) -> list[tuple[str, int]]:
        """What must be found, newest first."""
        with self.database.read() as connection:
            ids = list(connection.scalars(sa.select(posts.c.id).where(posts.c.city == self.key)))
        kept = sorted((self.kept[one] for one in ids), key=lambda one: (-one.published_at.timestamp(), one.id))
        return [(one.id, one.version) for one in kept]

    def queued(self) -> int:
        with self.database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(index_queue)) or 0


@dataclass(frozen=True)
class At:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def open_like(town: Town) -> Engine:
    """The engine of the town opened once more, as another process does."""
    return open_engine(town.url, town.key, town.database, NoSecrets())


def row(city: str, one: Document) -> dict[str, object]:
    texts = dict.fromkeys(("parent", "thread", "author", "digest", "copy_key"), "")
    return texts | {
        "city": city,
        "id": one.id,
        "source": one.source,
        "platform": one.platform,
        "kind": one.kind,
        "published_at": one.published_at,
        "first_seen_at": one.seen_at,
        "version": one.version,
    }


@pytest.fixture(params=BOTH)
def town(request: pytest.FixtureRequest, state: Database, city: str) -> Iterator[Town]:
    url = "embedded:"
    if request.param == "elasticsearch":
        url = f"elasticsearch:{request.getfixturevalue('elasticsearch_url')}"
    made = Town(city, state, open_engine(url, city, state, NoSecrets()), url)
    yield made
    _leave(made.engine)


@pytest.fixture
def gated(elasticsearch_url: str, state: Database, city: str) -> Iterator[tuple[Town, Gate]]:
    """A town whose Elasticsearch is behind a gate."""
    with gate_to(elasticsearch_url) as gate:
        made = Town(city, state, open_engine(f"elasticsearch:{gate.url}", city, state, NoSecrets()))
        yield made, gate
        made.engine.close()
    straight = open_engine(f"elasticsearch:{elasticsearch_url}", city, state, NoSecrets())
    _leave(straight)


def _leave(engine: Engine) -> None:
    if isinstance(engine, Elastic):
        engine.remove()
    engine.close()


def test_what_is_recorded_is_found_after_a_drain_and_nothing_waits(town: Town) -> None:
    town.record(*(post(number, hours=number) for number in range(450)))
    town.record(post(3, "Яма", version=2, hours=3))
    town.erase("p0005")
    drained = town.feeder.drain(30)
    assert (drained.waiting, drained.refused, drained.error) == (0, 0, "")
    assert len(found(town.engine)) == 449
    assert found(town.engine) == town.state()
    assert town.queued() == 0


def test_a_transaction_that_is_rolled_back_leaves_no_trace(town: Town) -> None:
    town.record(post(1))

    def fail() -> None:
        with town.database.begin() as connection:
            town.projection.changed(connection, [post(2)])
            town.projection.removed(connection, ["p0001"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    town.feeder.drain(30)
    assert found(town.engine) == [("p0001", 1)]


def test_a_post_that_the_state_lost_while_it_waited_is_not_found(town: Town) -> None:
    town.record(post(1), post(2))
    with town.database.begin() as connection:
        connection.execute(sa.delete(posts).where(posts.c.id == "p0001"))
        if not isinstance(town.engine, Remote):
            town.projection.removed(connection, ["p0001"])
    town.feeder.drain(30)
    assert found(town.engine) == [("p0002", 1)]


def test_a_rebuild_takes_what_changes_meanwhile(town: Town) -> None:
    town.record(*(post(number) for number in range(480)))
    town.feeder.drain(30)
    steps = iter(range(1000))

    def meanwhile(_: int) -> None:
        step = next(steps)
        town.record(post(900 + step, hours=step), post(step, "Яма", version=2), post(479 - step, version=2))
        town.erase(f"p{100 + step:04}", f"p{400 + step:04}")
        town.feeder.drain(30)
        assert found(town.engine) == town.state()

    town.feeder.reindex(meanwhile)
    assert next(steps) == 3
    town.record(post(990))
    town.feeder.drain(30)
    assert found(town.engine) == town.state()
    assert found(town.engine, WATER) == [one for one in town.state() if "яма" not in town.kept[one[0]].lemmas]
    assert town.queued() == 0


def test_a_rebuild_that_is_cut_off_changes_nothing_and_can_be_repeated(town: Town) -> None:
    town.record(*(post(number) for number in range(300)))
    town.feeder.drain(30)

    def cut(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        town.feeder.reindex(cut)
    town.record(post(301))
    town.erase("p0002")
    afterwards = Feeder(town.key, town.database, town.engine, town.load)
    afterwards.drain(30)
    assert found(town.engine) == town.state()
    assert afterwards.reindex() == 300
    afterwards.drain(30)
    assert found(town.engine) == town.state()
    assert town.queued() == 0


def test_of_two_rebuilds_at_once_the_later_one_is_whole(town: Town) -> None:
    town.record(*(post(number) for number in range(450)))
    town.feeder.drain(30)
    other = Feeder(town.key, town.database, open_like(town), town.load)
    steps = iter(range(10))

    def meanwhile(_: int) -> None:
        if not next(steps):
            assert other.reindex() == 450

    with refuses(f"otklik reindex {town.key}"):
        town.feeder.reindex(meanwhile)
    town.record(post(501))
    town.feeder.drain(30)
    assert found(town.engine) == town.state()
    assert town.queued() == 0


def test_a_killed_rebuild_keeps_the_queue_for_a_while_only(town: Town) -> None:
    now = datetime.now(UTC)
    town.record(post(1))
    town.feeder.drain(30)
    with town.database.begin() as connection:
        rebuild_mark.claim(connection, town.key, "killed", queue.next_seq(connection, town.key), now)
    town.record(post(2))
    town.feeder.drain(30)
    assert found(town.engine) == town.state()
    assert town.queued() == (1 if isinstance(town.engine, Remote) else 0)
    later = Feeder(town.key, town.database, town.engine, town.load, At(now + timedelta(hours=1)))
    later.drain(30)
    assert town.queued() == 0
    with town.database.begin() as connection, pytest.raises(EngineError):
        rebuild_mark.renew(connection, town.key, "killed", now + timedelta(hours=1))


def test_posts_that_are_refused_cost_the_queue_no_scan(town: Town) -> None:
    town.record(*(post(number) for number in range(30)))
    with queries() as asked:
        town.feeder.drain(30)
        town.feeder.quarantined()
    steps = plans_of(town.database, asked, "index_refused")
    assert steps
    assert all(step.startswith("SEARCH") for step in steps)


def test_a_rebuild_repairs_an_index_that_was_emptied(town: Town) -> None:
    town.record(*(post(number) for number in range(10)))
    town.feeder.drain(30)
    town.engine.clear()
    assert found(town.engine) == []
    assert town.feeder.reindex() == 10
    assert found(town.engine) == town.state()


@pytest.mark.elasticsearch
def test_a_dead_elasticsearch_delays_search_and_nothing_else(gated: tuple[Town, Gate]) -> None:
    town, gate = gated
    town.record(*(post(number) for number in range(20)))
    town.feeder.drain(30)
    gate.shut()
    town.record(*(post(number) for number in range(20, 260)), post(3, version=2))
    town.erase("p0004")
    drained = town.feeder.drain(0.5)
    assert drained.fed == 0
    assert drained.waiting == 242
    assert gate.url in drained.error
    gate.open = True
    drained = town.feeder.drain(30)
    assert (drained.fed, drained.waiting, drained.error) == (242, 0, "")
    assert found(town.engine) == town.state()
    assert town.engine.count(WATER, CONTEXT) == 259


@pytest.mark.elasticsearch
def test_answers_that_are_cut_at_any_byte_lose_and_double_nothing(gated: tuple[Town, Gate]) -> None:
    town, gate = gated
    random = Random(7)
    for turn in range(12):
        town.record(*(post(random.randrange(300), version=turn + 1) for _ in range(60)))
        town.erase(f"p{random.randrange(300):04}")
        gate.answers_left = random.randrange(12_000)
        town.feeder.drain(0.1)
        gate.open, gate.answers_left = True, None
    assert town.feeder.drain(30).waiting == 0
    assert found(town.engine) == town.state()


@pytest.mark.elasticsearch
def test_what_the_server_refuses_is_kept_aside_with_its_reason_and_the_queue_moves_on(gated: tuple[Town, Gate]) -> None:
    town, _ = gated
    bad = replace(post(2), version=2**40)
    town.record(post(1), bad, post(3))
    drained = town.feeder.drain(30)
    assert (drained.waiting, drained.refused, drained.error) == (0, 1, "")
    assert found(town.engine) == [("p0001", 1), ("p0003", 1)]
    assert [name for name, _ in town.feeder.quarantined()] == ["p0002"]
    assert "version" in town.feeder.quarantined()[0][1]
    town.feeder.reindex()
    assert [name for name, _ in town.feeder.quarantined()] == ["p0002"]
    town.record(post(2, version=2))
    town.feeder.drain(30)
    assert town.feeder.quarantined() == []
    assert found(town.engine) == [("p0001", 1), ("p0002", 2), ("p0003", 1)]
