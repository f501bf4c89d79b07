"""Dates as they are written: for machines (RFC 822 with all its mistakes, ISO 8601) and as Russian pages print them.

`read_moment` reads what machines write; `read_date` words as well, by small named rules in order, dateparser behind
them. A rule takes the folded text and the clock in the source's zone, and gives a time with its precision, or None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from email.utils import parsedate_tz
from zoneinfo import ZoneInfo

from crawler.model.items import TimePrecision

MONTHS = ("янв", "фев", "мар", "апр", "ма[йя]", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_MONTH = "|".join(MONTHS)
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Zones that RFC 822 does not know; Russian feeds write them. Hours east of Greenwich.
_ZONES = {"MSK": 3, "MSD": 4, "EET": 2, "SAMT": 4, "YEKT": 5, "OMST": 6, "NOVT": 7, "KRAT": 7, "IRKT": 8, "YAKT": 9}
_ZONES |= {"VLAT": 10, "MAGT": 11, "SAKT": 11, "SRET": 11, "PETT": 12}
_NAMED = re.compile(rf"\b({'|'.join(_ZONES)})\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
# parsedate_tz calls a missing or unknown zone Greenwich, so it is looked for here.
_ZONED = re.compile(r"\d\s*([+-]\d{4}|UTC?|GMT|Z|[ECMP][SD]T|A[SD]T)\s*$", re.IGNORECASE)
_RUSSIAN_MONTH = re.compile(rf"\b({_MONTH})\w*", re.IGNORECASE)
_WEEKDAY = re.compile(r"^\s*\w+\.?,\s*")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_FULL_CLOCK = re.compile(r"\d{1,2}:\d{2}:\d{2}")
_TIME = r"(?:[,\s]*(?:в\s+)?(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?"
_UNITS = {
    "сек": timedelta(seconds=1),
    "мин": timedelta(minutes=1),
    "час": timedelta(hours=1),
    "ден": timedelta(days=1),
    "дня": timedelta(days=1),
    "дне": timedelta(days=1),
    "нед": timedelta(weeks=1),
}
_AGO = re.compile(
    r"(?P<count>\d{1,4}|одну|один)?\s*(?P<unit>секунд|мин|час|день|дня|дней|недел)[а-я]*\.?\s+(?:тому\s+)?назад"
)
_DAY_WORD = re.compile(r"(?P<day>сегодня|(?:поза){0,2}вчера)" + _TIME)
_DAY_MONTH = re.compile(
    rf"(?P<day>\d{{1,2}})(?:-?(?:го|е|ое|ого))?\s+(?P<month>{_MONTH})[а-я]*\.?,?(?:\s+(?P<year>\d{{4}})(?:\s*г(?:ода|\.)?)?)?"
    + _TIME
)
_NUMERIC = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4}|\d{2})(?!\d)(?:\s*г\.?)?" + _TIME)
_MACHINE = re.compile(r"\d{4}-\d{2}-\d{2}|(?:\w{2,4}\.?,\s*)?\d{1,2}\s+\w{3,}\s+\d{2,4}\s+\d{1,2}:\d{2}")
_WEEKDAYS = ("понедел", "вторник", "сред", "четверг", "пятниц", "суббот", "воскрес")
_WEEKDAY_WORD = re.compile(rf"(?:в|во)\s+(?:прошл(?:ый|ую|ое)\s+)?(?P<day>(?:{'|'.join(_WEEKDAYS)})[а-я]*)" + _TIME)
_CLOCK_TIME = re.compile(
    r"(?:в\s+)?(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d)(?:\s+(?P<part>утра|дня|вечера|ночи))?"
    r"|\s+(?:час\w*\s+)?(?P<half>утра|дня|вечера|ночи))"
)
_JUST_NOW = re.compile(r"только что|сейчас|минуту назад")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and how exactly it is told."""

    at: datetime
    precision: TimePrecision


def read_moment(written: str, zone: ZoneInfo) -> Moment | None:
    """The moment that a date of a feed or a page's markup names; one without a zone is in `zone`. No words are read.

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
    return Moment(at, TimePrecision.SECOND if _FULL_CLOCK.search(written) else TimePrecision.MINUTE)


def _iso(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(re.sub(r"\s*([+-]\d{2}:?\d{2})$", r"\1", written.upper()))
    except ValueError:
        return None


def _rfc822(written: str) -> datetime | None:
    """`Tue, 26 Oct 2021 22:53:19 +0300` and its relatives: named zones, Russian months, no seconds, `GMT+3`."""
    text = _RUSSIAN_MONTH.sub(lambda found: _ENGLISH[_month(found[1].lower()) - 1], _WEEKDAY.sub("", written))
    text = _NAMED.sub(lambda found: f"+{_ZONES[found[1].upper()]:02}00", text)
    text = _OFFSET.sub(lambda found: f" {found[1]}{found[2]:>02}{found[3] or '00'}", text)
    fields = parsedate_tz(text)
    if fields is None or not _CLOCK.search(text):
        return None
    moment = datetime(*fields[:6])  # noqa: DTZ001  the zone follows, if it is written
    if fields[9] is None or not _ZONED.search(text):
        return moment
    return moment.replace(tzinfo=timezone(timedelta(seconds=fields[9])))


def _month(stem: str) -> int:
    return next(number for number, pattern in enumerate(MONTHS, 1) if re.fullmatch(pattern, stem))


def read_date(text: str, seen_at: datetime, zone: ZoneInfo) -> Moment | None:
    """The time that `text` prints, in `zone`, relative forms counted from `seen_at`; None for what cannot be read."""
    folded = " ".join(text[:LONGEST].casefold().replace("ё", "е").split())
    if not folded:
        return None
    clock = seen_at.astimezone(zone)
    for rule in RULES:
        try:
            read = rule(folded, clock)
        except (ValueError, OverflowError):
            # 31.02.2024 and the like: the form is known, the day is not.
            read = None
        if read is not None:
            return Moment(read.at.astimezone(UTC), read.precision)
    return None


def machine(text: str, clock: datetime) -> Moment | None:
    """`2024-04-19`, `2024-04-19T20:20:00+11:00`, `Fri, 19 Apr 2024 20:20:00 +1100`."""
    zone = clock.tzinfo
    assert isinstance(zone, ZoneInfo)
    return read_moment(text, zone) if _MACHINE.match(text) else None


def just_now(text: str, clock: datetime) -> Moment | None:
    """«только что»."""
    return Moment(clock, TimePrecision.MINUTE) if _JUST_NOW.fullmatch(text) else None


def ago(text: str, clock: datetime) -> Moment | None:
    """«7 минут назад», «час назад», «2 дня назад»."""
    found = _AGO.fullmatch(text)
    if not found:
        return None
    count = int(found["count"]) if (found["count"] or "").isdigit() else 1
    unit = _UNITS[found["unit"][:3]]
    # Days and weeks are told in whole ones; an hour may be any minute of it.
    precision = TimePrecision.DAY if unit >= timedelta(days=1) else TimePrecision.MINUTE
    return Moment(clock - count * unit, precision)


def day_word(text: str, clock: datetime) -> Moment | None:
    """«сегодня в 9:10», «вчера в 9:10», «вчера»."""
    found = _DAY_WORD.fullmatch(text)
    if not found:
        return None
    back = {"сегодня": 0, "вчера": 1, "позавчера": 2, "позапозавчера": 3}[found["day"]]
    return _at(found, clock, (clock - timedelta(days=back)).date().timetuple()[:3])


def day_and_month(text: str, clock: datetime) -> Moment | None:
    """«19 апреля, 20:20», «3 фев в 11:00», «19 апреля 2024 года»; without a year the last such day."""
    found = _DAY_MONTH.fullmatch(text)
    if not found:
        return None
    month = _month(found["month"])
    if found["year"]:
        return _at(found, clock, (int(found["year"]), month, int(found["day"])))
    read = _at(found, clock, (clock.year, month, int(found["day"])))
    if read.at.date() > clock.date():
        read = _at(found, clock, (clock.year - 1, month, int(found["day"])))
    return read


def numeric(text: str, clock: datetime) -> Moment | None:
    """«19.04.2024 20:20», «19/04/24»."""
    found = _NUMERIC.fullmatch(text)
    if not found:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:
        # Two digits are of this century where that is not far ahead.
        year += 2000 if year + 2000 <= clock.year + 1 else 1900
    return _at(found, clock, (year, int(found["month"]), int(found["day"])))


def weekday(text: str, clock: datetime) -> Moment | None:
    """«в пятницу», «в прошлый вторник в 9:10»: the last such day before today."""
    found = _WEEKDAY_WORD.fullmatch(text)
    if not found:
        return None
    number = next(at for at, stem in enumerate(_WEEKDAYS) if found["day"].startswith(stem))
    back = (clock.weekday() - number) % 7 or 7
    return _at(found, clock, (clock - timedelta(days=back)).date().timetuple()[:3])


def time_of_day(text: str, clock: datetime) -> Moment | None:
    """«в 9:10», «в 4 утра»: of today, of yesterday where that is yet to come."""
    found = _CLOCK_TIME.fullmatch(text)
    if not found:
        return None
    hour, part = int(found["hour"]), found["part"] or found["half"]
    if part in ("дня", "вечера") and hour < 12:
        hour += 12
    if part == "ночи" and hour == 12:
        hour = 0
    at = clock.replace(hour=hour, minute=int(found["minute"] or 0), second=0, microsecond=0)
    return Moment(at if at <= clock else at - timedelta(days=1), TimePrecision.MINUTE)


def anything_else(text: str, clock: datetime) -> Moment | None:
    """What dateparser makes of it: slow, so the last."""
    import dateparser

    at = dateparser.parse(
        text,
        languages=["ru"],
        settings={
            "RELATIVE_BASE": clock.replace(tzinfo=None),
            "PREFER_DATES_FROM": "past",
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    if at is None:
        return None
    precision = TimePrecision.MINUTE if re.search(r"\d[:.]\d\d", text) else TimePrecision.DAY
    return Moment(at if at.tzinfo else at.replace(tzinfo=clock.tzinfo), precision)


def _at(found: re.Match[str], clock: datetime, day: tuple[int, ...]) -> Moment:
    year, month, number = day
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    precision = TimePrecision.SECOND if found["second"] else TimePrecision.MINUTE
    if found["hour"] is None:
        precision = TimePrecision.DAY
    return Moment(datetime(year, month, number, hour, minute, second, tzinfo=clock.tzinfo), precision)


RULES: tuple[Callable[[str, datetime], Moment | None], ...] = (
    just_now,
    ago,
    day_word,
    day_and_month,
    numeric,
    weekday,
    time_of_day,
    machine,
    anything_else,
)
