"""What engines cost on an archive: CPU time a post put, and how long they take to answer, beside tantivy.

usage: python -m benchmarks.archive APPEALS_FOLDER [--posts 200000] [--questions 200] [--warm 100]
           [--elasticsearch URL | --start]

The posts are the real appeals of the folder, and as many more as are wanted, each of sentences of two appeals of one
topic; their words are analysed once, not counted, and every index gets the same keys. Put in batches of 200, a
transaction each. Before it counts every engine has answered --warm other questions of each kind: a node that has just
started runs code that is not compiled yet. Engines and rival take turns, question by question, in one process; the
least of three times counts, by the wall clock and by CPU time: a server's is the mean of all that its node spent
meanwhile. Answers that have to be the same are compared. tantivy: pip install --require-hashes -r
benchmarks/requirements.txt
"""

import argparse
import gc
import json
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks.archive.posts import Archive
from benchmarks.archive.questions import Asker, Question
from benchmarks.archive.rival import Tantivy
from search.document import Document
from search.engine import Engine, EngineError, Entry, open_engine
from search.engines.elastic import Elastic
from search.state.database import Database
from tests.servers.elasticsearch_node import Server

BATCH = 200
RIVAL = "tantivy"


class _NoSecrets:
    def get(self, name: str) -> str:
        raise AssertionError(name)


class Spent:
    """CPU seconds by who spent them; those of a server with what its client needs."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.seconds: dict[str, float] = {}

    def of(self, name: str, work: Callable[[], object], *, remote: bool = False) -> None:
        """Do it and count."""
        before = time.process_time() + (self.server() if remote else 0)
        work()
        after = time.process_time() + (self.server() if remote else 0)
        self.seconds[name] = self.seconds.get(name, 0) + after - before

    def server(self) -> float:
        """CPU seconds of the node so far."""
        with urllib.request.urlopen(f"{self.node}/_nodes/stats/process", timeout=60) as answer:
            nodes = json.load(answer)["nodes"].values()
        return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes)) / 1e3


def batches(archive: Archive) -> Iterator[list[Document]]:
    """The posts, so many at a time."""
    documents = archive.documents()
    while batch := list(islice(documents, BATCH)):
        yield batch


def fill(archive: Archive, engines: dict[str, Engine], rival: Tantivy, spent: Spent) -> None:
    """Put the posts everywhere."""
    seq = 0
    for batch in batches(archive):
        entries = [Entry(number, post.id, post) for number, post in enumerate(batch, seq + 1)]
        seq += len(batch)
        for name, engine in engines.items():
            spent.of(name, lambda engine=engine: engine.put(entries), remote=isinstance(engine, Elastic))  # type: ignore[misc]  # noqa: B023
        spent.of(RIVAL, lambda: rival.put(batch))  # noqa: B023
    for name, engine in engines.items():
        spent.of(name, engine.refresh, remote=isinstance(engine, Elastic))
    spent.of(RIVAL, rival.ready)


class Times(NamedTuple):
    """Milliseconds: of the wall clock, and of the CPU."""

    wall: float
    cpu: float


def timed(ask: Callable[[], object], server: Callable[[], float] | None = None) -> tuple[Times, object]:
    """The least of three times, and the answer. Of a server's CPU seconds, which it counts coarsely, the mean."""
    times: list[Times] = []
    before = server() if server else 0.0
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.thread_time()
        answer = ask()
        times.append(Times(1e3 * (time.perf_counter() - wall), 1e3 * (time.thread_time() - cpu)))
    least = Times(*map(min, zip(*times, strict=True)))
    return least._replace(cpu=least.cpu + 1e3 * (server() - before) / len(times)) if server else least, answer


def measure(
    asker: Asker, number: int, engines: dict[str, Engine], rival: Tantivy, spent: Spent
) -> dict[tuple[str, str], list[Times]]:
    """Times by (what, who). An engine that refuses a kind of question has none."""
    taken: dict[tuple[str, str], list[Times]] = {}
    for question in asker.questions(number):
        times, expected = timed(lambda: question.rival(rival, question.query))  # noqa: B023
        if question.behind and not expected:
            continue
        taken.setdefault((question.what, RIVAL), []).append(times)
        for name, engine in engines.items():
            try:
                after = asker.behind(engine, question)
                server = spent.server if isinstance(engine, Elastic) else None
                times, answer = timed(lambda: question.ask(engine, question.query, after), server)  # noqa: B023
            except EngineError:
                continue
            if question.same and answer != expected:
                raise SystemExit(_differ(question, name, answer, expected))
            taken.setdefault((question.what, name), []).append(times)
    return taken


def _differ(question: Question, name: str, answer: object, expected: object) -> str:
    return f"{question.what}: {question.query.text!r}\n{name}: {answer}\n{RIVAL}: {expected}"


def sizes(folder: Path) -> Iterator[tuple[str, int]]:
    """(who, bytes) of what lies on this disk."""
    for name, pattern in (("embedded", "state.db*"), (RIVAL, "tantivy/*")):
        yield name, sum(path.stat().st_size for path in folder.glob(pattern))


def show(posts: int, spent: Spent, folder: Path, taken: dict[tuple[str, str], list[Times]]) -> None:
    """The tables."""
    for name, seconds in spent.seconds.items():
        print(f"{'put, µs of CPU a post':35}{name:16}{1e6 * seconds / posts:10.0f}")
    for name, size in sizes(folder):
        print(f"{'bytes a post':35}{name:16}{size / posts:10.0f}")
    print(f"{'milliseconds':51}{'p50':>9}{'p99':>9}{'CPU mean':>11}{'p99':>9}")
    for (what, name), found in sorted(taken.items(), key=lambda one: one[0][0]):
        wall, cpu = zip(*found, strict=True)
        most = "–" if name == "elasticsearch" else at(cpu, 99)
        print(f"{what:35}{name:16}{at(wall, 50):>9}{at(wall, 99):>9}{sum(cpu) / len(cpu):>11.2f}{most:>9}")


def at(times: Sequence[float], share: int) -> str:
    """What so many in a hundred are below."""
    return f"{sorted(times)[len(times) * share // 100]:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("appeals", type=Path, help="the folder of appeals.jsonl.gz")
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=200, help="of each kind")
    parser.add_argument("--warm", type=int, default=100, help="asked of each kind before it counts")
    parser.add_argument("--elasticsearch", default="", help="the address of a node")
    parser.add_argument("--start", action="store_true", help="start an Elasticsearch of its own")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        database = Database.open(folder / "state.db")
        stack.callback(database.close)
        engines: dict[str, Engine] = {"embedded": open_engine("embedded:", "measured", database, _NoSecrets())}
        node = given.elasticsearch
        if given.start:
            server = Server(heap="2g", options="")
            stack.callback(server.stop)
            server.wait()
            node = server.url
        if node:
            elastic = open_engine(f"elasticsearch:{node}", "measured", database, _NoSecrets())
            assert isinstance(elastic, Elastic)
            elastic.clear()
            stack.callback(elastic.close)
            stack.callback(elastic.remove)
            engines["elasticsearch"] = elastic
        rival = Tantivy(folder / "tantivy")
        archive = Archive(given.appeals, given.posts)
        spent = Spent(node)
        fill(archive, engines, rival, spent)
        # What lies in memory for the questions is no part of an engine's work.
        gc.collect()
        gc.freeze()
        print(f"{given.posts} posts, batches of {BATCH}; {given.questions} questions of each kind")
        asker = Asker(archive)
        measure(asker, given.warm, engines, rival, spent)
        show(given.posts, spent, folder, measure(asker, given.questions, engines, rival, spent))


if __name__ == "__main__":
    main()
