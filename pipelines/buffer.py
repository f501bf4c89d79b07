"""Scrapy's one item pipeline: buffers what the spider yields and hands it to the way of a post, batch by batch."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.logformatter import LogFormatter, LogFormatterResult

from crawler.model.crawled import SpiderItem
from crawler.model.items import Post
from spiders.base import SourceSpider

logger = logging.getLogger(__name__)

BATCH = 200
LONGEST = 1.0
"""Seconds that an item waits for its batch to fill."""


class Buffer:
    """Order is kept and one batch of a crawl is on its way at a time. The first batch that fails ends the crawl:
    what came after it is let go, so that nothing commits past it, and the next crawl reads it again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waiting: list[SpiderItem] = []
        self._turn = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def _spider(self) -> SourceSpider:
        spider = self._crawler.spider
        assert isinstance(spider, SourceSpider)
        return spider

    async def process_item(self, item: SpiderItem) -> SpiderItem:
        """Scrapy's hook. A full buffer makes the spider wait, so that memory stays bounded."""
        if self._spider.failure is not None:
            return item
        if isinstance(item, Post):
            self._spider.seen += 1
        self._waiting.append(item)
        if len(self._waiting) >= BATCH:
            await self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LONGEST, self._flush_soon)
        return item

    async def close_spider(self) -> None:
        """Scrapy's hook: hand over the rest."""
        self._closing = True
        await self._flush()

    def _flush_soon(self) -> None:
        self._start(self._flush())

    async def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._turn:
            batch, self._waiting = self._waiting, []
            if not batch or self._spider.failure is not None:
                return
            try:
                await asyncio.to_thread(self._spider.crawl.intake.take, batch)
            except Exception as error:  # noqa: BLE001 - whatever it was, the crawl must not go on past it
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        crawl = self._spider.crawl
        logger.error("%s/%s: the batch was not stored, the crawl ends", crawl.city, crawl.source.key, exc_info=error)
        self._spider.failure = error
        self._spider.broken = "not stored"
        self._spider.errors["not stored"] += 1
        if not self._closing:
            # Closing waits for the items in flight, this one too: it must not be awaited here.
            self._start(self._crawler.engine.close_spider_async(reason="not_stored"))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it beside; the loop itself keeps no strong reference to a task."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class PrivateLogFormatter(LogFormatter):
    """Scrapy's log lines without the items: posts are personal data."""

    def scraped(self, *_: Any) -> LogFormatterResult | None:  # type: ignore[override]
        """Nothing: counts are shown at the end."""
        return None

    def item_error(self, item: Any, *_: Any) -> LogFormatterResult:
        """The kind of item, without its text."""
        return {"level": logging.ERROR, "msg": "Error processing a %(kind)s", "args": {"kind": type(item).__name__}}
