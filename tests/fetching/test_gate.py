"""The browser's way out, asked as a browser asks a proxy."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from crawler.fetching.addresses import AddressGuard
from crawler.fetching.gate import Budget, Gate
from tests.crawling import Page, pages
from tests.fetching.test_resolver import drip


async def send(port: int, text: str) -> bytes:
    """Write to the gate and read until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def through(
    allow: str, work: Callable[[Gate, Budget], Coroutine[Any, Any, Any]], *, most: int = 1_000_000, requests: int = 50
) -> Any:
    """What `work` gives with a gate that has this permission."""

    async def run() -> Any:
        budget = Budget(most, requests)
        async with Gate(AddressGuard([allow] if allow else []), budget) as gate:
            return await work(gate, budget)

    return asyncio.run(run())


def test_a_plain_request_is_passed_on_as_the_server_itself_is_asked() -> None:
    with pages({"/a?b=1": "hello"}) as site:
        host = site.url.partition("//")[2]
        head = f"GET {site.url}/a?b=1#x HTTP/1.1\r\nHost: {host}\r\nProxy-Connection: keep-alive\r\nX-A: 1\r\n\r\n"
        answer = through(host, lambda gate, _: send(gate.port, head))
    assert answer.startswith(b"HTTP/1.1 200")
    # So that the browser asks for another host on another connection.
    assert b"Connection: close" in answer
    assert answer.endswith(b"hello")
    assert site.headers == [{"Host": host, "X-A": "1", "Connection": "close"}]


def test_a_body_is_passed_on_and_what_follows_it_is_not() -> None:
    bodies: list[bytes] = []

    def take(handler: BaseHTTPRequestHandler) -> None:
        bodies.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.send_response(204)
        handler.end_headers()

    with pages({"/": take}) as site:
        host = site.url.partition("//")[2]
        head = f"POST {site.url}/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\n\r\nbody"
        assert through(host, lambda gate, _: send(gate.port, head)).startswith(b"HTTP/1.1 204")
        through(host, lambda gate, _: send(gate.port, head + f"GET {site.url}/other HTTP/1.1\r\n\r\n"))
    assert set(bodies) == {b"body"}
    assert set(site.paths) == {"/"}


@pytest.mark.parametrize(
    "head",
    [
        "GET http://127.0.0.1:PORT/ HTTP/1.1\r\n\r\n",
        "CONNECT 127.0.0.1:PORT HTTP/1.1\r\n\r\n",
        "CONNECT localhost:PORT HTTP/1.1\r\n\r\n",
        "CONNECT [::1]:PORT HTTP/1.1\r\n\r\n",
        "CONNECT user@127.0.0.1:PORT HTTP/1.1\r\n\r\n",
        "GET ftp://127.0.0.1:PORT/ HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        "GET http://127.0.0.1:PORT/ HTTP/1.0\r\n\r\n",
        "nonsense\r\n\r\n",
        "CONNECT / HTTP/1.1\r\n\r\n",
        "GET http://" + "a" * 70_000 + "/ HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_not_allowed_or_not_understood_is_refused(head: str) -> None:
    with pages({"/": "secret"}) as site:
        asked = head.replace("PORT", site.url.rpartition(":")[2])
        answer = through("", lambda gate, _: send(gate.port, asked))
    assert answer[:12] in {b"HTTP/1.1 403", b"HTTP/1.1 400"}
    assert site.asked == []


def test_no_gate_leads_into_another_one_even_where_this_machine_is_allowed() -> None:
    async def both(gate: Gate, _: Budget) -> list[bytes]:
        async with Gate(AddressGuard(["127.0.0.1"]), Budget(1_000, 10)) as other:
            asked = (f"CONNECT 127.0.0.1:{other.port} HTTP/1.1\r\n\r\n", f"GET {other.url}/ HTTP/1.1\r\n\r\n")
            return [(await send(gate.port, each))[:12] for each in asked]

    assert through("127.0.0.1", both) == [b"HTTP/1.1 403"] * 2


def test_the_bytes_of_a_page_are_bounded_over_all_its_connections() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        drip(handler, lambda: b"x" * 65_536)

    async def work(gate: Gate, budget: Budget) -> tuple[int, str]:
        head = f"GET {site.url}/ HTTP/1.1\r\nHost: x\r\n\r\n"
        got = await asyncio.gather(*(send(gate.port, head) for _ in range(3)))
        return sum(map(len, got)), budget.over.result().word

    with pages({"/": endless}) as site:
        size, word = through(site.url.partition("//")[2], work, most=500_000)
    assert size <= 500_000
    assert word == "too large"


def test_the_requests_of_a_page_are_bounded() -> None:
    async def work(gate: Gate, budget: Budget) -> str:
        for _ in range(6):
            await send(gate.port, f"GET {site.url}/ HTTP/1.1\r\nHost: x\r\n\r\n")
        return budget.over.result().word

    with pages({"/": Page("x")}) as site:
        assert through(site.url.partition("//")[2], work, requests=5) == "too many requests"
    assert len(site.asked) == 5


def test_a_host_that_is_not_there_is_told_and_a_closed_gate_takes_nobody() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    answer = through(host, lambda gate, _: send(gate.port, f"GET http://{host}/ HTTP/1.1\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 502")

    async def port_of(gate: Gate, _: Budget) -> int:
        return gate.port

    with pytest.raises(ConnectionRefusedError):
        asyncio.run(send(through(host, port_of), ""))


def test_names_that_nobody_answers_for_leave_the_threads_of_the_loop_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, asked, look_up = threading.Event(), threading.Event(), socket.getaddrinfo

    def slowly(host: Any, *arguments: Any, **more: Any) -> Any:
        if str(host).endswith("slow.example"):
            asked.set()
            answered.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return look_up(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)

    async def work(gate: Gate, _: Budget) -> bool:
        heads = [f"CONNECT {number}.slow.example:443 HTTP/1.1\r\n\r\n" for number in range(40)]
        waiting = [asyncio.create_task(send(gate.port, head)) for head in heads]
        try:
            await asyncio.sleep(0.1)
            # In the threads of the loop, where the state is written.
            free = await asyncio.to_thread(lambda: asked.is_set() and not answered.is_set())
        finally:
            answered.set()
        await asyncio.gather(*waiting)
        return free

    assert through("", work)
