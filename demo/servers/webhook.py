"""A ticket system that takes Otklik's webhook: does what docs/webhook.md asks of a receiver, and keeps what it got."""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

# How far a timestamp may be from the receiver's clock, in seconds.
REPLAY_WINDOW = 300


@dataclass(slots=True)
class Received:
    """A ticket as the receiver has it: the latest state and the sequence it came with. `made` counts creations."""

    id: str
    key: str
    sequence: int
    ticket: dict[str, Any]
    made: int = 1


@dataclass
class TicketServer:
    """Serves POST on a free port of 127.0.0.1 while the context is open.

    `tickets` holds what was taken by key, `calls` counts outcomes. `failures` says what the next calls get, one after
    another: "500" before anything is done, "500 after" and "drop after" when it is done already, "drop" the
    connection before, or any status such as "422". `remembers_keys` False makes a careless receiver that doubles.
    `gives_ids` False makes one that answers without an id.
    """

    secret: str
    remembers_keys: bool = True
    gives_ids: bool = True
    tickets: dict[str, Received] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where to send tickets."""
        if self._server is None:
            raise RuntimeError("the server is not running: use it as a context manager")
        return f"http://127.0.0.1:{self._server.server_address[1]}/tickets"

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                owner._serve(self)

            def log_message(self, *_: Any) -> None:
                """Nothing: calls are counted, not printed."""

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
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.seen.append((headers, body))
            failure = self.failures.pop(0) if self.failures else ""
            if failure in ("", "500 after", "drop after"):
                status, content = self.take(headers, body)
            else:
                status, content = (int(failure) if failure.isdecimal() else 0), {"error": "as told"}
        if failure.startswith("drop"):
            handler.close_connection = True
            return
        if failure == "500 after":
            status = 500
        answer = json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Check and keep one call; the status and the JSON of the answer."""
        wrong = self._wrong(headers, body)
        if wrong:
            self.calls[wrong] += 1
            return 401, {"error": wrong}
        content = json.loads(body)
        if content["event"] == "update":
            return self._update(content)
        return self._create(content)

    def _wrong(self, headers: dict[str, str], body: bytes) -> str:
        timestamp = headers.get("x-otklik-timestamp", "")
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > REPLAY_WINDOW:
            return "stale"
        expected = hmac.new(self.secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers.get("x-otklik-signature", ""), f"sha256={expected}"):
            return "bad signature"
        return ""

    def _create(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        key = content["key"]
        known = self.tickets.get(key)
        if known and self.remembers_keys:
            self.calls["repeated"] += 1
            return 200, self._answer(known)
        if known:
            known.made += 1
        else:
            known = self.tickets[key] = Received(
                f"T-{len(self.tickets) + 1}" if self.gives_ids else key, key, content["sequence"], content["ticket"]
            )
        self.calls["created"] += 1
        return 201, self._answer(known)

    def _update(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        known = next((one for one in self.tickets.values() if one.id == content["id"]), None)
        if known is None:
            self.calls["unknown"] += 1
            return 404, {"error": "no such ticket"}
        if content["sequence"] > known.sequence:
            known.sequence, known.ticket = content["sequence"], content["ticket"]
            self.calls["updated"] += 1
        else:
            self.calls["overtaken"] += 1
        return 200, self._answer(known)

    def _answer(self, known: Received) -> dict[str, Any]:
        return {"id": known.id} if self.gives_ids else {}
