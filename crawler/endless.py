"""The endless run: crawls what is due, feeds the index, delivers, keeps images, ticks, expires, until it is stopped."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from crawler.health import Installation, Waiting
from crawler.model.city import City, Source
from crawler.pulse import Pulse
from crawler.runner import Crawls, Watch, crawlable
from crawler.schedule import LastCrawl, agenda

logger = logging.getLogger(__name__)

DRAIN_EVERY = 1.0
_DRAIN_SECONDS = 5.0
# Retention: so often, for so long; sooner again while there is more to do.
EXPIRE_EVERY = 600.0
EXPIRE_SOON = 10.0
_EXPIRE_SECONDS = 1.0
TICK_EVERY = 30.0
_LONGEST_SLEEP = 60.0
_SAY_AGAIN = 600.0


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
    work.append(asyncio.create_task(_tick_until(stop, installation, pulse)))
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


async def _tick_until(stop: asyncio.Event, installation: Installation, pulse: Pulse) -> None:
    """Ask again and again whether an hour has passed that rules of silence look at."""
    while not stop.is_set():
        try:
            await asyncio.to_thread(installation.tick)
            pulse.works("rules")
        except Exception as failure:
            logger.exception("rules could not look at the last hour; tried again")
            pulse.fails("rules", type(failure).__name__)
        await _first(TICK_EVERY, stop)


async def _first(seconds: float, *events: asyncio.Event) -> None:
    """Until one of the events is set, or so many seconds passed."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
