"""/metrics: who may ask, what is answered, and that the page of the docs lists what there is."""

import asyncio
import re
import socket
import threading
from collections.abc import Callable

import pytest

from crawler.environment import CHECKOUT, Environment
from crawler.model.errors import OtklikError
from crawler.monitoring.catalogue import METRICS
from crawler.monitoring.counted import MOST_WORDS, Counted
from crawler.monitoring.endpoint import Address, Endpoint
from crawler.pulse import LONGEST, Pulse

TOKEN = "a-token-of-sixteen-or-more"


def test_the_page_lists_every_metric_with_its_labels() -> None:
    page = (CHECKOUT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(otklik_\w+)` \| (.*?) \|", page, re.MULTILINE)
    assert [(name, tuple(re.findall(r"`(\w+)`", labels))) for name, labels in rows] == [
        (metric.name, metric.labels) for metric in METRICS.values()
    ]


@pytest.mark.parametrize("given", ["", "9464", "127.0.0.1", "127.0.0.1:", "example.org:80", "127.0.0.1:70000", "::1"])
def test_an_address_that_is_none(given: str) -> None:
    with pytest.raises(OtklikError, match="9464"):
        Address.read(given, TOKEN)


@pytest.mark.parametrize("given", ["0.0.0.0:9464", "10.0.0.5:9464", "[::]:9464"])
def test_an_address_that_others_see_needs_a_token(given: str) -> None:
    with pytest.raises(OtklikError, match="OTKLIK_METRICS_TOKEN"):
        Address.read(given, "")
    assert Address.read(given, TOKEN).port == 9464
    with pytest.raises(OtklikError, match="16"):
        Environment({"OTKLIK_METRICS_TOKEN": "short"}).metrics_token()


@pytest.mark.parametrize("given", ["127.0.0.1:0", "localhost:0", "[::1]:0"])
def test_an_address_of_this_machine_needs_none(given: str) -> None:
    assert Address.read(given, "").port == 0


def ask(request: bytes, page: Callable[[], bytes] = lambda: b"up 1\n", token: str = "") -> bytes:
    """What the endpoint answers to these bytes."""

    async def talk() -> bytes:
        endpoint = Endpoint(page, token)
        url = await endpoint.start(Address("127.0.0.1", 0))
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.split(":")[2].partition("/")[0]))
        writer.write(request)
        if request:
            await writer.drain()
        else:
            writer.write_eof()
        answer = await reader.read()
        writer.close()
        await endpoint.stop()
        return answer

    return asyncio.run(talk())


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /metrics?x=1 HTTP/1.0\r\n\r\n", 200),
        (b"HEAD /metrics HTTP/1.1\r\n\r\n", 200),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /metrics/../otklik.sqlite HTTP/1.1\r\n\r\n", 404),
        (b"\x16\x03\x01\x02\r\n\r\n", 404),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", 431),
    ],
)
def test_answers(request_: bytes, status: int) -> None:
    answer = ask(request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b"up 1\n") is (status == 200 and request_.startswith(b"GET"))


def test_a_client_that_says_nothing_gets_nothing() -> None:
    assert ask(b"") == b""


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"", 401),
        (b"Authorization: Bearer wrong-token-of-sixteen\r\n", 401),
        (b"Authorization: Basic " + TOKEN.encode() + b"\r\n", 401),
        (b"Authorization: Bearer \xff\xfe\r\n", 401),
        (b"authorization: bearer " + TOKEN.encode() + b"\r\n", 200),
    ],
)
def test_a_token_is_asked_for(header: bytes, status: int) -> None:
    answer = ask(b"GET /metrics HTTP/1.1\r\n" + header + b"\r\n", token=TOKEN)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert TOKEN.encode() not in answer


def test_a_page_that_cannot_be_made_is_a_500() -> None:
    def broken() -> bytes:
        raise ZeroDivisionError

    assert ask(b"GET /metrics HTTP/1.1\r\n\r\n", broken).startswith(b"HTTP/1.1 500 ")


def test_who_asks_within_a_second_gets_the_same_page() -> None:
    made: list[int] = []

    def page() -> bytes:
        made.append(threading.get_ident())
        return b"page"

    async def talk() -> None:
        endpoint = Endpoint(page)
        url = await endpoint.start(Address("127.0.0.1", 0))
        port = int(url.split(":")[2].partition("/")[0])

        async def one() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
            answer = await reader.read()
            writer.close()
            return answer

        answers = await asyncio.gather(*(one() for _ in range(10)))
        assert all(answer.endswith(b"page") for answer in answers)
        await endpoint.stop()

    asyncio.run(talk())
    assert len(made) == 1
    assert made != [threading.get_ident()]


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OtklikError, match=str(port)):
            asyncio.run(Endpoint(lambda: b"").start(Address("127.0.0.1", port)))


def test_words_of_errors_are_bounded() -> None:
    counted = Counted()
    for number in range(MOST_WORDS + 50):
        word = counted._word(("town", "wall"), f"word {number}")
        counted.add("otklik_errors_total", ("town", "wall", word), 1)
    assert len(counted.readings()["otklik_errors_total"]) == MOST_WORDS + 1


def test_the_pulse_complains_of_what_fails_is_stuck_or_has_not_begun() -> None:
    now = [0.0]
    pulse = Pulse(lambda: now[0])
    assert pulse.complaint() == ""
    pulse.begins("drain")
    assert pulse.complaint() == "drain: not begun"
    pulse.works("drain")
    assert pulse.complaint() == ""
    pulse.fails("crawl town/wall", "StateError")
    assert pulse.complaint() == "crawl town/wall: StateError"
    pulse.works("crawl town/wall")
    now[0] += LONGEST + 1
    assert pulse.complaint() == "drain: stuck"
    pulse.works("drain")
    assert pulse.complaint() == ""
