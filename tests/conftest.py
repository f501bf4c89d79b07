"""What every test may use: the real data beside the repository, one printed line where it is absent, and no skip where
everything is required.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from crawler.environment import Environment
from crawler.fetching.browser import INSTALL

pytest_plugins = ["tests.servers.plugin"]

ROOT = Path(__file__).parent.parent
REAL = Path(os.environ.get("OTKLIK_REAL_DATA") or ROOT.parent / "shared" / "data")
CHROMIUM = Environment().chromium()
REQUIRED = os.environ.get("OTKLIK_REQUIRE_ALL") == "1"

# A busy machine is no failure; where everything is required, the same examples are tried every time.
settings.register_profile("usual", deadline=None)
settings.register_profile("required", deadline=None, derandomize=True)
settings.load_profile("required" if REQUIRED else "usual")

_ABSENT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests on real data where it is absent, and the long runs of faults unless they are asked for."""
    if not config.option.markexpr:
        _deselect(config, items, "faults")
    if not CHROMIUM and not REQUIRED:
        for item in items:
            if item.get_closest_marker("chromium"):
                item.add_marker(pytest.mark.skip(reason=f"no Chromium: {INSTALL.en}"))
    if not REAL.is_dir():
        config.stash[_ABSENT] = _deselect(config, items, "real")


def _deselect(config: pytest.Config, items: list[pytest.Item], marker: str) -> int:
    gone = [item for item in items if item.get_closest_marker(marker)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if not item.get_closest_marker(marker)]
    return len(gone)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells the controller how many tests it left out; a skip fails a run that requires everything."""
    config = session.config
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output["absent"] = config.stash.get(_ABSENT, 0)
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if REQUIRED and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Workers:
    """Hears what the workers of a parallel run left out."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Every worker collects the same tests: the count is that of any."""
        node.config.stash[_ABSENT] = getattr(node, "workeroutput", {}).get("absent", 0)


def pytest_configure(config: pytest.Config) -> None:
    """Where everything is required the real data must be there; the controller listens to its workers."""
    if REQUIRED and not REAL.is_dir():
        raise pytest.UsageError(f"everything is required, and there is no real data in {REAL}: set OTKLIK_REAL_DATA")
    config.pluginmanager.register(Workers())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line that counts what was left out, and one that says why a run without a failure failed."""
    count = config.stash.get(_ABSENT, 0)
    if count:
        terminalreporter.write_line(f"{count} tests on real data left out: no folder {REAL} (set OTKLIK_REAL_DATA)")
    if REQUIRED and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("everything is required here: a skipped test fails the run", red=True)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data."""
    return REAL
