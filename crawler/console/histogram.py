"""Posts over time as bars: the calendar's parts so long that they fit the width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.console import times
from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.engine import EngineDownError, EngineError, Moment, Step
from search.tree import Query

MOST = 62
"""Bars that can be told apart."""
WIDTH, HEIGHT = 1080.0, 50.0
_LABELS = 8
PER = {
    Step.HOUR: Text("публикаций за час", "posts an hour"),
    Step.DAY: Text("публикаций за день", "posts a day"),
    Step.WEEK: Text("публикаций за неделю", "posts a week"),
    Step.MONTH: Text("публикаций за месяц", "posts a month"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of time in units of the picture; `label` where the axis has one, `name` always."""

    x: float
    width: float
    height: float
    count: int
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars from the first post to the last, and how many posts they have together."""

    per: Text
    bars: tuple[Bar, ...]
    total: int

    @property
    def peak(self) -> Bar:
        """The highest, the last of several."""
        return max(reversed(self.bars), key=lambda bar: bar.count)


def histogram_of(desk: Desk, query: Query) -> Histogram | None:
    """What the query finds over time; None where it finds nothing."""
    context = desk.context()
    try:
        step, moments = Step.DAY, desk.engine.histogram(query, context, Step.DAY)
    except (EngineError, EngineDownError):
        raise
    except OtklikError:
        # Over more days than are counted: somebody's clock was wrong by decades.
        step, moments = Step.MONTH, desk.engine.histogram(query, context, Step.MONTH)
    if not moments:
        return None
    total = sum(moment.count for moment in moments)
    if step is Step.DAY and len(moments) <= 2:
        step, moments = Step.HOUR, desk.engine.histogram(query, context, Step.HOUR)
    elif step is Step.DAY and len(moments) > MOST:
        step, moments = Step.WEEK, _summed(moments, lambda at: at.toordinal() - at.weekday())
    if step is Step.WEEK and len(moments) > MOST:
        step, moments = Step.MONTH, _summed(moments, lambda at: at.year * 12 + at.month)
    return Histogram(PER[step], bars(step, moments[-MOST:]), total)


def _summed(days: Sequence[Moment], part: Callable[[datetime], int]) -> tuple[Moment, ...]:
    """Days put together by the part that each belongs to."""
    made: dict[int, Moment] = {}
    for day in days:
        key = part(day.start)
        known = made.get(key)
        made[key] = Moment(known.start if known else day.start, day.count + (known.count if known else 0))
    return tuple(made.values())


def bars(step: Step, moments: Sequence[Moment]) -> tuple[Bar, ...]:
    """The bars of these moments across the whole width."""
    each = WIDTH / len(moments)
    most = max(moment.count for moment in moments) or 1
    every = -(-len(moments) // _LABELS)
    return tuple(
        Bar(
            round(at * each + 2, 1),
            round(min(each * 0.86, 60.0), 1),
            round(HEIGHT * moment.count / most, 1),
            moment.count,
            _name(step, moment.start),
            _name(step, moment.start) if at % every == 0 else "",
        )
        for at, moment in enumerate(moments)
    )


def _name(step: Step, at: datetime) -> str:
    if step is Step.HOUR:
        return at.strftime("%d.%m %H:%M")
    return at.strftime("%m.%Y") if step is Step.MONTH else times.short_day(at)
