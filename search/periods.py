"""`since:`, `until:`, `seen:` as moments: a day or a time in the city's zone, or hours and days back from the clock."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from search.tree import Period

_BACK = re.compile(r"-(\d{1,5})([hd])")
_DAY = re.compile(r"(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)|(?P<d2>\d\d?)\.(?P<m2>\d\d?)\.(?P<y2>\d{4}))(?P<time>.*)")
_TIME = re.compile(r"(?:[T ]|, ?)(\d\d?):(\d\d)(?::(\d\d))?")
_YEARS = range(1970, 2200)
_INSTANT = timedelta(microseconds=1)


def resolve(period: Period, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment (UTC, both included) that a period allows; None where it leaves that end open.

    A day ends with its last microsecond, a minute and a second with theirs. ValueError where it is no period.
    """
    back = _BACK.fullmatch(period.value)
    if back:
        count = int(back[1])
        first = last = (now - timedelta(hours=count if back[2] == "h" else 24 * count)).astimezone(UTC)
    else:
        first, last = _stretch(period.value, zone)
    return (None, last) if period.name == "until" else (first, None)


def check_period(value: str) -> None:
    """ValueError where `value` is not a day, a time, `-24h` or `-7d`."""
    if not _BACK.fullmatch(value):
        _stretch(value, ZoneInfo("UTC"))


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
