import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.servers.webhook import TicketServer
from demo.town import Town
from tests.shell import ROOT, Otklik, source, webhook

SECRET = "desk-secret"


@pytest.fixture
def town() -> Iterator[Town]:
    """The demo town's channel with its last posts alone: what is shown here needs no more."""
    with Town(datetime.now(UTC)) as town:
        yield town


def _city(otklik: Otklik, town: Town, desk: TicketServer, **more: str) -> Path:
    otklik.environment["OTKLIK_TEST_DESK"] = SECRET
    live = source("live", "telegram", town.telegram.address(town.channel.name), **more)
    return otklik.city(sources=live, routes=webhook(desk.url))


def test_crawl(otklik: Otklik, town: Town) -> None:
    with TicketServer(SECRET) as desk:
        city = _city(otklik, town, desk)
        unknown = otklik("crawl", city, "wall")
        assert (unknown.code, unknown.err) == (1, "ozersk has no source wall; it has: live.\n")

        first = otklik("crawl", city, "live", "--drain", 0, "--json")
        assert first.code == 0, first.err
        line = first.lines[0]
        assert (line["source"], line["broken"], line["errors"]) == ("live", "", {})
        assert line["outcomes"]["new"] == line["outcomes"]["seen"] == otklik.number("SELECT count(*) FROM posts") > 20
        raised = otklik.number("SELECT count(*) FROM incidents")
        assert raised > 3
        assert desk.tickets == {}

        second = otklik("crawl", city)
        assert (second.code, second.err) == (0, "")
        assert "live" in second.out
        assert [one.made for one in desk.tickets.values()] == [1] * raised
        assert otklik.number("SELECT count(*) FROM incidents") == raised

        town.telegram.fail(500, times=20)
        failed = otklik("--locale", "ru", "crawl", city, "live")
        assert failed.code == 1
        assert "Источник live" in failed.err
        assert "Traceback" not in failed.err


def test_run_crawls_and_delivers_until_it_is_told_to_stop(otklik: Otklik, town: Town) -> None:
    with TicketServer(SECRET) as desk:
        city = _city(otklik, town, desk)
        twice = otklik("run", city, city)
        assert (twice.code, "named twice" in twice.err) == (1, True)

        run = otklik.start("run", city)
        while not desk.tickets and run.process.is_alive():
            time.sleep(0.05)
        # A second look follows by itself.
        asked = town.telegram.requests
        while town.telegram.requests == asked and run.process.is_alive():
            time.sleep(0.05)
        done = run.stop()
        assert done.code == 0, done.err
        first, *_, last = done.err.splitlines()
        assert first == "Running: Озёрск. Stop by Ctrl-C or SIGTERM."
        assert last == "Stopped: everything that was read is stored."
        assert "Traceback" not in done.err
        # What was raised and not yet sent is sent by the next pass, once.
        assert otklik("crawl", city, "--json").code == 0
        assert [one.made for one in desk.tickets.values()] == [1] * otklik.number("SELECT count(*) FROM incidents")


def test_sigterm_ends_a_crawl_cleanly(otklik: Otklik, town: Town) -> None:
    with TicketServer(SECRET) as desk:
        city = _city(otklik, town, desk)
        run = otklik.start("crawl", city, "--json")
        while not town.telegram.requests and run.process.is_alive():
            time.sleep(0.02)
        done = run.stop()
        assert "Traceback" not in done.err
        assert done.code in {0, 1}
        assert otklik("crawl", city, "--json").code == 0
        everything = {post.number for post in town.channel.posts if not post.service}
        stored = {int(id_.rpartition("/")[2]) for (id_,) in otklik.rows("SELECT id FROM posts")}
        assert stored == everything


def test_scrapy_knows_the_spiders_and_crawls_into_the_installation(otklik: Otklik, town: Town) -> None:
    with TicketServer(SECRET) as desk:
        city = _city(otklik, town, desk)
        scrapy = replace(otklik, command="scrapy")
        listed = scrapy.program("list")
        assert (listed.code, listed.out.split()) == (0, ["intake", "news", "page", "telegram", "vk"])
        crawled = scrapy.program("crawl", "telegram", "-a", f"city={city}", "-a", "source=live")
        assert crawled.code == 0, crawled.err
        assert otklik.number("SELECT count(*) FROM posts") > 20
        assert otklik.number("SELECT count(*) FROM checkpoints") == 1


def test_demo(otklik: Otklik) -> None:
    run = otklik("demo", "--no-serve", "--json")
    assert run.code == 0, run.err
    *incidents, last = run.lines
    assert last["incidents"] == len(incidents) > 10
    assert last["outcomes"]["gone"] == 2
    assert (ROOT / "demo").is_dir()


def test_a_site_that_does_not_answer_is_told_in_a_line_without_a_trace(otklik: Otklik) -> None:
    with socket.socket() as bound:
        # Bound and not listening: whoever connects is refused.
        bound.bind(("127.0.0.1", 0))
        city = otklik.city(sources=source("news", "news", f"http://127.0.0.1:{bound.getsockname()[1]}/rss"))
        failed = otklik("--locale", "ru", "crawl", city)
        assert failed.code == 1
        assert "Источник news не прочитан: сайт не принимает соединений (1)" in failed.err
        assert "Traceback" not in failed.err
        found = otklik("--locale", "ru", "doctor", city).out
        assert "не прочитан, раз подряд 1: сайт не принимает соединений (1)" in found
