"""The guarded client: what was surely not sent, what may have been done, and what is never asked."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from crawler.fetching.client import GuardedClient, NotSentError, UnknownOutcomeError
from crawler.model.errors import AddressRefusedError
from tests.certificates import certificate, self_signed
from tests.crawling import Page, Site, pages


def client(site: Site, *, seconds: float = 5.0, most: int = 1_000_000) -> GuardedClient:
    return GuardedClient([site.url.partition("//")[2]], seconds=seconds, most=most)


def test_a_request_arrives_whole_and_the_answer_comes_back() -> None:
    received: list[bytes] = []

    def take(handler: BaseHTTPRequestHandler) -> None:
        received.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        handler.send_response(201)
        handler.send_header("Location", "/issues/7")
        handler.send_header("Set-Cookie", "a=1")
        handler.send_header("Set-Cookie", "b=2")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    with pages({"/issues?x=%D1%8F": take}) as site:
        body = "яма".encode()
        answer = client(site).request("POST", site.url + "/issues?x=я", {"X-Key": "ключ-1"}, body)
    assert (answer.status, answer.body) == (201, b"ok")
    assert answer.headers["location"] == "/issues/7"
    assert answer.headers["set-cookie"] == "a=1, b=2"
    assert received == [body]
    assert site.headers[0]["X-Key"].encode("latin-1").decode() == "ключ-1"
    assert site.headers[0]["Host"] == site.url.partition("//")[2]


def test_an_answer_that_says_no_is_an_answer() -> None:
    with pages({"/": Page("gone wrong", status=503)}) as site:
        assert client(site).request("GET", site.url + "/").status == 503


def test_a_redirect_is_not_followed() -> None:
    with pages({"/": Page(status=302, headers={"Location": "/other"}), "/other": "secret"}) as site:
        answer = client(site).request("GET", site.url + "/")
    assert (answer.status, answer.headers["location"]) == (302, "/other")
    assert site.paths == ["/"]


def test_nobody_listening_means_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSentError) as failure:
        GuardedClient([f"127.0.0.1:{port}"]).request("POST", f"http://127.0.0.1:{port}/?token=secret", {}, b"x")
    assert f"127.0.0.1:{port}" in failure.value.text.en
    assert "secret" not in failure.value.text.en + failure.value.text.ru


def test_a_name_that_nobody_knows_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSentError):
        GuardedClient().request("GET", "https://tickets.example.com/")


@pytest.mark.parametrize("name", ["X-Key", "X-Key\r\nX-Other"])
def test_a_header_cannot_bring_another_along(name: str) -> None:
    with pages({"/": "ok"}) as site, pytest.raises(NotSentError):
        client(site).request("GET", site.url + "/", {name: "one\r\nX-Other: two"})
    assert site.asked == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://0:{port}/"]
)
def test_our_own_machine_is_not_asked_without_permission(url: str) -> None:
    with pages({"/": "secret"}) as site, pytest.raises(AddressRefusedError):
        GuardedClient().request("GET", url.format(port=site.url.rpartition(":")[2]))
    assert site.asked == []


def test_a_name_that_stands_for_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names_stand_for(monkeypatch, "127.0.0.1", "10.0.0.1")
    with pages({"/": "secret"}) as site:
        port = site.url.rpartition(":")[2]
        with pytest.raises(AddressRefusedError):
            GuardedClient().request("GET", f"http://tickets.example.com:{port}/")
        answer = GuardedClient([f"tickets.example.com:{port}"]).request("GET", f"http://tickets.example.com:{port}/")
    assert answer.body == b"secret"
    assert len(site.asked) == 1


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look-up a request: a second answer, private this time, is never asked for."""
    looked_up = names_stand_for(monkeypatch, "127.0.0.1")
    with pages({"/": "ours"}) as site:
        port = site.url.rpartition(":")[2]
        GuardedClient([f"intranet.example:{port}"]).request("GET", f"http://intranet.example:{port}/")
    assert looked_up == ["intranet.example"]


def test_no_answer_after_sending_means_unknown() -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(1)
        handler.connection.recv(1)

    with pages({"/": silent}) as site, pytest.raises(UnknownOutcomeError):
        client(site, seconds=0.3).request("POST", site.url + "/", {}, b"x")
    assert site.paths == ["/"]


def test_a_connection_closed_after_sending_means_unknown() -> None:
    def close(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with pages({"/": close}) as site, pytest.raises(UnknownOutcomeError):
        client(site).request("POST", site.url + "/", {}, b"x")


def test_an_answer_cut_off_means_unknown() -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    with pages({"/": half}) as site, pytest.raises(UnknownOutcomeError):
        client(site).request("POST", site.url + "/", {}, b"x")


def test_an_endless_answer_is_cut_off() -> None:
    with pages({"/": Page(b"0" * 100_000)}) as site, pytest.raises(UnknownOutcomeError) as failure:
        client(site, most=50_000).request("GET", site.url + "/")
    assert "50000" in failure.value.text.en


def test_drops_do_not_keep_a_request_alive() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nX-Drip: ") as url:
        guarded = GuardedClient([url.removeprefix("http://")], seconds=0.5)
        with pytest.raises(UnknownOutcomeError):
            guarded.request("GET", url + "/")


def test_a_compressed_answer_is_not_unpacked() -> None:
    with pages({"/": Page(b"\x1f\x8bbomb", headers={"Content-Encoding": "gzip"})}) as site:
        assert client(site).request("GET", site.url + "/").body == b"\x1f\x8bbomb"
    assert site.headers[0]["Accept-Encoding"] == "identity"


def test_a_certificate_that_nobody_vouches_for_means_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pages({"/": "who is it"}, tls=self_signed("127.0.0.1")) as site:
        with pytest.raises(NotSentError):
            client(site).request("POST", site.url + "/", {}, b"x")
        assert site.asked == []
        trusted = tmp_path / "trusted.pem"
        trusted.write_bytes(certificate("127.0.0.1"))
        monkeypatch.setenv(ssl.get_default_verify_paths().openssl_cafile_env, str(trusted))
        assert client(site).request("GET", site.url + "/").body == b"who is it"


def names_stand_for(monkeypatch: pytest.MonkeyPatch, *ips: str) -> list[str]:
    """Every name stands for these addresses; gives the names that were looked up."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def look_up(host: str, port: int, *further: Any, **named: Any) -> Any:
        if host in ips:
            return system(host, port, *further, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """A server that answers `start` and then a byte every 50 ms, without an end."""
    stop = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_drip, args=(server, start, stop.wait), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        stop.set()
        server.close()
        thread.join()


def _drip(server: socket.socket, start: bytes, wait: Callable[[float], bool]) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(start)
        while not wait(0.05):
            try:
                connection.sendall(b"x")
            except ConnectionError:
                return
