"""How long pages of the console take with many posts and incidents in it, while posts go on coming in.

usage: python -m benchmarks.console [--posts N] [--incidents N] [--rounds N] [--folder FOLDER]

The demo town's city file with posts that are made up of its streets and troubles. A folder that is given is kept and
used again. Each page is asked for over HTTP, one after another as one person does, and its whole answer is read; the
time is that of the clock. Beside them the same server answers a page without the state: what remains is HTTP.
"""

import argparse
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
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import quote

from crawler.accounts.roles import Role
from crawler.checking import load_city
from crawler.environment import CHECKOUT, Environment
from crawler.installation import Installation
from crawler.replay import ingest
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
    "news": "queue/news?after=1",
}


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
        city = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml"))
        with Installation.open(Environment(), folder / "data", [city]) as installation:
            _fill(installation, given.posts, given.incidents)
            _measure(installation, folder, given.rounds)


def _lines(count: int, incidents: int, seed: int) -> Iterator[bytes]:
    """Posts of four weeks: as many complaints as should become incidents and the same again, the rest is talk."""
    chance = random.Random(seed)
    start = datetime.now(UTC) - timedelta(days=28)
    share = min(1.0, 1.6 * incidents / count)
    for number in range(count):
        form = chance.choice(TROUBLES if chance.random() < share else TALK)
        text = form.format(street=chance.choice(STREETS), house=chance.randint(1, 180))
        at = start + timedelta(days=28) * (number / count)
        line = {"id": f"{seed}-{number}", "text": text, "published_at": at.isoformat()}
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
    with installation.database.read() as connection:
        for table in ("posts", "reports", "incidents"):
            print(f"{table:>10}: {connection.exec_driver_sql(f'SELECT count(*) FROM {table}').scalar()}")


def _measure(installation: Installation, folder: Path, rounds: int) -> None:
    # As `otklik run` is: a process of its own.
    processes = multiprocessing.get_context("spawn")
    stop = processes.Event()
    coming = processes.Process(target=_go_on, args=(folder, stop))
    with served(installation) as port:
        visitor = Visitor(port)
        visitor.sign_in("reader")
        times: dict[str, list[float]] = {name: [] for name in (*PAGES, "no state")}
        coming.start()
        chance = random.Random(1)
        for turn in range(rounds + 3):
            for name, path in (*PAGES.items(), ("no state", "")):
                address = f"/tikhoozersk/{path.format(number=chance.randint(1, 500))}" if path else "/sign-in?next=/"
                start = time.perf_counter()
                answer = (visitor if path else Visitor(port)).get(address)
                spent = time.perf_counter() - start
                if answer.status not in {200, 404}:
                    sys.exit(f"{address}: {answer.status}")
                # The first rounds warm what a console that works has warm.
                if turn >= 3:
                    times[name].append(1000 * spent)
        stop.set()
        coming.join()
    print(f"{'page':>20} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8}")
    for name, some in times.items():
        p95 = statistics.quantiles(some, n=20)[-1]
        print(f"{name:>20} {statistics.median(some):8.1f} {p95:8.1f} {max(some):8.1f}")


def _go_on(folder: Path, stop: Event) -> None:
    """Posts come in as from a crawl: a batch of twenty every half second."""
    city = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml"))
    with Installation.open(Environment(), folder / "data", [city]) as installation:
        desk = installation.desk("tikhoozersk")
        while not stop.wait(0.5):
            ingest(desk, io.BytesIO(b"".join(_lines(20, 5, time.time_ns()))))
            desk.drain(1)


if __name__ == "__main__":
    main(sys.argv[1:])
