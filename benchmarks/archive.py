"""What an engine costs: CPU time a post put, and how long it takes to find, beside a plain FTS5 table.

    python -m benchmarks.archive [--posts 20000] [--elasticsearch http://127.0.0.1:9200]

The posts are 30,000 forms of the dictionary strung together by Zipf's law, 40 words each, half of the posts with a
place: the same ones at every run. Analysis is not counted. The rival is one FTS5 column with SQLite's own `unicode61`
tokenizer over the bare texts: no lemmas, no places, no versions. Engines and rival take turns, batch by batch and query
by query, in one process.
"""

import argparse
import sqlite3
import tempfile
import time
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from pymorphy3 import MorphAnalyzer

from crawler.model.items import House, Kind, Place, PlaceKind, Post, Reading
from search.document import Document, document_of
from search.engine import Engine, Entry, open_engine
from search.engines.elastic import Elastic
from search.query import parse_query
from search.reference import Context
from search.state.database import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXT = Context(START, ZoneInfo("UTC"))
BATCH = 200
VOCABULARY = 30_000
BEGINNINGS = ("вод", "дор", "дом", "свет", "мус", "кры", "под", "тро", "гор", "шко", "авт", "отк")


class World:
    """Posts and questions of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        morph = MorphAnalyzer()
        known = {parse.word for start in BEGINNINGS for parse in morph.iter_known_word_parses(start)}
        self.words: list[str] = self.random.sample(sorted(known), VOCABULARY)
        self.weights = list(accumulate(1 / (rank + 8) for rank in range(len(self.words))))

    def pick(self) -> str:
        """A word by its frequency."""
        return self.words[bisect(self.weights, self.random.random() * self.weights[-1])]

    def texts(self, posts: int) -> Iterator[str]:
        """Texts of four sentences."""
        for _ in range(posts):
            yield " ".join(" ".join(self.pick() for _ in range(10)).capitalize() + "." for _ in range(4))

    def document(self, number: int, text: str) -> Document:
        """A post that arrives in the order of publication, half of them with a house in a street."""
        at = START + timedelta(seconds=31 * number)
        post = Post(f"vk:-1_{number}", "wall", "vk", Kind.POST, text, seen_at=at, published_at=at, version=1)
        places = () if number % 2 else (self._place(),)
        return document_of(post, Reading(places=places))

    def _place(self) -> Place:
        street, house = self.random.randrange(100), self.random.randrange(1, 40)
        lat, lon = 46.9 + street / 2_000, 142.7 + house / 2_000
        key = f"{self.words[street]}/улица"
        name = (self.words[street],)
        houses = (House(house),)
        return Place(
            PlaceKind.HOUSE, name, 0, 1, "", houses=houses, settlement="Городок", street_key=key, lat=lat, lon=lon
        )


class Rival:
    """A plain FTS5 table."""

    def __init__(self, where: Path) -> None:
        self.raw = sqlite3.connect(where, isolation_level=None)
        self.raw.execute("PRAGMA journal_mode=WAL")
        self.raw.execute("PRAGMA synchronous=FULL")
        self.raw.execute("PRAGMA cache_size=-16000")
        self.raw.execute("CREATE VIRTUAL TABLE posts USING fts5(body, content='', tokenize='unicode61')")

    def put(self, rows: Sequence[tuple[int, str]]) -> None:
        """One transaction."""
        self.raw.execute("BEGIN IMMEDIATE")
        self.raw.executemany("INSERT INTO posts (rowid, body) VALUES (?, ?)", rows)
        self.raw.execute("COMMIT")

    def find(self, match: str) -> list[tuple[int]]:
        """The newest 50."""
        return self.raw.execute(
            "SELECT rowid FROM posts WHERE posts MATCH ? ORDER BY rowid DESC LIMIT 50", (match,)
        ).fetchall()

    def count(self, match: str) -> int:
        """How many posts match."""
        return int(self.raw.execute("SELECT count(*) FROM posts WHERE posts MATCH ?", (match,)).fetchone()[0])


class _NoSecrets:
    def get(self, name: str) -> str:
        raise AssertionError(name)


def fill(world: World, posts: int, engines: dict[str, Engine], rival: Rival) -> dict[str, float]:
    """Put the posts everywhere; CPU seconds of this process by who took them (wall clock for a remote engine)."""
    spent = dict.fromkeys([*engines, "plain FTS5"], 0.0)
    texts = list(world.texts(posts))
    for first in range(0, posts, BATCH):
        some = texts[first : first + BATCH]
        entries = [
            Entry(number + 1, document.id, document)
            for number, document in enumerate((world.document(*pair) for pair in enumerate(some, first)), first)
        ]
        for name, engine in engines.items():
            clock = time.perf_counter if isinstance(engine, Elastic) else time.process_time
            before = clock()
            engine.put(entries)
            spent[name] += clock() - before
        before = time.process_time()
        rival.put(list(enumerate(some, first)))
        spent["plain FTS5"] += time.process_time() - before
    for engine in engines.values():
        engine.refresh()
    return spent


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds of the wall clock, the better of two."""
    best = float("inf")
    for _ in range(2):
        before = time.perf_counter()
        ask()
        best = min(best, time.perf_counter() - before)
    return 1e3 * best


def questions(world: World, number: int) -> Iterator[tuple[str, str, str, str]]:
    """(what, how asked, query, the rival's MATCH)."""
    for _ in range(number):
        one, other = world.pick(), world.pick()
        yield "two words, newest 50", "find", f"{one} {other}", f'"{one}" AND "{other}"'
        yield "phrase, newest 50", "find", f'"{one} {other}"', f'"{one} {other}"'
        yield "near in 3, newest 50", "find", f'"{one} {other}"~3', f'NEAR("{one}" "{other}", 3)'
        yield "two words, count", "count", f"{one} {other}", f'"{one}" AND "{other}"'
        street = world.words[world.random.randrange(100)]
        yield "word and street, newest 50", "find", f"{one} street:{street}", f'"{one}"'


def ask(world: World, number: int, engines: dict[str, Engine], rival: Rival) -> dict[tuple[str, str], list[float]]:
    """Milliseconds by (what, who)."""
    taken: dict[tuple[str, str], list[float]] = {}
    for what, how, text, match in questions(world, number):
        query = parse_query(text)
        for name, engine in engines.items():

            def asked(engine: Engine = engine) -> object:
                return engine.find(query, CONTEXT) if how == "find" else engine.count(query, CONTEXT)  # noqa: B023

            taken.setdefault((what, name), []).append(timed(asked))

        def plain() -> object:
            return rival.find(match) if how == "find" else rival.count(match)  # noqa: B023

        taken.setdefault((what, "plain FTS5"), []).append(timed(plain))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--elasticsearch", default="", help="its address; the time of putting is then the wall clock's")
    given = parser.parse_args()
    world = World(7)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        database = Database.open(Path(folder) / "state.db")
        stack.callback(database.close)
        engines: dict[str, Engine] = {"embedded": open_engine("embedded:", "measured", database, _NoSecrets())}
        if given.elasticsearch:
            elastic = open_engine(f"elasticsearch:{given.elasticsearch}", "measured", database, _NoSecrets())
            assert isinstance(elastic, Elastic)
            elastic.clear()
            stack.callback(elastic.close)
            stack.callback(elastic.remove)
            engines["elasticsearch"] = elastic
        rival = Rival(Path(folder) / "plain.db")
        stack.callback(rival.raw.close)
        print(f"{given.posts} posts of 40 words, batches of {BATCH}; {given.queries} queries of each kind")
        for name, seconds in fill(world, given.posts, engines, rival).items():
            print(f"{'put, µs a post':30}{name:16}{1e6 * seconds / given.posts:10.0f}")
        sizes = {"embedded": "state.db", "plain FTS5": "plain.db"}
        for name, file in sizes.items():
            size = sum(path.stat().st_size for path in Path(folder).glob(f"{file}*")) / given.posts
            print(f"{'bytes a post, with the log':30}{name:16}{size:10.0f}")
        print(f"{'milliseconds':46}{'p50':>10}{'p99':>10}")
        for (what, name), found in ask(world, given.queries, engines, rival).items():
            found.sort()
            p50, p99 = found[len(found) // 2], found[len(found) * 99 // 100]
            print(f"{what:30}{name:16}{p50:10.2f}{p99:10.2f}")


if __name__ == "__main__":
    main()
