"""Pages as they are once their scripts have run, for requests that ask for it; every other request goes as ever.

The page itself is fetched as every page is: robots.txt, rates, retries, redirects, sizes, certificates. The browser is
given that answer and fetches through a gate (gate.py) what its scripts ask for.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http import Response

from crawler.fetching.resolver import GuardedHandler
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
RENDERING = "otklik_rendering"
"""The key of a request's `meta` that asks for the browser: a Rendering."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """`wait_for` is the CSS selector of what the scripts should bring, "" to wait until the page is quiet; `zone` the
    IANA time zone in which scripts print times.
    """

    wait_for: str = ""
    zone: str = "UTC"


class BrowserHandler(GuardedHandler):
    """Scrapy's download handler of Otklik."""

    _renderer: "Renderer | None" = None

    async def download_request(self, request: Request) -> Response:
        """Scrapy's hook. PageError: the browser could not show the page."""
        rendering: Rendering | None = request.meta.get(RENDERING)
        if rendering is None:
            return await super().download_request(request)
        path = self._crawler.settings["OTKLIK_CHROMIUM"]
        if not path:
            raise PageError(NO_BROWSER, INSTALL)
        response = await super().download_request(request)
        if response.status != 200 or not (response.headers.get("Content-Type") or b"").startswith(b"text/html"):
            return response
        if self._renderer is None:
            # Loading Playwright costs a third of a second: only for those who need it.
            from crawler.fetching.rendering import Renderer

            self._renderer = Renderer(self._crawler, path, self._guard)
        return await self._renderer.render(response, rendering)

    async def close(self) -> None:
        """Scrapy's hook: the crawl is over."""
        await super().close()
        if self._renderer is not None:
            await self._renderer.close()


def can_sandbox() -> bool:
    """Whether Chromium's own sandbox can be on: not for root."""
    return not hasattr(os, "geteuid") or os.geteuid() != 0
