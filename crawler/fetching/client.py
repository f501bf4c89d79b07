"""HTTP without Scrapy behind the address guard: tickets, replies, images, heartbeat. It imports nothing of Scrapy."""

import re
import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httpcore

from crawler.fetching.addresses import AddressGuard, Target
from crawler.fetching.names import resolve
from crawler.model.errors import OtklikError
from crawler.model.text import Text

_CONNECT = 10.0
_SLICE = 65_536
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
# What a URL may hold beside letters and digits (RFC 3986), % included: it is taken as quoted already.
_SAFE = "%:/?@!$&'()*+,;=~-._"

_Option = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class NotSentError(OtklikError):
    """The request surely did not leave: no address, no connection, no TLS. It can be sent again as it is."""


class UnknownOutcomeError(OtklikError):
    """The request, or a part of it, left and no whole answer came: ask by key whether it was done, then try again."""


class TooLargeError(UnknownOutcomeError):
    """An answer came, and its body is over what was allowed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case; repeated ones are joined by a comma."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


class GuardedClient:
    """One fresh connection a request, so that no request is ever written into a connection that died meanwhile.

    Redirects are answers like others, bodies are not decompressed; `seconds` bounds a whole request, `most` bytes the
    body of its answer. `allow` is as AddressGuard has it. Safe to share between threads.
    """

    def __init__(self, allow: Collection[str] = (), *, seconds: float = 30.0, most: int = 1_000_000) -> None:
        self._guard = AddressGuard(allow)
        self._seconds = seconds
        self._most = most
        self._tls = ssl.create_default_context()

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send and read the answer, whatever its status.

        AddressRefusedError, NotSentError: nothing was sent. UnknownOutcomeError: it may have been done.
        """
        target = self._guard.check_url(url)
        if _UNSAFE.search(url):
            raise NotSentError(
                Text(ru=f"{target.key}: в адресе недопустимый знак", en=f"{target.key}: a bad character")
            )
        talk = _Talk(target, self._guard, time.monotonic() + self._seconds)
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=_target_of(url)),
            headers=_whole(headers or {}, target, body),
            content=body,
        )
        with httpcore.ConnectionPool(ssl_context=self._tls, network_backend=_Backend(talk), http2=False) as pool:
            return self._exchange(pool, request, talk)

    def _exchange(self, pool: httpcore.ConnectionPool, request: httpcore.Request, talk: "_Talk") -> Answer:
        try:
            response = pool.handle_request(request)
            try:
                assert not isinstance(response.stream, bytes)
                body = self._bounded(response.stream, talk)  # type: ignore[arg-type]
            finally:
                response.close()
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise talk.error(error) from error
        names: dict[str, str] = {}
        for raw, value in response.headers:
            name = raw.decode("latin-1").lower()
            text = value.decode("latin-1")
            names[name] = f"{names[name]}, {text}" if name in names else text
        return Answer(response.status, names, body)

    def _bounded(self, chunks: Iterable[bytes], talk: "_Talk") -> bytes:
        whole = bytearray()
        for chunk in chunks:
            whole += chunk
            if len(whole) > self._most:
                raise TooLargeError(
                    Text(
                        ru=f"{talk.target.key}: ответ больше {self._most} байт, прерван.",
                        en=f"{talk.target.key}: the answer is over {self._most} bytes and was cut off.",
                    )
                )
        return bytes(whole)


@dataclass(slots=True)
class _Talk:
    """One request: until when, and whether a byte of it has left."""

    target: Target
    guard: AddressGuard
    deadline: float
    sent: bool = False

    def left(self, most: float | None = None) -> float:
        """Seconds that an operation may take; TimeoutError when the time is over."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the time for the whole request is over")
        return seconds if most is None else min(seconds, most)

    def error(self, error: Exception) -> OtklikError:
        """What a failure means for whoever sent."""
        reason = str(error) or type(error).__name__
        if self.sent:
            return UnknownOutcomeError(
                Text(
                    ru=f"{self.target.key}: запрос отправлен, ответа нет ({reason}); исполнен ли он, неизвестно.",
                    en=f"{self.target.key}: sent, and no answer came ({reason}); whether it was done is unknown.",
                )
            )
        return NotSentError(
            Text(
                ru=f"{self.target.key}: соединиться не удалось ({reason}); ничего не отправлено.",
                en=f"{self.target.key}: no connection ({reason}); nothing was sent.",
            )
        )


class _Backend(httpcore.NetworkBackend):
    """Resolves, checks every address, and connects to one that was checked."""

    def __init__(self, talk: _Talk) -> None:
        self._talk = talk
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the talk's own time holds
        local_address: str | None = None,
        socket_options: Iterable[_Option] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers."""
        failure: Exception = httpcore.ConnectError(f"no address for {host}")
        for address in resolve(self._talk.guard, host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._talk.left(_CONNECT), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._talk)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation ends with the time of the whole request: drops do not keep it alive."""

    def __init__(self, inner: httpcore.NetworkStream, talk: _Talk) -> None:
        self._inner = inner
        self._talk = talk

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self._inner.read(max_bytes, self._talk.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it; from here on the request may have been done."""
        for start in range(0, len(buffer), _SLICE):
            left = self._talk.left(timeout)
            self._talk.sent = True
            self._inner.write(buffer[start : start + _SLICE], left)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection inside TLS; the handshake sends nothing of the request."""
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._talk.left(timeout)), self._talk)

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks about the connection."""
        return self._inner.get_extra_info(info)


def _target_of(url: str) -> str:
    parts = urlsplit(url)
    return quote(parts.path or "/", safe=_SAFE) + ("?" + quote(parts.query, safe=_SAFE) if parts.query else "")


def _whole(headers: Mapping[str, str], target: Target, body: bytes) -> list[tuple[bytes, bytes]]:
    """The headers with those that every request has; the caller's own come last."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    default = {"http": 80, "https": 443}[target.scheme] == target.port
    own = {name.lower() for name in headers}
    fixed = {
        "Host": host if default else f"{host}:{target.port}",
        "User-Agent": "Otklik",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": str(len(body)),
    }
    whole = {**{name: value for name, value in fixed.items() if name.lower() not in own}, **headers}
    return [(name.encode(), value.encode()) for name, value in whole.items()]
