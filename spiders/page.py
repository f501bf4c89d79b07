"""Pages that list news or notices, of authorities that have no feed; with scripts or without."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.fetching.browser import INSTALL, NO_BROWSER, RENDERING, Rendering
from crawler.fetching.reading import SlowPageError, read_apart
from crawler.model.crawled import SpiderItem, Window
from crawler.model.text import Text
from crawler.platforms.selectors import needs_browser
from spiders.canonical import canonical_url
from spiders.feed import Entry
from spiders.news import MOST_BYTES, NewsSpider
from spiders.news_items import Item
from spiders.page_advice import ADVICE
from spiders.page_list import Listing, ListPage, read_list

MOST_PAGES = 5
"""Pages of a list unless the source's option `pages` says otherwise."""


class PageSpider(NewsSpider):
    """Reads a list as NewsSpider reads a feed, and then the articles just so; without links the items are the posts."""

    name = "page"
    platform: ClassVar[str] = "page"
    advice: ClassVar[dict[str, Text]] = ADVICE
    handle_httpstatus_list: ClassVar[list[int]] = [404, 410]

    async def start(self) -> AsyncIterator[Request]:
        """Scrapy's entry: the first page of the list."""
        self._begin_crawl()
        self._posts = replace(self._posts, shown_at=self._source.address)
        self._listing = Listing.of(self._source.options)
        self._has_scripts = needs_browser(self._source)
        self._entries: list[Entry] = []
        self._lists: set[str] = set()
        if self._has_scripts and not self.settings["OTKLIK_CHROMIUM"]:
            self.trouble(NO_BROWSER, self._source.address, str(INSTALL), entry=True)
            return
        yield self._ask_list(self._source.address)

    def ask(self, url: str, callback: Callable[..., Any], *, entry: bool = False, **request: Any) -> Request:
        """As every spider asks; of a site in JavaScript, for the page that its scripts make."""
        meta = request.pop("meta", {})
        if self._has_scripts:
            item = self._listing.item if url in self._lists else ""
            # A pseudo-class that browsers do not know.
            wait_for = "" if ":contains(" in item else item
            meta = {RENDERING: Rendering(wait_for, self._source.zone.key), **meta}
        return super().ask(url, callback, entry=entry, meta=meta, **request)

    def _ask_list(self, url: str) -> Request:
        first = not self._lists
        self._lists.add(url)
        request = self.ask(url, self.crawl_list, entry=first, dont_filter=True)
        return request if first else request.replace(errback=self.list_failed)

    async def crawl_list(self, response: Response) -> AsyncIterator[SpiderItem | Request]:
        """Read a page of the list; then its next one, or what the list names."""
        page = await self._read_list(response)
        if page is None and not self._entries:
            return
        if page is None:
            self._partial = True
        else:
            self._entries += page.entries
            # The last page may have one item, which is like nothing there.
            self._listing = replace(self._listing, item=self._listing.item or page.shape)
            if self._goes_on(page):
                yield self._ask_list(page.next)
                return
        for item in self._begin_list():
            yield item

    def list_failed(self, failure: Failure) -> Iterator[SpiderItem | Request]:
        """The error callback of a further page: what was listed before it is read, the rest with the next crawl."""
        self.count_failure(failure)
        self._partial = True
        yield from self._begin_list()

    def _begin_list(self) -> Iterator[SpiderItem | Request]:
        self.published = len(self._entries)
        items = self._named(tuple(self._entries))
        if (window := self._window(items)) and not self._partial:
            yield window
        yield from self._begin_all(items, {item.key for item in items})

    async def _read_list(self, response: Response) -> ListPage | None:
        """The list as read; None, and the reason counted, where it has nothing: silence looks like success."""
        first = not self._entries
        if response.status in self.handle_httpstatus_list:
            self.trouble(f"http {response.status}", response.url, entry=first)
            return None
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if len(response.body) > MOST_BYTES:
            self._complain("long list", response.url, entry=first)
            return None
        if not kind.startswith(("text/html", "application/xhtml")):
            self._complain("not a page", response.url, entry=first)
            return None
        zone, listing, now = self._source.zone, self._listing, self._now
        try:
            page = await read_apart(read_list, response.body, response.url, zone, listing, now, kind)
        except SlowPageError:
            self._complain("slow list", response.url, entry=first)
            return None
        for name in page.missing:
            self.trouble("markup", response.url, f"{name} = {getattr(self._listing, name)}: {self.advice['markup']}")
        if page.entries:
            return page
        unrun = page.has_scripts and not self._has_scripts
        self._complain("bot check" if page.is_check else "scripts" if unrun else "empty", response.url, entry=first)
        return None

    def _goes_on(self, page: ListPage) -> bool:
        """Newest first: down to what is known, at first down to `backfill`; over `revisit` where items may change."""
        if not page.next or page.next in self._lists:
            return False
        last = page.entries[-1]
        age = self._now - last.published.at if last.published else timedelta(0)
        known = self._cursor.articles
        if not known:
            wanted = age < self._source.backfill
        else:
            (item,) = self._named((last,))
            changes = not last.url and bool(last.published) and age < self._source.revisit
            wanted = self._cursor.unread or item.key not in known or changes
        if wanted and len(self._lists) >= self.whole_option("pages", MOST_PAGES):
            if known:
                self._complain("long list", page.next)
            return False
        return wanted

    def _window(self, items: tuple[Item, ...]) -> Window | None:
        """What a list shows whole, where its items are posts and dated: one that is missing among them is gone."""
        dates = [item.entry.published.at for item in items if item.entry.published and not item.url]
        if not dates or len(dates) < len(items):
            return None
        own = f"news:{canonical_url(self._source.address)}#"
        present = frozenset(f"news:{item.key}" for item in items)
        return Window(self._source.key, min(dates), max(dates), present, seen_at=self._now, prefix=own)

    def _named(self, entries: tuple[Entry, ...]) -> tuple[Item, ...]:
        # A list may show one thing twice, on two pages that moved meanwhile.
        return self._items_listed(tuple(dict.fromkeys(entries)))
