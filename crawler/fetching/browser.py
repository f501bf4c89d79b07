"""Pages as they are once their scripts have run, for requests that ask for it; every other request goes as ever.

The page itself is fetched as every page is: robots.txt, rates, retries, redirects, sizes, certificates. The browser is
given that answer and fetches through a gate (gate.py) what its scripts ask for.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from crawler.fetching.addresses import AddressGuard
from crawler.model.errors import PageError
from crawler.model.text import Text

if TYPE_CHECKING:
    from crawler.fetching.rendering import Renderer

NO_BROWSER = "no browser"
"""The word under which a page counts that there is no browser for."""
INSTALL = Text(
    ru="Для страниц на JavaScript нужен Chromium: apt-get install -y --no-install-recommends chromium "
    "(или playwright install chromium).",
    en="Pages in JavaScript need Chromium: apt-get install -y --no-install-recommends chromium "
    "(or playwright install chromium).",
)
NO_SANDBOX = "no sandbox"
"""The word under which a page counts that the browser cannot shut in."""
SHUT_IN = Text(
    ru="Chromium открывает чужие страницы только в своей песочнице, а ей нужны пространства имён пользователя: "
    "в контейнере их запрещает seccomp, на сервере sysctl kernel.unprivileged_userns_clone (docs/deploying.md).",
    en="Chromium opens strangers' pages in its sandbox only, which needs user namespaces: in a container seccomp "
    "forbids them, on a server sysctl kernel.unprivileged_userns_clone (docs/deploying.md).",
)
ADVICE = {NO_BROWSER: INSTALL, NO_SANDBOX: SHUT_IN}
"""What to do, by the word under which a page counts: of this machine, whatever the site."""
RENDERING = "otklik_rendering"
"""The key of a request's `meta` that asks for the browser: a Rendering."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """`wait_for` is the CSS selector of what the scripts should bring, "" to wait until the page is quiet; `zone` the
    IANA time zone in which scripts print times.
    """

    wait_for: str = ""
    zone: str = "UTC"


class Browser:
    """Scrapy's downloader middleware, behind those that decompress and redirect: runs the scripts of what came."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._renderer: Renderer | None = None
        crawler.signals.connect(self._spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002
        """Scrapy's hook: without a browser the site is not asked."""
        if RENDERING in request.meta and not self._crawler.settings["OTKLIK_CHROMIUM"]:
            raise PageError(NO_BROWSER, INSTALL)

    async def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002
    ) -> Response:
        """Scrapy's hook. PageError: the browser could not show the page."""
        rendering: Rendering | None = request.meta.get(RENDERING)
        if rendering is None or response.status != 200 or not isinstance(response, HtmlResponse):
            return response
        if self._renderer is None:
            # Loading Playwright costs a third of a second: only for those who need it.
            from crawler.fetching.rendering import Renderer

            crawl = getattr(self._crawler.spider, "crawl", None)
            guard = AddressGuard(crawl.source.allow_private if crawl else ())
            self._renderer = Renderer(self._crawler, self._crawler.settings["OTKLIK_CHROMIUM"], guard)
        return await self._renderer.render(response, rendering)

    async def _spider_closed(self) -> None:
        if self._renderer is not None:
            await self._renderer.close()


def can_sandbox() -> bool:
    """Whether Chromium's own sandbox can be on: not for root."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
