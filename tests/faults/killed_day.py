"""A day of a city that ends now, and real `otklik` processes that work on it at the same time and are killed.

Processes go by the machine's clock: so the whole day lies before now, and the servers show more of it from round to
round.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGKILL

from crawler.environment import CHECKOUT
from crawler.model.city import Source
from demo.servers.webhook import TicketServer
from tests.faults.wholeness import is_whole, leases_run_out
from tests.readers import kill_reader, readers_of
from tests.shell import Otklik, Run, Running, source, webhook
from tests.whole.city_day import NEXT_MIDNIGHT, ZONE, CityDay, Made, Size, make_day
from tests.whole.city_words import Words
from tests.whole.day_servers import DAY_TOKEN, RATE, TOKEN, DayServers

SECRET = "desk-secret"
KINDS = ("crawl", "run", "ingest", "table", "backup", "drain", "reader")
"""What is killed; the reader is the process in which a crawl reads articles, tables or images."""
LONGEST = {"crawl": 5.0, "run": 5.0, "ingest": 1.0, "table": 1.0, "backup": 0.5, "drain": 1.5, "reader": 0.3}
"""Seconds: about what each takes, so that a kill meets any moment of its life. A reader's are counted from its own."""
GIVEN = 20
"""Lines that come by hand with every round."""
HEAD = f"""
[tokens]
vk = {{ env = "{TOKEN}", kind = "service", a_second = {RATE} }}

[gazetteer]
addresses = "{CHECKOUT}/cities/tikhoozersk-addresses.csv"
"""
COLUMNS = """
[source.columns]
id = "Номер"
published_at = "Дата"
text = "Текст"
"""


def until_now(day: CityDay) -> CityDay:
    """The day moved so that it ends now. Its comments stay: one that goes while another comes gives no sign for an
    hour, which is longer than the test.
    """
    by = datetime.now(ZONE).replace(microsecond=0) - NEXT_MIDNIGHT
    for made in day.everything:
        made.at += by
        made.edited_at = made.edited_at and made.edited_at + by
        made.gone_at = made.gone_at and made.gone_at + by if made.parent is None else None
    return day


@dataclass
class KilledDay:
    """An installation that lives through the day; so many processes work `beside` the one that is killed. `killed` is
    how many processes of each kind were, `seen` what a pass that came to its end must have seen.
    """

    otklik: Otklik
    servers: DayServers
    desk: TicketServer
    chance: random.Random
    beside: int
    city: Path = field(init=False)
    given: list[str] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    seen: set[Made] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.otklik.environment |= {"OTKLIK_TEST_DESK": SECRET, TOKEN: DAY_TOKEN.value, "OTKLIK_CONTACT": "a@b.example"}
        desk = source("desk", "given", "desk", allow_private=f'["{self.servers.vk.url[7:]}"]')
        sources = desk + "".join(map(section, self.servers.sources()))
        self.city = self.otklik.city(sources=HEAD + sources, routes=webhook(self.desk.url))

    def live(self, kinds: Sequence[str]) -> None:
        """A round for each of these kinds: the servers show more, all work, one is killed."""
        words = Words(self.chance)
        start = datetime.now(ZONE) - timedelta(days=1)
        for number, kind in enumerate(kinds, 1):
            self.servers.go_to(start + timedelta(days=1) * number / len(kinds))
            self.given += [self._line(len(self.given) + one, words) for one in range(GIVEN)]
            self._round(kind)
            is_whole(self.otklik)
            leases_run_out(self.otklik)

    def start(self, kind: str) -> Running:
        """Start a process of a kind."""
        lines = "\n".join(self.given)
        match kind:
            case "run":
                return self.otklik.start("run", self.city)
            case "ingest":
                return self.otklik.start("ingest", self.city, input=lines)
            case "table":
                table = self.chance.choice([one for one in self.servers.sources() if one.platform == "intake"])
                return self.otklik.start("ingest", self.city, table.address, "--source", table.key)
            case "backup":
                return self.otklik.start("backup", "--to", self.copies / f"{len(self.given)}.zip")
            case "drain":
                return self.otklik.start("ingest", self.city)
            case _:
                return self.otklik.start("crawl", self.city, "--drain", 10, "--json")

    def pass_over(self, *options: object) -> Run:
        """Crawl everything once; whatever was there to be seen, and is in no gap that the crawl tells of, is seen."""
        run = self.otklik("crawl", self.city, "--json", *options)
        assert run.code == 0, run.err
        self._has_seen(run)
        return run

    def _has_seen(self, run: Run) -> None:
        read = {line["source"] for line in run.lines if "source" in line and not line["gaps"]}
        self.seen.update(made for made in self.servers.day.visible(self.now) if made.source in read)

    @property
    def copies(self) -> Path:
        """Where the backups are."""
        return self.otklik.folder / "copies"

    @property
    def now(self) -> datetime:
        """The time of the servers."""
        return self.servers.clock.now()

    def _round(self, kind: str) -> None:
        if kind == "drain":
            # There is something to drain.
            self.pass_over("--drain", 0)
        victim = self.start(kind)
        beside = ["ingest", "table", "backup"]
        if kind not in {"crawl", "run", "reader"}:
            beside.append("crawl")
        chosen = self.chance.sample([one for one in beside if one != kind], self.beside)
        others = {one: self.start(one) for one in chosen}
        if kind == "reader":
            self._kill_reader(victim)
        else:
            time.sleep(self.chance.uniform(0, LONGEST[kind]))
            victim.kill()
        ended = victim.end()
        self.killed[kind] += ended.code == -SIGKILL
        ends = {one: running.end() for one, running in others.items()}
        assert {one: run for one, run in ends.items() if run.code} == {}
        if "crawl" in ends:
            self._has_seen(ends["crawl"])

    def _kill_reader(self, crawl: Running) -> None:
        """Kill the process in which the crawl reads, as soon as it has one and a moment passed."""
        number = crawl.process.pid
        assert number
        while crawl.process.is_alive() and not readers_of(number):
            time.sleep(0.01)
        time.sleep(self.chance.uniform(0, LONGEST["reader"]))
        for reader in readers_of(number):
            self.killed["reader"] += kill_reader(reader)

    def _line(self, number: int, words: Words) -> str:
        at = (self.now - timedelta(minutes=self.chance.randint(0, 60))).isoformat()
        line = {"id": number, "source": "desk", "text": words.say("complaints"), "published_at": at}
        photo = f"{self.servers.vk.url}/photo/given-{number}_320x240.jpg"
        return json.dumps(line | ({"media": [photo]} if number % 5 == 0 else {}), ensure_ascii=False)


@contextmanager
def killed_day(otklik: Otklik, seed: int, size: Size, beside: int) -> Iterator[KilledDay]:
    """The day of a seed with its servers and a desk for tickets."""
    servers = DayServers(until_now(make_day(seed, size)), otklik.folder / "tables")
    with servers, TicketServer(SECRET) as desk:
        yield KilledDay(otklik, servers, desk, random.Random(seed), beside)


def section(one: Source) -> str:
    """What a city file says of a source of the day."""
    more = {"backfill": '"2d"', "revisit": '"2d"'}
    if one.table:
        return source(one.key, one.platform, one.address, role='"intake"', **more) + COLUMNS
    return source(one.key, one.platform, one.address, **more)
