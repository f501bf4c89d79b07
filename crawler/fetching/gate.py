"""The one way out of the browser: a forward proxy of our own that lets a page reach allowed addresses alone.

Chromium resolves names by itself, so it is bound to this proxy and resolves none: here a name is looked up, checked,
and connected to at the very address that was checked. A page has a gate of its own, with the permissions of its source
and bounds of its own, and the gate closes with it.
"""

import asyncio
import logging
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from crawler.fetching.addresses import AddressGuard, Target
from crawler.fetching.names import resolve
from crawler.model.errors import AddressRefusedError, PageError
from crawler.model.text import Text

logger = logging.getLogger(__name__)

_LONGEST_HEAD = 65_536
_SLICE = 65_536
_CONNECT_SECONDS = 15.0
_MOST_CONNECTIONS = 64
_REQUEST = re.compile(rb"([A-Z]{3,16}) (\S+) HTTP/1\.1\r\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
# What speaks of one connection, not of the message (RFC 9110, 7.6.1).
_HOP = re.compile(rb"^(?:proxy-[a-z-]+|connection|keep-alive|upgrade):.*\r\n", re.IGNORECASE | re.MULTILINE)
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d")
_NAMES = ThreadPoolExecutor(8, thread_name_prefix="names")
"""Names that nobody answers for must not hold up what the loop does in its own threads: the state, above all."""
_OPEN: set[int] = set()
"""Ports of the gates of this process: none leads into another."""


class Budget:
    """What one page may still use. `over` is done, with the error, when it asked for more."""

    def __init__(self, most_bytes: int, most_requests: int) -> None:
        self._bytes = most_bytes
        self._requests = most_requests
        self.over: asyncio.Future[PageError] = asyncio.get_running_loop().create_future()

    def spend(self, size: int) -> bool:
        """Bytes that went over the wire; False when they were too many."""
        self._bytes -= size
        if self._bytes < 0:
            ru, en = "страница загружает слишком много", "the page loads too much"
            self.end(PageError("too large", Text(ru, en)))
        return self._bytes >= 0

    def ask(self) -> bool:
        """One more request; False when it is one too many."""
        self._requests -= 1
        if self._requests < 0:
            ru, en = "страница делает слишком много запросов", "the page makes too many requests"
            self.end(PageError("too many requests", Text(ru, en)))
        return self._requests >= 0

    def end(self, error: PageError) -> None:
        """Whatever it was, the page is over."""
        if not self.over.done():
            self.over.set_result(error)


class Gate:
    """A proxy on a port of 127.0.0.1 while the context is open. `refused` counts what it let nobody to."""

    def __init__(self, guard: AddressGuard, budget: Budget) -> None:
        self._guard = guard
        self._budget = budget
        self._talks: set[asyncio.Task[None]] = set()
        self.refused = 0
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]
        _OPEN.add(self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()
        _OPEN.discard(self.port)

    @property
    def url(self) -> str:
        """What the browser is told."""
        return f"http://127.0.0.1:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._talks) >= _MOST_CONNECTIONS:
            writer.transport.abort()
            return
        talk = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser: a tunnel, or one plain request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._serve(head, reader, writer)
        except AddressRefusedError as error:
            self.refused += 1
            logger.info("a page was kept from an address: %s", error.text.en)
            await _answer(writer, b"403 Refused")
        except (OSError, TimeoutError):
            await _answer(writer, b"502 No connection")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            await _answer(writer, b"400 Not understood")
        finally:
            writer.transport.abort() if self._budget.over.done() else writer.close()

    async def _serve(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = _REQUEST.match(head)
        if not found:
            raise ValueError(head[:80])
        method, address = found[1].decode("ascii"), found[2].decode("ascii")
        if not self._budget.ask():
            return
        tunnel = method == "CONNECT"
        target = self._check(f"https://{address}/" if tunnel else address)
        upstream, sink = await self._connect(target)
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                await self._both(self._pump(reader, sink), self._pump(upstream, writer))
            else:
                sink.write(_request_head(method, address, head[found.end() :]))
                await self._both(self._ask(reader, sink, _body_of(head)), self._pass_answer(upstream, writer))
        finally:
            sink.close()

    def _check(self, url: str) -> Target:
        target = self._guard.check_url(url)
        if target.port in _OPEN:
            raise AddressRefusedError(Text(f"{url}: ворота другой страницы", f"{url}: the gate of another page"))
        return target

    async def _connect(self, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to an address of the name that was checked: the first that answers."""
        failure: OSError = OSError(f"no address for {target.host}")
        async with asyncio.timeout(_CONNECT_SECONDS):
            asked = asyncio.get_running_loop().run_in_executor(_NAMES, resolve, self._guard, target.host, target.port)
            for address in await asked:
                try:
                    return await asyncio.open_connection(address, target.port, limit=_LONGEST_HEAD)
                except OSError as error:
                    failure = error
        raise failure

    @staticmethod
    async def _both(*pumps: Coroutine[None, None, None]) -> None:
        """Until the first of the two directions ends; what the other still has goes nowhere."""
        tasks = [asyncio.ensure_future(pump) for pump in pumps]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int | None = None) -> None:
        """Pass bytes on, to the end or `left` of them, as long as the page may use more."""
        while left is None or left > 0:
            data = await source.read(_SLICE if left is None else min(_SLICE, left))
            if not data or not self._budget.spend(len(data)):
                break
            left = None if left is None else left - len(data)
            sink.write(data)
            await sink.drain()

    async def _ask(self, reader: asyncio.StreamReader, sink: asyncio.StreamWriter, length: int) -> None:
        """The body of a plain request, then nothing more: until the browser goes away."""
        await self._pump(reader, sink, length)
        await reader.read(1)

    async def _pass_answer(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The answer to a plain request, told to be the last on its connection: the next may be for another host."""
        head = await upstream.readuntil(b"\r\n\r\n")
        while _INTERIM.match(head):
            head = await upstream.readuntil(b"\r\n\r\n")
        if self._budget.spend(len(head)):
            writer.write(_HOP.sub(b"", head[:-2]) + b"Connection: close\r\n\r\n")
            await self._pump(upstream, writer)
            await writer.drain()


def _request_head(method: str, address: str, headers: bytes) -> bytes:
    """The head of a proxied request as the server itself is asked (RFC 9112, 3.2.1), on a connection of its own."""
    path = re.sub(r"^[a-z]+://[^/?#]*", "", address.partition("#")[0])
    line = f"{method} {path if path.startswith('/') else '/' + path} HTTP/1.1\r\n"
    return line.encode("ascii") + _HOP.sub(b"", headers[:-2]) + b"Connection: close\r\n\r\n"


def _body_of(head: bytes) -> int:
    """How many bytes of body follow the head; a browser sends no others through a proxy."""
    if _CHUNKED.search(head):
        raise ValueError("a request of unknown length")
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


async def _answer(writer: asyncio.StreamWriter, status: bytes) -> None:
    with suppress(OSError):
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
