"""What memory `otklik ingest` takes while the posts become many: every so many, a line with what the process holds.

usage: python -m benchmarks.memory LINES [--posts N] [--every N] [--searches N]
           [--gazetteer BUILDINGS.csv --home SETTLEMENT]

The lines of the file come again and again, each time otherwise: the first half of one text and the second half of
another, numbers moved on, ids of their own. Words that are cut in two are new ones, more than people make. The lines
come through a pipe, so that the process holds none of them.
"""

import argparse
import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.matching.loading import fill
from benchmarks.pipeline import queries_of, written

_NUMBER = re.compile(r"\d+")
# Numbers of posts are moved by it, so that every round has other pairs of texts.
_APART = 7919


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=50_000)
    parser.add_argument("--gazetteer", type=Path)
    parser.add_argument("--home", default="Город")
    parser.add_argument("--searches", type=int, default=1000)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        city = written(folder, given.gazetteer, None, given.home)
        queries = queries_of(given.lines, given.gazetteer, given.home, given.searches)
        pipe = folder / "lines"
        os.mkfifo(pipe)
        process = multiprocessing.get_context("spawn").Process(
            target=_measure, args=(city, pipe, queries, folder, given.every)
        )
        process.start()
        threading.Thread(target=_write, args=(given.lines, given.posts, pipe), daemon=True).start()
        process.join()
    sys.exit(process.exitcode)


def _write(lines: Path, count: int, pipe: Path) -> None:
    with pipe.open("w", encoding="utf-8") as stream:
        for number, text in enumerate(mixed(lines, count)):
            print(json.dumps({"id": str(number), "text": text}, ensure_ascii=False), file=stream)


def mixed(lines: Path, count: int) -> Iterator[str]:
    """So many texts made of those of the lines."""
    with lines.open(encoding="utf-8") as stream:
        texts = [json.loads(line)["text"] for line in stream]
    for number in range(count):
        turn, at = divmod(number, len(texts))
        first, second = texts[at], texts[(at + turn * _APART) % len(texts)]
        mixed = f"{first[: len(first) // 2]} {second[len(second) // 2 :]}" if turn else first
        yield _NUMBER.sub(lambda found, turn=turn: str(int(found[0]) + turn), mixed)


def _measure(city: Path, lines: Path, queries: Sequence[str], folder: Path, every: int) -> None:
    os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "OTKLIK_LOCALE": "en"}
    import gc

    from crawler.checking import load_city
    from crawler.cli import COLLECT_AFTER
    from crawler.environment import Environment
    from crawler.installation import Installation
    from crawler.replay import ingest

    gc.set_threshold(COLLECT_AFTER)
    with Installation.open(Environment(), folder / "data", [load_city(str(city))]) as installation:
        (desk,) = installation.desks.values()
        with installation.database.begin() as connection:
            fill(connection, desk.city.key, queries, topics=100)
        print(
            f"{'posts':>10}{'memory, MB':>12}{'mapped, MB':>12}{'peak, MB':>10}{'state, MB':>11}{'µs a post':>11}",
            flush=True,
        )
        told = done = 0
        since = time.process_time()

        def tell(count: int) -> None:
            nonlocal told, done, since
            done += count
            if done >= told + every or not count:
                spent = 1e6 * (time.process_time() - since) / max(done - told, 1)
                print(
                    f"{done:>10}{held():>12}{mapped():>12}{_peak():>10}{_stored(folder):>11}{spent:>11.0f}", flush=True
                )
                told, since = done, time.process_time()

        with lines.open("rb") as stream:
            ingest(desk, stream, tell)
        tell(0)


def held() -> int:
    """The megabytes of memory that the process has for itself now."""
    return _pages(1) - mapped()


def mapped() -> int:
    """The megabytes of files that the process has mapped and that are in memory now: the system takes them back when
    others need memory.
    """
    return _pages(2)


def _pages(place: int) -> int:
    return int(Path("/proc/self/statm").read_text().split()[place]) * resource.getpagesize() >> 20


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _stored(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file()) >> 20


if __name__ == "__main__":
    main(sys.argv[1:])
