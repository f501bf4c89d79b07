"""Passes over sources and the endless run: in the reactor, over HTTP, with an installation in memory."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from crawler.endless import run_forever
from crawler.fetching.politeness import PAUSES, host_key
from crawler.health import Waiting
from crawler.model.city import City, Source
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, Platform, check_page
from crawler.runner import Progress, crawl_sources
from crawler.schedule import LastCrawl
from tests.crawler.installing import Memory, board_platform, town
from tests.crawling import QUICK, Page, in_reactor, pages, source_at


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    with board_platform(monkeypatch) as found:
        yield {**QUICK, **found}


def board(url: str, key: str = "board", **fields: Any) -> Source:
    return source_at(url, platform="board", key=key, **fields)


def test_a_pass_crawls_every_source_and_writes_its_health(settings: dict[str, Any]) -> None:
    memory = Memory()
    progress: list[Progress] = []
    with pages({"/a": "1 2 3", "/b": Page(status=404)}) as site:
        city = town(board(site.url + "/a", "a"), board(site.url + "/b", "b"))
        first = in_reactor(crawl_sources(city, city.sources, memory, settings=settings, watch=progress.append))
        second = in_reactor(crawl_sources(city, city.sources, memory, settings=settings))
    assert [(result.source.key, result.broken) for result in first] == [("a", ""), ("b", "http 404")]
    good, bad = (result.health for result in first)
    assert good.outcomes == {"seen": 3, "new": 3}
    assert (good.published, good.gaps, good.errors, good.lag) == (3, 0, {}, None)
    assert bad.outcomes == {"seen": 0, "broken": 1}
    assert bad.errors == {"http 404": 1}
    assert second[0].health.outcomes == {"seen": 3, "unchanged": 3}
    assert len(memory.healths) == 4
    assert len({health.crawl for health in memory.healths}) == 4
    assert all(health.started_at <= health.finished_at for health in memory.healths)
    assert memory.cursors == {("town", "a"): site.url + "/a"}
    assert {one.source.key for one in progress if one.result} == {"a", "b"}


def test_a_platform_without_its_spider_is_broken_and_stops_no_other(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLATFORMS, "misnamed", Platform(Text("Доска", "Board"), "bord", check_page))
    memory = Memory()
    with pages({"/": "1 2"}) as site:
        city = town(source_at(site.url, platform="misnamed", key="bad"), board(site.url + "/", "good"))
        bad, good = in_reactor(crawl_sources(city, city.sources, memory, settings=settings))
    assert (bad.broken, bad.health.errors, good.broken, good.health.outcomes["new"]) == (
        "no spider",
        {"no spider": 1},
        "",
        2,
    )
    assert "bord" in str(bad.failure)
    assert {health.source for health in memory.healths} == {"bad", "good"}


def test_the_lag_is_that_of_new_posts_after_the_first_crawl(settings: dict[str, Any]) -> None:
    memory = Memory()
    answers: dict[str, Any] = {"/": "1"}
    with pages(answers) as site:
        city = town(board(site.url + "/"))
        in_reactor(crawl_sources(city, city.sources, memory, settings=settings))
        answers["/"] = "1 2"
        in_reactor(crawl_sources(city, city.sources, memory, settings=settings))
    assert [health.lag for health in memory.healths] == [None, 600.0]


def test_given_sources_are_not_crawled(settings: dict[str, Any]) -> None:
    city = town(replace(board("http://127.0.0.1:1/"), platform="given"))
    assert in_reactor(crawl_sources(city, city.sources, Memory(), settings=settings)) == []


def test_sources_of_one_host_go_one_after_another_and_others_at_once(settings: dict[str, Any]) -> None:
    now: dict[str, int] = {"same": 0, "all": 0}
    most = {"same": 0, "all": 0}
    lock = threading.Lock()
    both = threading.Barrier(2, timeout=20)

    def counted(*names: str, meet: bool) -> Any:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            with lock:
                for name in names:
                    now[name] += 1
                    most[name] = max(most[name], now[name])
            if meet:
                both.wait()
            else:
                time.sleep(0.05)
            with lock:
                for name in names:
                    now[name] -= 1
            handler.send_response(200)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        return answer

    one = {"/a": counted("same", "all", meet=True), "/b": counted("same", "all", meet=False)}
    with pages(one) as first, pages({"/c": counted("all", meet=True)}) as second:
        city = town(board(first.url + "/a", "a"), board(first.url + "/b", "b"), board(second.url + "/c", "c"))
        results = in_reactor(crawl_sources(city, city.sources, Memory(), settings=settings))
    assert [result.broken for result in results] == ["", "", ""]
    assert most["same"] == 1
    assert most["all"] == 2


def test_what_the_state_raises_fails_that_source_alone(settings: dict[str, Any]) -> None:
    class BrokenMemory(Memory):
        def cursor(self, city: str, source: str) -> str:
            if source == "bad":
                raise OSError("the state cannot be read")
            return super().cursor(city, source)

    memory = BrokenMemory()
    stop = asyncio.Event()
    with pages({"/": "1"}) as site:
        city = town(board(site.url + "/", "bad"), board(site.url + "/", "good"))
        in_reactor(_run_until(lambda: len(memory.healths) == 1, [city], memory, stop, settings))
    assert [health.source for health in memory.healths] == ["good"]


def test_the_run_crawls_what_is_due_drains_and_stops_cleanly(settings: dict[str, Any]) -> None:
    memory = Memory()
    answers: dict[str, Any] = {"/often": "1", "/rarely": "1"}
    with pages(answers) as site:
        often = board(site.url + "/often", "often", every=timedelta(seconds=0.2))
        rarely = board(site.url + "/rarely", "rarely")
        memory.last = {"rarely": LastCrawl(memory.clock.now())}
        city = town(often, rarely)
        other = town(replace(often, key="other"), key="other")
        stop = asyncio.Event()
        in_reactor(_run_until(lambda: len(memory.healths) >= 6, [city, other], memory, stop, settings))
    crawled = [(health.city, health.source) for health in memory.healths]
    assert ("town", "rarely") not in crawled
    assert crawled.count(("town", "often")) >= 2
    assert crawled.count(("other", "other")) >= 2
    assert len(memory.drains) >= 2
    assert site.paths.count("/rarely") == 0


def test_a_stop_in_the_middle_keeps_what_was_read(settings: dict[str, Any]) -> None:
    memory = Memory()
    stop = asyncio.Event()
    asked = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        time.sleep(0.3)
        handler.send_response(200)
        handler.send_header("Content-Length", "3")
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"1 2")

    with pages({"/": slow}) as site:
        city = town(board(site.url + "/"))
        in_reactor(_run_until(asked.is_set, [city], memory, stop, settings))
    assert len(memory.healths) == 1
    assert set(memory.posts) in ({("town", "board:board/1"), ("town", "board:board/2")}, set())
    assert bool(memory.posts) == bool(memory.cursors)


def test_a_host_that_wants_to_be_left_alone_does_not_hold_up_the_stop(settings: dict[str, Any]) -> None:
    memory = Memory()
    stop = asyncio.Event()
    with pages({"/": "1"}) as site:
        PAUSES.hold(host_key(site.url), 100.0)
        city = town(board(site.url + "/"))
        in_reactor(_run_until(lambda: bool(memory.threads), [city], memory, stop, settings))
    assert site.asked == []
    assert memory.posts == {}
    assert not any("broken" in health.outcomes for health in memory.healths)


def test_what_a_drain_could_not_do_is_said_once_and_not_each_second(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(Memory):
        def drain(self, seconds: float) -> Waiting:
            super().drain(seconds)
            return Waiting(index=1, errors=("the index does not answer",))

    monkeypatch.setattr("crawler.endless.DRAIN_EVERY", 0.01)
    memory = Dead()
    in_reactor(_run_until(lambda: len(memory.drains) > 3, [town()], memory, asyncio.Event(), settings))
    said = [record for record in caplog.records if record.name == "crawler.endless" and record.levelname == "WARNING"]
    assert [record.getMessage() for record in said] == ["index and deliveries: the index does not answer"]


def test_a_stop_at_any_moment_of_a_crawl_ends_the_run(settings: dict[str, Any]) -> None:
    """An engine stopped while it starts would never end: stopped here after 0, 2, 4 … turns of the loop."""

    async def stopped_after(turns: int, city: City, memory: Memory) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(run_forever([city], memory, stop, settings=settings))
        while not memory.threads:  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        stop.set()
        await running

    with pages({"/": "1"}) as site:
        city = town(board(site.url + "/"))
        memories = [Memory() for _ in range(15)]
        for number, memory in enumerate(memories):
            in_reactor(stopped_after(number * 2, city, memory))
    assert all(len(memory.drains) >= 1 for memory in memories)
    assert all(bool(memory.posts) == bool(memory.cursors) for memory in memories)


def test_a_state_that_cannot_be_read_fails_a_pass_after_the_other_crawls_ended(settings: dict[str, Any]) -> None:
    class BrokenMemory(Memory):
        def cursor(self, city: str, source: str) -> str:
            if source == "bad":
                raise OSError("the state cannot be read")
            return super().cursor(city, source)

    memory = BrokenMemory()
    with pages({"/": "1"}) as site:
        city = town(board(site.url + "/", "bad"), board(site.url + "/", "good"))
        with pytest.raises(OSError, match="the state cannot be read"):
            in_reactor(crawl_sources(city, city.sources, memory, settings=settings))
    assert [health.source for health in memory.healths] == ["good"]


async def _run_until(done: Any, cities: Any, memory: Memory, stop: asyncio.Event, settings: dict[str, Any]) -> None:
    running = asyncio.create_task(run_forever(cities, memory, stop, settings=settings))
    while not done() and not running.done():  # noqa: ASYNC110 - set by another thread
        await asyncio.sleep(0.01)
    stop.set()
    await running
