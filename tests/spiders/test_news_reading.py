"""Pages that would hold a crawl: nested, endless, deadly."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.fetching.reading import Reader, ReaderDiedError, SlowPageError, read_apart
from spiders.article import read_article
from spiders.feed import NotAFeedError, read_feed

ZONE = ZoneInfo("Asia/Sakhalin")


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader(0.3)
    yield made
    made.close()


def test_what_is_read_apart_is_what_is_read_here(reader: Reader) -> None:
    body = "<html><body><h1>Нет воды</h1><article><p>На Лесной нет воды. </p></article></body></html>".encode()
    assert reader.call(read_article, body, "http://a.example/b", ZONE) == read_article(body, "http://a.example/b", ZONE)
    with pytest.raises(NotAFeedError, match="html"):
        reader.call(read_feed, b"<html>", "http://a.example/rss", ZONE)


def test_a_page_without_an_end_costs_its_reader_and_the_next_is_read(reader: Reader) -> None:
    first = reader.call(os.getpid)
    with pytest.raises(SlowPageError):
        reader.call(sum, range(10**12))
    assert reader.call(os.getpid) not in {first, os.getpid()}


def test_time_is_counted_for_each_document_and_only_while_it_is_read(reader: Reader) -> None:
    first = reader.call(os.getpid)
    for _ in range(4):
        reader.call(sum, range(2_000_000))
    reader.call(time.sleep, 0.4)
    assert reader.call(os.getpid) == first


def test_a_reader_that_dies_is_told_and_replaced(reader: Reader) -> None:
    with pytest.raises(ReaderDiedError, match="-11"):
        reader.call(signal.raise_signal, signal.SIGSEGV)
    os.kill(reader.call(os.getpid), signal.SIGKILL)
    with pytest.raises(ReaderDiedError):
        reader.call(os._exit, 3)
    assert reader.call(len, "abc") == 3


def _killed_once(mark: Path) -> str:
    """The first reader that comes here is killed as from outside."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "read"


def test_a_reader_that_is_killed_from_outside_is_followed_by_another(tmp_path: Path) -> None:
    assert asyncio.run(read_apart(_killed_once, tmp_path / "mark")) == "read"


def test_what_raises_there_raises_here_with_its_trace(reader: Reader) -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        reader.call(int, "x")
    assert "in serve" in raised.value.__notes__[0]
    reader.call(print, "among the answers")
    assert reader.call(len, "ab") == 2


def test_a_reader_ends_with_the_process_that_asked_it() -> None:
    code = (
        "import os; from crawler.fetching.reading import Reader; r = Reader();"
        "print(r.call(os.getpid), flush=True); os._exit(9)"
    )
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    number = int(asked.stdout)
    while runs(number):
        time.sleep(0.01)
    assert asked.returncode == 9


def runs(number: int) -> bool:
    """Whether a process runs; one that ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="date">' * 240 + "слово слово " * 40_000,
        "<h1>T</h1>" + "<a href=x>" * 50_000 + "текст",
        '<div itemprop="articleBody">' * 240 + "слово слово " * 40_000,
        "<h1>" * 240 + "слово " * 40_000,
        '<div class="comment">' * 240 + "слово слово " * 40_000,
        "<div>Реклама" * 240 + "слово слово " * 40_000,
        "<td>" + "<a href=/x>слово слово слово</a> " * 20_000,
        "<div>Читайте также</div>" * 20_000,
    ],
    ids=["dates", "links", "bodies", "headlines", "comments", "labels", "headlines beside", "flat labels"],
)
def test_elements_within_elements_cost_no_square(markup: str) -> None:
    reader = Reader(9)
    body = f"<html><body>{markup}</body></html>".encode()
    assert reader.call(read_article, body, "http://a.example/b", ZONE).published is None
    reader.close()


def test_a_row_of_pictures_without_an_end_is_read_once() -> None:
    reader = Reader(9)
    item = "<item><title>a</title><description><![CDATA[" + "<img " * 20_000 + "]]></description></item>"
    body = f"<rss version='2.0'><channel>{item}</channel></rss>".encode()
    assert reader.call(read_feed, body, "http://a.example/rss", ZONE).entries[0].images == ()
    reader.close()
