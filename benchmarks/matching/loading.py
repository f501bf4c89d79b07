"""Loading saved searches as a start of `otklik run` or `otklik ingest` does: from the state into the monitor."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

CITY = """
[city]
key = "measured"
name = "Measured"
zone = "Europe/Moscow"
home = "Measured"

[[destination]]
key = "hole"
system = "blackhole"

[[route]]
key = "all"
executor = "Executor"
destination = "hole"
"""


def measure(queries: Sequence[str], starts: int) -> list[float]:
    """CPU seconds of loading in so many starts, each a process of its own: the first knows nothing of the searches."""
    context = multiprocessing.get_context("spawn")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "measured.toml").write_text(CITY, encoding="utf-8")
        for start in range(starts):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_start, args=(Path(folder), () if start else tuple(queries), theirs))
            process.start()
            theirs.close()
            found.append(ours.recv())
            process.join()
    return found


def _start(folder: Path, queries: Sequence[str], told: Connection) -> None:
    """Open the installation, write the searches into it if some are given, and load all that it has."""
    os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "OTKLIK_LOCALE": "en"}
    from crawler.checking import load_city
    from crawler.environment import Environment
    from crawler.installation import Installation

    city = load_city(str(folder / "measured.toml"))
    with Installation.open(Environment(), folder / "data", [city]) as installation:
        if queries:
            with installation.database.begin() as connection:
                fill(connection, city.key, queries)
        started = time.process_time()
        assert installation.desk(city.key).monitor
        told.send(time.process_time() - started)


def fill(connection: sa.Connection, city: str, queries: Sequence[str], topics: int = 1) -> None:
    """Write a saved search for each query into the state, spread over so many topics."""
    from crawler.model.city import SavedSearch
    from crawler.model.ports import SystemClock
    from search.saved import ACTIVE, digest_of
    from search.state.records import pack
    from search.state.tables import searches

    made = [
        SavedSearch(f"user:{at}", f"Search {at}", query, f"topic {at % topics}", owner="op")
        for at, query in enumerate(queries)
    ]
    shared = {"city": city, "version": 1, "loaded_at": SystemClock().now(), "state": ACTIVE}
    rows = [{**shared, "id": one.id, "digest": digest_of(one), "content": pack(one)} for one in made]
    connection.execute(searches.insert(), rows)
