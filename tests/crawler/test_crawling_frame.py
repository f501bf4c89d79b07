"""A crawl from the first request to the intake: order, batches, failures, what is counted."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy.http import Response

from crawler.model.items import Checkpoint, Kind, Post
from spiders.base import SourceSpider
from tests.crawling import Collected, pages, run_spider, source_at


class LinesSpider(SourceSpider):
    """A made-up platform: a post a line, a checkpoint a page, further pages behind `next …`."""

    name = "lines"
    platform = "lines"

    async def start(self) -> AsyncIterator[Any]:
        yield self.ask(self.crawl.source.address, self.parse_lines, entry=True)

    def parse_lines(self, response: Response) -> Iterator[Any]:
        covers = []
        for line in response.text.splitlines():
            if line.startswith("next "):
                yield self.ask(response.urljoin(line.removeprefix("next ")), self.parse_lines)
            elif line == "bug":
                raise RuntimeError("a bug of the spider")
            else:
                covers.append(f"lines:{line}")
                source = self.crawl.source.key
                yield Post(f"lines:{line}", source, "lines", Kind.POST, line, seen_at=self.crawl.clock.now())
        yield Checkpoint(self.crawl.source.key, response.url, tuple(covers))


def lines(count: int, start: int = 0) -> str:
    return "\n".join(str(number) for number in range(start, start + count))


def test_items_reach_the_intake_in_order_and_in_batches() -> None:
    with pages({"/": lines(450) + "\nnext /more", "/more": lines(50, 450)}) as site:
        intake = Collected()
        crawled = run_spider(LinesSpider, source_at(site.url + "/", platform="lines"), intake=intake)
    posts = [item for item in intake.items if isinstance(item, Post)]
    assert [post.text for post in posts] == [str(number) for number in range(500)]
    marks = [index for index, item in enumerate(intake.items) if isinstance(item, Checkpoint)]
    assert marks == [450, 501]
    assert max(map(len, intake.batches)) <= 204
    assert crawled.spider.seen == 500
    assert crawled.spider.broken == ""
    assert crawled.spider.errors == {}
