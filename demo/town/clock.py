"""When things happened in the town: told in its texts so that it looks alive whenever it is started."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_SPAN = re.compile(r"(?:-?\d+[dhm] ?)+")
_DAY = re.compile(r"(\d+)d (\d\d):(\d\d)")
_PLACEHOLDER = re.compile(r"\{(at|day) ([^}]+)\}")
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
# Spans of hours tell the last hours, days with an hour all that was before: so the order is that of the file at any
# hour of the day.
_LAST_HOURS = timedelta(hours=14)


class TownClock:
    """Reads «3h 20m» (before `now`) and «2d 18:40» (that hour in `zone`, two days before the last hours began)."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self.now = now
        self.zone = zone

    def when(self, ago: str) -> datetime:
        """The moment in UTC. ValueError for another form."""
        day = _DAY.fullmatch(ago)
        if day:
            begun = (self.now - _LAST_HOURS).astimezone(self.zone)
            local = begun.replace(hour=int(day[2]), minute=int(day[3]), second=0, microsecond=0)
            return (local - timedelta(days=int(day[1]))).astimezone(UTC)
        return self.now - _span(ago)

    def words(self, text: str) -> str:
        """The text with its placeholders filled: {at 3h} is the hour of that moment, to five minutes where it is past
        and to the hour where it is ahead («{at -3h}»); {day 2d} is its date.
        """
        return _PLACEHOLDER.sub(self._word, text)

    def _word(self, match: re.Match[str]) -> str:
        local = (self.now - _span(match[2])).astimezone(self.zone)
        if match[1] == "day":
            return f"{local.day} {_MONTHS[local.month - 1]}"
        if match[2].startswith("-"):
            return f"{(local + timedelta(minutes=59)):%H}:00"
        return f"{local:%H}:{local.minute // 5 * 5:02}"


def _span(text: str) -> timedelta:
    if not _SPAN.fullmatch(text):
        raise ValueError(f"not a time before now: {text!r} (expected «3h 20m» or «2d 18:40»)")
    parts = re.findall(r"(-?\d+)([dhm])", text)
    return sum((int(count) * _UNITS[unit] for count, unit in parts), timedelta())
