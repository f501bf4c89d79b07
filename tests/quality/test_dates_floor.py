"""Dates of two corpora must be read as often as was pinned."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from spiders.printed_dates import read_date
from tests.quality.dates import Case, cases, right

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["dates"]


def ours(case: Case) -> datetime | None:
    """The time that our rules read."""
    zone = ZoneInfo(str(case.clock.tzinfo))
    read = read_date(case.text, case.clock.astimezone(UTC), zone)
    return None if read is None else read.at


@pytest.mark.real
def test_dates_stay_above_their_floor(real_data: Path) -> None:
    every = cases(real_data)
    assert len(every) == FLOORS["of"]
    missed = [case.text for case in every if case not in right(every, ours)]
    assert len(every) - len(missed) >= FLOORS["right"], missed
