"""Runs crawls in one loop, as a pass over some sources; writes the health of each."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.exceptions import CloseSpider
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawler.fetching.politeness import PAUSES
from crawler.health import Installation, SourceResult
from crawler.model.city import City, Source
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, host_of
from crawler.underway import CommandCrawl, Underway
from spiders.base import SourceSpider

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Sources crawled at once; of one host one at a time."""
OPEN_INSTALLATION = "crawler.installation.open_installation"
"""A function of a city's path or name that gives the City and the Installation."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a crawl stands; `result` is there once it is over."""

    source: Source
    seen: int = 0
    errors: int = 0
    result: SourceResult | None = None


Watch = Callable[[Progress], None]


class Crawls:
    """The crawls of a process: several sources at once, of one host one at a time."""

    def __init__(
        self, installation: Installation, *, settings: Mapping[str, Any] | None = None, watch: Watch | None = None
    ) -> None:
        chosen = Settings()
        chosen.setmodule("crawler.settings", priority="project")
        chosen.setdict(dict(settings or {}), priority="cmdline")
        self._installation = installation
        self._runner = AsyncCrawlerRunner(chosen)
        self._watch = watch or (lambda _: None)
        self._free = asyncio.Semaphore(AT_ONCE)
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._open: set[Crawler] = set()
        self._stopping = False

    async def stop(self) -> None:
        """End every crawl: what is being downloaded is finished, what was seen is committed, nothing new starts."""
        self._stopping = True
        PAUSES.leave()
        # Not Crawler.stop_async: called while an engine is starting, it keeps that engine from ever ending.
        await asyncio.gather(*(crawler.engine.close_spider_async(reason="shutdown") for crawler in self._open))

    def close(self) -> None:
        """All crawls have ended."""
        PAUSES.leave(False)

    async def crawl(self, city: City, source: Source) -> SourceResult | None:
        """Crawl one source and write its health; None when the process stopped before its turn came."""
        async with self._hosts[host_of(source)], self._free:
            if self._stopping:
                return None
            result = await self._crawl(city, source)
        self._watch(Progress(source, result.health.outcomes["seen"], sum(result.health.errors.values()), result))
        return result

    async def _crawl(self, city: City, source: Source) -> SourceResult:
        self._watch(Progress(source))
        underway = await asyncio.to_thread(Underway, city, source, self._installation)
        try:
            crawler = self._runner.create_crawler(PLATFORMS[source.platform].spider)
        except KeyError:
            return await self._write(underway.result(None, "", no_spider(source)))
        crawler.signals.connect(_watcher(crawler, source, self._watch), signal=signals.response_received, weak=False)
        self._follow(crawler)
        failure: Exception | None = None
        try:
            await self._runner.crawl(crawler, crawl=underway.crawl)
        except Exception as error:
            logger.exception("%s/%s: the crawl could not run", city.key, source.key)
            failure = error
        reason = "" if failure else str(crawler.stats.get_value("finish_reason"))
        return await self._write(underway.result(crawler, reason, failure))

    async def _write(self, result: SourceResult) -> SourceResult:
        await asyncio.to_thread(self._installation.write_health, result.health, result.articles)
        return result

    def _follow(self, crawler: Crawler) -> None:
        """Know which spiders are open; one that opens after the stop closes at once."""

        def opened() -> None:
            if self._stopping:
                raise CloseSpider("shutdown")
            self._open.add(crawler)

        crawler.signals.connect(opened, signal=signals.spider_opened, weak=False)
        crawler.signals.connect(lambda: self._open.discard(crawler), signal=signals.spider_closed, weak=False)


def _watcher(crawler: Crawler, source: Source, watch: Watch) -> Callable[[], None]:
    def watching() -> None:
        if isinstance(crawler.spider, SourceSpider):
            watch(Progress(source, crawler.spider.seen, sum(crawler.spider.errors.values())))

    return watching


def no_spider(source: Source) -> OtklikError:
    """What to say of a source whose platform names a spider that is not there."""
    spider = PLATFORMS[source.platform].spider
    return OtklikError(
        Text(
            ru=f"Платформу {source.platform} читает паук {spider}, а в spiders/ его нет: scrapy list покажет пауков.",
            en=f"Platform {source.platform} names spider {spider}, spiders/ has none: scrapy list shows the spiders.",
        )
    )


def crawlable(sources: Sequence[Source]) -> list[Source]:
    """Those that a spider reads."""
    return [source for source in sources if PLATFORMS[source.platform].spider]


async def crawl_sources(
    city: City,
    sources: Sequence[Source],
    installation: Installation,
    *,
    stop: asyncio.Event | None = None,
    settings: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
) -> list[SourceResult]:
    """One pass over these sources, in their order in the result; a set `stop` ends it early, what was read is kept."""
    crawls = Crawls(installation, settings=settings, watch=watch)
    tasks = [asyncio.create_task(crawls.crawl(city, source)) for source in crawlable(sources)]
    if not tasks:
        return []
    stopper = asyncio.create_task(_stop_when(stop, crawls)) if stop else None
    try:
        # Every crawl ends before a failure of one is raised: none is left behind in the loop.
        await asyncio.wait(tasks)
    finally:
        if stopper:
            stopper.cancel()
            with suppress(asyncio.CancelledError):
                await stopper
        crawls.close()
    return [result for task in tasks if (result := task.result())]


async def _stop_when(stop: asyncio.Event, crawls: Crawls) -> None:
    await stop.wait()
    await crawls.stop()


def open_crawl(city: str, source: str) -> CommandCrawl:
    """The crawl of `scrapy crawl NAME -a city=… -a source=…`: setting OTKLIK_CRAWL."""
    found, installation = load_object(OPEN_INSTALLATION)(city)
    keys = [one.key for one in found.sources]
    if source not in keys:
        raise OtklikError(
            Text(
                ru=f"В городе {found.key} нет источника {source}; есть: {', '.join(keys)}.",
                en=f"City {found.key} has no source {source}; it has: {', '.join(keys)}.",
            )
        )
    return CommandCrawl(found, found.source(source), installation)
