"""What `otklik ingest` costs a post: a file of JSON lines through every step into an installation of its own.

usage: python -m benchmarks.pipeline LINES [--city FILE | --gazetteer BUILDINGS.csv --home SETTLEMENT]
           [--topics MODEL] [--searches N] [--profile]

Without --city: the starter searches, with the CSV as gazetteer where one is given. --searches adds so many, made from
words, neighbours and places of the lines (benchmarks/matching/searches.py), over a hundred topics. One process, thrown
away afterwards; it collects garbage as the command does.
"""

import argparse
import cProfile
import gc
import multiprocessing
import os
import pstats
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.matching.__main__ import documents
from benchmarks.matching.loading import fill
from benchmarks.matching.searches import Writer
from pipelines.toponyms import PlaceFinder
from search.areas import Areas
from search.gazetteer import Gazetteer, load_gazetteer

Spent = defaultdict[str, float]
CITY = """
[city]
key = "measured"
name = "Measured"
zone = "Europe/Moscow"
home = "{home}"
include = ["starter.toml"]
{gazetteer}
[[destination]]
key = "hole"
system = "blackhole"

[[route]]
key = "all"
executor = "Executor"
destination = "hole"
"""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lines", type=Path)
    parser.add_argument("--city", type=Path)
    parser.add_argument("--gazetteer", type=Path)
    parser.add_argument("--home", default="Город")
    parser.add_argument("--topics", type=Path, help="a model of `otklik topics train`")
    parser.add_argument("--searches", type=int, default=0)
    parser.add_argument("--profile", action="store_true", help="show where the time goes (slows everything down)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        city = given.city or written(Path(folder), given.gazetteer, given.topics, given.home)
        ours, theirs = multiprocessing.Pipe(duplex=False)
        spawned = multiprocessing.get_context("spawn")
        queries = queries_of(given.lines, given.gazetteer, given.home, given.searches)
        measured = (city, given.lines.resolve(), queries, Path(folder), given.profile, theirs)
        process = spawned.Process(target=_measure, args=measured)
        process.start()
        theirs.close()
        figures = ours.recv()
        process.join()
    for name, value in figures.items():
        print(f"{name:32}{value:>12}")


def written(folder: Path, gazetteer: Path | None, topics: Path | None, home: str) -> Path:
    """A city file in the folder: the starter searches, with that gazetteer and model of topics."""
    path = folder / "measured.toml"
    table = f'[gazetteer]\naddresses = "{gazetteer.resolve()}"\n' if gazetteer else ""
    table += f'[reading]\ntopics = "{topics.resolve()}"\n' if topics else ""
    path.write_text(CITY.format(home=home, gazetteer=table), encoding="utf-8")
    return path


def queries_of(lines: Path, gazetteer: Path | None, home: str, count: int) -> list[str]:
    """Queries as a city would write them, from the first posts; made here, where they warm nothing that is measured."""
    if not count:
        return []
    known = load_gazetteer(gazetteer, None, home) if gazetteer else Gazetteer.empty(home)
    writer = Writer(documents(lines, 4000, PlaceFinder(known, home)), Areas(dict), 7)
    return [writer.query() for _ in range(count)]


def _measure(city: Path, lines: Path, queries: Sequence[str], folder: Path, profile: bool, told: Connection) -> None:
    os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "OTKLIK_LOCALE": "en"}
    from crawler.checking import load_city
    from crawler.cli import COLLECT_AFTER
    from crawler.environment import Environment
    from crawler.installation import Installation
    from crawler.replay import ingest

    gc.set_threshold(COLLECT_AFTER)
    started = time.process_time()
    with Installation.open(Environment(), folder / "data", [load_city(str(city))]) as installation:
        (desk,) = installation.desks.values()
        with installation.database.begin() as connection:
            if queries:
                fill(connection, desk.city.key, queries, topics=100)
        spent = Spent(float)
        _watch(desk, spent)
        ready = time.process_time()
        profiler = cProfile.Profile()
        with lines.open("rb") as stream:
            if profile:
                profiler.enable()
            replayed = ingest(desk, stream)
            profiler.disable()
        ended = time.process_time()
        desk.drain(30)
        counts = _counts(desk.database)
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
    steps = {f"{name}, µs a post": round(1e6 * seconds / replayed.lines) for name, seconds in spent.items()}
    rest = round(1e6 * (ended - ready - sum(spent.values())) / replayed.lines)
    told.send(
        {
            "lines": replayed.lines,
            **{f"outcome {name}": count for name, count in replayed.outcomes.items()},
            **counts,
            "start, CPU s": round(ready - started, 1),
            "posts a CPU-second": round(replayed.lines / (ended - ready)),
            "peak memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            **steps,
            "reading lines and the rest": rest,
        }
    )


def _watch(desk: Any, spent: Spent) -> None:
    """Every way of the desk tells the CPU time of its steps; of the record, its parts."""
    from search.state import near

    made = desk.way
    inner = Spent(float)
    _timed(near, "keep", "near-copies", inner)

    def way() -> Any:
        one = made()
        for step in one.steps:
            _timed(step, "process", type(step).__name__, spent)
        record = one.record
        _timed(record.projection, "changed", "index", inner)
        _timed(record.noticing, "notice", "notice", inner)
        commit: Callable[..., Any] = record.commit

        def counted(*arguments: Any) -> Any:
            before, parts = time.process_time(), dict(inner)
            result = commit(*arguments)
            took = {name: seconds - parts.get(name, 0.0) for name, seconds in inner.items()}
            for name, seconds in took.items():
                spent[name] += seconds
            spent["Record"] += time.process_time() - before - sum(took.values())
            return result

        record.commit = counted
        return one

    desk.way = way
    assert desk.finder
    assert desk.monitor
    assert desk.topic_model


def _timed(owner: Any, method: str, name: str, spent: Spent) -> None:
    call: Callable[..., Any] = getattr(owner, method)

    def timed(*arguments: Any) -> Any:
        before = time.process_time()
        result = call(*arguments)
        spent[name] += time.process_time() - before
        return result

    # Frozen steps too are ordinary objects to this.
    object.__setattr__(owner, method, timed)


def _counts(database: Any) -> dict[str, int]:
    import sqlalchemy as sa

    from search.state.tables import incidents, matches, posts, reports

    tables = {"posts": posts, "matches": matches, "reports": reports, "incidents": incidents}
    with database.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in tables.items()
        }


if __name__ == "__main__":
    main(sys.argv[1:])
