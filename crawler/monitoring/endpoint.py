"""/metrics over HTTP in the run's loop: one page, a token where others can ask; no client can hold up the crawls.

A connection has a few seconds and a few kilobytes for its request and gets one answer. The page is made in a thread of
its own, once for all who ask within a second.
"""

import asyncio
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST

from crawler.model.errors import OtklikError
from crawler.model.text import Text

logger = logging.getLogger(__name__)

_MOST_HEAD = 16_384
_SECONDS = 5.0
_PAGE_SECONDS = 20.0
_FRESH = 1.0
_AT_ONCE = 16
TOKEN_VARIABLE = "OTKLIK_METRICS_TOKEN"  # noqa: S105 - the name of a variable
PATH = "/metrics"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def read(cls, given: str, token: str) -> "Address":
        """`HOST:PORT`. OtklikError when it is none, or when others could ask it and there is no token."""
        host, _, port = given.rpartition(":")
        host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise OtklikError(_FORM.filled(given=given)) from None
        if not (port.isascii() and port.isdigit() and int(port) < 65_536):
            raise OtklikError(_FORM.filled(given=given))
        if not address.is_loopback and not token:
            raise OtklikError(_OPEN.filled(given=given, variable=TOKEN_VARIABLE))
        return cls(host, int(port))


_FORM = Text(
    "--metrics {given}: ожидается IP-адрес и порт, например 127.0.0.1:9464 или [::1]:9464",
    "--metrics {given}: an IP address and a port are expected, such as 127.0.0.1:9464 or [::1]:9464",
)
_OPEN = Text(
    "--metrics {given} виден другим машинам: задайте {variable} (от 16 знаков) или слушайте 127.0.0.1",
    "--metrics {given} is seen by other machines: set {variable} (16 characters or more), or listen on 127.0.0.1",
)
_TAKEN = Text(
    "--metrics: на {host}:{port} нельзя слушать ({why}): займите другой порт",
    "--metrics: {host}:{port} cannot be listened on ({why}): take another port",
)


class Endpoint:
    """Serves what `page` gives. With a token every request needs `Authorization: Bearer TOKEN`."""

    def __init__(self, page: Callable[[], bytes], token: str = "") -> None:
        self._page = page
        self._token = token
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._made: tuple[float, bytes] = (0.0, b"")
        self._making: asyncio.Future[bytes] | None = None
        self._server: asyncio.Server | None = None
        self._open = 0

    async def start(self, address: Address) -> str:
        """Listen; the URL of the page. OtklikError when the address cannot be had."""
        try:
            self._server = await asyncio.start_server(self._serve, address.host, address.port, limit=_MOST_HEAD)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise OtklikError(_TAKEN.filled(host=address.host, port=address.port, why=why)) from error
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        self._open += 1
        try:
            if self._open <= _AT_ONCE:
                async with asyncio.timeout(_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._answer(head))
                async with asyncio.timeout(_SECONDS):
                    await writer.drain()
        except asyncio.LimitOverrunError:
            writer.write(_response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            logger.info("a request of /metrics came to nothing: %s", type(error).__name__)
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        if self._token and not self._let_in(lines):
            return _response(HTTPStatus.UNAUTHORIZED, more="WWW-Authenticate: Bearer\r\n")
        if path != PATH:
            return _response(HTTPStatus.NOT_FOUND)
        if method not in {"GET", "HEAD"}:
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, more="Allow: GET, HEAD\r\n")
        try:
            page = await self._fresh()
        except TimeoutError:
            return _response(HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception:
            logger.exception("the page of /metrics could not be made")
            return _response(HTTPStatus.INTERNAL_SERVER_ERROR)
        return _response(HTTPStatus.OK, page, kind=CONTENT_TYPE_LATEST, body=method == "GET")

    def _let_in(self, lines: list[str]) -> bool:
        given = ""
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip().lower() == "authorization":
                given = value.strip()
        scheme, _, token = given.partition(" ")
        same = hmac.compare_digest(token.strip().encode(), self._token.encode())
        return same and scheme.lower() == "bearer"

    async def _fresh(self) -> bytes:
        """The page, made anew when the last one is over a second old; whoever asks meanwhile waits for the same."""
        at, page = self._made
        if page and time.monotonic() - at < _FRESH:
            return page
        if self._making is None or self._making.done():
            self._making = asyncio.get_running_loop().run_in_executor(self._thread, self._page)
        async with asyncio.timeout(_PAGE_SECONDS):
            page = await asyncio.shield(self._making)
        self._made = (time.monotonic(), page)
        return page


def _response(
    status: HTTPStatus,
    content: bytes = b"",
    *,
    kind: str = "text/plain; charset=utf-8",
    more: str = "",
    body: bool = True,
) -> bytes:
    content = content if status is HTTPStatus.OK else f"{status.phrase}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        f"Cache-Control: no-store\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + (content if body else b"")
