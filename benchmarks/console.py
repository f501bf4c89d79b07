"""How long pages of the console take with many posts and incidents in it, while a crawl runs.

usage: python -m benchmarks.console [--posts N] [--incidents N] [--rounds N] [--folder FOLDER]

The demo town's city file with posts that are made up of its streets and troubles. A folder that is given is kept and
used again. Another process crawls the demo town meanwhile, without a pause between passes. Each page is asked for over
HTTP, one after another as one person does, and its whole answer is read: the time of the clock, and what this process
(the console, and who asks) took of the processor. Beside them the same server answers a page without the state: what
remains is HTTP. What is counted `anew` is too old to be given: the
clock of the console is put forward.
"""

import argparse
import gc
import io
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from benchmarks.crawled_town import crawl_on
from crawler.accounts.roles import Role
from crawler.checking import load_city
from crawler.cli import COLLECT_AFTER
from crawler.console.warming import warm
from crawler.environment import CHECKOUT, Environment
from crawler.installation import Installation
from crawler.model.ports import SystemClock
from crawler.replay import ingest
from search import queue
from search.acting import change
from search.states import State
from tests.consoles import Visitor, employ, served

STREETS = (
    *("Речная", "Ленина", "Победы", "Гагарина", "Мира", "Лесная"),
    *("Садовая", "Кирова", "Заводская", "Озёрная", "Космонавтов", "Строителей"),
)
TROUBLES = (
    "Нет воды на улице {street}, {house}, второй день",
    "На {street}, {house} яма на дороге, машины объезжают",
    "Мусор не вывозят, {street} {house}, баки полные",
    "В доме {house} по улице {street} холодные батареи",
    "Не горят фонари возле {street}, {house}",
    "Лифт не работает, {street}, {house}, первый подъезд",
)
TALK = (
    "Кто знает, во сколько сегодня концерт в доме культуры? Номер {house}",
    "Отдам котят в добрые руки, {house} рублей за корзинку",
    "Спасибо всем, кто помог найти ключи у магазина на {street}",
    "Продам велосипед, почти новый, {house} скоростей",
)
AUTHORS = 30_000
PAGES = {
    "queue": "queue",
    "queue, 180 rows": "queue?rows=180",
    "pane": "incidents/{number}/pane",
    "incident": "incidents/{number}",
    "search": f"search?q={quote('нет вода')}",
    "search, street": f"search?q={quote('яма street:Речная')}",
    "saved": "saved",
    "map": "map",
    "sources": "sources",
    "risks": "risks",
    "report": "report",
    "live, 60 rows": "live?since=1000000000&after=1&open=5&rows=" + "-".join(map(str, range(1, 61))),
    "search, figures": f"search/around?q={quote('вода')}",
    "search, all figures": "search/around?q=",
}
ANEW = {"report, anew": "report", "map, zones anew": "map"}
"""Pages whose figures are kept for a while, when nothing is kept."""


@dataclass
class Ahead:
    """The time, so much later."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        """The time of that clock."""
        return SystemClock().now() + self.by


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--incidents", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "OTKLIK_LOCALE": "ru"}
        # As the command does.
        gc.set_threshold(COLLECT_AFTER)
        city, clock = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml")), Ahead()
        with Installation.open(Environment(), folder / "data", [city], clock) as installation:
            _fill(installation, given.posts, given.incidents)
            warm(installation)
            _measure(installation, clock, folder, given.rounds)


def _lines(count: int, incidents: int, seed: int) -> Iterator[bytes]:
    """Posts of four weeks: as many complaints as should become incidents and the same again, the rest is talk."""
    chance = random.Random(seed)
    start = datetime.now(UTC) - timedelta(days=28)
    share = min(1.0, 1.6 * incidents / count)
    for number in range(count):
        form = chance.choice(TROUBLES if chance.random() < share else TALK)
        text = form.format(street=chance.choice(STREETS), house=chance.randint(1, 180))
        at = start + timedelta(days=28) * (number / count)
        author = f"житель {chance.randint(1, AUTHORS)}"
        line = {"id": f"{seed}-{number}", "text": text, "published_at": at.isoformat(), "author": author}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _fill(installation: Installation, count: int, incidents: int) -> None:
    desk = installation.desk("tikhoozersk")
    with installation.database.read() as connection:
        there = connection.exec_driver_sql("SELECT count(*) FROM posts").scalar() or 0
    if there < 0.99 * count:
        ingest(desk, io.BytesIO(b"".join(_lines(count - there, incidents, there))))
        while desk.drain(60).index:
            pass
        employ(installation, reader=Role.READER)
        _decide(installation)
    with installation.database.read() as connection:
        for table in ("posts", "reports", "incidents"):
            print(f"{table:>10}: {connection.exec_driver_sql(f'SELECT count(*) FROM {table}').scalar()}")


def _decide(installation: Installation) -> None:
    """People have confirmed a third, work on half of these, half of those are answered, and half of those over."""
    city = installation.desk("tikhoozersk").city
    with installation.database.begin() as connection:
        last = queue.latest_number(connection, city)
        for every, state in ((3, State.CONFIRMED), (6, State.IN_WORK), (12, State.ANSWERED), (24, State.CLOSED)):
            for number in range(every, last + 1, every):
                change(connection, city, number, state, "operator", at=installation.clock.now(), keys=installation.keys)


def _measure(installation: Installation, clock: Ahead, folder: Path, rounds: int) -> None:
    # As `otklik run` is: a process of its own.
    processes = multiprocessing.get_context("spawn")
    stop = processes.Event()
    with processes.Manager() as shared, served(installation) as port:
        passes = shared.list()
        coming = processes.Process(target=crawl_on, args=(folder, stop, passes))
        visitor = Visitor(port)
        visitor.sign_in("reader")
        coming.start()
        while len(passes) < 2:
            if not coming.is_alive():
                sys.exit("the crawl ended")
            time.sleep(0.1)
        done, begun = len(passes), time.perf_counter()
        times = _asked(visitor, clock, rounds)
        seconds, crawled = time.perf_counter() - begun, list(passes[done:])
        stop.set()
        coming.join()
    new, changed = (sum(one[at] for one in crawled) for at in (0, 1))
    print(f"{len(crawled)} passes of the crawl in {seconds:.0f} s: {new} new posts, {changed} changed")
    print(f"{'page':>20} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8} {'CPU ms':>8}")
    for name, some in times.items():
        clocks, spent = zip(*some, strict=True)
        p95 = statistics.quantiles(clocks, n=20, method="inclusive")[-1]
        print(
            f"{name:>20} {statistics.median(clocks):8.1f} {p95:8.1f} {max(clocks):8.1f} {statistics.median(spent):8.1f}"
        )


def _asked(visitor: Visitor, clock: Ahead, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds of every page: by the clock, and of the processor."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in (*PAGES, "no state", *ANEW)}
    chance = random.Random(1)
    every = [(turn, one) for turn in range(rounds + 3) for one in (*PAGES.items(), ("no state", ""))]
    for turn, (name, path) in every + [(turn, one) for turn in range(rounds + 3) for one in ANEW.items()]:
        if name in ANEW:
            clock.by += timedelta(minutes=11)
        address = f"/tikhoozersk/{path.format(number=chance.randint(1, 500))}" if path else "/sign-in?next=/"
        start, used = time.perf_counter(), time.process_time()
        answer = (visitor if path else Visitor(visitor.port)).get(address)
        spent = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - used)
        if answer.status not in {200, 404}:
            sys.exit(f"{address}: {answer.status}")
        # The first rounds warm what a console that works has warm.
        if turn >= 3:
            times[name].append(spent)
    return times


if __name__ == "__main__":
    main(sys.argv[1:])
