"""Scrapy's connections behind the address guard: every request passes here last, redirects and robots.txt included.

The resolver of the reactor is one for the process and the permissions are a source's own, so the handler hands the
permission of its crawl to the resolver through a context variable. What was checked is the very address connected to.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.fetching.addresses import AddressGuard, Target
from crawler.fetching.politeness import PAUSES
from crawler.model.errors import AddressRefusedError
from crawler.model.text import Text


@dataclass(slots=True)
class _Attempt:
    """One request on its way to a connection; `refused` is what the resolver refused it for."""

    guard: AddressGuard
    target: Target
    refused: AddressRefusedError | None = None


_attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver (IPv4, in threads) that gives out allowed addresses alone."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":  # noqa: N802
        """The address of a name, or DNSLookupError: the only error that Twisted passes on here."""
        current = _attempt.get()
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(_checked, name, current)


def _checked(ip: str, name: str, current: _Attempt | None) -> str:
    guard = current.guard if current and current.target.host == name else AddressGuard()
    port = current.target.port if current else 443
    try:
        guard.check_ip(ip, name, port)
    except AddressRefusedError as error:
        if current:
            current.refused = error
        raise DNSLookupError(f"{name} stands for an address that is refused") from error
    return ip


def guard_reactor(crawler: Crawler) -> None:
    """Put the guarded resolver into the reactor. Only Scrapy's own processes do it by themselves, runners do not."""
    from twisted.internet import reactor

    if not isinstance(getattr(reactor, "resolver", None), GuardedResolver):
        GuardedResolver.from_crawler(crawler, reactor).install_on_reactor()


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler that asks allowed addresses alone; `allow_private` of the spider's source holds for it.

    A refusal is an AddressRefusedError, which nothing retries, counted in the stats as `otklik/address_refused`.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        guard_reactor(crawler)
        crawl = getattr(crawler.spider, "crawl", None)
        self._guard = AddressGuard(crawl.source.allow_private if crawl else ())

    async def download_request(self, request: Request) -> Response:
        """Scrapy's hook: check, wait while the host is paused, download, check who answered."""
        try:
            return await self._download(request)
        except AddressRefusedError:
            self._crawler.stats.inc_value("otklik/address_refused")
            raise

    async def _download(self, request: Request) -> Response:
        target = self._guard.check_url(request.url)
        if request.meta.get("proxy"):
            raise AddressRefusedError(
                Text(
                    ru=f"{request.url}: через посредника (proxy) запросы не идут, он разрешал бы имена сам.",
                    en=f"{request.url}: no request goes through a proxy, it would resolve names by itself.",
                )
            )
        await PAUSES.wait(target.key)
        attempt = _Attempt(self._guard, target)
        _attempt.set(attempt)
        try:
            response = await super().download_request(request)
        except CannotResolveHostError:
            if attempt.refused:
                raise attempt.refused from None
            raise
        if response.ip_address is not None:
            self._guard.check_ip(str(response.ip_address), target.host, target.port)
        return response
