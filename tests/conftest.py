"""What every test may use: the real data beside the repository, and one printed line where it is absent."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.servers.plugin"]

ROOT = Path(__file__).parent.parent
REAL = Path(os.environ.get("OTKLIK_REAL_DATA") or ROOT.parent / "shared" / "data")
REQUIRED = os.environ.get("OTKLIK_REQUIRE_ALL") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests on real data where it is absent; where everything is required, absence is an error."""
    if REAL.is_dir():
        return
    if REQUIRED:
        raise pytest.UsageError(f"everything is required, and there is no real data in {REAL}: set OTKLIK_REAL_DATA")
    absent = [item for item in items if item.get_closest_marker("real")]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if not item.get_closest_marker("real")]
        config.stash[_ABSENT] = len(absent)


_ABSENT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line that counts what was left out."""
    count = config.stash.get(_ABSENT, 0)
    if count:
        terminalreporter.write_line(
            f"{count} tests on real data left out: no folder {REAL} (OTKLIK_REAL_DATA names another)"
        )


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data."""
    return REAL
