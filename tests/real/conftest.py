"""An installation for each test."""

from pathlib import Path

import pytest

from tests.shell import Otklik


@pytest.fixture
def otklik(tmp_path: Path) -> Otklik:
    """`otklik(*arguments, input=…)` in a folder of its own."""
    return Otklik(tmp_path)
