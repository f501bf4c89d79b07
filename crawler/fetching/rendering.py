"""Runs the scripts of a page that was fetched: scrapy-playwright on the browser of the process, behind a gate."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.fetching.addresses import AddressGuard
from crawler.fetching.browser import Rendering
from crawler.fetching.chromium import CHROMIUM
from crawler.fetching.gate import Budget, Gate
from crawler.fetching.visit import Visit
from crawler.model.errors import PageError
from crawler.model.text import Text

# It warns of every failed page, with a trace; a failure is counted and told by the spider.
logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)

_CLOSING_SECONDS = 5.0
_VISIT = "otklik_visit"


class _Provider:
    """scrapy-playwright's way to a browser: that of the process, whose turn this is, and that it does not close."""

    browser: Browser

    async def launch_browser(self) -> "_Provider":
        """The browser: what scrapy-playwright keeps of it is this."""
        return self

    def on(self, *_: Any) -> None:
        """When the browser ends the next turn has another."""

    async def new_context(self, **options: Any) -> BrowserContext:
        """A context of the browser of now."""
        return await self.browser.new_context(**options)

    async def close(self) -> None:
        """Others use it."""


class Renderer(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # the library has no types
    """Renders the pages of one crawl. `guard` has the permissions of its source."""

    def __init__(self, crawler: Crawler, path: str, guard: AddressGuard) -> None:
        super().__init__(crawler)
        self._path = path
        self._guard = guard
        self._made = 0
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.browser_provider = _Provider()
        # The agent is that of the context; the rest of what the browser says is its own.
        self.process_request_headers = None
        CHROMIUM.enter()

    async def close(self) -> None:
        """The crawl is over."""
        await super().close()
        await CHROMIUM.leave()

    async def render(self, answer: Response, rendering: Rendering) -> Response:
        """The page with what its scripts made of it, in UTF-8. PageError, with one word, if there is none."""
        settings = self._crawler.settings
        async with CHROMIUM.turn(self._path, settings.getint("OTKLIK_BROWSER_PAGES")) as browser:
            self.browser_provider.browser = browser
            budget = Budget(2 * self._most, settings.getint("OTKLIK_BROWSER_REQUESTS"))
            watch = asyncio.create_task(CHROMIUM.watch(budget, settings.getint("OTKLIK_BROWSER_MEMORY")))
            try:
                async with Gate(self._guard, budget) as gate:
                    visit = Visit(answer, rendering, budget, self._most, 1000 * self._seconds)
                    html = await self._bounded(visit, gate)
                    self.stats.inc_value("otklik/browser/pages")
                    self.stats.inc_value("otklik/browser/refused", gate.refused)
            finally:
                watch.cancel()
        body = html.encode("utf-8", "replace")
        # No ETag: the answer was the same however much the scripts found.
        return HtmlResponse(
            answer.url,
            headers={"Content-Type": "text/html; charset=utf-8"},
            body=body,
            encoding="utf-8",
            request=answer.request,
            flags=["rendered"],
            ip_address=answer.ip_address,
        )

    async def _bounded(self, visit: Visit, gate: Gate) -> str:
        """The page within its time, its budget and the browser's memory."""
        self._made += 1
        name = f"page {self._made}"
        work = asyncio.create_task(self._open(visit, gate, name))
        try:
            either: set[asyncio.Future[Any]] = {work, visit.budget.over}
            await asyncio.wait(either, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if visit.budget.over.done():
                raise visit.budget.over.result()
            if not work.done():
                raise PageError("timeout", Text("скрипты страницы не закончили", "the page's scripts did not end"))
            return await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._forget(name)

    async def _open(self, visit: Visit, gate: Gate, name: str) -> str:
        meta = {
            "playwright": True,
            "playwright_context": name,
            "playwright_context_kwargs": self._context(visit.rendering, gate),
            "playwright_page_init_callback": visit.begin,
            _VISIT: visit,
            # A page that wants elsewhere before it is whole would be taken for a download.
            "playwright_page_goto_kwargs": {"wait_until": "commit", "timeout": visit.milliseconds},
        }
        try:
            shown = await self._download_request(Request(visit.answer.url, meta=meta))
        except PlaywrightError as error:
            said = str(error).partition("\n")[0]
            raise PageError("browser", Text(f"браузер не открыл её: {said}", f"the browser failed: {said}")) from error
        assert visit.begun
        assert isinstance(shown, TextResponse)
        return shown.text

    async def _apply_page_methods(self, page: Page, request: Request, spider: Any) -> None:  # noqa: ARG002
        """scrapy-playwright's hook between opening and reading; its own waits for pages that are never whole."""
        await request.meta[_VISIT].settle(page)

    def _context(self, rendering: Rendering, gate: Gate) -> dict[str, Any]:
        """A profile of its own for each page: nothing of one is left for the next."""
        return {
            "proxy": {"server": gate.url, "bypass": "<-loopback>"},
            "user_agent": self._crawler.settings["USER_AGENT"],
            "locale": "ru-RU",
            "timezone_id": rendering.zone,
            "service_workers": "block",
            "accept_downloads": False,
        }

    async def _forget(self, name: str) -> None:
        """Close the page's profile, by force if its scripts do not let go."""
        wrapper = self.context_wrappers.get(name)
        if wrapper is None:
            return
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await wrapper.context.close()
        except (PlaywrightError, TimeoutError):
            CHROMIUM.kill()
        with suppress(KeyError):
            del self.context_wrappers[name]
