"""What looking for near-copies costs a text, while ever more texts are kept: ours in a state, datasketch in memory.

usage: python -m benchmarks.copies [--lines FILE] [--most 1000000] [--rival-most 100000]

Texts are made up of words drawn by Zipf's law, or halves of texts of the lines put together (benchmarks/memory.py); one
in ten adds to another of its batch. The state has a post of each text, so what may be near is read and compared. CPU
time a text: folding, sketch, look-up, comparison, writing and the commit, all in batches of 200. `latest` is the median
of the 100 batches before so many texts are kept, `least` the fastest of them, `look-up` and `commit` are parts of the
median: what asks which kept texts may be near, and the commit, which a batch of posts shares with all else that it
writes. `all` is the mean of all texts since the line before, with what is put into files.
Memory: what the process holds alone, and what it maps of files.
"""

import argparse
import gc
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks.memory import held, mapped, mixed
from crawler.cli import COLLECT_AFTER
from pipelines.copies import copy_key
from search.likeness import folded
from search.sketches import Sketches
from search.state import near
from search.state.bands import BandIndex
from search.state.database import Database
from search.state.tables import post_versions, posts
from tests.quality.near_copies import minhash
from tests.quality.rivals import rival

BATCH = 200
_TOLD = (10_000, 100_000, 300_000, 1_000_000)
_LATEST = 100
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф"
_WORDS = 50_000
_CITY = "measured"
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main(arguments: Sequence[str]) -> None:
    """Print the cost at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--rival-most", type=int, default=100_000)
    given = parser.parse_args(arguments)
    gc.set_threshold(COLLECT_AFTER)
    figures = "".join(f"{name:>9}" for name in ("texts", "latest", "least", "look-up", "commit", "all"))
    print(f"{'':12}{figures}  µs; {'own':>6}{'mapped':>8}{'state':>7} MB")
    with tempfile.TemporaryDirectory() as folder:
        ours = _Ours(Path(folder))
        _measure("otklik", _batches(given.lines, given.most // BATCH), ours.prepare, ours.keep, ours.parts, folder)
        ours.database.close()
    datasketch = rival("datasketch")
    if datasketch is not None and given.rival_most:
        index = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
        names = itertools.count()

        def keep(batch: Sequence[str]) -> None:
            for text in batch:
                made = minhash(datasketch, text)
                index.query(made)
                index.insert(next(names), made)

        batches = _batches(given.lines, given.rival_most // BATCH)
        _measure("datasketch", batches, lambda _: None, keep, lambda: (0.0, 0.0), "")


class _Ours:
    """A state in a folder."""

    def __init__(self, folder: Path) -> None:
        self.database = Database.open(folder / "otklik.sqlite")
        self._count = itertools.count()
        self._spent = self._committed = 0.0
        like = BandIndex.like

        def timed(index: BandIndex, sketched: Sketches) -> list[list[int]]:
            started = time.process_time()
            found = like(index, sketched)
            self._spent += time.process_time() - started
            return found

        BandIndex.like = timed  # type: ignore[method-assign, assignment]

    def prepare(self, batch: Sequence[str]) -> None:
        """Posts that have the texts."""
        words = dict.fromkeys(("source", "platform", "kind", "parent", "thread", "answers", "author", "digest"), "")
        rows = [{"id": str(next(self._count)), "copy_key": copy_key("", text), "text": text} for text in batch]
        one = {"city": _CITY, "version": 1, "published_at": _AT, "first_seen_at": _AT, "seen_at": _AT, **words}
        with self.database.begin() as connection:
            connection.execute(
                sa.insert(posts), [{**one, "id": row["id"], "copy_key": row["copy_key"]} for row in rows]
            )
            connection.execute(
                sa.insert(post_versions),
                [{**one, "post": row["id"], "content": {"text": row["text"]}} for row in rows],
            )
        folded.cache_clear()

    def keep(self, batch: Sequence[str]) -> None:
        """What a batch costs."""
        texts = {key: folded("", text) for text in batch if (key := copy_key("", text))}
        with self.database.begin() as connection:
            near.keep(connection, _CITY, texts)
            kept = time.process_time()
        self._committed += time.process_time() - kept

    def parts(self) -> tuple[float, float]:
        """Seconds of CPU for look-ups and for commits since it was asked last."""
        parts = self._spent, self._committed
        self._spent = self._committed = 0.0
        return parts


def _measure(
    name: str,
    batches: Iterator[list[str]],
    prepare: Callable[[Sequence[str]], None],
    keep: Callable[[Sequence[str]], None],
    parts: Callable[[], tuple[float, float]],
    folder: str,
) -> None:
    spent: list[float] = []
    asked: list[tuple[float, float]] = []
    told = 0
    for number, batch in enumerate(batches, 1):
        prepare(batch)
        started = time.process_time()
        keep(batch)
        spent.append(1e6 * (time.process_time() - started) / BATCH)
        asked.append(parts())
        if number * BATCH in _TOLD:
            latest = statistics.median(spent[-_LATEST:])
            look_up, commit = (1e6 * statistics.median(one) / BATCH for one in zip(*asked[-_LATEST:], strict=True))
            state = sum(path.stat().st_size for path in Path(folder).glob("*.sqlite*")) >> 20 if folder else 0
            print(
                f"{name:12}{number * BATCH:>9}{latest:>9.1f}{min(spent[-_LATEST:]):>9.1f}{look_up:>9.1f}"
                f"{commit:>9.1f}{statistics.mean(spent[told:]):>9.1f}      {held():>6}{mapped():>8}{state:>7}",
                flush=True,
            )
            told = number


def _batches(lines: Path | None, count: int) -> Iterator[list[str]]:
    chance = random.Random(9)
    texts = made_up(chance) if lines is None else mixed(lines, count * BATCH)
    for _ in range(count):
        batch: list[str] = []
        for _ in range(BATCH):
            one = next(texts)
            batch.append(chance.choice(batch) + " и ещё" if batch and chance.random() < 0.1 else one)
        yield batch


def made_up(chance: random.Random) -> Iterator[str]:
    """Texts of 25 words without end."""
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 10))) for _ in range(_WORDS)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, _WORDS + 1)))
    while True:
        yield " ".join(chance.choices(words, cum_weights=weights, k=25))


if __name__ == "__main__":
    main(sys.argv[1:])
