"""One demo serves all tests of what it shows."""

import pytest

from tests.demo.shown import Shown
from tests.shell import Otklik


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demo, run once."""
    otklik = Otklik(tmp_path_factory.mktemp("demo"))
    done = otklik.program("demo", "--no-serve", "--json")
    assert done.code == 0, done.err
    return Shown(done.lines[-1], otklik)
