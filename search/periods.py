"""`since:`, `until:`, `seen:`, `when:` as moments: days and times in the city's zone, or hours from the clock."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from search.tree import Period

_BACK = re.compile(r"-(\d{1,5})([hd])")
_AHEAD = re.compile(r"\+(\d{1,5})([hd])")
DAYS = {"вчера": -1, "yesterday": -1, "сегодня": 0, "today": 0, "завтра": 1, "tomorrow": 1}
"""Days by their names, in small letters: how far from the clock's."""
_DAY = re.compile(r"(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)|(?P<d2>\d\d?)\.(?P<m2>\d\d?)\.(?P<y2>\d{4}))(?P<time>.*)")
_TIME = re.compile(r"(?:[T ]|, ?)(\d\d?):(\d\d)(?::(\d\d))?")
_YEARS = range(1970, 2200)
_INSTANT = timedelta(microseconds=1)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def resolve(period: Period, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment (UTC, both included) that a period allows; None where it leaves that end open.

    A day ends with its last microsecond, a minute and a second with theirs. ValueError where it is no period.
    """
    if period.name == "when":
        return _when(period.value, now.astimezone(UTC), zone)
    back = _BACK.fullmatch(period.value)
    if back:
        first = last = now.astimezone(UTC) - _far(back)
    else:
        first, last = _stretch(period.value, zone)
    return (None, last) if period.name == "until" else (first, None)


def check_period(name: str, value: str) -> None:
    """ValueError where `value` is not a day, a time, `-24h` or `-7d`; of `when` also `+7d`, `завтра` and two days."""
    if name == "when":
        begin, dots, end = value.partition("..")
        _when(value, _SOME_DAY, ZoneInfo("UTC"))
        if dots and not _moves(value) and _stretch(begin, ZoneInfo("UTC")) > _stretch(end, ZoneInfo("UTC")):
            raise ValueError(f"it ends before it begins: {value!r}")
    elif not _BACK.fullmatch(value):
        _stretch(value, ZoneInfo("UTC"))


def moves(period: Period) -> bool:
    """Whether the clock moves what a period allows."""
    return _moves(period.value)


def _moves(value: str) -> bool:
    return any(part.startswith(("-", "+")) or part.casefold() in DAYS for part in value.split(".."))


def _when(value: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    back, ahead = _BACK.fullmatch(value), _AHEAD.fullmatch(value)
    if back:
        return now - _far(back), now
    if ahead:
        return now, now + _far(ahead)
    begin, dots, end = value.partition("..")
    if not dots:
        return _of_day(value, now, zone)
    # The clock may have passed a day that stood behind it once: what lies between is asked for all the same.
    bounds = [_of_day(part, now, zone) for part in (begin, end)]
    return min(bounds)[0], max(bounds)[1]


def _of_day(value: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    days = DAYS.get(value.casefold())
    if days is None:
        return _stretch(value, zone)
    return _stretch((now.astimezone(zone).date() + timedelta(days=days)).isoformat(), zone)


def _far(found: re.Match[str]) -> timedelta:
    return timedelta(hours=int(found[1]) * (1 if found[2] == "h" else 24))


def _stretch(value: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    match = _DAY.fullmatch(value)
    if match is None:
        raise ValueError(f"neither a day nor a time: {value!r}")
    year, month, day = (int(match[name] or match[name + "2"]) for name in "ymd")
    if year not in _YEARS:
        raise ValueError(f"a year out of range: {year}")
    start = datetime(year, month, day, tzinfo=zone)
    if not match["time"]:
        return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC) - _INSTANT
    clock = _TIME.fullmatch(match["time"])
    if clock is None:
        raise ValueError(f"not a time of day: {match['time']!r}")
    start = start.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0))
    unit = timedelta(seconds=1) if clock[3] else timedelta(minutes=1)
    first = start.astimezone(UTC)
    return first, first + unit - _INSTANT
