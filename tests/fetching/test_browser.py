"""Pages in the browser: what is read of them, what they may not do, and how much of anything they may use."""

import gzip
import os
import signal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from crawler.fetching.browser import NO_BROWSER, NO_SANDBOX
from crawler.fetching.processes import browser_processes
from demo.servers.scripted import ScriptedItem, ScriptedSite
from tests.crawling import FrozenClock, Page, pages
from tests.fetching.browsing import browse, script, text_of
from tests.fetching.test_resolver import drip

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]
GOOD = script('done("good");')
# For pages that do not end: nobody waits a minute for each.
HASTY = {"DOWNLOAD_TIMEOUT": 15}


def site_of(count: int) -> ScriptedSite:
    items = [ScriptedItem(f"n{at}", f"Новость {at}", "На Лесной нет воды", FrozenClock.at) for at in range(count)]
    return ScriptedSite("Вестник", items)


def test_what_scripts_bring_is_read_and_the_browser_ends_with_the_crawl() -> None:
    with site_of(3) as site:
        crawled = browse(site.list_url, site.url + "/news/n1")
    assert crawled.spider.errors == {}
    assert crawled.spider.made[0].count('class="item"') == 3
    assert text_of(crawled.spider.made[1], "h1") == "Новость 1"
    # The page once, by Scrapy; its data once, by the browser.
    assert site.asked == {"/robots.txt": 1, "/": 1, "/api/news?p=1": 1, "/news/n1": 1, "/api/news/n1": 1}
    assert browser_processes() == []


def test_requests_that_do_not_ask_for_it_start_no_browser() -> None:
    with site_of(3) as site:
        crawled = browse(site.url + "/missing")
    assert crawled.spider.errors == {"http 404": 1}
    assert "playwright/page_count" not in crawled.stats


def test_without_a_browser_nothing_is_asked_and_the_word_says_so() -> None:
    with site_of(3) as site:
        crawled = browse(site.list_url, settings={"OTKLIK_CHROMIUM": ""})
    assert (crawled.spider.errors, crawled.spider.broken) == ({NO_BROWSER: 1}, NO_BROWSER)
    assert site.requests == 0


@pytest.mark.parametrize(
    ("said", "word"), [("", NO_BROWSER), ("[FATAL:zygote] No usable sandbox! If you are in a container", NO_SANDBOX)]
)
def test_a_browser_that_does_not_start_is_none_or_cannot_shut_itself_in(tmp_path: Path, said: str, word: str) -> None:
    broken = tmp_path / "chromium"
    broken.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    broken.chmod(0o755)
    with site_of(3) as site:
        crawled = browse(site.list_url, settings={"OTKLIK_CHROMIUM": str(broken)})
    assert crawled.spider.errors == {word: 1}


def test_robots_txt_speaks_of_pages_in_the_browser_and_of_where_they_are_moved() -> None:
    with site_of(3) as site:
        site.robots = "User-agent: Otklik\nDisallow: /news/\n"
        assert browse(site.url + "/news/n1").spider.errors == {"robots": 1}
    moved: dict[str, Any] = {"/a": Page(status=302, headers={"Location": "/private"}), "/private": GOOD}
    with pages({**moved, "/robots.txt": "User-agent: *\nDisallow: /private\n"}) as other:
        assert browse(other.url + "/a").spider.errors == {"robots": 1}
    assert other.paths == ["/a"]


def test_a_page_goes_nowhere_else_and_shows_no_other_page() -> None:
    code = """
history.pushState({}, "", "/elsewhere");
location.href = "/next"; setTimeout(() => location.replace("/next?2"), 50);
const form = document.createElement("form"); form.action = "/sent"; form.method = "post";
document.body.append(form); setTimeout(() => form.submit(), 100);
const link = document.createElement("a"); link.href = "/file"; link.download = "x"; document.body.append(link);
link.click(); window.open("/window"); setTimeout(() => done("still here"), 300);
"""
    body = '<meta http-equiv="refresh" content="0;url=/refreshed"><iframe src="/frame"></iframe><img src="/picture">'
    with pages({"/": script(code, body=body), "/next": GOOD, "/frame": GOOD}) as site:
        crawled = browse(site.url + "/")
    assert text_of(crawled.spider.made[0]) == "still here"
    # A download begins as a request, through the gate; nothing of it is kept.
    assert set(site.paths) <= {"/", "/file"}


def test_nothing_of_a_page_is_left_for_the_next() -> None:
    code = """
const seen = document.cookie + (localStorage.getItem("a") || "") + (await caches.keys()).join();
document.cookie = "script=1; max-age=9999"; localStorage.setItem("a", "stored"); await caches.open("kept");
const told = await (await fetch("/api")).text();
done("[" + seen + "] " + document.cookie + " " + told);
"""
    cookie = Page(
        script(f"(async () => {{ {code} }})();"),
        headers={"Content-Type": "text/html; charset=utf-8", "Set-Cookie": "server=1"},
    )

    def api(handler: BaseHTTPRequestHandler) -> None:
        body = (handler.headers.get("Cookie") or "none").encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with pages({"/": cookie, "/api": api}) as site:
        crawled = browse(site.url + "/", site.url + "/")
    # A cookie of the page itself is there while it is open, as in every browser.
    assert [text_of(made) for made in crawled.spider.made] == ["[server=1] server=1; script=1 server=1; script=1"] * 2


def test_who_we_are_is_told_and_times_are_those_of_the_source() -> None:
    code = """
(async () => { await fetch("/api"); done([navigator.userAgent, navigator.language,
  Intl.DateTimeFormat().resolvedOptions().timeZone].join("|")); })();"""
    with pages({"/": script(code), "/api": "x"}) as site:
        agent, language, zone = text_of(browse(site.url + "/").spider.made[0]).split("|")
    assert (agent[:7], language, zone) == ("Otklik/", "ru-RU", "UTC")
    assert [told["User-Agent"] for told in site.headers] == [agent] * 3


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("for (;;);", "timeout"),
        ("setTimeout(() => { for (;;); }, 50);", "timeout"),
        ("for (let at = 0; at < 10000; at++) fetch('/x?' + at).catch(() => 0);", "too many requests"),
        ("fetch('/endless').then((answer) => answer.text());", "too large"),
        ("document.body.append('x'.repeat(9000000)); done('x');", "too large"),
        ("const kept = []; setInterval(() => kept.push(new Uint8Array(5e7).fill(1)), 20);", "too heavy"),
        ("fetch('/bomb').then((answer) => answer.arrayBuffer()).then((all) => { window.kept = all; });", "too heavy"),
    ],
    ids=["busy", "busy later", "requests", "endless", "large", "memory", "bomb"],
)
def test_a_page_that_wants_too_much_is_ended_and_the_next_is_read(code: str, word: str) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        drip(handler, lambda: b"x" * 65_536)

    bomb = Page(
        gzip.compress(bytes(1_500_000_000), 1) if "bomb" in code else b"",
        headers={"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"},
    )
    settings = {
        **(HASTY if word == "timeout" else {}),
        **({"OTKLIK_BROWSER_MEMORY": 1_300_000_000} if word == "too heavy" else {}),
    }
    with pages({"/": script(code), "/good": GOOD, "/endless": endless, "/bomb": bomb}) as site:
        crawled = browse(site.url + "/", site.url + "/good", settings=settings)
    assert crawled.spider.errors == {word: 1}
    assert [text_of(made) for made in crawled.spider.made] == ["good"]
    assert sum(path.startswith("/x?") for path in site.paths) <= 300
    assert browser_processes() == []


def test_a_page_comes_to_the_browser_unpacked_and_a_bomb_does_not_come() -> None:
    bomb = Page(
        gzip.compress(b"<p>" * 20_000_000, 1), headers={"Content-Encoding": "gzip", "Content-Type": "text/html"}
    )
    with pages({"/": bomb, "/good": GOOD}) as site:
        crawled = browse(site.url + "/", site.url + "/good")
    assert crawled.spider.errors == {"too large": 1}
    assert len(crawled.spider.made) == 1


def test_dialogs_windows_and_loops_of_redirects_keep_nobody_waiting() -> None:
    code = """
window.onbeforeunload = () => "stay"; alert("1"); confirm("2"); prompt("3"); print();
for (let at = 0; at < 50; at++) window.open("about:blank");
setInterval(() => document.body.append("more"), 100);
fetch("/loop").catch(() => done("read"));
"""
    loop = Page(status=302, headers={"Location": "/loop"})
    with pages({"/": script(code), "/loop": loop}) as site:
        crawled = browse(site.url + "/")
    assert crawled.spider.errors == {}
    assert text_of(crawled.spider.made[0]) == "read"
    assert len(site.paths) < 30


def test_a_browser_that_dies_costs_one_page() -> None:
    def dies(handler: BaseHTTPRequestHandler) -> None:
        os.kill(browser_processes()[0], signal.SIGKILL)
        handler.send_response(200)
        handler.end_headers()

    with pages({"/": script('fetch("/dies");'), "/dies": dies, "/good": GOOD}) as site:
        crawled = browse(site.url + "/", site.url + "/good")
    assert crawled.spider.errors == {"browser": 1}
    assert [text_of(made) for made in crawled.spider.made] == ["good"]


def memory_over(count: int, **settings: Any) -> list[int]:
    """Resident bytes of the whole tree of the browser after each of so many pages that leave things behind."""
    code = """
window.kept = new Array(200000).fill({}).map((_, at) => ({at}));
localStorage.setItem("big", "x".repeat(1000000)); setInterval(() => fetch("/api"), 5000);
done("good");
"""
    with pages({"/": script(code), "/api": "x" * 100_000}) as site:
        crawled = browse(*[site.url + "/"] * count, settings=settings)
    assert crawled.spider.errors == {}
    assert len(crawled.spider.memory) == count
    return crawled.spider.memory


def assert_bounded(memory: list[int]) -> None:
    """The last third holds what the first did, and no page much more: now and then there is one process more."""
    third = len(memory) // 3
    usual = median(memory[:third])
    assert median(memory[-third:]) <= 1.1 * usual
    assert max(memory) <= 1.6 * usual


def test_memory_does_not_grow_with_pages() -> None:
    assert_bounded(memory_over(24, OTKLIK_BROWSER_PAGES=8))


@pytest.mark.faults
def test_memory_does_not_grow_over_500_pages() -> None:
    memory = memory_over(500, CLOSESPIDER_TIMEOUT=0)
    print(f"resident MB: first {memory[0] >> 20}, most {max(memory) >> 20}, last {memory[-1] >> 20}")  # noqa: T201
    assert_bounded(memory)
