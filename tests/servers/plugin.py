"""Fixtures of the servers that tests talk to: one Elasticsearch for a whole run, all its workers included."""

import fcntl
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import pytest

from tests.servers import elasticsearch_server as server
from tests.servers.elasticsearch_files import AbsentError, check

GIVEN = "OTKLIK_TEST_ELASTICSEARCH"
_FOLDER = "OTKLIK_TEST_RUN"
_STOPPING_SECONDS = 20
_OWN_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """The controller of a run makes a folder that its workers find by the environment."""
    if not hasattr(config, "workerinput"):
        config.stash[_OWN_FOLDER] = Path(tempfile.mkdtemp(prefix="otklik-tests-"))
        os.environ[_FOLDER] = str(config.stash[_OWN_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that any of the workers started. It also stops by itself when the controller is gone."""
    folder = config.stash.get(_OWN_FOLDER, None)
    if folder is None:
        return
    keeper = folder / "keeper"
    if keeper.exists():
        number = int(keeper.read_text())
        os.kill(number, signal.SIGTERM)
        until = time.monotonic() + _STOPPING_SECONDS
        while server.owned(number) and _runs(number) and time.monotonic() < until:
            time.sleep(0.05)
    rmtree(folder, ignore_errors=True)


def _runs(number: int) -> bool:
    """False for a process that has ended and waits to be asked about it."""
    try:
        return os.waitpid(number, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return True


@contextmanager
def absent_skips() -> Iterator[None]:
    """Skip where this machine cannot have a server, and say why; raise where everything is required."""
    try:
        yield
    except AbsentError as absent:
        if os.environ.get("OTKLIK_REQUIRE_ALL") == "1":
            raise
        pytest.skip(f"no Elasticsearch: {absent}")


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a genuine Elasticsearch: the one named by OTKLIK_TEST_ELASTICSEARCH, or started here."""
    if os.environ.get(GIVEN):
        return os.environ[GIVEN].rstrip("/")
    with absent_skips(), _locked(Path(os.environ[_FOLDER])) as folder:
        return _running(folder)


@pytest.fixture
def indexed_city(elasticsearch_url: str, tmp_path: Path) -> Iterator[str]:
    """The key of a city whose index is taken off the server in the end."""
    # Most runs of a part of the tests need neither engine nor state.
    from search.engine import open_engine
    from search.engines.elastic import Elastic
    from search.state.database import Database
    from tests.search.engines.conftest import NoSecrets

    key = f"city-{uuid4().hex[:12]}"
    yield key
    database = Database.open(tmp_path / "cleaning.sqlite")
    engine = open_engine(f"elasticsearch:{elasticsearch_url}", key, database, NoSecrets())
    assert isinstance(engine, Elastic)
    engine.remove()
    engine.close()
    database.close()


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _running(folder: Path) -> str:
    told = folder / "url"
    if not told.exists():
        check()
        _start(folder, told)
    return told.read_text()


def _start(folder: Path, told: Path) -> None:
    """Start the keeper of a server, which outlives this worker and not the controller; wait until it answers."""
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    script = str(Path(server.__file__))
    # A script finds the modules beside it alone; it needs those of the tests.
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    output = str(folder / "output")
    # Not by subprocess, which would warn at the end of this worker that its child still runs.
    keeper = os.posix_spawn(
        sys.executable,
        [sys.executable, script, "--owner", str(owner), "--tell", str(told)],
        {**os.environ, "PYTHONPATH": paths},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    (folder / "keeper").write_text(str(keeper))
    while not told.exists():
        if os.waitpid(keeper, os.WNOHANG)[0]:
            (folder / "keeper").unlink()
            raise RuntimeError((folder / "output").read_text(errors="replace"))
        time.sleep(0.1)
