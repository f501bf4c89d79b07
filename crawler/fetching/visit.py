"""One page in the browser: what it is given, what it may ask for, when it is ready, and how large it may be."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy.http import Response

from crawler.fetching.browser import Rendering
from crawler.fetching.gate import Budget
from crawler.model.errors import PageError
from crawler.model.text import Text

# Nothing of a text comes by them.
_NOT_NEEDED = frozenset({"image", "media", "font", "texttrack", "manifest", "ping", "cspviolationreport"})
_KEPT = ("Content-Type", "Content-Security-Policy")
_STATES: tuple[Literal["domcontentloaded"], Literal["networkidle"]] = ("domcontentloaded", "networkidle")
_SIZE = "document.documentElement.outerHTML.length"


@dataclass
class Visit:
    """`answer` is what the site answered for the page itself; `begin` and `settle` come before and after it opens."""

    answer: Response
    rendering: Rendering
    budget: Budget
    most: int
    milliseconds: float
    begun: bool = False
    _given: bool = field(default=False, init=False)

    async def begin(self, page: Page, _: Any) -> None:
        """Before the page opens. These routes are asked before those of scrapy-playwright; windows have them too."""
        for each in (page, page.context):
            await each.route("**/*", self._direct)
        page.on("popup", _close)
        self.begun = True

    async def _direct(self, route: Route) -> None:
        """The page itself is at hand. It goes nowhere else, and shows no other inside: robots.txt speaks of pages."""
        request = route.request
        with suppress(PlaywrightError):  # the page has ended meanwhile
            if request.is_navigation_request():
                if self._given:
                    await route.abort("aborted")
                else:
                    self._given = True
                    await route.fulfill(status=200, headers=self._headers(), body=self.answer.body)
            elif request.resource_type in _NOT_NEEDED or not self.budget.ask():
                await route.abort("blockedbyclient")
            else:
                await route.continue_()

    def _headers(self) -> dict[str, str]:
        told = {name: value.decode("latin-1") for name in _KEPT if (value := self.answer.headers.get(name))}
        # Playwright takes several of them in lines.
        cookies = b"\n".join(self.answer.headers.getlist("Set-Cookie")).decode("latin-1")
        return {**told, "Set-Cookie": cookies} if cookies else told

    async def settle(self, page: Page) -> None:
        """Until the page is whole, the network quiet and what is waited for there, each for a quarter of the time at
        most: what is there then is read. A page that wanted elsewhere is never whole.
        """
        patience = self.milliseconds / 4
        for state in _STATES:
            with suppress(PlaywrightTimeoutError):
                await page.wait_for_load_state(state, timeout=patience)
        if self.rendering.wait_for:
            with suppress(PlaywrightTimeoutError):
                await page.wait_for_selector(self.rendering.wait_for, state="attached", timeout=patience)
        await self._measure(page)

    async def _measure(self, page: Page) -> None:
        """Stop the scripts, then see how large the page is, in a world that they could not prepare."""
        talk = await page.context.new_cdp_session(page)
        await talk.send("Emulation.setScriptExecutionDisabled", {"value": True})
        frame = (await talk.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await talk.send("Page.createIsolatedWorld", {"frameId": frame})
        told = await talk.send(
            "Runtime.evaluate", {"contextId": world["executionContextId"], "expression": _SIZE, "returnByValue": True}
        )
        size = told["result"].get("value")
        if not isinstance(size, int) or size > self.most:
            ru, en = f"в собранной странице {size} знаков", f"the page has {size} characters once it is made"
            raise PageError("too large", Text(ru, en))


async def _close(window: Page) -> None:
    with suppress(PlaywrightError):
        await window.close()
