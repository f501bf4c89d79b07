"""The one browser of the process: started when a page first needs it, one page at a time, anew after many pages."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from crawler.fetching.browser import NO_BROWSER, NO_SANDBOX, can_sandbox
from crawler.fetching.gate import Budget
from crawler.fetching.processes import browser_processes, resident
from crawler.model.errors import PageError
from crawler.model.text import Text

logger = logging.getLogger(__name__)

_LOOK_EVERY = 0.25
_LOOKS_A_SEARCH = 4
_CLOSING_SECONDS = 10.0
# A context names the gate of its page. What belongs to no page leads to a name that stands for nothing, and no name is
# looked up here: should anything ever pass by the gate, it has no address to go to.
_NOWHERE = "http://nowhere.invalid:1"
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--dns-prefetch-disable",
    "--disable-quic",
    # Both names of one switch, by version.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-domain-reliability",
    "--no-pings",
)
# Playwright's tests open windows freely; here a window that nobody clicked for stays shut.
_NOT_WANTED = ("--disable-popup-blocking",)


class Chromium:
    """Keeps the browser while somebody uses it: `enter` before the first page, `leave` after the last."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._users = 0
        self._pages = 0
        self._killed = False
        self._driver: Playwright | None = None
        self._browser: Browser | None = None

    def enter(self) -> None:
        """One more user."""
        self._users += 1

    async def leave(self) -> None:
        """One user less; with the last one the browser ends."""
        self._users -= 1
        if not self._users:
            async with self._turn:
                if not self._users:
                    await self._stop()

    @asynccontextmanager
    async def turn(self, path: str, most_pages: int) -> AsyncIterator[Browser]:
        """The browser for one page, once the pages before it are done; after `most_pages` it is started anew, driver
        and all: what they keep of old pages goes with them. PageError if it cannot be started.
        """
        async with self._turn:
            alive = self._browser is not None and self._browser.is_connected() and not self._killed
            if self._pages >= most_pages or not alive:
                await self._stop()
                self._browser = await self._start(path)
            assert self._browser
            self._pages += 1
            yield self._browser

    async def watch(self, budget: Budget, most: int) -> None:
        """End the page, and the browser, when its memory grows over `most`; until cancelled."""
        looks = 0
        processes: list[int] = []
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            # Looking through all processes of the machine costs more than asking those that are known.
            processes = processes if looks % _LOOKS_A_SEARCH else browser_processes()
            looks += 1
            used = resident(processes)
            if used > most:
                ru, en = f"страница заняла {used >> 20} МБ памяти", f"the page took {used >> 20} MB of memory"
                budget.end(PageError("too heavy", Text(ru, en)))
                self.kill()
                return

    def kill(self) -> None:
        """End the browser's processes at once; the next page has others."""
        self._killed = True
        for number in browser_processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    async def _start(self, path: str) -> Browser:
        self._driver = await async_playwright().start()
        try:
            return await self._driver.chromium.launch(
                executable_path=path,
                args=list(_ARGUMENTS),
                ignore_default_args=list(_NOT_WANTED),
                chromium_sandbox=can_sandbox(),
                proxy={"server": _NOWHERE, "bypass": "<-loopback>"},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except PlaywrightError as error:
            await self._stop()
            raise _cannot_start(path, error) from error

    async def _stop(self) -> None:
        browser, self._browser, driver, self._driver = self._browser, None, self._driver, None
        if browser is not None and browser.is_connected() and not self._killed:
            try:
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await browser.close()
            except (PlaywrightError, TimeoutError) as error:
                logger.warning("the browser did not end by itself: %s", error)
                self.kill()
        if driver is not None:
            await driver.stop()
        self._pages, self._killed = 0, False


def _cannot_start(path: str, error: PlaywrightError) -> PageError:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # Whoever says it, in whatever words; how the browser was called names --no-sandbox.
    shut = next((line for line in lines if "sandbox" in line.lower() and "<launching>" not in line), "")
    said = shut or (lines[0] if lines else "")
    return PageError(
        NO_SANDBOX if shut else NO_BROWSER,
        Text(ru=f"Браузер {path} не запускается: {said}", en=f"The browser {path} does not start: {said}"),
    )


CHROMIUM = Chromium()
