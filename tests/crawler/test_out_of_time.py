"""A site that wants long pauses is read over several crawls, and is not broken for that."""

import threading
from http.server import BaseHTTPRequestHandler

import pytest

from crawler.runner import crawl_sources
from tests.crawler.installing import Memory, town
from tests.crawling import QUICK, Pages, in_reactor, pages, source_at

HURRY = {**QUICK, "CLOSESPIDER_TIMEOUT": 0.3, "DOWNLOAD_TIMEOUT": 60}
NOTICE = "<item><title>Нет воды</title><guid isPermaLink='false'>1</guid></item>"


@pytest.mark.parametrize(("notice", "broken"), [(NOTICE, ""), ("", "out of time")])
def test_only_a_crawl_that_saw_nothing_is_broken_by_running_out_of_time(notice: str, broken: str) -> None:
    late = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        late.wait(2)
        handler.send_response(404)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    answers: Pages = {"/1": answer}
    memory = Memory()
    with pages(answers) as site:
        answers["/rss"] = f"<rss version='2.0'><channel>{notice}<item><link>{site.url}/1</link></item></channel></rss>"
        city = town(source_at(f"{site.url}/rss", platform="news", key="news"))
        (result,) = in_reactor(crawl_sources(city, city.sources, memory, settings=HURRY))
    assert result.broken == broken
    assert result.health.errors["out of time"] == 1
    assert [post.title for post in memory.posts.values()] == ["Нет воды"] * bool(notice)
