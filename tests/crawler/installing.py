"""An installation in memory and a made-up platform, for tests of the runner and of the `scrapy` command."""

import json
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scrapy.http import Response

from crawler.endless import run_forever
from crawler.health import SourceHealth, Waiting
from crawler.model.articles import ArticleRead
from crawler.model.city import City, Source
from crawler.model.crawled import Checkpoint, SpiderItem
from crawler.model.items import Kind, Post, TimePrecision
from crawler.model.ports import Ledger, SystemClock
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, Platform, check_page
from crawler.reactor import in_reactor, stop_on_signals
from crawler.schedule import LastCrawl
from crawler.underway import CommandCrawl
from pipelines.draft import Draft, Outcome
from spiders.base import SourceSpider
from tests.crawling import QUICK, NoSecrets, shared_ledger, source_at

ZONE = ZoneInfo("Asia/Sakhalin")


class BoardSpider(SourceSpider):
    """A made-up platform: a post a line, published ten minutes before it is seen."""

    name = "board"
    platform = "board"

    async def start(self) -> AsyncIterator[Any]:
        yield self.ask(self.crawl.source.address, self.parse_board, entry=True)

    def parse_board(self, response: Response) -> Iterator[Any]:
        now = self.crawl.clock.now()
        key = self.crawl.source.key
        for line in response.text.split():
            yield Post(
                f"board:{key}/{line}",
                key,
                "board",
                Kind.POST,
                line,
                seen_at=now,
                published_at=now - timedelta(minutes=10),
                precision=TimePrecision.MINUTE,
            )
        yield Checkpoint(key, response.url)


class MemoryIntake:
    """A way without steps: every post is new once."""

    def __init__(self, memory: "Memory", city: City) -> None:
        self.outcomes: Counter[str] = Counter()
        self.listeners: list[Callable[[Sequence[Draft]], None]] = []
        self._memory = memory
        self._city = city

    def take(self, items: Sequence[SpiderItem]) -> None:
        drafts = [self._stored(item) for item in items if isinstance(item, Post)]
        for item in items:
            if isinstance(item, Checkpoint):
                self._memory.cursors[self._city.key, item.source] = item.cursor
        for listener in self.listeners:
            listener(drafts)

    def _stored(self, post: Post) -> Draft:
        known = (self._city.key, post.id) in self._memory.posts
        self._memory.posts.setdefault((self._city.key, post.id), post)
        outcome = Outcome.UNCHANGED if known else Outcome.NEW
        self.outcomes[outcome] += 1
        return replace(Draft(self._city.source(post.source), post), outcome=outcome)


@dataclass
class Memory:
    """The installation in memory."""

    clock: SystemClock = field(default_factory=SystemClock)
    secrets: NoSecrets = field(default_factory=NoSecrets)
    ledger: Ledger = field(default_factory=shared_ledger)
    posts: dict[tuple[str, str], Post] = field(default_factory=dict)
    cursors: dict[tuple[str, str], str] = field(default_factory=dict)
    healths: list[SourceHealth] = field(default_factory=list)
    last: dict[str, LastCrawl] = field(default_factory=dict)
    drains: list[float] = field(default_factory=list)
    expiries: int = 0
    threads: set[str] = field(default_factory=set)

    def cursor(self, city: str, source: str) -> str:
        return self.cursors.get((city, source), "")

    def intake(self, city: City, source: Source, crawl: str) -> MemoryIntake:  # noqa: ARG002
        self.threads.add(threading.current_thread().name)
        return MemoryIntake(self, city)

    def last_crawls(self, city: str) -> Mapping[str, LastCrawl]:  # noqa: ARG002
        return self.last

    def write_health(self, health: SourceHealth, articles: Sequence[ArticleRead]) -> None:  # noqa: ARG002
        self.healths.append(health)

    def expire(self, seconds: float) -> int:  # noqa: ARG002
        self.expiries += 1
        return 0

    def drain(self, seconds: float) -> Waiting:
        self.drains.append(seconds)
        return Waiting()

    def tick(self) -> int:
        return 0

    def keep_images(self, seconds: float) -> Waiting:  # noqa: ARG002
        return Waiting()


def town(*sources: Source, key: str = "town") -> City:
    return City(key, key.title(), ZONE, "Town", "Region", Path("town.toml"), sources=sources)


@contextmanager
def board_platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The made-up platform in the table; gives the settings that let Scrapy find its spider."""
    monkeypatch.setitem(PLATFORMS, "board", Platform(Text("Доска", "Board"), spider="board", check=check_page))
    yield {"SPIDER_MODULES": ["tests.crawler.installing"]}


class PrintingMemory(Memory):
    """The installation in memory of another process: it prints each health as a JSON line."""

    def write_health(self, health: SourceHealth, articles: Sequence[ArticleRead]) -> None:  # noqa: ARG002
        sys.stdout.write(json.dumps([health.source, health.outcomes, health.errors]) + "\n")
        sys.stdout.flush()


def open_crawl(city: str, source: str) -> CommandCrawl:
    """For `scrapy crawl board -s OTKLIK_CRAWL=…`: a town whose one source is at the address given as the city."""
    one = source_at(city, platform="board", key=source)
    return CommandCrawl(town(one), one, PrintingMemory())


def main(url: str) -> None:
    """The endless run, until a signal."""
    PLATFORMS["board"] = Platform(Text("Доска", "Board"), spider="board", check=check_page)
    settings = {**QUICK, "SPIDER_MODULES": ["tests.crawler.installing"]}
    city = town(source_at(url, platform="board", key="board", every=timedelta(seconds=0.1)))

    async def running() -> None:
        await run_forever([city], PrintingMemory(), stop_on_signals(), settings=settings)

    in_reactor(running())
    sys.stdout.write("stopped\n")


if __name__ == "__main__":
    main(sys.argv[1])
