"""An installation opened: one state, its keys and clock, and for each city a desk with everything that works on it."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from crawler.checking import load_city
from crawler.desk import Desk
from crawler.environment import Environment, EnvironmentSecrets, load_keys
from crawler.health import SourceHealth, Waiting
from crawler.model.articles import ArticleRead
from crawler.model.city import City, Source
from crawler.model.ports import Clock, Keys, Ledger, Secrets, SystemClock
from crawler.schedule import LastCrawl
from pipelines.way import Way
from search.state import drift, health, marks, source_days
from search.state.database import Database, check_keys
from search.state.drift import Drift
from search.state.ledger import StateLedger

logger = logging.getLogger(__name__)


class Installation:
    """One folder with one state for all its cities. Use it as a context manager."""

    def __init__(self, home: Path, database: Database, keys: Keys, clock: Clock, secrets: Secrets) -> None:
        self.home = home
        self.database = database
        self.keys = keys
        self.clock = clock
        self.secrets = secrets
        self.ledger: Ledger = StateLedger(database, keys, clock)
        self.desks: dict[str, Desk] = {}

    @classmethod
    def open(
        cls,
        environment: Environment,
        data: Path | None,
        cities: Sequence[City],
        clock: Clock | None = None,
        secrets: Secrets | None = None,
    ) -> Self:
        """Open the folder `data` (else the environment's): make or migrate its state, check that the keys fit it."""
        home = environment.home(data)
        keys = load_keys(environment, home)
        database = Database.open(home / "otklik.sqlite")
        check_keys(database, keys.fingerprint())
        made = cls(home, database, keys, clock or SystemClock(), secrets or EnvironmentSecrets(environment))
        for city in cities:
            made.desks[city.key] = Desk(city, database, keys, made.clock, made.secrets, home)
        return made

    def desk(self, city: str) -> Desk:
        """The desk of a city by its key."""
        return self.desks[city]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    # What crawls ask for: crawler/health.py, Installation.

    def cursor(self, city: str, source: str) -> str:
        """The committed cursor of a source, "" before its first checkpoint."""
        with self.database.read() as connection:
            return marks.cursor(connection, city, source)

    def intake(self, city: City, source: Source, crawl: str) -> Way:  # noqa: ARG002 - a way takes any source's posts
        """A fresh way of a post, its counts at zero."""
        return self.desks[city.key].way()

    def last_crawls(self, city: str) -> Mapping[str, LastCrawl]:
        """Each crawled source: the start of its last crawl, and how many in a row could not read it."""
        with self.database.read() as connection:
            last = health.last_crawls(connection, city)
        return {key: LastCrawl(one.health.started_at, one.failures) for key, one in last.items()}

    def write_health(self, one: SourceHealth, articles: Sequence[ArticleRead] = ()) -> None:
        """Keep the health of a crawl, and look whether the pages of articles that it read have lost something; the log
        says when an alarm begins and when it ends.
        """
        with self.database.begin() as connection:
            health.write(connection, one)
            source_days.note(connection, one, self.desks[one.city].city.zone)
            changes = drift.note(connection, one.city, one.source, one.started_at, articles)
        for change in changes:
            word = "articles lose" if change.begins else "articles have again"
            logger.warning("%s/%s: %s: %s", one.city, one.source, word, change.part.value)

    def drifts(self, city: str) -> list[Drift]:
        """The alarms of sources whose articles have lost something."""
        with self.database.read() as connection:
            return list(drift.current(connection, city))

    def expire(self, seconds: float) -> int:
        """Remove what the cities' files keep no longer, for at most so long in each; how many rows.

        What one city raises is raised when all had their turn.
        """
        for desk in self.desks.values():
            # Of all cities before any of them removes: rows of people go by the longest span.
            desk.expiry.tell(self.clock.now())
        removed, failures = 0, []
        for desk in self.desks.values():
            try:
                removed += desk.expire(seconds).total()
            except Exception as failure:  # noqa: BLE001 - raised below, whatever it was
                failures.append(failure)
        if failures:
            raise failures[0]
        return removed

    def tick(self) -> int:
        """Let every city's rules of silence look at the hours that have passed; how many incidents that opened."""
        return sum([desk.tick() for desk in self.desks.values()])

    def drain(self, seconds: float) -> Waiting:
        """Feed every index and make every delivery, for at most so long together."""
        return self._share(seconds, Desk.drain)

    def keep_images(self, seconds: float) -> Waiting:
        """Fetch the images of every city's reports, for at most so long together."""
        return self._share(seconds, Desk.keep_images)

    def finish(self, seconds: float) -> Waiting:
        """The end of a pass: tickets and index first, then images, which have a third of the time at least."""
        until = time.monotonic() + seconds
        self.tick()
        waiting = self.drain(seconds * 2 / 3)
        return waiting + self.keep_images(max(0.0, until - time.monotonic()))

    def _share(self, seconds: float, work: Callable[[Desk, float], Waiting]) -> Waiting:
        until = time.monotonic() + seconds
        waiting = Waiting()
        for done, desk in enumerate(self.desks.values()):
            # What one city does not use the others may; none takes their share.
            left = max(0.0, until - time.monotonic())
            waiting += work(desk, left / (len(self.desks) - done))
        return waiting


def open_installation(name: str) -> tuple[City, Installation]:
    """The city of that path or name and its installation, as the environment has it: for the `scrapy` command."""
    city = load_city(name)
    return city, Installation.open(Environment(), None, [city])
