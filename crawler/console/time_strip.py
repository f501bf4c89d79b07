"""The strip of time below the map: how many incidents were opened in each hour, day, week or month, as links."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from crawler.console import times
from crawler.model.text import Text

MOST = 62
"""Bars that can be told apart."""
WIDTH, HEIGHT = 300.0, 20.0
_DAY = timedelta(days=1)
_HOURS = ((_DAY, 1), (7 * _DAY, 4))
"""Up to how long a span is told by how many hours each; a longer one is told by days, weeks or months."""
_WRITTEN = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d", re.ASCII)
_DAY_ALONE = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_FORM = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of time, in units of the picture; `start` and `end` as addresses have them, `chosen` where it is shown."""

    x: float
    width: float
    height: float
    count: int
    name: str
    start: str
    end: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """Bars from `begin` to `end`, as people read these."""

    bars: tuple[Bar, ...]
    begin: str
    end: str
    each: Text


Stretch = tuple[datetime, datetime]


def read_stretch(start: str, end: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The stretch of an address, in the city's time; None for an end that is not given or is no time. A day alone is
    meant whole; ends that stand the wrong way round are turned.
    """
    first, last = _read(start, zone), _read(end, zone, _DAY)
    return (last, first) if first and last and last < first else (first, last)


def written(at: datetime | None, zone: ZoneInfo) -> str:
    """A time as addresses have it, "" for none."""
    return at.astimezone(zone).strftime(_FORM) if at else ""


def strip_of(
    opened: Sequence[tuple[datetime, int]],
    since: datetime | None,
    now: datetime,
    zone: ZoneInfo,
    chosen: tuple[datetime | None, datetime | None],
) -> Strip:
    """The strip from `since`, or from the first that was opened, to now; `opened` are counts by moments, in order."""
    begin = since or min([now - _DAY, *(at for at, _ in opened[:1])])
    each, bounds = _bounds(begin, now, zone)
    counts = [0] * (len(bounds) - 1)
    for at, count in opened:
        place = bisect_right(bounds, at) - 1
        if 0 <= place < len(counts):
            counts[place] += count
    most, width = max([1, *counts]), WIDTH / len(counts)
    bars = tuple(
        Bar(
            round(place * width, 2),
            round(width * 0.76, 2),
            # What is there is seen, however little it is beside the rest.
            round(max(HEIGHT * count / most, 1.5), 2) if count else 0.0,
            count,
            _named(start, end, zone),
            written(start, zone),
            written(end, zone),
            _meets(start, end, chosen),
        )
        for place, (count, (start, end)) in enumerate(zip(counts, pairwise(bounds), strict=True))
    )
    return Strip(bars, times.short_day(bounds[0].astimezone(zone)), times.moment(now, zone, now), each)


def named_stretch(chosen: tuple[datetime | None, datetime | None], zone: ZoneInfo) -> str:
    """The chosen stretch as people read it, "" for none."""
    start, end = chosen
    if start and end:
        return _named(start, end, zone)
    if start:
        return str(Text("с {at}", "since {at}").filled(at=_moment(start, zone)))
    return str(Text("до {at}", "until {at}").filled(at=_moment(end, zone))) if end else ""


def _read(text: str, zone: ZoneInfo, after_a_day: timedelta = timedelta()) -> datetime | None:
    """`after_a_day` is added to a day alone."""
    is_day = bool(_DAY_ALONE.fullmatch(text))
    if not is_day and not _WRITTEN.fullmatch(text):
        return None
    try:
        local = datetime.strptime(f"{text}T00:00" if is_day else text, _FORM).replace(tzinfo=zone)
    except ValueError:
        return None
    return (local + (after_a_day if is_day else timedelta())).astimezone(UTC)


def _bounds(begin: datetime, now: datetime, zone: ZoneInfo) -> tuple[Text, list[datetime]]:
    """What each bar is of, and the moments that bars lie between, by the clocks of the city."""
    first, last = begin.astimezone(zone), now.astimezone(zone)
    for longest, hours in _HOURS:
        if now - begin <= longest:
            named = Text("час", "hour") if hours == 1 else Text(f"{hours} часа", f"{hours} hours")
            return named, _by_hours(first, last, hours, zone)
    if (last.date() - first.date()).days < MOST:
        return Text("день", "day"), _by_days(first.date(), last.date(), _next_day, zone)
    monday = first.date() - timedelta(days=first.weekday())
    if (last.date() - monday).days < 7 * MOST:
        return Text("неделя", "week"), _by_days(monday, last.date(), lambda day: day + timedelta(days=7), zone)
    months = _by_days(first.date().replace(day=1), last.date(), _next_month, zone)
    return Text("месяц", "month"), months[-MOST - 1 :]


def _by_hours(first: datetime, last: datetime, hours: int, zone: ZoneInfo) -> list[datetime]:
    day, hour = first.date(), first.hour // hours * hours
    made: list[datetime] = []
    # Where clocks go forward an hour is not there, and its bar neither.
    while not made or made[-1] <= last:
        at = datetime.combine(day, time(hour), zone).astimezone(UTC)
        if not made or at > made[-1]:
            made.append(at)
        day, hour = (day, hour + hours) if hour + hours < 24 else (_next_day(day), 0)
    return made


def _by_days(first: date, last: date, following: Callable[[date], date], zone: ZoneInfo) -> list[datetime]:
    days = [first]
    while days[-1] <= last:
        days.append(following(days[-1]))
    return [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _next_month(day: date) -> date:
    return (day + timedelta(days=32)).replace(day=1)


def _meets(start: datetime, end: datetime, chosen: tuple[datetime | None, datetime | None]) -> bool:
    if chosen == (None, None):
        return False
    return (chosen[1] is None or start < chosen[1]) and (chosen[0] is None or end > chosen[0])


def _named(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """«10 ноя 08:00–12:00», «10 ноя», «10 ноя – 16 ноя»."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.time() == last.time() == time():
        final = (last - timedelta(days=1)).date()
        return (
            times.short_day(first)
            if final <= first.date()
            else f"{times.short_day(first)} – {times.short_day(last - timedelta(days=1))}"
        )
    ends = last.strftime("%H:%M")
    if last.date() == first.date() or (last.time() == time() and last - first <= _DAY):
        return f"{times.short_day(first)} {first:%H:%M}–{ends}"
    return f"{_moment(start, zone)} – {_moment(end, zone)}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{times.short_day(local)} {local:%H:%M}"
