"""What the gazetteer of a city of a million costs: a made-up map is built, loaded, asked.

usage: python -m benchmarks.gazetteer [--streets 3000] [--houses 120000] [--landmarks 10000] [--processes 4]

Building runs in a process of its own (CPU seconds, the most memory it had); loading in 1 and in N processes at once:
CPU milliseconds of each, private memory (what one more process adds) and PSS, which shares out what they have in
common. Look-ups of houses are compared with the same houses in SQLite, read-only, which processes could share as well.
"""

import argparse
import multiprocessing
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

from crawler.model.items import House
from search.gazetteer import Gazetteer, open_gazetteer
from search.gazetteer_file import save
from search.gazetteer_sources import build

HOME = "Город"
ASKED = 20_000
REPEATED = 5
KINDS = (("amenity", "school", "Школа № {}"), ("highway", "bus_stop", "Остановка {}"), ("shop", "mall", "ТЦ Дом{}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streets", type=int, default=3_000)
    parser.add_argument("--houses", type=int, default=120_000)
    parser.add_argument("--landmarks", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pbf, file = Path(folder) / "city.osm.pbf", Path(folder) / "city.gazetteer"
        _draw(pbf, given.streets, given.houses, given.landmarks)
        seconds, most, size = _apart(_build, pbf, file)
        print(f"build: {seconds:.1f} CPU-s, {most / 1e6:.0f} MB at most, map {_mb(pbf)} MB, file {size / 1e6:.1f} MB")
        for count in dict.fromkeys((1, given.processes)):
            _load(file, count)
        ask, rival = _apart(_ask, file)
        print(f"house by street and number: {1e6 * ask:.1f} µs ({1 / ask:,.0f}/s); SQLite {1e6 * rival:.1f} µs")


def _mb(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f}"


def _draw(path: Path, streets: int, houses: int, landmarks: int) -> None:
    """Streets as rows of a grid; houses along them, each a way of four nodes; landmarks anywhere."""
    chance, each, nodes, ways = random.Random(1), houses // streets, list[Node](), list[Way]()

    def way(dots: list[tuple[float, float]], tags: dict[str, str]) -> None:
        first = len(nodes) + 1
        nodes.extend(Node(id=first + at, location=dot) for at, dot in enumerate(dots))
        numbers = list(range(first, first + len(dots)))
        closed = "building" in tags
        ways.append(Way(id=len(ways) + 1, nodes=[*numbers, first] if closed else numbers, tags=tags))

    near = 0.0001
    for street in range(streets):
        lat, lon = 58.0 + street // 10 * 0.001, 56.0 + street % 10 * 0.05
        name = f"улица {street} Марта" if street % 2 else f"{street}-я Садовая улица"
        way([(lon + at * 0.005, lat) for at in range(10)], {"highway": "residential", "name": name})
        for number in range(1, each + 1):
            east = lon + number * 0.045 / each
            box = [(east - near, lat), (east + near, lat), (east + near, lat + near), (east - near, lat + near)]
            way(box, {"building": "yes", "addr:street": name, "addr:housenumber": f"{number}"})
    for number in range(landmarks):
        key, value, name = KINDS[number % len(KINDS)]
        dot = (chance.uniform(56, 56.5), chance.uniform(58, 58.3))
        nodes.append(Node(id=len(nodes) + 1, location=dot, tags={key: value, "name": name.format(number)}))
    nodes.append(Node(id=len(nodes) + 1, location=(56.25, 58.15), tags={"place": "city", "name": HOME}))
    with osmium.SimpleWriter(str(path)) as writer:
        for node in nodes:
            writer.add_node(node)
        for one in ways:
            writer.add_way(one)


def _apart(work: Callable[..., tuple[float, ...]], *arguments: object) -> tuple[float, ...]:
    """What the work says, done in a fresh process."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_told, args=(theirs, work, *arguments))
    process.start()
    theirs.close()  # so that a process which dies ends this one too
    found: tuple[float, ...] = ours.recv()
    process.join()
    return found


def _told(to: Connection, work: Callable[..., tuple[float, ...]], *arguments: object) -> None:
    to.send(work(*arguments))


def _build(pbf: Path, file: Path) -> tuple[float, float, float]:
    content, _ = build([pbf])
    save(content, file)
    # Not ru_maxrss: a new process begins it with the memory of the one that drew the map.
    (most,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    return time.process_time(), int(most) * 1024, len(content)


def _load(file: Path, count: int) -> None:
    spawned = multiprocessing.get_context("spawn")
    barrier = spawned.Barrier(count)
    pipes = [multiprocessing.Pipe(duplex=False) for _ in range(count)]
    processes = [spawned.Process(target=_loaded, args=(file, barrier, theirs)) for _, theirs in pipes]
    for process in processes:
        process.start()
    for _, theirs in pipes:
        theirs.close()
    found = [ours.recv() for ours, _ in pipes]
    for process in processes:
        process.join()
    cpu = min(one for one, _, _ in found)
    private, shared = (max(one[at] for one in found) / 1e6 for at in (1, 2))
    print(f"load in {count}: {1e3 * cpu:.0f} ms of CPU, {private:.1f} MB private, {shared:.1f} MB PSS more than before")


def _loaded(file: Path, barrier: "multiprocessing.synchronize.Barrier", to: Connection) -> None:
    open_gazetteer(_small(file), HOME)  # what is imported and made once, whatever the city
    before, started = _memory(), time.process_time()
    known = open_gazetteer(file, HOME)
    spent = time.process_time() - started
    for street in known.every_street:
        street.house(House(1))
    barrier.wait()  # all have it mapped while each looks
    after = _memory()
    barrier.wait()
    to.send((spent, after[0] - before[0], after[1] - before[1]))


def _small(file: Path) -> Path:
    """A gazetteer of one house, beside the large one."""
    table, small = file.with_suffix(".csv"), file.with_suffix(".small")
    if not small.exists():
        table.write_text('address,lat,lon,district\n"ул. Мира 1",58,56,\n', encoding="utf-8")
        save(build([table])[0], small)
    return small


def _memory() -> tuple[int, int]:
    """Private bytes and the proportional set of this process (Linux)."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    kept = {line.partition(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.endswith("kB")}
    return kept["Private_Clean"] + kept["Private_Dirty"], kept["Pss"]


def _ask(file: Path) -> tuple[float, float]:
    known = open_gazetteer(file, HOME)
    chance = random.Random(2)
    houses = [(street.key, house.number) for street in known.every_street for house, _ in street.houses]
    asked = [chance.choice(houses) for _ in range(ASKED)]
    rival = _sqlite(known, file.with_suffix(".sqlite"))
    query = "SELECT lat, lon, district, id FROM house WHERE street = ? AND number = ? AND suffix = ''"
    ours = min(_spent(lambda: [known.house(key, House(number)) for key, number in asked]) for _ in range(REPEATED))
    theirs = min(_spent(lambda: [rival.execute(query, one).fetchone() for one in asked]) for _ in range(REPEATED))
    return ours / ASKED, theirs / ASKED


def _sqlite(known: Gazetteer, path: Path) -> sqlite3.Connection:
    with sqlite3.connect(path) as made:
        made.execute(
            "CREATE TABLE house (street TEXT, number INTEGER, suffix TEXT, lat REAL, lon REAL, district TEXT, id TEXT,"
            " PRIMARY KEY (street, number, suffix)) WITHOUT ROWID"
        )
        made.executemany(
            "INSERT OR IGNORE INTO house VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (street.key, house.number, house.suffix, point.lat, point.lon, point.district, point.id)
                for street in known.every_street
                for house, point in street.houses
            ),
        )
    made.close()
    return sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)


def _spent(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
