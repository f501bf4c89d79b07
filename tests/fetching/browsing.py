"""Pages in a real browser: what a spider gets of them, and a private side that counts whoever comes."""

import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from parsel import Selector
from scrapy.http import Response

from crawler.fetching.browser import RENDERING, Rendering
from crawler.fetching.processes import browser_processes, resident
from spiders.base import SourceSpider
from tests.crawling import Crawled, run_spider, source_at


class BrowserSpider(SourceSpider):
    """Opens the address of its source, then each of its options, one after another; keeps what the scripts made."""

    name = "browsing"
    platform = "browsing"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made: list[str] = []
        self.memory: list[int] = []

    async def start(self) -> AsyncIterator[Any]:
        self._left = [self.crawl.source.address, *self.crawl.source.options.values()]
        yield self._next()

    def _next(self) -> Any:
        request = self.ask(
            self._left.pop(0), self.parse_page, entry=True, dont_filter=True, meta={RENDERING: Rendering("#ready")}
        )
        return request.replace(errback=self.page_failed)

    def parse_page(self, response: Response) -> Iterator[Any]:
        self.made.append(response.text)
        self.memory.append(resident(browser_processes()))
        if self._left:
            yield self._next()

    def page_failed(self, failure: Any) -> Iterator[Any]:
        self.failed(failure)
        if self._left:
            yield self._next()


def browse(url: str, *more: str, settings: dict[str, Any] | None = None, **fields: Any) -> Crawled[BrowserSpider]:
    """Open these addresses in the browser."""
    options = {str(number): address for number, address in enumerate(more)}
    return run_spider(
        BrowserSpider,
        source_at(url, platform="browsing", options=options, **fields),
        settings={"DOWNLOAD_TIMEOUT": 60, **(settings or {})},
    )


def text_of(made: str, css: str = "#ready") -> str:
    """What stands in an element of a page, "" where there is none."""
    found = Selector(made).css(css)
    return " ".join(found.xpath("string()").get("").split())


def script(code: str, *, body: str = "") -> str:
    """A page that runs a script; `done(text)` shows a text and says that the page is ready."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{body}<script>
function done(text) {{
  const shown = document.createElement("p");
  shown.id = "ready";
  shown.textContent = text;
  document.body.appendChild(shown);
}}
{code}
</script></body></html>"""


@dataclass
class Inside:
    """Our own network: a port, TCP and UDP, IPv4 and IPv6. `hits` are the first bytes of whoever came."""

    port: int = 0
    hits: list[bytes] = field(default_factory=list)


@contextmanager
def inside() -> Iterator[Inside]:
    """A private side that takes every connection and every datagram, and answers what a page could read."""
    found = Inside()
    streams = [_bound(socket.AF_INET, socket.SOCK_STREAM, 0)]
    found.port = streams[0].getsockname()[1]
    streams.append(_bound(socket.AF_INET6, socket.SOCK_STREAM, found.port))
    datagrams = [_bound(family, socket.SOCK_DGRAM, found.port) for family in (socket.AF_INET, socket.AF_INET6)]
    threads = [threading.Thread(target=_take, args=(stream, found), daemon=True) for stream in streams]
    threads += [threading.Thread(target=_hear, args=(datagram, found), daemon=True) for datagram in datagrams]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        for each in (*streams, *datagrams):
            # Wakes whoever waits on it.
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                each.close()
            else:
                each.close()


def _bound(family: int, kind: int, port: int) -> socket.socket:
    made = socket.socket(family, kind)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    if kind == socket.SOCK_STREAM:
        made.listen(100)
    else:
        made.settimeout(0.2)
    return made


def _take(listener: socket.socket, found: Inside) -> None:
    while True:
        try:
            talk, _ = listener.accept()
        except OSError:
            return
        with talk:
            talk.settimeout(1)
            try:
                found.hits.append(talk.recv(200))
                talk.sendall(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 6\r\n\r\nsecret")
            except OSError:
                found.hits.append(b"")


def _hear(bound: socket.socket, found: Inside) -> None:
    while True:
        try:
            found.hits.append(bound.recv(200))
        except TimeoutError:
            if bound.fileno() < 0:
                return
        except OSError:
            return
