"""Pages in JavaScript: CPU time a page of the crawler, the driver and Chromium together, and resident memory.

`python -m benchmarks.browser [PAGES]` opens pages of a local site, with and without the browser.
"""

import os
import sys
from typing import Any

from demo.servers.scripted import ScriptedItem, ScriptedSite
from tests.crawling import FrozenClock, run_spider, source_at
from tests.fetching.browsing import BrowserSpider


class PlainSpider(BrowserSpider):
    """The same pages, their scripts not run."""

    name = "plain"

    def _next(self) -> Any:
        request = super()._next()
        request.meta.clear()
        return request


def cpu() -> float:
    """Seconds of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(count: int) -> None:
    text = "На Лесной второй день нет холодной воды, подвоз обещают к вечеру.\n\n" * 10
    items = [ScriptedItem(f"n{at}", f"Новость {at}", text, FrozenClock.at) for at in range(count)]
    with ScriptedSite("Вестник", items) as site:
        urls = {slug: f"{site.url}/news/{slug}" for slug in site.items}
        for spider in (PlainSpider, BrowserSpider):
            before = cpu()
            source = source_at(site.list_url, platform="browsing", options=urls)
            crawled = run_spider(spider, source, settings={"DOWNLOAD_TIMEOUT": 60})
            used = (cpu() - before) / len(crawled.spider.made)
            memory = max(crawled.spider.memory) >> 20
            print(
                f"{spider.name}: {len(crawled.spider.made)} pages, {1000 * used:.0f} ms CPU each, {memory} MB resident"
            )
            print(f"  failures: {dict(crawled.spider.errors)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
