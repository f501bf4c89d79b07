"""Being a polite guest: back-off a host asks for or earns, and the delay that its robots.txt wants."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawler.model.errors import OtklikError
from crawler.model.text import Text

LONGEST_WAIT = 120.0
"""Seconds that a crawl waits for a host; what asks for more is left to a later crawl."""
_LONGEST_BACKOFF = 60.0
_LONGEST_PAUSE = 86_400.0
_LONGEST_CRAWL_DELAY = 30.0
_TOO_MUCH = (429, 503)


class HostPausedError(OtklikError):
    """A host asked us to stay away for longer than a crawl waits."""


class HostPauses:
    """Until when each host (`host:port`) is left alone; one for the process, because its crawls share the hosts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._leaving = False

    def leave(self, leaving: bool = True) -> None:
        """The crawls are to stop: until `leave(False)` nobody waits, and whoever does gives up within a second."""
        self._leaving = leaving

    def hold(self, host: str, seconds: float) -> None:
        """Leave the host alone for so long, unless it is already left alone for longer."""
        now = self._clock()
        self._until = {key: until for key, until in self._until.items() if until > now}
        self._until[host] = max(self._until.get(host, 0.0), now + min(seconds, _LONGEST_PAUSE))

    def remaining(self, host: str) -> float:
        """Seconds until the host may be asked again; 0 when it may be asked now."""
        return max(0.0, self._until.get(host, 0.0) - self._clock())

    async def wait(self, host: str) -> None:
        """Sleep until the host may be asked; HostPausedError if that is over LONGEST_WAIT seconds away or we leave."""
        while seconds := self.remaining(host):
            if seconds > LONGEST_WAIT or self._leaving:
                raise HostPausedError(
                    Text(
                        ru=f"{host} просит не обращаться ещё {seconds:.0f} с; следующий обход попробует снова.",
                        en=f"{host} asks to be left alone for another {seconds:.0f} s; the next crawl tries again.",
                    )
                )
            await asyncio.sleep(min(seconds, 1.0))


PAUSES = HostPauses()


def host_key(url: str) -> str:
    """`host:port` of an http(s) URL, as HostPauses keeps it."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date); None if it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_PAUSE)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


class PoliteRetry(RetryMiddleware):
    """Scrapy's retries, each after a pause of the whole host: what Retry-After asks for, else doubling.

    A wait over LONGEST_WAIT is not sat out: the answer goes on as the error it is and the host is left alone.
    """

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Request | Response:
        """Scrapy's hook: hold the host back before a retry."""
        if response.status not in self.retry_http_codes:
            return response
        header = response.headers.get("Retry-After") if response.status in _TOO_MUCH else None
        asked = retry_after(header.decode("latin-1"), datetime.now(UTC)) if header else None
        PAUSES.hold(host_key(request.url), self._backoff(request) if asked is None else asked)
        if asked is not None and asked > LONGEST_WAIT:
            return response
        return super().process_response(request, response)

    def process_exception(
        self,
        request: Request,
        exception: Exception,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Request | Response | None:
        """Scrapy's hook: hold the host back before a retry."""
        if isinstance(exception, self.exceptions_to_retry):
            PAUSES.hold(host_key(request.url), self._backoff(request))
        return super().process_exception(request, exception)

    def _backoff(self, request: Request) -> float:
        first = self.crawler.settings.getfloat("OTKLIK_BACKOFF")
        return float(min(first * 2 ** request.meta.get("retry_times", 0), _LONGEST_BACKOFF))


class PoliteThrottle(AutoThrottle):
    """Scrapy's AutoThrottle that never goes under the Crawl-delay of a host's robots.txt (30 s at most)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        agent = self.crawler.settings["ROBOTSTXT_USER_AGENT"] or self.crawler.settings["USER_AGENT"]
        delay = robotparser.crawl_delay(agent)
        if not delay:
            return
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        self._floors[key] = min(delay, _LONGEST_CRAWL_DELAY)
        # A slot that was not used for a minute is made anew: it must know the delay as well.
        downloader.per_slot_settings[key] = {"delay": self._floors[key], "concurrency": 1, "jitter": 0.0}
        if slot := downloader.slots.get(key):
            slot.concurrency, slot.jitter = 1, 0.0
            slot.delay = max(slot.delay, self._floors[key])

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        slot.delay = max(slot.delay, self._floors.get(urlsplit(response.url).hostname or "", 0.0))
