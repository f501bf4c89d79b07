"""What is usual at an hour: the same hours of four earlier weeks, and the day before. Pure.

The median of the weeks is deaf to one week that was out of the ordinary, be it an outage or an accident; the day before
hears a level that has risen for good, so that it is no news any more. What a source had while nobody watched it is not
known: its last day stands in for such a week.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from math import sqrt
from statistics import median
from zoneinfo import ZoneInfo

from crawler.model.rules import Rule
from search.rules.slots import DAY, HOUR, WEEKS, Counts, begin_of, slots_in, weeks_before
from search.rules.watch import Watch

GROWN = timedelta(days=1)
"""A source and a search must have been there so long: before that nobody knows what is usual of them."""
CHANCE = 3.5
"""A spike lies so many standard deviations above what is usual: windows are many, and what is usual is a guess."""
_FEWEST_OF_A_DAY = 5
_OF_WEEK, _OF_DAY, _OF_NOW = 0.75, 0.25, 0.95
"""Watched less than this share of it, an hour says nothing."""
_FEWEST_WEEKS = 2


@dataclass(frozen=True)
class Measure:
    """What a rule is measured against. `since` is when the search began to be counted."""

    rule: Rule
    watch: Watch
    zone: ZoneInfo
    since: datetime

    @property
    def width(self) -> int:
        """The window in slots."""
        return slots_in(self.rule.within)


class Lack(IntEnum):
    """What keeps a window from being a spike, in the order in which it is asked."""

    POSTS = 0
    COMPARED = 1
    FACTOR = 2
    CHANCE = 3


@dataclass(frozen=True, slots=True)
class Weighed:
    """A window against what is usual. `posts` are all of it, `compared` those of sources that are known for a day;
    `usual` and `deviations` are 0 where the window lacks something before they are asked for. A spike lacks nothing.
    """

    lack: Lack | None
    posts: int
    compared: int = 0
    usual: float = 0.0
    deviations: float = 0.0


def is_spike(measure: Measure, counts: Counts, end: int) -> bool:
    """Whether the window that ends before slot `end` has far more than is usual."""
    return weighed(measure, counts, end).lack is None


def weighed(measure: Measure, counts: Counts, end: int) -> Weighed:
    """The window that ends before slot `end` as a spike: at least `at_least` posts, `times` what is usual, and more
    than chance brings where posts come in clumps as they do here.

    Counts of clumps of the mean size c vary as c times a Poisson count does; by its square root such a count has one
    deviation of a half wherever it lies (Anscombe 1948).
    """
    rule, width = measure.rule, measure.width
    posts = counts.fresh(end - width, end)
    if posts < rule.at_least:
        return Weighed(Lack.POSTS, posts)
    now, usual = _now_and_usual(measure, counts, end)
    if now < rule.at_least:
        return Weighed(Lack.COMPARED, posts, now, usual)
    if now < rule.times * usual:
        return Weighed(Lack.FACTOR, posts, now, usual)
    clump = _clump(measure, counts, end)
    deviations = 2 * (sqrt(now / clump + 3 / 8) - sqrt(usual / clump + 3 / 8))
    return Weighed(None if deviations >= CHANCE else Lack.CHANCE, posts, now, usual, deviations)


def _clump(measure: Measure, counts: Counts, end: int) -> float:
    """How many posts come at once, 1 or more: the median of what the day before the window and those of the earlier
    weeks tell, so that one day of accident says nothing.

    The variance of a day is taken from hour to hour (von Neumann 1941), so that day and night make no clumps.
    """
    days = [end - measure.width, *(_window(measure, end, week)[0] for week in range(1, WEEKS + 1))]
    told = []
    for day in days:
        hours = [counts.hits(hour, hour + HOUR) for hour in range(day - DAY, day, HOUR)]
        if sum(hours) >= _FEWEST_OF_A_DAY:
            steps = sum((one - other) ** 2 for one, other in pairwise(hours))
            told.append(steps / 2 / (len(hours) - 1) / (sum(hours) / len(hours)))
    return max(1.0, median(told)) if told else 1.0


def _now_and_usual(measure: Measure, counts: Counts, end: int) -> tuple[int, float]:
    start = end - measure.width
    now, day = 0, 0.0
    weeks = [0.0] * WEEKS
    windows = [_window(measure, end, week) for week in range(1, WEEKS + 1)]
    for source in counts.sources:
        first = measure.watch.first(source)
        if first is None or max(first, measure.since) + GROWN > begin_of(start):
            continue
        of_weeks = [_rate(measure, counts, source, window, _OF_WEEK) for window in windows]
        of_day = _rate(measure, counts, source, (start - DAY, start), _OF_DAY)
        known = [count for count in of_weeks if count is not None]
        instead = of_day * measure.width / DAY if of_day is not None else median(known) if known else None
        if instead is None:
            continue  # just back from a long outage: nothing to compare it with
        now += counts.fresh(start, end, source)
        day += instead
        for week, count in enumerate(of_weeks):
            weeks[week] += instead if count is None else count
    return now, max(median(weeks), day)


def is_flat(measure: Measure, counts: Counts, end: int) -> bool:
    """Whether the window that ends before slot `end` has nothing where at least `at_least` are usual, of sources that
    were watched all the time and have been read since.
    """
    start = end - measure.width
    if counts.hits(start, end):
        return False
    read = [source for source in counts.sources if measure.watch.read_until(source) >= begin_of(end)]
    awake = [source for source in read if _share(measure, source, (start, end)) >= _OF_NOW]
    windows = [_window(measure, end, week) for week in range(1, WEEKS + 1)]
    known = [window for window in windows if begin_of(window[0]) >= measure.since]
    if len(known) < _FEWEST_WEEKS:
        return False
    weeks = [sum(_rate(measure, counts, source, window, _OF_WEEK) or 0.0 for source in awake) for window in known]
    return median(weeks) >= measure.rule.at_least


def _window(measure: Measure, end: int, week: int) -> tuple[int, int]:
    """The window at the same wall time so many weeks before: as long, whatever the clocks did inside."""
    then = weeks_before(end, measure.zone, week)
    return then - measure.width, then


def _share(measure: Measure, source: str, window: tuple[int, int]) -> float:
    return measure.watch.share(source, begin_of(window[0]), begin_of(window[1]))


def _rate(measure: Measure, counts: Counts, source: str, window: tuple[int, int], least: float) -> float | None:
    """The posts of a source in a window as if it had been watched throughout; None where it was watched too little. A
    search that was not counted yet had nothing to count.
    """
    if begin_of(window[0]) < measure.since:
        return None
    share = _share(measure, source, window)
    return counts.hits(*window, source) / share if share >= least else None
