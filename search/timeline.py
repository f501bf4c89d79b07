"""The parts of a date histogram: where hours, days, weeks and months start in a city's zone, whatever its clocks do.

A part lasts from its start to that of the next one. A day starts with its first midnight, or where the clocks leap over
it with what comes instead; an hour that the clocks repeat is two.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.engine import Moment, Step

MOST_PARTS = 20_000
"""Two years of hours, fifty of days."""

# From the start of a part into the next one, and never over it, also where clocks are changed.
_AHEAD = {
    Step.HOUR: timedelta(hours=1),
    Step.DAY: timedelta(hours=26),
    Step.WEEK: timedelta(days=8),
    Step.MONTH: timedelta(days=32),
}


def parts(first: int, last: int, step: Step, zone: ZoneInfo) -> list[int]:
    """The starts of all parts from that of the second `first` to that of `last`, in seconds since 1970.

    OtklikError where they are more than MOST_PARTS.
    """
    starts = [_floor(first, step, zone)]
    ahead = int(_AHEAD[step].total_seconds())
    while True:
        at = starts[-1] + ahead
        while (start := _floor(at, step, zone)) <= starts[-1]:
            at += ahead
        if start > last:
            return starts
        if len(starts) == MOST_PARTS:
            raise OtklikError(
                Text(
                    ru=f"Вышло бы больше {MOST_PARTS} столбцов: возьмите шаг крупнее или ограничьте время (since:)",
                    en=f"There would be more than {MOST_PARTS} parts: take longer ones or limit the time (since:)",
                )
            )
        starts.append(start)


def moments(starts: Sequence[int], counts: Iterable[tuple[int, int]], zone: ZoneInfo) -> tuple[Moment, ...]:
    """The histogram with these starts of (second, how many posts then)."""
    totals = [0] * len(starts)
    for second, count in counts:
        totals[bisect_right(starts, second) - 1] += count
    return tuple(
        Moment(datetime.fromtimestamp(start, zone), total) for start, total in zip(starts, totals, strict=True)
    )


def _floor(second: int, step: Step, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(second, zone).replace(minute=0, second=0, microsecond=0)
    if step is not Step.HOUR:
        local = local.replace(hour=0, fold=0)
    if step is Step.WEEK:
        local -= timedelta(days=local.weekday())
    if step is Step.MONTH:
        local = local.replace(day=1)
    start = int(local.astimezone(UTC).timestamp())
    # Where clocks leap over midnight from before it, the time that never was is read as of after the leap.
    return start if start <= second else int(local.replace(fold=1).astimezone(UTC).timestamp())
