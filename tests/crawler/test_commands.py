"""`scrapy` from the checkout, and the endless run as a process of its own: what an administrator does."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crawling import pages

ROOT = Path(__file__).parent.parent.parent
BOARD = ("-s", "SPIDER_MODULES=tests.crawler.installing")


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_scrapy_list_names_the_spiders() -> None:
    assert scrapy("list", *BOARD).stdout.split() == ["board"]


def test_scrapy_crawl_reads_one_source_and_writes_its_health() -> None:
    with pages({"/": "1 2 3"}) as site:
        opened = ("-s", "OTKLIK_CRAWL=tests.crawler.installing.open_crawl")
        done = scrapy("crawl", "board", "-a", f"city={site.url}/", "-a", "source=main", *BOARD, *opened)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [["main", {"seen": 3, "new": 3}, {}]]
    assert site.asked == [("GET", "/robots.txt"), ("GET", "/")]
    assert done.returncode == 0


def test_scrapy_crawl_without_a_source_says_how() -> None:
    done = scrapy("crawl", "board", *BOARD)
    assert done.returncode != 0
    assert "-a source=" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_run_cleanly(number: signal.Signals) -> None:
    with pages({"/": "1 2"}) as site:
        command = [sys.executable, "-W", "error", "-m", "tests.crawler.installing", site.url + "/"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            first = run.stdout.readline()
            run.send_signal(number)
            rest, errors = run.communicate()
    assert json.loads(first) == ["board", {"seen": 2, "new": 2}, {}]
    assert rest.splitlines()[-1] == "stopped"
    assert run.returncode == 0, errors
    assert errors == ""
