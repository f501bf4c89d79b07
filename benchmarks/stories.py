"""What finding stories costs a post, while ever more posts are kept: ours in a state, TF-IDF of scikit-learn in memory.

usage: python -m benchmarks.stories [--lines FILE] [--most 100000] [--a-day 2000] [--rival-most 10000]

So many posts a day, half of them news; texts of five sentences of words drawn by Zipf's law, or halves of texts of the
lines put together (benchmarks/memory.py); one in three has two thirds of the sentences of a post of the last day, in
another order. CPU time a post in batches of 200: the profile (the tokens are there, as they are for every step), then
look-up, comparison, settling, writing and the commit. `latest` is the median of the 50 batches before so many posts are
kept, `least` the fastest of them, `profile` the part of the median that makes profiles, `all` the mean of all posts
since the line before. The rival learns its words from the first 2,000 texts, holds the vectors of the posts of six days
and multiplies every batch with them.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.copies import made_up
from benchmarks.memory import held, mixed
from crawler.cli import COLLECT_AFTER
from search.analysis import Token, analyze
from search.state import stories
from search.state.database import Database
from search.state.stories import APART, Telling
from search.stories import ALIKE, profile_of
from tests.quality.rivals import rival

BATCH = 200
_TOLD = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_LATEST = 50
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_LEARNT = 10


class _Post(NamedTuple):
    id: str
    at: datetime
    news: bool
    text: str
    tokens: tuple[Token, ...]


def main(arguments: Sequence[str]) -> None:
    """Print the cost at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--a-day", type=int, default=2000)
    parser.add_argument("--rival-most", type=int, default=10_000)
    given = parser.parse_args(arguments)
    gc.set_threshold(COLLECT_AFTER)
    print(f"{given.a_day} posts a day")
    figures = "".join(f"{name:>9}" for name in ("posts", "latest", "least", "profile", "all"))
    print(f"{'':14}{figures}  µs; {'own':>6}{'state':>7} MB")
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "otklik.sqlite")
        posts = _batches(given.lines, given.most // BATCH, given.a_day)
        _measure("otklik", posts, lambda batch: _keep(database, batch), Path(folder))
        database.close()
    if given.rival_most and (text := rival("sklearn.feature_extraction.text")) is not None:
        window = _Window(text.TfidfVectorizer(sublinear_tf=True))
        _measure("scikit-learn", _batches(given.lines, given.rival_most // BATCH, given.a_day), window.keep, None)


def _keep(database: Database, batch: Sequence[_Post]) -> float:
    """Keep a batch; the seconds that its profiles took."""
    started = time.process_time()
    tellings = {post.id: Telling(post.at, post.news, profile_of("", post.text, post.tokens)) for post in batch}
    profiled = time.process_time() - started
    with database.begin() as connection:
        stories.keep(connection, "measured", tellings)
    return profiled


class _Window:
    """The rival: what is published within APART on both sides is compared with all of it."""

    def __init__(self, vectorizer: Any) -> None:
        self._vectorizer = vectorizer
        self._learning: list[str] = []
        self._held: list[tuple[datetime, Any]] = []
        self.pairs = 0

    def keep(self, batch: Sequence[_Post]) -> float:
        """Learn from the first batches, then vectorize and compare."""
        texts = [post.text for post in batch]
        if len(self._learning) < _LEARNT * BATCH:
            # What was held is of other words from now on.
            self._learning += texts
            self._vectorizer.fit(self._learning)
            self._held.clear()
        from scipy.sparse import vstack

        started = time.process_time()
        made = self._vectorizer.transform(texts)
        profiled = time.process_time() - started
        self._held = [(at, one) for at, one in self._held if at >= batch[0].at - 2 * APART]
        self._held.append((batch[-1].at, made))
        self.pairs += int((made @ vstack([one for _, one in self._held]).T > ALIKE).nnz)
        return profiled


def _measure(
    name: str, batches: Iterator[list[_Post]], keep: Callable[[Sequence[_Post]], float], folder: Path | None
) -> None:
    spent: list[float] = []
    profiled: list[float] = []
    told = 0
    for number, batch in enumerate(batches, 1):
        started = time.process_time()
        profile = keep(batch)
        spent.append(1e6 * (time.process_time() - started) / BATCH)
        profiled.append(1e6 * profile / BATCH)
        if number * BATCH in _TOLD:
            latest, profile = (statistics.median(one[-_LATEST:]) for one in (spent, profiled))
            state = sum(path.stat().st_size for path in folder.glob("*.sqlite*")) >> 20 if folder else 0
            print(
                f"{name:14}{number * BATCH:>9}{latest:>9.1f}{min(spent[-_LATEST:]):>9.1f}{profile:>9.1f}"
                f"{statistics.mean(spent[told:]):>9.1f}      {held():>6}{state:>7}",
                flush=True,
            )
            told = number


def _batches(lines: Path | None, count: int, a_day: int) -> Iterator[list[_Post]]:
    chance = random.Random(10)
    made = made_up(chance) if lines is None else mixed(lines, 10 * count * BATCH)
    said: list[list[str]] = []
    numbers = itertools.count()
    for _ in range(count):
        batch = []
        for number in itertools.islice(numbers, BATCH):
            again = said and chance.random() < 1 / 3
            sentences = _again(chance.choice(said), chance) if again else []
            sentences += [next(made).capitalize() for _ in range(5 - len(sentences))]
            said.append(sentences)
            text = ". ".join(sentences)
            at = _FIRST + timedelta(days=number / a_day)
            batch.append(_Post(f"p{number:08}", at, chance.random() < 0.5, text, analyze("", text)))
        del said[:-a_day]
        yield batch


def _again(sentences: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(sentences, len(sentences) * 2 // 3)


if __name__ == "__main__":
    main(sys.argv[1:])
