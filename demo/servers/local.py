"""What the local servers share: a thread that serves HTTP, counts requests, and can be told to fail."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `wait` holds it back that many seconds; `cut` says its length and hangs up halfway.

    `parts` are sent instead of `body`, one after another, until they end or the client goes away; no length is said.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    type: str = "text/html; charset=utf-8"
    wait: float = 0.0
    cut: bool = False
    parts: Iterable[bytes] | None = None


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
        self._counting = threading.Lock()
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

    def answer_post(self, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:  # noqa: ARG002
        """The answer to a POST."""
        return Answer(b"<h1>405</h1>", 405)

    def fail(self, status: int, /, *, times: int = 1, retry_after: int | None = None) -> None:
        """Answer the next requests with an error."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.failing += [Answer(b"<h1>error</h1>", status, headers)] * times

    def mend(self) -> None:
        """Take back what the next requests were to get."""
        self.failing.clear()

    def cut(self, *, times: int = 1) -> None:
        """Hang up in the middle of the next answers."""
        self.failing += [Answer(b"<h1>half of this never comes</h1>", cut=True)] * times

    def hang(self, seconds: float, *, times: int = 1) -> None:
        """Say nothing for so long to the next requests, and then nothing useful."""
        self.failing += [Answer(wait=seconds)] * times

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                owner._serve(self)

            def do_POST(self) -> None:
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
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._counting:
            self.asked[handler.path] += 1
            planned = self.failing.pop(0) if self.failing and parts.path != "/robots.txt" else None
        if parts.path == "/robots.txt":
            answer = Answer(self.robots.encode(), type="text/plain; charset=utf-8")
        elif planned:
            answer = planned
        else:
            time.sleep(self.slow)
            if handler.command == "POST":
                answer = self.answer_post(parts.path, parts.query, headers, body)
            else:
                answer = self.answer(parts.path, parts.query, headers)
        _send(handler, answer)


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    time.sleep(answer.wait)
    length = {"Content-Length": str(len(answer.body))} if answer.parts is None else {"Connection": "close"}
    handler.send_response(answer.status)
    for name, value in {"Content-Type": answer.type, **length, **answer.headers}.items():
        handler.send_header(name, value)
    handler.close_connection = handler.close_connection or answer.cut or answer.parts is not None
    try:
        handler.end_headers()
        if answer.status != 304:
            for part in (answer.body[: len(answer.body) // 2],) if answer.cut else answer.parts or (answer.body,):
                handler.wfile.write(part)
    except (BrokenPipeError, ConnectionResetError):
        handler.close_connection = True
