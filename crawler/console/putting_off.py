"""Until when an incident is put off: a few usual times, or one that is typed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.console.asked import Asked
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.queue_terms import SOON

MORNING = 9
"""The hour that «утро» is."""
CHOICES = {
    "1h": Text("На час", "For an hour"),
    "3h": Text("На 3 часа", "For 3 hours"),
    "morning": Text("До завтра, 9:00", "Until tomorrow, 9:00"),
    "monday": Text("До понедельника, 9:00", "Until Monday, 9:00"),
}
"""In the order of the keys 1 to 4."""
_HOURS = {"1h": 1, "3h": 3}
NO_TIME = Text(
    "Не время: «{given}». Пишется так: 2026-12-01 09:30.", "Not a time: “{given}”. It is written as 2026-12-01 09:30."
)


def choices(due: datetime | None, now: datetime, zone: ZoneInfo) -> dict[str, Text]:
    """The usual times that come before an incident is back by itself, an hour before what is due next."""
    return {key: name for key, name in CHOICES.items() if due is None or _chosen(key, now, zone) <= due - SOON}


def _chosen(choice: str, now: datetime, zone: ZoneInfo) -> datetime:
    if choice in _HOURS:
        return now + timedelta(hours=_HOURS[choice])
    local = now.astimezone(zone)
    days = 1 if choice == "morning" else 7 - local.weekday()
    # By the clock on the wall, also where it is put forward or back in between.
    return (local + timedelta(days=days)).replace(hour=MORNING, minute=0, second=0, microsecond=0)


def time_of(asked: Asked) -> datetime | None:
    """The time that a form names, by a choice or as it was typed in the city's time; None for none. OtklikError for one
    that cannot be read.
    """
    if asked.value("until") in CHOICES:
        return _chosen(asked.value("until"), asked.now, asked.city.zone)
    given = asked.value("at").strip()[:40]
    if not given:
        return None
    try:
        typed = datetime.fromisoformat(given)
    except ValueError as error:
        raise OtklikError(NO_TIME.filled(given=given)) from error
    return typed if typed.tzinfo else typed.replace(tzinfo=asked.city.zone)
