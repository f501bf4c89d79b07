"""Credentials and certificates, against a genuine Elasticsearch with security on: what is wrong is told apart."""

import hashlib
import os
import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search.engine import EngineDownError, EngineError, open_engine
from search.engines.elastic import Elastic
from search.feeder import Feeder
from search.state.database import Database
from tests.certificates import certificate
from tests.search.engines.test_engine import WATER, found, post
from tests.search.engines.test_feeder import Town
from tests.search.engines.worlds import CONTEXT
from tests.servers.elasticsearch_files import check
from tests.servers.elasticsearch_node import Server
from tests.servers.plugin import absent_skips

pytestmark = [pytest.mark.elasticsearch, pytest.mark.xdist_group("secured elasticsearch")]
CITY = "secured"
PASSWORD = "пароль: с & и ?"
ROLES = f"""
otklik:
  indices:
    - names: ["otklik-{CITY}", "otklik-{CITY}.*"]
      privileges: ["manage", "read", "write"]
admin:
  cluster: ["monitor"]
"""
SETTINGS = {
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.key": "server.key",
    "xpack.security.http.ssl.certificate": "server.crt",
    "xpack.security.authc.password_hashing.algorithm": "pbkdf2",
}


class Secrets:
    """The secrets of an installation whose password may be wrong."""

    def __init__(self, **values: str) -> None:
        self.values = {"PASSWORD": PASSWORD, "KEY": b64encode(b"id:key").decode()} | values

    def get(self, name: str) -> str:
        return self.values[name]


def hashed(password: str) -> str:
    """As the file realm keeps it."""
    salt, rounds = os.urandom(32), 1_000
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, dklen=32)
    return f"{{PBKDF2}}{rounds}${b64encode(salt).decode()}${b64encode(key).decode()}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with absent_skips():
        check()
    files = {
        "server.key": _part("PRIVATE KEY"),
        "server.crt": _part("CERTIFICATE"),
        "roles.yml": ROLES.encode(),
        "users": f"otklik:{hashed(PASSWORD)}\nadmin:{hashed('admin')}\n".encode(),
        "users_roles": b"otklik:otklik\nadmin:admin\n",
    }
    server = Server(settings=SETTINGS, files=files, user=("admin", "admin"))
    server.wait()
    yield server
    server.stop()


def _part(name: str) -> bytes:
    """The key or the certificate out of both."""
    found = re.search(rb"-----BEGIN %b-----.*?-----END %b-----\n" % (2 * (name.encode(),)), _BOTH, re.DOTALL)
    assert found
    return found[0]


_BOTH = certificate("127.0.0.1")


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificates") / "ca.crt"
    path.write_bytes(_part("CERTIFICATE"))
    return path


def engine_of(url: str, state: Database, secrets: Secrets | None = None, city: str = CITY) -> Elastic:
    engine = open_engine(f"elasticsearch:{url}", city, state, secrets or Secrets())
    assert isinstance(engine, Elastic)
    return engine


def test_everything_works_with_basic_credentials_over_tls_and_rights_on_the_city_alone(
    server: Server, ca: Path, state: Database
) -> None:
    url = f"{server.url}?user=otklik&password_env=PASSWORD&ca={ca}"
    town = Town(CITY, state, engine_of(url, state), url)
    town.record(*(post(number, hours=number) for number in range(30)))
    town.erase("p0003")
    drained = town.feeder.drain(60)
    assert (drained.waiting, drained.error) == (0, "")
    assert found(town.engine) == town.state()
    page = town.engine.find(WATER, CONTEXT, limit=10)
    assert len(town.engine.find(WATER, CONTEXT, limit=10, after=page.next).hits) == 10
    assert town.feeder.reindex() == 29
    assert found(town.engine) == town.state()
    assert town.engine.purge()
    assert isinstance(town.engine, Elastic)
    town.engine.remove()
    town.engine.close()


def test_another_city_is_forbidden(server: Server, ca: Path, state: Database) -> None:
    engine = engine_of(f"{server.url}?user=otklik&password_env=PASSWORD&ca={ca}", state, city="another")
    with pytest.raises(EngineDownError, match=r"не пускает: 403.*manage, read, write.*otklik-another\.\*"):
        engine.count(WATER, CONTEXT)
    engine.close()


def test_a_wrong_password_is_told_and_the_queue_waits(server: Server, ca: Path, state: Database) -> None:
    url = f"{server.url}?user=otklik&password_env=PASSWORD&ca={ca}"
    town = Town(CITY, state, engine_of(url, state, Secrets(PASSWORD="wrong")), url)
    town.record(post(1))
    drained = town.feeder.drain(1)
    assert drained.waiting == 1
    assert re.search("не пускает: 401.*password_env", drained.error)
    assert "wrong" not in drained.error
    town.engine.close()
    right = engine_of(url, state)
    assert Feeder(CITY, state, right, town.load).drain(30).waiting == 0
    right.remove()
    right.close()


@pytest.mark.parametrize("key", ["bm90OmtleQ==", "нет"])
def test_an_api_key_that_is_none_is_told(server: Server, ca: Path, state: Database, key: str) -> None:
    # The core server has no API keys: that ours is sent and refused is all that can be seen here.
    with pytest.raises((EngineDownError, EngineError), match="api_key_env"):
        engine_of(f"{server.url}?api_key_env=KEY&ca={ca}", state, Secrets(KEY=key)).count(WATER, CONTEXT)


def test_a_server_that_nobody_vouches_for_is_not_talked_to(server: Server, state: Database, tmp_path: Path) -> None:
    other = tmp_path / "other.crt"
    pem = certificate("127.0.0.2")
    other.write_bytes(pem[pem.index(b"-----BEGIN CERT") :])
    for trusted in ("", f"&ca={other}"):
        engine = engine_of(f"{server.url}?user=otklik&password_env=PASSWORD{trusted}", state)
        with pytest.raises(EngineDownError, match=r"сертификат.*certificate verify failed.*ca="):
            engine.count(WATER, CONTEXT)
        engine.close()


def test_a_certificate_of_another_name_is_told(server: Server, ca: Path, state: Database) -> None:
    engine = engine_of(f"https://localhost:{server.port}?user=otklik&password_env=PASSWORD&ca={ca}", state)
    with pytest.raises(EngineDownError, match=r"сертификат.*localhost"):
        engine.count(WATER, CONTEXT)
    engine.close()


def test_a_file_that_holds_no_certificate_is_told_at_once(state: Database, tmp_path: Path) -> None:
    wrong = tmp_path / "ca.crt"
    wrong.write_text("not a certificate")
    with pytest.raises(EngineError, match=r"ca="):
        engine_of(f"https://127.0.0.1:9200?user=otklik&password_env=PASSWORD&ca={wrong}", state)


@contextmanager
def listening(pem: bytes, folder: Path) -> Iterator[int]:
    """A port that shakes hands with a certificate of its own and says nothing."""
    path = folder / "listening.pem"
    path.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(client, server_side=True).close()
            except OSError:
                client.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_certificate_that_is_past_its_time_is_told(state: Database, tmp_path: Path) -> None:
    pem = certificate("127.0.0.1", expired=True)
    ca = tmp_path / "ca.crt"
    ca.write_bytes(pem[pem.index(b"-----BEGIN CERT") :])
    with listening(pem, tmp_path) as port:
        engine = engine_of(f"https://127.0.0.1:{port}?user=otklik&password_env=PASSWORD&ca={ca}", state)
        with pytest.raises(EngineDownError, match=r"сертификат.*expired"):
            engine.count(WATER, CONTEXT)
        engine.close()


def test_http_where_the_server_wants_https_is_told(server: Server, state: Database) -> None:
    engine = engine_of(f"http://127.0.0.1:{server.port}?user=otklik&password_env=PASSWORD", state)
    with pytest.raises(EngineDownError, match="https"):
        engine.count(WATER, CONTEXT)
    engine.close()


def test_a_host_that_nobody_knows_and_a_port_that_nobody_listens_on_are_told(state: Database) -> None:
    for url, said in (("http://nowhere.invalid:9200", "nowhere.invalid"), ("http://127.0.0.1:9", "127.0.0.1:9")):
        engine = engine_of(url, state)
        with pytest.raises(EngineDownError, match=f"не отвечает.*{re.escape(said)}|{re.escape(said)}.*не отвечает"):
            engine.count(WATER, CONTEXT)
        engine.close()
