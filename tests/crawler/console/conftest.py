import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.accounts.roles import Role
from crawler.checking import load_city
from crawler.environment import Environment
from crawler.installation import Installation
from tests.consoles import Visitor, employ, served
from tests.recording import StillClock
from tests.shell import Otklik, posts

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> нет воды на улице Мира, 7 \"'{{ 7*7 }} "
    "\u202eтекст задом наперёд\u202c \x1b[31m " + "ы" * 50_000
)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a city, an incident of gas (two voices), one of water whose words are hostile, and somebody of
    every role: made once a worker, for every test copies it.
    """
    otklik = Otklik(tmp_path_factory.mktemp("town"))
    lines = posts("Запах газа на улице Ленина, 5", "Пахнет! Запах газа возле Ленина, 5", HOSTILE)
    assert otklik("ingest", otklik.city(), input=lines).code == 0
    with opened(otklik) as installation:
        employ(installation, **{role.value: role for role in Role})
    return otklik.folder


def opened(otklik: Otklik) -> Installation:
    """The installation of a folder with its city."""
    environment = Environment({**otklik.environment, "PATH": os.environ.get("PATH", "")})
    return Installation.open(environment, None, [load_city(str(otklik.folder / "ozersk.toml"))])


@pytest.fixture
def town(tmp_path: Path, prepared: Path) -> Otklik:
    """What is prepared, to change as one likes."""
    shutil.copytree(prepared, tmp_path / "town")
    return Otklik(tmp_path / "town")


@pytest.fixture
def installation(town: Otklik) -> Iterator[Installation]:
    """Its installation, opened."""
    with opened(town) as installation:
        yield installation


@pytest.fixture
def clock(installation: Installation) -> StillClock:
    """The clock that the installation goes by, moved by the test."""
    clock = installation.clock = StillClock(installation.clock.now())
    return clock


@pytest.fixture
def port(installation: Installation) -> Iterator[int]:
    """Where its console is served."""
    with served(installation) as port:
        yield port


@pytest.fixture
def visitor(port: int) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(port)


@pytest.fixture
def operator(port: int) -> Visitor:
    """An operator, signed in."""
    made = Visitor(port)
    assert made.sign_in("operator").status == 303
    return made


def with_addresses(town: Otklik) -> Otklik:
    """The town with a plan of two addresses in two districts."""
    city = town.folder / "ozersk.toml"
    table = 'address,lat,lon,district\n"ул. Ленина, 5",56.1,60.1,Центральный\n"ул. Речная, 9",56.11,60.12,Заречный\n'
    (town.folder / "addresses.csv").write_text(table, encoding="utf-8")
    city.write_text(city.read_text("utf-8") + '\n[gazetteer]\naddresses = "addresses.csv"\n', encoding="utf-8")
    return town
