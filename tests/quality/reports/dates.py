"""Dates of publication as Russian pages print them, beside dateparser alone."""

import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from tests.quality.dates import Case, cases, right
from tests.quality.test_dates_floor import FLOORS, ours


def report(real: Path | None) -> Iterator[str]:
    """The share that is read as it should, what a call costs, and the misses."""
    yield "dates of the past in Russian words and numbers"
    if real is None:
        yield "  not measured: no real data"
        return
    every = cases(real)
    for name, read in (("ours", ours), ("dateparser", _dateparser)):
        good, cost = _measured(every, read)
        yield f"  {name}: {len(good)} of {len(every)}, {cost:.0f} µs of CPU a call"
        if read is ours:
            yield f"  floor {FLOORS['right']}; missed: " + "; ".join(case.text for case in every if case not in good)


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
