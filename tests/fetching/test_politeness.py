"""Back-off and delays: what a host asks for is given, and nothing waits for ever."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.http import Response

from crawler.fetching.politeness import LONGEST_WAIT, PAUSES, HostPausedError, HostPauses, host_key, retry_after
from spiders.base import SourceSpider
from tests.crawling import Page, pages, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StepsSpider(SourceSpider):
    """Asks every address of its source's options and keeps when the answers came."""

    name = "steps"
    platform = "steps"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.came: list[float] = []

    async def start(self) -> AsyncIterator[Any]:
        for path in self.crawl.source.options.values():
            yield self.ask(self.crawl.source.address + path, self.parse_step, entry=True)

    def parse_step(self, _: Response) -> None:
        self.came.append(time.monotonic())


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Mon, 02 Mar 2026 09:02:00 GMT", 120.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2026 12:02:00 +0300", 120.0),
        ("99999999999999999999", 86_400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("１２", None),
    ],
)
def test_retry_after_is_read_as_the_standard_says(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_a_paused_host_is_waited_for_and_another_is_not() -> None:
    clock = iter([0.0, 0.0, 0.0, 7.0, 12.0])
    pauses = HostPauses(lambda: next(clock))
    pauses.hold("one:443", 10.0)
    assert pauses.remaining("other:443") == 0.0
    assert pauses.remaining("one:443") == 10.0
    assert pauses.remaining("one:443") == 3.0
    assert pauses.remaining("one:443") == 0.0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pauses = HostPauses(lambda: 0.0)
    pauses.hold("one:443", 10.0)
    pauses.hold("one:443", 1.0)
    assert pauses.remaining("one:443") == 10.0


def test_who_waits_gives_up_when_the_process_stops() -> None:
    pauses = HostPauses(lambda: 0.0)
    pauses.hold("one:443", 10.0)
    pauses.leave()
    with pytest.raises(HostPausedError):
        asyncio.run(pauses.wait("one:443"))


@pytest.mark.parametrize("status", [429, 503])
def test_a_crawl_waits_as_long_as_the_host_asks(status: int) -> None:
    answers: dict[str, Any] = {"/a": Page(status=status, headers={"Retry-After": "1"})}
    with pages(answers) as site:
        started = time.monotonic()
        run = run_spider(
            StepsSpider, source_at(site.url, platform="steps", options={"1": "/a"}), settings={"RETRY_TIMES": 1}
        )
        waited = time.monotonic() - started
    assert site.paths == ["/a", "/a"]
    assert waited >= 1.0
    assert run.spider.errors == {f"http {status}": 1}


def test_a_host_that_asks_for_too_much_is_left_alone() -> None:
    answers: dict[str, Any] = {"/a": Page(status=429, headers={"Retry-After": str(int(LONGEST_WAIT) + 60)}), "/b": "b"}
    with pages(answers) as site:
        source = source_at(site.url, platform="steps", options={"1": "/a", "2": "/b"})
        crawled = run_spider(StepsSpider, source, settings={"CONCURRENT_REQUESTS": 1})
        again = run_spider(StepsSpider, source)
    assert site.paths == ["/a"]
    assert crawled.spider.errors == {"http 429": 1, "paused": 1}
    assert again.spider.errors == {"paused": 2}
    assert PAUSES.remaining(host_key(site.url)) > LONGEST_WAIT


def test_retries_back_off_and_end() -> None:
    with pages({"/a": Page(status=500)}) as site:
        started = time.monotonic()
        crawled = run_spider(
            StepsSpider, source_at(site.url, platform="steps", options={"1": "/a"}), settings={"OTKLIK_BACKOFF": 0.1}
        )
        waited = time.monotonic() - started
    assert site.paths == ["/a"] * 3
    assert waited >= 0.1 + 0.2
    assert crawled.spider.errors == {"http 500": 1}


def test_a_crawl_delay_of_robots_txt_is_kept() -> None:
    robots = Page("User-agent: *\nCrawl-delay: 0.3\n", headers={"Content-Type": "text/plain"})
    with pages({"/robots.txt": robots, "/a": "a", "/b": "b", "/c": "c"}) as site:
        source = source_at(site.url, platform="steps", options={"1": "/a", "2": "/b", "3": "/c"})
        polite = {"AUTOTHROTTLE_ENABLED": True, "AUTOTHROTTLE_START_DELAY": 0.0}
        came = run_spider(StepsSpider, source, settings=polite).spider.came
    assert len(came) == 3
    assert min(came[1] - came[0], came[2] - came[1]) >= 0.25
