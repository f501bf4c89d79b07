"""Dates as Russian pages print them: small named rules in order, dateparser behind them.

Every rule takes the folded text and the clock in the source's zone and answers with a time and its precision, or None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from crawler.model.items import TimePrecision

MONTHS = ("янв", "фев", "мар", "апр", "ма[йя]", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_MONTH = "|".join(MONTHS)
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
_AGO = re.compile(r"(?P<count>\d{1,4}|одну|один)?\s*(?P<unit>секунд|мин|час|день|дня|дней|недел)[а-я]*\.?\s+назад")
_DAY_WORD = re.compile(r"(?P<day>сегодня|вчера|позавчера)" + _TIME)
_DAY_MONTH = re.compile(
    rf"(?P<day>\d{{1,2}})(?:-?го)?\s+(?P<month>{_MONTH})[а-я]*\.?,?(?:\s+(?P<year>\d{{4}})(?:\s*г(?:ода|\.)?)?)?"
    + _TIME
)
_NUMERIC = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4}|\d{2})(?!\d)(?:\s*г\.?)?" + _TIME)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:z|[+-]\d{2}:?\d{2})?)?")
_RFC822 = re.compile(r"(?:[a-z]{3},\s*)?\d{1,2}\s+[a-z]{3}\s+\d{2,4}\s+\d{1,2}:\d{2}", re.IGNORECASE)
_JUST_NOW = re.compile(r"только что|сейчас|минуту назад")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Read:
    """A time in UTC and how exactly the page tells it."""

    at: datetime
    precision: TimePrecision


def read_date(text: str, seen_at: datetime, zone: ZoneInfo) -> Read | None:
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
            return Read(read.at.astimezone(UTC), read.precision)
    return None


def iso(text: str, clock: datetime) -> Read | None:
    """`2024-04-19`, `2024-04-19T20:20:00+11:00`."""
    found = _ISO.fullmatch(text)
    if not found:
        return None
    at = datetime.fromisoformat(text.replace(",", ".").upper().replace(" +", "+").replace(" -", "-"))
    at = at if at.tzinfo else at.replace(tzinfo=clock.tzinfo)
    return Read(at, TimePrecision.DAY if len(text) == 10 else TimePrecision.SECOND)


def rfc822(text: str, clock: datetime) -> Read | None:
    """`Fri, 19 Apr 2024 20:20:00 +1100`; without an offset, or with one that nobody knows, in the source's zone."""
    if not _RFC822.match(text):
        return None
    at = parsedate_to_datetime(text)
    return Read(at if at.tzinfo else at.replace(tzinfo=clock.tzinfo), TimePrecision.SECOND)


def just_now(text: str, clock: datetime) -> Read | None:
    """«только что»."""
    return Read(clock, TimePrecision.MINUTE) if _JUST_NOW.fullmatch(text) else None


def ago(text: str, clock: datetime) -> Read | None:
    """«7 минут назад», «час назад», «2 дня назад»."""
    found = _AGO.fullmatch(text)
    if not found:
        return None
    count = int(found["count"]) if (found["count"] or "").isdigit() else 1
    unit = _UNITS[found["unit"][:3]]
    # Days and weeks are told in whole ones; an hour may be any minute of it.
    precision = TimePrecision.DAY if unit >= timedelta(days=1) else TimePrecision.MINUTE
    return Read(clock - count * unit, precision)


def day_word(text: str, clock: datetime) -> Read | None:
    """«сегодня в 9:10», «вчера в 9:10», «вчера»."""
    found = _DAY_WORD.fullmatch(text)
    if not found:
        return None
    back = {"сегодня": 0, "вчера": 1, "позавчера": 2}[found["day"]]
    return _at(found, clock, (clock - timedelta(days=back)).date().timetuple()[:3])


def day_and_month(text: str, clock: datetime) -> Read | None:
    """«19 апреля, 20:20», «3 фев в 11:00», «19 апреля 2024 года»; without a year the last such day."""
    found = _DAY_MONTH.fullmatch(text)
    if not found:
        return None
    month = next(number for number, stem in enumerate(MONTHS, 1) if re.fullmatch(stem, found["month"]))
    if found["year"]:
        return _at(found, clock, (int(found["year"]), month, int(found["day"])))
    read = _at(found, clock, (clock.year, month, int(found["day"])))
    if read.at.date() > clock.date():
        read = _at(found, clock, (clock.year - 1, month, int(found["day"])))
    return read


def numeric(text: str, clock: datetime) -> Read | None:
    """«19.04.2024 20:20», «19/04/24»."""
    found = _NUMERIC.fullmatch(text)
    if not found:
        return None
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    return _at(found, clock, (year, int(found["month"]), int(found["day"])))


def anything_else(text: str, clock: datetime) -> Read | None:
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
    return Read(at if at.tzinfo else at.replace(tzinfo=clock.tzinfo), precision)


def _at(found: re.Match[str], clock: datetime, day: tuple[int, ...]) -> Read:
    year, month, number = day
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    precision = TimePrecision.SECOND if found["second"] else TimePrecision.MINUTE
    if found["hour"] is None:
        precision = TimePrecision.DAY
    return Read(datetime(year, month, number, hour, minute, second, tzinfo=clock.tzinfo), precision)


RULES: tuple[Callable[[str, datetime], Read | None], ...] = (
    iso,
    rfc822,
    just_now,
    ago,
    day_word,
    day_and_month,
    numeric,
    anything_else,
)
