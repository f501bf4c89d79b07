"""When what a post tells of happens, as its text says it: «26 ноября, 10:00–15:00», «до 15 декабря»."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.console import times
from crawler.model.items import EventPrecision, EventTime
from crawler.model.text import Text

MOST = 2
_FROM, _UNTIL = Text("с {at}", "from {at}"), Text("до {at}", "until {at}")
_WHOLE_DAYS = frozenset({EventPrecision.DAY, EventPrecision.WEEK, EventPrecision.MONTH})


def happening(events: Sequence[EventTime], city: ZoneInfo, now: datetime) -> list[str]:
    """The first times that a text tells, each once, by the clock of the city."""
    return list(dict.fromkeys(_told(one, city, now) for one in events))[:MOST]


def _told(event: EventTime, city: ZoneInfo, now: datetime) -> str:
    days = event.precision in _WHOLE_DAYS
    # A day that Moscow tells is two days of a city seven hours off: it is said as it was read.
    zone = ZoneInfo(event.zone) if days else city
    begins = times.day(event.begins, zone, now) if event.begins else ""
    # A day that ends it belongs to it: midnight after it is not said.
    last = event.ends - timedelta(microseconds=1) if event.ends and days else event.ends
    ends = times.day(last, zone, now) if last else ""
    if not days:
        begins += f", {times.clock(event.begins, zone)}" if event.begins else ""
        if event.begins and event.ends and _of_one_day(event.begins, event.ends, zone):
            return f"{begins}–{_end_clock(event.ends, zone)}"
        ends += f", {times.clock(event.ends, zone)}" if event.ends else ""
    if begins and ends:
        return begins if begins == ends else f"{begins} – {ends}"
    if begins:
        return _FROM.format(at=begins) if days else begins
    return _UNTIL.format(at=ends)


def _of_one_day(begins: datetime, ends: datetime, zone: ZoneInfo) -> bool:
    first, last = (at.astimezone(zone).date() for at in (begins, ends - timedelta(microseconds=1)))
    return first == last


def _end_clock(ends: datetime, zone: ZoneInfo) -> str:
    """The midnight that ends a day is 24:00."""
    return times.clock(ends, zone).replace("00:00", "24:00")
