"""`otklik run` as it is watched from outside: a scrape over HTTP, and a heartbeat that stops when anything does."""

import re
import resource
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.monitoring.catalogue import METRICS
from demo.servers.webhook import TicketServer
from tests.crawling import Page, Site, pages
from tests.pictures import picture
from tests.shell import Otklik, Running, posts, source, webhook

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Вести</title></channel></rss>"""
TOKEN = "a-token-of-sixteen-or-more"


@contextmanager
def running(otklik: Otklik, *arguments: object) -> Iterator[Running]:
    """A run that is stopped at the end."""
    run = otklik.start("run", *arguments)
    try:
        yield run
    finally:
        with suppress(ValueError):  # it was stopped, and its process object is closed
            run.kill()
            run.process.join()


def wait(run: Running, until: Callable[[], object]) -> None:
    while not until():
        assert run.process.is_alive(), run.errors.read_text(encoding="utf-8")
        time.sleep(0.05)


def scraped(url: str, token: str = "") -> dict[str, dict[tuple[str, ...], float]]:
    """The samples of a scrape by name and values of labels, in the order of the catalogue."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    found: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = METRICS[sample.name].labels if sample.name in METRICS else tuple(sample.labels)
            found[sample.name][tuple(sample.labels[label] for label in labels)] = sample.value
    return found


def address_of(run: Running) -> str:
    found = re.search(r"Metrics: (\S+)", run.errors.read_text(encoding="utf-8"))
    return found[1] if found else ""


def test_a_scrape_of_a_real_run(otklik: Otklik) -> None:
    otklik.environment |= {"OTKLIK_TEST_DESK": "secret", "OTKLIK_METRICS_TOKEN": TOKEN}
    with TicketServer("secret") as desk, pages({"/feed": Page(FEED), "/1.jpg": Page(picture())}) as site:
        news = source("news", "news", f"{site.url}/feed") + source("broken", "news", f"{site.url}/nowhere")
        given = source("desk", "given", "desk", allow_private=f'["{site.url[7:]}"]')
        city = otklik.city(sources=news + given, routes=webhook(desk.url))
        line = posts("Запах газа на Ленина, 5", "Яма на дороге", source="desk", media=[f"{site.url}/1.jpg"])
        assert otklik("ingest", city, input=line).code == 0
        with running(otklik, city, "--metrics", "127.0.0.1:0") as run:
            wait(run, lambda: address_of(run))
            url = address_of(run)
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(url)
            pages_seen = [scraped(url, TOKEN)]

            def told() -> bool:
                """Both sources were crawled, and every part of the run has had its first turn."""
                pages_seen.append(scraped(url, TOKEN))
                page = pages_seen[-1]
                counted = page["otklik_crawls_total"].get(("ozersk", "broken", "broken"))
                ended = page["otklik_source_last_crawl_timestamp_seconds"]
                return bool(
                    counted and {("ozersk", "news"), ("ozersk", "broken")} <= set(ended) and page["otklik_well"][()]
                )

            wait(run, told)
            found = pages_seen[-1]
            ended = run.stop()
            assert ended.code == 0, ended.err
            assert TOKEN not in ended.err
    assert found["otklik_state_up"] == found["otklik_well"] == {(): 1}
    assert found["otklik_deliveries"]["ozersk", "desk", "sent"] == 2
    assert found["otklik_deliveries"]["ozersk", "desk", "dead"] == 0
    assert found["otklik_incidents"] == {("ozersk", "new", "danger"): 1, ("ozersk", "new", "normal"): 1}
    assert found["otklik_reports"] == {("ozersk", "waiting"): 2}
    assert found["otklik_images"] == {("ozersk", "kept"): 2}
    assert found["otklik_errors_total"]["ozersk", "broken", "http 404"] >= 1
    assert found["otklik_source_failures"]["ozersk", "broken"] >= 1
    assert ("ozersk", "broken") not in found["otklik_source_last_success_timestamp_seconds"]
    assert found["otklik_disk_free_bytes"][()] > 0
    assert found["otklik_searches_broken"] == found["otklik_search_failures_total"] == {("ozersk",): 0}
    assert found["process_resident_memory_bytes"][()] > 0
    ours = {name for name in found if name.startswith("otklik_")}
    assert ours <= set(METRICS)


def test_an_address_that_others_see_is_refused_without_a_token(otklik: Otklik) -> None:
    run = otklik("run", otklik.city(), "--metrics", "0.0.0.0:9464")
    assert run.code == 1
    assert "OTKLIK_METRICS_TOKEN" in run.err


def _watched(otklik: Otklik, site: Site) -> None:
    otklik.environment |= {
        "OTKLIK_HEARTBEAT_URL": f"{site.url}/ping-secret",
        "OTKLIK_HEARTBEAT_FAIL_URL": f"{site.url}/ping-secret/fail",
        "OTKLIK_HEARTBEAT_EVERY": "1s",
        "OTKLIK_LOG_LEVEL": "WARNING",
    }


def _calls(site: Site, path: str) -> int:
    return site.paths.count(path)


def test_a_heartbeat_while_all_is_well_and_none_after_a_kill(otklik: Otklik) -> None:
    with pages({"/ping-secret": Page("OK")}) as site:
        _watched(otklik, site)
        with running(otklik, otklik.city()) as run:
            wait(run, lambda: _calls(site, "/ping-secret") >= 2)
            run.kill()
            run.process.join()
            asked = len(site.paths)
            time.sleep(2.5)
            assert len(site.paths) == asked
        assert otklik.number("SELECT count(*) FROM installation WHERE name = 'heartbeat'") == 1
        assert "secret" not in run.errors.read_text(encoding="utf-8")


def test_a_state_that_takes_no_write_stops_the_heartbeat_until_it_does(otklik: Otklik) -> None:
    with pages({"/ping-secret": Page("OK")}) as site:
        _watched(otklik, site)
        with running(otklik, otklik.city()) as run:
            wait(run, lambda: _calls(site, "/ping-secret"))
            holder = sqlite3.connect(otklik.home / "otklik.sqlite", isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            wait(run, lambda: _calls(site, "/ping-secret/fail"))
            asked = _calls(site, "/ping-secret")
            wait(run, lambda: _calls(site, "/ping-secret/fail") >= 2)
            assert _calls(site, "/ping-secret") == asked
            holder.execute("ROLLBACK")
            holder.close()
            wait(run, lambda: _calls(site, "/ping-secret") > asked)
            said = run.stop().err
        assert "heartbeat left out, not all is well: state" in said
        assert "all is well again" in said
        assert "secret" not in said


def test_a_dead_address_disturbs_nothing(otklik: Otklik) -> None:
    with pages({"/ping-secret": Page(status=500)}) as site:
        _watched(otklik, site)
        with running(otklik, otklik.city(), "--metrics", "127.0.0.1:0") as run:
            wait(run, lambda: address_of(run))
            wait(run, lambda: scraped(address_of(run))["otklik_heartbeats_total"].get(("failed",)))
            assert scraped(address_of(run))["otklik_well"] == {(): 1}
            ended = run.stop()
        assert ended.code == 0
        assert "127.0.0.1 answered 500" in ended.err
        assert "secret" not in ended.err


def test_a_server_that_is_not_there_disturbs_nothing(otklik: Otklik) -> None:
    otklik.environment |= {"OTKLIK_HEARTBEAT_URL": "http://127.0.0.1:9/ping-secret", "OTKLIK_HEARTBEAT_EVERY": "1s"}
    otklik.environment["OTKLIK_LOG_LEVEL"] = "WARNING"
    with running(otklik, otklik.city()) as run:
        wait(run, lambda: run.errors.read_text(encoding="utf-8").count("could not be called: NotSentError") >= 2)
        ended = run.stop()
    assert ended.code == 0
    assert "secret" not in ended.err


def test_a_disk_that_is_full_stops_the_heartbeat(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Праздник")).code == 0
    with pages({"/ping-secret": Page("OK")}) as site:
        _watched(otklik, site)
        # The write-ahead log takes a few more commits and no more.
        run = otklik.start("run", city, limits={resource.RLIMIT_FSIZE: 45_000})
        try:
            wait(run, lambda: _calls(site, "/ping-secret/fail"))
            asked = _calls(site, "/ping-secret")
            wait(run, lambda: _calls(site, "/ping-secret/fail") >= 3)
            assert _calls(site, "/ping-secret") == asked
        finally:
            run.kill()
            run.process.join()


def test_a_dead_image_host_holds_up_no_ticket_and_a_dead_receiver_no_image(otklik: Otklik) -> None:
    held = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        held.wait()
        handler.close_connection = True

    otklik.environment["OTKLIK_TEST_DESK"] = "secret"
    with TicketServer("secret") as desk, pages({"/1.jpg": silent}) as site:
        try:
            given = source("desk", "given", "desk", allow_private=f'["{site.url[7:]}"]')
            city = otklik.city(sources=given, routes=webhook(desk.url))
            line = posts("Запах газа на Ленина, 5", source="desk", media=[f"{site.url}/1.jpg"])
            assert otklik("ingest", city, "--drain", 0, input=line).code == 0
            with running(otklik, city) as run:
                wait(run, lambda: site.paths and desk.tickets)
                more = posts("Нет воды на Мира, 7", source="desk", first=2)
                assert otklik("ingest", city, "--drain", 0, input=more).code == 0
                # The image host has not answered yet, and the next ticket goes.
                wait(run, lambda: len(desk.tickets) == 2)
                assert otklik.rows("SELECT state FROM images") == [("fetching",)]
                held.set()
        finally:
            held.set()


@pytest.mark.parametrize(
    ("name", "value"),
    [("URL", "ping-secret"), ("URL", "ftp://host/secret"), ("FAIL_URL", "secret"), ("EVERY", "0s"), ("EVERY", "soon")],
)
def test_a_plan_that_is_wrong_is_said_at_the_start(otklik: Otklik, name: str, value: str) -> None:
    otklik.environment |= {"OTKLIK_HEARTBEAT_URL": "https://example.org/x", f"OTKLIK_HEARTBEAT_{name}": value}
    run = otklik("run", otklik.city())
    assert run.code == 1
    assert f"OTKLIK_HEARTBEAT_{name}" in run.err
    assert "secret" not in run.err
