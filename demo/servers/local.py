"""What the local servers share: a thread that serves HTTP, counts requests, and can be told to fail."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    type: str = "text/html; charset=utf-8"


class LocalServer:
    """Serves `answer(path, query, headers)` on a free port of 127.0.0.1 while the context is open.

    `asked` counts requests by path with query. `failing` says what the next requests get instead, one after another.
    `robots` is robots.txt, `slow` the seconds that every answer waits.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.failing: list[Answer] = []
        self.robots = "User-agent: *\nDisallow:\n"
        self.slow = 0.0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The base address, without a slash at the end."""
        if self._server is None:
            raise RuntimeError("the server is not running: use it as a context manager")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> int:
        """How many requests were made, robots.txt aside."""
        return self.asked.total() - self.asked["/robots.txt"]

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:
        """The answer to a GET; `headers` have lower-case names."""
        raise NotImplementedError

    def fail(self, status: int, *, times: int = 1, retry_after: int | None = None) -> None:
        """Answer the next requests with an error."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.failing += [Answer(b"<h1>error</h1>", status, headers)] * times

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner._serve(self)

            def log_message(self, *_: Any) -> None:
                """Nothing: requests are counted, not printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = None

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.asked[handler.path] += 1
        if parts.path == "/robots.txt":
            answer = Answer(self.robots.encode(), type="text/plain; charset=utf-8")
        elif self.failing:
            answer = self.failing.pop(0)
        else:
            time.sleep(self.slow)
            answer = self.answer(parts.path, parts.query, {k.lower(): v for k, v in handler.headers.items()})
        handler.send_response(answer.status)
        headers = {"Content-Type": answer.type, "Content-Length": str(len(answer.body)), **answer.headers}
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.status != 304:
            handler.wfile.write(answer.body)
