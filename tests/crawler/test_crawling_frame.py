"""A crawl from the first request to the intake: order, batches, failures, what is counted."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from scrapy.http import Response
from scrapy.settings import Settings, default_settings

from crawler.model.crawled import Checkpoint, SpiderItem
from crawler.model.errors import OtklikError
from crawler.model.items import Kind, Post
from spiders.base import SourceSpider
from tests.crawling import Collected, Page, Pages, pages, run_spider, source_at


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


def test_a_few_items_do_not_wait_for_a_full_batch() -> None:
    intake = Collected()

    class WaitingSpider(LinesSpider):
        async def start(self) -> AsyncIterator[Any]:
            yield Post("lines:1", "source", "lines", Kind.POST, "one", seen_at=self.crawl.clock.now())
            while not intake.batches:  # noqa: ASYNC110 - set by another thread
                await asyncio.sleep(0.01)
            yield Post("lines:2", "source", "lines", Kind.POST, "two", seen_at=self.crawl.clock.now())

    run_spider(WaitingSpider, source_at("http://127.0.0.1:1/", platform="lines"), intake=intake)
    assert [[item.text for item in batch if isinstance(item, Post)] for batch in intake.batches] == [["one"], ["two"]]


class FullDisk(Collected):
    """An intake whose second batch cannot be stored."""

    def take(self, items: Sequence[SpiderItem]) -> None:
        if len(self.batches) == 1:
            self.batches.append([])
            raise OSError("no space left on device")
        super().take(items)


def test_a_batch_that_cannot_be_stored_ends_the_crawl_and_nothing_commits_after_it() -> None:
    answers: Pages = {f"/{page}": lines(300, page * 300) + f"\nnext /{page + 1}" for page in range(10)}
    with pages(answers) as site:
        intake = FullDisk()
        crawled = run_spider(LinesSpider, source_at(site.url + "/0", platform="lines"), intake=intake)
    assert [item.text for item in intake.items if isinstance(item, Post)] == [str(number) for number in range(200)]
    assert isinstance(crawled.spider.failure, OSError)
    assert crawled.spider.broken == "not stored"
    assert crawled.stats["finish_reason"] == "not_stored"
    assert len(site.paths) < 10


def test_the_last_batch_that_cannot_be_stored_fails_the_crawl_too() -> None:
    with pages({"/": lines(250)}) as site:
        crawled = run_spider(LinesSpider, source_at(site.url + "/", platform="lines"), intake=FullDisk())
    assert isinstance(crawled.spider.failure, OSError)
    assert crawled.spider.broken == "not stored"


def test_the_reactor_goes_on_while_a_batch_is_stored() -> None:
    """The first batch is not stored before the second page was asked for."""

    class Slow(Collected):
        def take(self, items: Sequence[SpiderItem]) -> None:
            while not self.batches and "/more" not in site.paths:
                time.sleep(0.01)
            super().take(items)

    with pages({"/": "next /more\n" + lines(200), "/more": lines(1, 200)}) as site:
        intake = Slow()
        run_spider(LinesSpider, source_at(site.url + "/", platform="lines"), intake=intake)
    assert len([item for item in intake.items if isinstance(item, Post)]) == 201


def test_a_bug_of_the_spider_is_counted_and_no_checkpoint_covers_what_it_lost() -> None:
    with pages({"/": "1\n2\nbug\n3"}) as site:
        crawled = run_spider(LinesSpider, source_at(site.url + "/", platform="lines"))
    assert [post.text for post in crawled.posts] == ["1", "2"]
    assert crawled.cursor == ""
    assert (crawled.spider.errors, crawled.spider.broken) == ({"bug": 1}, "bug")


@pytest.mark.parametrize(
    ("status", "word"), [(404, "http 404"), (403, "http 403"), (500, "http 500"), (304, "http 304")]
)
def test_a_failed_page_is_counted_under_its_status(status: int, word: str) -> None:
    with pages({"/": "1\nnext /gone", "/gone": Page(status=status)}) as site:
        crawled = run_spider(LinesSpider, source_at(site.url + "/", platform="lines"))
    assert [post.text for post in crawled.posts] == ["1"]
    assert (crawled.spider.errors, crawled.spider.broken) == ({word: 1}, "")


def test_a_source_whose_entry_page_fails_is_broken() -> None:
    with pages({"/": Page(status=404)}) as site:
        crawled = run_spider(LinesSpider, source_at(site.url + "/", platform="lines"))
    assert crawled.spider.broken == "http 404"


def test_a_name_that_nobody_knows_is_a_dns_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> str:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "gethostbyname", unknown)
    crawled = run_spider(LinesSpider, source_at("http://nowhere.example.com/", platform="lines"))
    assert crawled.spider.errors == {"dns": 1}


def test_nobody_listening_is_said_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    crawled = run_spider(LinesSpider, source_at(url, platform="lines"))
    assert (crawled.spider.errors, crawled.spider.broken) == ({"no connection": 1}, "no connection")


def test_the_spider_of_another_platform_is_refused() -> None:
    with pytest.raises(OtklikError) as refusal:
        run_spider(LinesSpider, source_at("http://127.0.0.1:1/", platform="telegram"))
    assert "telegram" in refusal.value.text.en


def test_no_log_line_prints_a_post(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pages({"/": "a very personal matter"}) as site:
        crawled = run_spider(LinesSpider, source_at(site.url + "/", platform="lines"), settings={"LOG_LEVEL": "DEBUG"})
    assert len(crawled.posts) == 1
    assert caplog.records
    assert "personal matter" not in caplog.text


def test_scrapy_s_doors_are_shut() -> None:
    """What Scrapy opens by default and a crawler of a city has no use for."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}
    assert not settings.getbool("REMOTE_CONTROL_ENABLED")
    assert not settings.getbool("TELNETCONSOLE_ENABLED")
    assert not settings.getbool("COOKIES_ENABLED")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    unknown = [
        name for name in settings.attributes if name not in vars(default_settings) and not name.startswith("OTKLIK")
    ]
    assert unknown == []
