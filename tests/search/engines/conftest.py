"""Both engines, each on a state of its own; Elasticsearch gives every city an index of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from search.engine import Engine, open_engine
from search.engines.elastic import Elastic
from search.state.database import Database

BOTH = ("embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch))
Opened = Callable[[str], Engine]


class NoSecrets:
    """An installation without secrets."""

    def get(self, name: str) -> str:
        raise AssertionError(name)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database.open(tmp_path_factory.mktemp("state") / "state.db")
    yield database
    database.close()


@pytest.fixture(scope="module", params=BOTH)
def opened(request: pytest.FixtureRequest, database: Database) -> Iterator[Opened]:
    """Opens the engine of a city; no index is left on the server in the end."""
    url = "embedded:"
    if request.param == "elasticsearch":
        url = f"elasticsearch:{request.getfixturevalue('elasticsearch_url')}"
    engines: list[Engine] = []

    def opener(city: str) -> Engine:
        engines.append(open_engine(url, city, database, NoSecrets()))
        return engines[-1]

    yield opener
    for engine in engines:
        if isinstance(engine, Elastic):
            engine.remove()
        engine.close()


@pytest.fixture
def city() -> str:
    return f"town-{uuid4().hex[:12]}"


@pytest.fixture
def engine(opened: Opened, city: str) -> Engine:
    """An empty index."""
    return opened(city)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Database]:
    """A state of this test alone."""
    database = Database.open(tmp_path / "state.db")
    yield database
    database.close()
