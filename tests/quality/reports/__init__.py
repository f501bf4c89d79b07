"""The parts of the quality run, in the order in which it prints them: one module a part, one line here.

A part has `report(real)`, which yields its lines: figures held to their floors, and their rivals. `real` is the
folder of the real data, None where it is absent; then a part measures what the repository has, or says that it measured
nothing.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.quality.reports import (
    acts,
    articles,
    dates,
    event_times,
    geocoding,
    near_copies,
    places,
    rubric,
    stories,
    topics,
    word_forms,
)
from tests.quality.reports.held import Line

Report = Callable[[Path | None], Iterator[Line]]

PARTS: tuple[Report, ...] = (
    places.report,
    geocoding.report,
    acts.report,
    topics.report,
    rubric.report,
    dates.report,
    event_times.report,
    articles.report,
    near_copies.report,
    stories.report,
    word_forms.report,
)


def measured(number: int, real: Path | None) -> tuple[list[Line], float]:
    """The lines of a part, and the seconds that it took."""
    started = time.monotonic()
    return list(PARTS[number](real)), time.monotonic() - started
