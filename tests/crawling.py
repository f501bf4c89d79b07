"""Real crawls in tests: real Scrapy over real HTTP, in one reactor that runs in a thread as long as the process.

with pages({"/": "<p>…</p>"}) as site:
    crawled = run_spider(NewsSpider, source_at(site.url, platform="news"))
    assert [item.id for item in crawled.posts] == […]
"""

import asyncio
import atexit
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from crawler.model.city import Source, Token
from crawler.model.crawled import Checkpoint, SpiderItem
from crawler.model.items import Post
from crawler.model.keys import InstallationKeys
from crawler.model.ports import Clock, Crawl, Intake, Ledger, SystemClock
from search.state.database import Database
from search.state.ledger import StateLedger
from spiders.base import SourceSpider

T = TypeVar("T")
S = TypeVar("S", bound=SourceSpider)

QUICK: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "OTKLIK_BACKOFF": 0.01,
    "DOWNLOAD_TIMEOUT": 10,
    "LOG_LEVEL": "WARNING",
}
"""What tests change in crawler/settings.py: rates alone."""


@cache
def reactor_loop() -> asyncio.AbstractEventLoop:
    """The loop of the process's one reactor, started at the first call. Its thread ends with the process."""
    started: list[asyncio.AbstractEventLoop] = []
    ready = threading.Event()

    def run() -> None:
        from scrapy.utils.reactor import install_reactor

        install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
        from twisted.internet import reactor as installed

        reactor: Any = installed
        started.append(asyncio.get_event_loop())
        reactor.callWhenRunning(ready.set)
        reactor.run(installSignalHandlers=False)

    threading.Thread(target=run, name="reactor", daemon=True).start()
    ready.wait()
    return started[0]


def in_reactor(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the reactor's loop and wait for what it gives."""
    return asyncio.run_coroutine_threadsafe(coroutine, reactor_loop()).result()


@dataclass
class FrozenClock:
    """A clock that stands still."""

    at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class NoSecrets:
    """Secrets of a test: each is its own name."""

    def get(self, name: str) -> str:
        return f"secret of {name}"


TOKEN = Token("TOWN_TOKEN", "service", a_second=1_000)
"""A token whose rate no test waits for."""


def ledger_in(folder: Path, clock: Clock | None = None) -> StateLedger:
    """The ledger of an installation of its own."""
    return StateLedger(
        Database.open(folder / "otklik.sqlite"), InstallationKeys(b"h" * 32, b"e" * 32), clock or SystemClock()
    )


@cache
def shared_ledger() -> StateLedger:
    """A ledger for tests that ask nothing of it."""
    folder = tempfile.TemporaryDirectory(prefix="otklik-ledger-")
    atexit.register(folder.cleanup)
    return ledger_in(Path(folder.name))


@dataclass
class Collected:
    """An intake that keeps what it is given, batch by batch."""

    batches: list[list[SpiderItem]] = field(default_factory=list)

    def take(self, items: Sequence[SpiderItem]) -> None:
        self.batches.append(list(items))

    @property
    def items(self) -> list[SpiderItem]:
        return [item for batch in self.batches for item in batch]


@dataclass(frozen=True)
class Crawled(Generic[S]):
    """What a crawl gave: the items in order, the spider with its counts, Scrapy's stats."""

    items: list[SpiderItem]
    spider: S
    stats: dict[str, Any]

    @property
    def posts(self) -> list[Post]:
        return [item for item in self.items if isinstance(item, Post)]

    @property
    def cursor(self) -> str:
        """The cursor of the last checkpoint, "" without one."""
        return next((item.cursor for item in reversed(self.items) if isinstance(item, Checkpoint)), "")


def source_at(url: str, *, platform: str, key: str = "source", **fields: Any) -> Source:
    """A source at a local server, with the permission to ask it."""
    host = urlsplit(url).netloc
    source = Source(key=key, platform=platform, address=url, zone=ZoneInfo("Asia/Sakhalin"), allow_private=(host,))
    return replace(source, **fields)


def run_spider(
    spider: type[S],
    source: Source,
    cursor: str = "",
    *,
    at: datetime | None = None,
    settings: dict[str, Any] | None = None,
    intake: Intake | None = None,
    ledger: Ledger | None = None,
    token: Token = TOKEN,
) -> Crawled[S]:
    """Crawl a source with Otklik's own settings (rates aside); items as the intake got them."""
    collected = Collected()
    clock = FrozenClock(at or FrozenClock.at)
    crawl = Crawl("town", source, cursor, clock, NoSecrets(), intake or collected, ledger or shared_ledger(), token)
    return in_reactor(_crawl(spider, crawl, collected, settings or {}))


async def _crawl(spider: type[S], crawl: Crawl, collected: Collected, settings: dict[str, Any]) -> Crawled[S]:
    from scrapy.crawler import Crawler
    from scrapy.settings import Settings

    chosen = Settings()
    chosen.setmodule("crawler.settings", priority="project")
    chosen.setdict({**QUICK, **settings}, priority="cmdline")
    crawler = Crawler(spider, chosen)
    await crawler.crawl_async(crawl=crawl)
    assert isinstance(crawler.spider, spider)
    return Crawled(collected.items, crawler.spider, crawler.stats.get_stats())


@dataclass
class Site:
    """A local server: `url` without a slash at the end; `asked` is every request as (method, path with query)."""

    url: str
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """What was asked for, without robots.txt."""
        return [path for _, path in self.asked if path != "/robots.txt"]


@dataclass(frozen=True)
class Page:
    """An answer: status, headers, body."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


class _Server(ThreadingHTTPServer):
    """A client that goes away is what many tests want: nothing is printed."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Nothing: the test asserts what the client saw."""


Answering = Callable[[BaseHTTPRequestHandler], None]
Pages = dict[str, "Page | str | Answering"]


FORM = "application/x-www-form-urlencoded"


def _asked_by(form: str, path: str, answers: Pages) -> str:
    """The path with a query that fits a posted form best; the path itself where none does."""
    given = set(parse_qsl(form))
    fitting = [key for key in answers if urlsplit(key).path == path and set(parse_qsl(urlsplit(key).query)) <= given]
    return max(fitting, key=lambda key: len(parse_qsl(urlsplit(key).query)), default=path)


@contextmanager
def pages(answers: Pages, *, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve these paths (with query) over HTTP(S); what is not there is a 404, and so is robots.txt unless given.

    An answer is a text, a Page, or a function that writes to the request handler itself. The dict may change meanwhile.
    A posted form finds the path whose query says most of what the form says, and nothing else.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            site.asked.append((self.command, self.path))
            site.headers.append(dict(self.headers.items()))
            path = self.path
            if self.command == "POST" and self.headers.get_content_type() == FORM:
                path = _asked_by(self.rfile.read(int(self.headers["Content-Length"])).decode(), path, answers)
            found = answers.get(path, Page(status=404))
            if isinstance(found, str):
                found = Page(found)
            if not isinstance(found, Page):
                found(self)
                return
            body = found.body.encode() if isinstance(found.body, str) else found.body
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server names them

        def log_message(self, *_: Any) -> None:
            """Nothing: pytest shows what is asserted."""

    server = _Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site = Site(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
