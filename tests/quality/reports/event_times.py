"""Times of events that texts of ours tell of."""

import time
from collections.abc import Iterator
from pathlib import Path

from tests.quality.event_times import DEV, TEST, expected, ours, rows, score
from tests.quality.reports.held import Held, Line
from tests.quality.test_event_times_floor import FLOORS


def report(real: Path | None) -> Iterator[Line]:  # noqa: ARG001
    """F1 on the texts that were worked on and on those put aside, and what a text costs."""
    yield "times of events in texts of ours"
    exact, overlap, cost = _measured(DEV)
    yield Held(f"  worked on: F1 exact {exact:.3f}, overlap {overlap:.3f}, {cost:.0f} µs", exact, FLOORS["worked_on"])
    exact, overlap, cost = _measured(TEST)
    yield Held(f"  put aside: F1 exact {exact:.3f}, {cost:.0f} µs of CPU a text", exact, FLOORS["exact"])
    yield Held(f"  put aside: F1 overlap {overlap:.3f}", overlap, FLOORS["overlap"])


def _measured(path: Path) -> tuple[float, float, float]:
    every = rows(path)
    pairs = [(expected(row), ours(row)) for row in every]  # what is loaded and kept at first is not counted
    started = time.process_time()
    for row in every:
        ours(row)
    return *score(pairs), 1e6 * (time.process_time() - started) / len(every)
