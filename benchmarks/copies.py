"""What looking for near-copies costs a text, while ever more texts are kept: ours in a state, datasketch in memory.

usage: python -m benchmarks.copies [--most 1000000] [--rival-most 100000]

Texts are made up of words drawn by Zipf's law; one in ten adds to another of its batch. Each figure is the CPU time
of the last 20 batches of 200 before so many texts are kept: sketch, look-up, comparison, writing.
"""

import argparse
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipelines.copies import copy_key
from search.likeness import folded
from search.state import near
from search.state.database import Database
from tests.quality.near_copies import minhash
from tests.quality.rivals import rival

BATCH = 200
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф"
_WORDS = 50_000


def main(arguments: Sequence[str]) -> None:
    """Print the cost at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--rival-most", type=int, default=100_000)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "otklik.sqlite")
        _measure("otklik", given.most, lambda batch: _keep(database, batch))
        database.close()
    datasketch = rival("datasketch")
    if datasketch is not None:
        index = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
        names = itertools.count()

        def keep(batch: Sequence[str]) -> None:
            for text in batch:
                made = minhash(datasketch, text)
                index.query(made)
                index.insert(next(names), made)

        _measure("datasketch", given.rival_most, keep)


def _keep(database: Database, batch: Sequence[str]) -> None:
    texts = {copy_key("", text): folded("", text) for text in batch}
    with database.begin() as connection:
        near.keep(connection, "measured", texts)


def _measure(name: str, most: int, keep: Callable[[Sequence[str]], None]) -> None:
    spent: list[float] = []
    for number, batch in enumerate(_batches(most // BATCH), 1):
        started = time.process_time()
        keep(batch)
        spent.append(1e6 * (time.process_time() - started) / BATCH)
        kept = number * BATCH
        if kept in (10_000, 100_000, 300_000, 1_000_000):
            last = spent[-20:]
            figures = f"{statistics.mean(last):6.1f} µs of CPU a text, the fastest batch {min(last):6.1f}"
            print(f"{name:12}{kept:>10} texts kept {figures}", flush=True)


def _batches(count: int) -> Iterator[list[str]]:
    chance = random.Random(9)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 10))) for _ in range(_WORDS)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, _WORDS + 1)))
    for _ in range(count):
        batch: list[str] = []
        for _ in range(BATCH):
            if batch and chance.random() < 0.1:
                batch.append(chance.choice(batch) + " и ещё")
            else:
                batch.append(" ".join(chance.choices(words, cum_weights=weights, k=25)))
        yield batch


if __name__ == "__main__":
    main(sys.argv[1:])
