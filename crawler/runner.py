"""Runs crawls in one loop: a pass over some sources, or for ever; writes the health of each source."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.exceptions import CloseSpider
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

from crawler.fetching.politeness import PAUSES
from crawler.health import Installation, SourceResult, Waiting
from crawler.model.city import City, Source
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, host_of
from crawler.pulse import Pulse
from crawler.schedule import LastCrawl, agenda
from crawler.underway import CommandCrawl, Underway
from spiders.base import SourceSpider

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Sources crawled at once; of one host one at a time."""
DRAIN_EVERY = 1.0
_DRAIN_SECONDS = 5.0
# Retention: so often, for so long; sooner again while there is more to do.
EXPIRE_EVERY = 600.0
EXPIRE_SOON = 10.0
_EXPIRE_SECONDS = 1.0
_LONGEST_SLEEP = 60.0
_SAY_AGAIN = 600.0
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
        await asyncio.to_thread(self._installation.write_health, result.health)
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


async def run_forever(
    cities: Sequence[City],
    installation: Installation,
    stop: asyncio.Event,
    *,
    settings: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
    pulse: Pulse | None = None,
) -> None:
    """Crawl what is due, feed the index, make deliveries and keep images until `stop` is set; then end cleanly. `pulse`
    hears what works and what fails.
    """
    pulse = pulse or Pulse()
    crawls = Crawls(installation, settings=settings, watch=watch)
    work = [asyncio.create_task(_Round(city, installation, crawls, pulse).run(stop)) for city in cities]
    # Each in a thread of its own: a dead host of images holds up no ticket, a dead receiver no image.
    work.append(asyncio.create_task(_again_until(stop, installation.drain, "index and deliveries", pulse)))
    work.append(asyncio.create_task(_again_until(stop, installation.keep_images, "images", pulse)))
    work.append(asyncio.create_task(_expire_until(stop, installation, pulse)))
    stopped = asyncio.create_task(stop.wait())
    # A round ends by itself only when it failed: then everything ends, and the failure is raised.
    await asyncio.wait([stopped, *work], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await crawls.stop()
    try:
        await asyncio.gather(*work)
    finally:
        crawls.close()
    waiting = await asyncio.to_thread(installation.drain, _DRAIN_SECONDS)
    logger.info("stopped: %d index changes and %d deliveries wait for the next run", waiting.index, waiting.deliveries)


class _Round:
    """The sources of one city, each crawled when it is due."""

    def __init__(self, city: City, installation: Installation, crawls: Crawls, pulse: Pulse) -> None:
        self._pulse = pulse
        self._city = city
        self._installation = installation
        self._crawls = crawls
        self._last: dict[str, LastCrawl] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ended = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, and then until the running crawls have ended."""
        part = f"round {self._city.key}"
        self._pulse.begins(part)
        self._last = dict(await asyncio.to_thread(self._installation.last_crawls, self._city.key))
        while not stop.is_set():
            self._pulse.works(part)
            self._ended.clear()
            seconds = self._start_due()
            await _first(seconds, stop, self._ended)
        await asyncio.gather(*self._running.values())

    def _start_due(self) -> float:
        """Start what is due; seconds until something else will be."""
        now = self._installation.clock.now()
        free = [source for source in crawlable(self._city.sources) if source.key not in self._running]
        seconds = _LONGEST_SLEEP
        for one in agenda(free, self._last, now):
            if one.at > now:
                seconds = min(seconds, (one.at - now) / timedelta(seconds=1))
                break
            self._running[one.source.key] = asyncio.create_task(self._crawl(one.source))
        return seconds

    async def _crawl(self, source: Source) -> None:
        """One crawl; whatever happens, the source stays on the agenda."""
        started, broken = self._installation.clock.now(), True
        failure: Exception | None = None
        try:
            result = await self._crawls.crawl(self._city, source)
            broken = result is not None and bool(result.broken)
            failure = result.failure if result else None
        except Exception as error:
            logger.exception("%s/%s: the crawl failed", self._city.key, source.key)
            failure = error
        finally:
            self._feel(source, failure)
            before = self._last.get(source.key)
            failures = (before.failures if before else 0) + 1 if broken else 0
            self._last[source.key] = LastCrawl(started, failures)
            del self._running[source.key]
            self._ended.set()

    def _feel(self, source: Source, failure: Exception | None) -> None:
        """What our own side raised is not well; a source that cannot be read says nothing of us."""
        part = f"crawl {self._city.key}/{source.key}"
        if failure is None:
            self._pulse.works(part)
        else:
            self._pulse.fails(part, type(failure).__name__)


async def _again_until(stop: asyncio.Event, drain: Callable[[float], Waiting], what: str, pulse: Pulse) -> None:
    """Drain again and again; a failure is said and tried again. What went wrong is said when it is new, then once in a
    while: a receiver that is dead for a night is no million lines.
    """
    said: dict[str, float] = {}
    pulse.begins(what)
    while not stop.is_set():
        try:
            errors = (await asyncio.to_thread(drain, _DRAIN_SECONDS)).errors
            pulse.works(what)
        except Exception as failure:
            logger.exception("%s could not be drained; tried again", what)
            pulse.fails(what, type(failure).__name__)
            errors = ()
        now = time.monotonic()
        said = {error: at for error, at in said.items() if now - at < _SAY_AGAIN}
        for error in errors:
            if error not in said:
                said[error] = now
                logger.warning("%s: %s", what, error)
        await _first(DRAIN_EVERY, stop)


async def _expire_until(stop: asyncio.Event, installation: Installation, pulse: Pulse) -> None:
    """Remove what is kept no longer, a little at a time: each batch holds the state for some milliseconds."""
    while not stop.is_set():
        removed = 0
        try:
            removed = await asyncio.to_thread(installation.expire, _EXPIRE_SECONDS)
            pulse.works("retention")
        except Exception as failure:
            logger.exception("what is kept no longer could not be removed; tried again")
            pulse.fails("retention", type(failure).__name__)
        await _first(EXPIRE_SOON if removed else EXPIRE_EVERY, stop)


async def _first(seconds: float, *events: asyncio.Event) -> None:
    """Until one of the events is set, or so many seconds passed."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


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
