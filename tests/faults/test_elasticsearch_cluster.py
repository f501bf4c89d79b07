"""Three Elasticsearch nodes: one killed during ingest, then all, then a full disk. Everything is there once in the end,
incidents are raised meanwhile, and no post goes back to an earlier version.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pytest

from search.engine import open_engine
from search.state.database import Database
from tests.faults.wholeness import is_whole, stored
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.test_engine import found, post
from tests.search.engines.test_feeder import Town
from tests.servers.elasticsearch_cluster import Cluster, cluster
from tests.servers.elasticsearch_files import check
from tests.servers.plugin import absent_skips
from tests.shell import Otklik, posts

pytestmark = [pytest.mark.elasticsearch, pytest.mark.xdist_group("elasticsearch cluster")]
CITY = "cluster"
SETTINGS = {"http.max_content_length": "1mb", "indexing_pressure.memory.limit": "300kb"}
HOUSES = 40


@dataclass(frozen=True)
class Size:
    """How long it goes on: passes of ingest in each phase, posts of each, seconds without any node."""

    passes: int = 1
    posts: int = 30
    dark: float = 5.0


@pytest.fixture(scope="module")
def nodes() -> Iterator[Cluster]:
    with absent_skips():
        check()
    with cluster(SETTINGS) as made:
        yield made


@dataclass
class Run:
    """Passes of ingest, each with new posts and edits of earlier ones, and what must be there after each."""

    otklik: Otklik
    city: Path
    nodes: Cluster
    size: Size
    random: Random
    written: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def ingest(self, drain: float) -> dict[str, Any]:
        """One pass. Whatever the index does, every post gets its report at once."""
        new = range(self.written + 1, self.written + 1 + self.size.posts)
        self.written += self.size.posts
        again = self.random.sample(sorted(self.versions), min(8, len(self.versions)))
        numbers = [*new, *(int(one.rpartition("/")[2]) for one in again)]
        lines = ""
        for number in numbers:
            id_ = f"given:ingest/{number}"
            self.versions[id_] = self.versions.get(id_, 0) + 1
            text = f"Запах газа на улице Ленина, {number % HOUSES + 1}: раз {self.versions[id_]}, номер {number}"
            lines += posts(text, first=number)
        run = self.otklik("ingest", self.city, "--drain", drain, "--json", input=lines)
        assert run.code == 0, run.err
        assert self.otklik.number("SELECT count(*) FROM reports") == self.written
        assert self.otklik.number("SELECT count(*) FROM incidents") == min(self.written, HOUSES)
        is_whole(self.otklik)
        return dict(run.lines[0])

    def look(self) -> None:
        """No post is there twice or in an earlier version than before, none that is not in the state."""
        self.nodes.ask("POST", f"/otklik-{CITY}/_refresh")
        now = self.indexed()
        known = dict(self.otklik.rows("SELECT id, version FROM posts"))
        for id_, version in now.items():
            assert self.seen.get(id_, 0) <= version <= known[id_]
        assert self.seen.keys() <= now.keys()
        self.seen = now

    def indexed(self) -> dict[str, int]:
        """Every document of every index of the city, each post once, with its version."""
        query = {"size": 10_000, "_source": False, "docvalue_fields": ["post", "version"]}
        hits = self.nodes.ask("POST", f"/otklik-{CITY}.*/_search", query)["hits"]["hits"]
        found = [(hit["fields"]["post"][0], hit["fields"]["version"][0]) for hit in hits]
        assert len(dict(found)) == len(found)
        return dict(found)

    def settled(self) -> None:
        """Nothing waits, and the index is what the state is."""
        until = time.monotonic() + 180
        while (waiting := self.otklik("ingest", self.city, "--json").lines[0]["to_index"]) and time.monotonic() < until:
            time.sleep(1)
        assert waiting == 0
        self.look()
        assert self.seen == dict(self.otklik.rows("SELECT id, version FROM posts")) == self.versions
        hits = self.otklik("search", self.city, "газ", "--limit", 10_000, "--json").lines
        assert sorted(hit["id"] for hit in hits) == stored(self.otklik)


SIZES = [
    pytest.param(Size(), id="short"),
    pytest.param(Size(passes=12, posts=150, dark=60.0), id="long", marks=pytest.mark.faults),
]


@pytest.mark.parametrize("size", SIZES)
def test_nodes_that_die_and_disks_that_fill_lose_and_double_nothing(otklik: Otklik, nodes: Cluster, size: Size) -> None:
    city = otklik.city(CITY, engine=f"elasticsearch:{nodes.url}?timeout=10")
    run = Run(otklik, city, nodes, size, Random(size.posts))
    run.ingest(30)
    run.settled()

    # One node dies while posts come.
    def kill_one() -> None:
        time.sleep(run.random.uniform(0.2, 2.0))
        nodes.nodes[1].kill()

    killer = Thread(target=kill_one)
    killer.start()
    for _ in range(size.passes):
        run.ingest(30)
    killer.join()
    run.ingest(30)
    run.settled()

    # The others die too; posts go on coming.
    run.ingest(0.5)
    for node in nodes.nodes:
        node.kill()
    dark = time.monotonic() + size.dark
    waiting = [run.ingest(1)["to_index"] for _ in range(size.passes)]
    assert waiting == sorted(waiting)
    assert waiting[0] >= size.posts
    while time.monotonic() < dark:
        time.sleep(1)
    nodes.start()
    run.ingest(30)
    run.settled()

    # Disks fill: the server takes nothing more, and does again once there is room.
    nodes.fill_disks()
    wait_for(lambda: is_blocked(nodes))
    for _ in range(size.passes):
        assert run.ingest(1)["to_index"] >= size.posts
    nodes.empty_disks()
    wait_for(lambda: not is_blocked(nodes))
    run.settled()
    assert otklik("doctor", city).code == 0
    nodes.ask("DELETE", "/" + ",".join(nodes.ask("GET", f"/otklik-{CITY}.*")))


def is_blocked(nodes: Cluster) -> bool:
    """Whether the server refuses what is written to the city for want of room."""
    blocks = nodes.ask("GET", f"/otklik-{CITY}.*/_settings/index.blocks.*")
    return any(index["settings"] for index in blocks.values())


def wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.5)


def long(number: int, words: int) -> Any:
    """A post of so many different words."""
    return post(number, " ".join(f"слово{number}х{word}" for word in range(words)))


def test_a_busy_server_and_documents_too_large_delay_only_themselves(nodes: Cluster, tmp_path: Path) -> None:
    """Feeders at once, more than the server has memory for: it refuses with 429 and they come again; what is too large
    for a request is sent in pieces, and the one document that is too large by itself is put aside.
    """
    database = Database.open(tmp_path / "state.db")
    towns: list[Town] = []
    for number in range(4):
        url = f"elasticsearch:{nodes.url}"
        key = f"busy-{number}"
        towns.append(Town(key, database, open_engine(url, key, database, NoSecrets()), url))
        towns[-1].record(*(long(one, 100) for one in range(150)), replace(long(900, 25_000), id="p0900"))
    drained: list[tuple[int, int, str]] = []

    def feed(town: Town) -> None:
        result = town.feeder.drain(180)
        drained.append((result.waiting, result.refused, result.error))

    _at_once([Thread(target=feed, args=(town,)) for town in towns])
    assert drained == [(0, 1, "")] * 4
    for town in towns:
        (refused,) = town.feeder.quarantined()
        assert refused[0] == "p0900"
        assert "413" in refused[1]
        assert found(town.engine) == [one for one in town.state() if one[0] != "p0900"]
        town.engine.remove()  # type: ignore[attr-defined]
        town.engine.close()
    database.close()
    stats = nodes.ask("GET", "/_nodes/stats/indexing_pressure")["nodes"].values()
    totals = [node["indexing_pressure"]["memory"]["total"] for node in stats]
    assert sum(total["coordinating_rejections"] + total["primary_rejections"] for total in totals) > 0


def _at_once(threads: Sequence[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
