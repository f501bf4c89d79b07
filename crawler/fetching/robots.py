"""robots.txt as RFC 9309 reads it: a server that cannot say what is allowed allows nothing (section 2.3.1.4)."""

import logging

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

# What robots.txt fails with, the page fails with: its spider counts and logs that in one line, without a trace.
logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)

_NOTHING = b"User-agent: *\nDisallow: /\n"


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy's own goes ahead when robots.txt answers 5xx or cannot be had; this one does not, and the pages fail with
    what robots.txt failed with: dns, timeout, refused …
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._failures: dict[str, Exception] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            response = response.replace(body=_NOTHING)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, DownloadCancelledError):
            exc = IgnoreRequest("robots.txt is too long to read")
        self._failures[netloc] = exc
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what robots.txt refuses, and everything of a host whose robots.txt could not be had."""
        failure = self._failures.get(urlparse_cached(request).netloc)
        if failure is not None:
            # It was tried again as often as any request is.
            request.meta["dont_retry"] = True
            raise failure
        super().process_request_2(rp, request)
