"""Which days a piece tells, as of the moment of publication."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from crawler.model.items import EventPrecision


class Days(NamedTuple):
    """The first and the last day; `night` where it is the night before `first` that is told."""

    first: date
    last: date
    precision: EventPrecision
    night: bool = False


def day_span(value: tuple[Any, ...], clock: datetime, past: bool) -> Days:
    """The days of a piece's value (pipelines/event_pieces.py); weekdays are the last ones where `past`, else the next.

    Raises ValueError for a day that no month has.
    """
    kind, *told = value
    today = clock.date()
    read = _KINDS[kind]
    return read(told, today, past)


def _date(told: list[Any], today: date, past: bool) -> Days:  # noqa: ARG001
    day = nearest(told[0], today)
    return Days(day, day, EventPrecision.DAY)


def _span(told: list[Any], today: date, past: bool) -> Days:  # noqa: ARG001
    first, last = told
    end = nearest(last, today)
    return Days(date(end.year, first[1], first[2]), end, EventPrecision.DAY)


def _night(told: list[Any], today: date, past: bool) -> Days:
    day = nearest(told[0], today) if isinstance(told[0], tuple) else _weekday([told[0], None], today, past).first
    return Days(day, day, EventPrecision.DAY, night=True)


def _offset(told: list[Any], today: date, past: bool) -> Days:  # noqa: ARG001
    day = today + timedelta(days=told[0])
    return Days(day, day, EventPrecision.DAY)


def _since(told: list[Any], today: date, past: bool) -> Days:
    return _offset([-told[0]], today, past)


def _weekday(told: list[Any], today: date, past: bool) -> Days:
    number, which = told
    monday = today - timedelta(days=today.weekday())
    if which is not None:
        day = monday + timedelta(days=7 * which + number)
    elif past:
        day = today - timedelta(days=(today.weekday() - number) % 7)
    else:
        day = today + timedelta(days=(number - today.weekday()) % 7)
    return Days(day, day, EventPrecision.DAY)


def _week(told: list[Any], today: date, past: bool) -> Days:  # noqa: ARG001
    which, end = told
    monday = today + timedelta(days=7 * which - today.weekday())
    sunday = monday + timedelta(days=6)
    return Days(sunday, sunday, EventPrecision.DAY) if end else Days(monday, sunday, EventPrecision.WEEK)


def _weekend(told: list[Any], today: date, past: bool) -> Days:
    which, _ = told
    monday = today + timedelta(days=7 * which - today.weekday())
    if past and not which and today.weekday() < 5:
        monday -= timedelta(days=7)
    return Days(monday + timedelta(days=5), monday + timedelta(days=6), EventPrecision.DAY)


def _end(told: list[Any], today: date, past: bool) -> Days:  # noqa: ARG001
    day = today
    if told[0] == "месяца":
        day = today.replace(day=monthrange(today.year, today.month)[1])
    elif told[0] == "года":
        day = date(today.year, 12, 31)
    return Days(day, day, EventPrecision.DAY)


def _month(told: list[Any], today: date, past: bool) -> Days:  # noqa: ARG001
    year, month, third = told
    first = date(year, month, 1) if year else nearest((None, month, 15), today).replace(day=1)
    last = monthrange(first.year, month)[1]
    low, high = {"нач": (1, 10), "сер": (11, 20), "кон": (21, last)}.get(third, (1, last))
    return Days(first.replace(day=low), first.replace(day=high), EventPrecision.MONTH)


_KINDS = {
    "date": _date,
    "span": _span,
    "night": _night,
    "offset": _offset,
    "since": _since,
    "weekday": _weekday,
    "week": _week,
    "weekend": _weekend,
    "end": _end,
    "month": _month,
}


def nearest(told: tuple[int | None, int, int], today: date) -> date:
    """The day of that year; without a year the one nearest to `today`. Raises ValueError where there is none."""
    year, month, day = told
    if year is not None:
        return date(year, month, day)
    found = []
    for one in range(today.year - 4, today.year + 5):
        try:
            found.append(date(one, month, day))
        except ValueError:
            continue
    if not found:
        raise ValueError(f"no month {month} has a day {day}")
    return min(found, key=lambda one: (abs(one - today), one < today))
