"""The guard inside real crawls: literals, names, redirects, robots.txt, sizes and times, over local servers."""

import gzip
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from scrapy.http import Response

from spiders.base import SourceSpider
from tests.certificates import self_signed
from tests.crawling import Crawled, Page, Site, pages, run_spider, source_at


class PageSpider(SourceSpider):
    """Asks the address of its source, `option other` too, and keeps the bodies."""

    name = "page"
    platform = "page"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bodies: list[bytes] = []
        self.addresses: list[str] = []

    async def start(self) -> AsyncIterator[Any]:
        for url in (self.crawl.source.address, *self.crawl.source.options.values()):
            yield self.ask(url, self.parse_page, entry=True, dont_filter=True, meta=self.meta())

    def meta(self) -> dict[str, Any]:
        return {}

    def parse_page(self, response: Response) -> None:
        self.bodies.append(response.body)
        self.addresses.append(str(response.ip_address))


def crawl(site: Site, path: str = "/", settings: dict[str, Any] | None = None, **options: str) -> Crawled[PageSpider]:
    return run_spider(PageSpider, source_at(site.url + path, platform="page", options=options), settings=settings)


def port_of(site: Site) -> str:
    return site.url.rpartition(":")[2]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0"],
)
def test_our_own_machine_is_not_asked_without_permission(host: str) -> None:
    with pages({"/": "secret"}) as site:
        source = source_at(f"http://{host}:{port_of(site)}/", platform="page", allow_private=())
        crawled = run_spider(PageSpider, source)
    assert site.asked == []
    assert crawled.spider.errors == {"refused": 1}
    assert crawled.spider.broken == "refused"
    assert crawled.stats["otklik/address_refused"] >= 1
    assert "retry/count" not in crawled.stats


def test_a_name_that_stands_for_a_private_address_is_refused_and_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = name_stands_for(monkeypatch, "127.0.0.1")
    with pages({"/": "secret"}) as site:
        source = source_at(f"http://news.example.com:{port_of(site)}/", platform="page", allow_private=())
        crawled = run_spider(PageSpider, source)
    assert site.asked == []
    assert crawled.spider.errors == {"refused": 1}
    # robots.txt was refused, so the page fails with the same word and is not asked for.
    assert asked == ["news.example.com"]


def test_a_name_of_the_allow_list_may_stand_for_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = name_stands_for(monkeypatch, "127.0.0.1")
    with pages({"/": "ours"}) as site:
        crawled = run_spider(PageSpider, source_at(f"http://intranet.example:{port_of(site)}/", platform="page"))
    assert crawled.spider.bodies == [b"ours"]
    assert crawled.spider.addresses == ["127.0.0.1"]
    # A connection is looked up once, so that a second answer cannot differ from the one that was checked.
    assert asked == ["intranet.example"]


@pytest.mark.parametrize(
    "location", ["http://{inner}/secret", "http://127.1:{port}/secret", "//localhost:{port}/secret"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_into_our_network_is_refused(location: str, status: int) -> None:
    with pages({"/secret": "secret"}) as inner:
        where = location.format(inner=inner.url.removeprefix("http://"), port=port_of(inner))
        with pages({"/": Page(status=status, headers={"Location": where})}) as site:
            crawled = crawl(site)
    assert site.paths == ["/"]
    assert inner.asked == []
    assert crawled.spider.errors == {"refused": 1}


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "gopher://x/"])
def test_a_redirect_to_another_scheme_is_not_followed(location: str) -> None:
    with pages({"/": Page(status=302, headers={"Location": location})}) as site:
        crawled = crawl(site)
    assert crawled.spider.bodies == []
    assert sum(crawled.spider.errors.values()) == 1


def test_a_source_has_no_permission_of_another_source() -> None:
    with pages({"/": "first"}) as first, pages({"/": "second"}) as second:
        crawled = crawl(first, other=second.url + "/")
        crawl(second)
    assert crawled.spider.bodies == [b"first"]
    assert crawled.spider.errors == {"refused": 1}
    assert second.paths == ["/"]


def test_redirects_are_bounded() -> None:
    with pages({"/": Page(status=302, headers={"Location": "/"})}) as site:
        crawled = crawl(site)
    assert crawled.spider.errors == {"redirects": 1}
    assert len(site.paths) == 6


def test_no_proxy_of_the_environment_or_of_a_request_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class ProxySpider(PageSpider):
        def meta(self) -> dict[str, Any]:
            return {"proxy": proxy.url}

    with pages({"/": "direct"}) as site, pages({}) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert crawl(site).spider.bodies == [b"direct"]
        crawled = run_spider(ProxySpider, source_at(site.url + "/", platform="page"))
    assert crawled.spider.errors == {"refused": 1}
    assert proxy.asked == []


@pytest.mark.parametrize(("status", "asked"), [(500, []), (503, []), (403, ["/"]), (404, ["/"])])
def test_a_server_that_cannot_say_what_is_allowed_allows_nothing(status: int, asked: list[str]) -> None:
    with pages({"/robots.txt": Page("<h1>sorry</h1>", status=status), "/": "open"}) as site:
        crawled = crawl(site)
    assert site.paths == asked
    assert crawled.spider.errors == ({} if asked else {"robots": 1})


@pytest.mark.parametrize(
    ("robots", "word"),
    [
        (Page(status=302, headers={"Location": "http://10.0.0.1/robots.txt"}), "refused"),
        (Page(b"#" * 9_000_000), "robots"),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), "connection"),
    ],
    ids=["redirect into our network", "endless", "cut off"],
)
def test_a_robots_txt_that_cannot_be_had_allows_nothing(robots: Any, word: str) -> None:
    with pages({"/robots.txt": robots, "/": "open"}) as site:
        crawled = crawl(site)
    assert site.paths == []
    assert list(crawled.spider.errors) == [word]


def test_robots_txt_is_obeyed_under_our_own_name() -> None:
    rules = "User-agent: Otklik\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n"
    with pages({"/robots.txt": Page(rules), "/": "open", "/private": "closed"}) as site:
        crawled = crawl(site, other=site.url + "/private")
    assert crawled.spider.bodies == [b"open"]
    assert crawled.spider.errors == {"robots": 1}
    assert site.headers[0]["User-Agent"].startswith("Otklik/")
    assert "Referer" not in site.headers[-1]


BOMB = b"0" * 60_000_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BOMB, 1)),
        ("gzip, gzip", gzip.compress(gzip.compress(BOMB, 1), 1)),
        ("deflate", zlib.compress(BOMB, 1)),
        ("br", brotli.compress(BOMB, quality=1)),
    ],
    ids=["gzip", "twice", "deflate", "brotli"],
)
def test_a_bomb_is_not_unpacked(encoding: str, body: bytes) -> None:
    headers = {"Content-Encoding": encoding, "Content-Type": "text/html"}
    with pages({"/": Page(body, headers=headers)}) as site:
        crawled = crawl(site)
    assert crawled.spider.errors == {"too large": 1}
    assert crawled.spider.bodies == []


def test_an_endless_body_is_cut_off() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        drip(handler, lambda: b"10000\r\n" + b"0" * 65_536 + b"\r\n")

    with pages({"/": endless}) as site:
        crawled = crawl(site)
    assert crawled.spider.errors == {"too large": 1}


def test_a_body_announced_too_large_is_not_read() -> None:
    def announced(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000000")
        handler.end_headers()

    with pages({"/": announced}) as site:
        crawled = crawl(site)
    assert crawled.spider.errors == {"too large": 1}


def test_a_silent_server_is_given_up() -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(1)

    with pages({"/": silent}) as site:
        crawled = crawl(site, settings={"DOWNLOAD_TIMEOUT": 0.2, "RETRY_TIMES": 1})
    assert crawled.spider.errors == {"timeout": 1}
    assert site.paths == ["/", "/"]


def test_a_body_that_breaks_off_is_an_error_and_not_a_page() -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    with pages({"/": broken}) as site:
        crawled = crawl(site)
    assert crawled.spider.errors == {"cut off": 1}
    assert crawled.spider.bodies == []


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with pages({"/": "who is it"}, tls=self_signed("127.0.0.1")) as site:
        crawled = crawl(site)
        careless = crawl(site, settings={"DOWNLOAD_VERIFY_CERTIFICATES": False})
    assert crawled.spider.errors == {"tls": 1}
    assert crawled.spider.bodies == []
    assert careless.spider.bodies == [b"who is it"]


def drip(handler: BaseHTTPRequestHandler, chunk: Callable[[], bytes]) -> None:
    """Write for ever, until the other side goes away."""
    try:
        while True:
            handler.wfile.write(chunk())
    except (ConnectionError, ssl.SSLError):
        handler.close_connection = True


def name_stands_for(monkeypatch: pytest.MonkeyPatch, ip: str) -> list[str]:
    """Every name stands for `ip`; gives the names that were looked up."""
    asked: list[str] = []

    def look_up(name: str) -> str:
        asked.append(name)
        return ip

    monkeypatch.setattr(socket, "gethostbyname", look_up)
    return asked
