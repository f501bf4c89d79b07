"""Dates that machines write into feeds and pages: RFC 822 with all its mistakes, ISO 8601. Words are not read here."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

from crawler.model.items import TimePrecision

# Zones that RFC 822 does not know; Russian feeds write them. Hours east of Greenwich.
_ZONES = {"MSK": 3, "MSD": 4, "EET": 2, "SAMT": 4, "YEKT": 5, "OMST": 6, "NOVT": 7, "KRAT": 7, "IRKT": 8, "YAKT": 9}
_ZONES |= {"VLAT": 10, "MAGT": 11, "SAKT": 11, "SRET": 11, "PETT": 12}
_NAMED = re.compile(rf"\b({'|'.join(_ZONES)})\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?$")
# parsedate_tz calls a missing or unknown zone Greenwich, so it is looked for here.
_ZONED = re.compile(r"\d\s*([+-]\d{4}|UTC?|GMT|Z|[ECMP][SD]T|A[SD]T)\s*$")
_MONTHS = dict(
    zip(
        ("янв", "фев", "мар", "апр", "мая", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
        ("Jan", "Feb", "Mar", "Apr", "May", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        strict=True,
    )
)
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\w*", re.IGNORECASE)
_WEEKDAY = re.compile(r"^\s*\w+\.?,\s*")
_FULL = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and how exactly it is known."""

    at: datetime
    precision: TimePrecision


def read_moment(written: str, zone: ZoneInfo) -> Moment | None:
    """The moment that a date of a feed or a page's markup names; one without a zone is in `zone`.

    Midnight to the second is a day: that is how feeds write a date without a time. None if it cannot be read.
    """
    written = written.strip()
    try:
        moment = _iso(written) or _rfc822(written)
        if moment is None:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        at = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if moment.time() == time():
        return Moment(at, TimePrecision.DAY)
    return Moment(at, TimePrecision.SECOND if _FULL.search(written) else TimePrecision.MINUTE)


def day_of(written: str, zone: ZoneInfo) -> Moment | None:
    """A bare ISO date as a moment of the precision of a day: its midnight in `zone`."""
    try:
        day = date.fromisoformat(written[:10])
        return Moment(datetime.combine(day, time(), zone).astimezone(UTC), TimePrecision.DAY)
    except (ValueError, OverflowError):
        return None


def _iso(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(re.sub(r"\s*([+-]\d{2}:?\d{2})$", r"\1", written))
    except ValueError:
        return None


def _rfc822(written: str) -> datetime | None:
    """`Tue, 26 Oct 2021 22:53:19 +0300` and its relatives: named zones, Russian months, no seconds, `GMT+3`."""
    text = _MONTH.sub(lambda found: _MONTHS[found[1].lower()], _WEEKDAY.sub("", written))
    text = _NAMED.sub(lambda found: f"+{_ZONES[found[1].upper()]:02}00", text)
    text = _OFFSET.sub(lambda found: f" {found[1]}{found[2]:>02}{found[3] or '00'}", text)
    fields = parsedate_tz(text)
    if fields is None or not _CLOCK.search(text):
        return None
    moment = datetime(*fields[:6])  # noqa: DTZ001  the zone follows, if it is written
    return (
        moment
        if fields[9] is None or not _ZONED.search(text)
        else moment.replace(tzinfo=timezone(timedelta(seconds=fields[9])))
    )
