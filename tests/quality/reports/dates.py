"""Dates of publication as Russian pages print them, beside dateparser alone."""

import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from tests.quality.dates import Case, cases, right
from tests.quality.reports.held import Held, Line
from tests.quality.test_dates_floor import FLOORS, ours


def report(real: Path | None) -> Iterator[Line]:
    """The share that is read as it should, what a call costs, and the misses."""
    yield "dates of the past in Russian words and numbers"
    if real is None:
        yield "  not measured: no real data"
        return
    every = cases(real)
    good, cost = _measured(every, ours)
    yield Held(f"  ours: {len(good)} of {len(every)}, {cost:.0f} µs of CPU a call", len(good), FLOORS["right"])
    yield "  missed: " + ("; ".join(case.text for case in every if case not in good) or "none")
    theirs, cost = _measured(every, _dateparser)
    yield f"  dateparser: {len(theirs)} of {len(every)}, {cost:.0f} µs of CPU a call"


def _measured(every: list[Case], read: Callable[[Case], datetime | None]) -> tuple[list[Case], float]:
    right(every, read)  # what is loaded and kept at first is not counted
    started = time.process_time()
    good = right(every, read)
    return good, 1e6 * (time.process_time() - started) / len(every)


def _dateparser(case: Case) -> datetime | None:
    import dateparser

    settings = {"RELATIVE_BASE": case.clock.replace(tzinfo=None), "PREFER_DATES_FROM": "past"}
    with warnings.catch_warnings():
        # It asks for a year where none is written: that is what is measured.
        warnings.simplefilter("ignore", DeprecationWarning)
        at = dateparser.parse(case.text, languages=["ru"], settings=settings)
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=case.clock.tzinfo)
