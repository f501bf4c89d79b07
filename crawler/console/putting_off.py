"""Until when an incident is put off: a few usual times, or one that is typed."""

from datetime import datetime, timedelta

from crawler.console.asked import Asked
from crawler.model.errors import OtklikError
from crawler.model.text import Text

MORNING = 9
"""The hour that «утро» is."""
CHOICES = {
    "1h": Text("На час", "For an hour"),
    "3h": Text("На 3 часа", "For 3 hours"),
    "morning": Text("До завтра, 9:00", "Until tomorrow, 9:00"),
    "monday": Text("До понедельника, 9:00", "Until Monday, 9:00"),
}
"""In the order of the keys 1 to 4."""
NO_TIME = Text(
    "Не время: «{given}». Пишется так: 2026-12-01 09:30.", "Not a time: “{given}”. It is written as 2026-12-01 09:30."
)


def time_of(asked: Asked) -> datetime | None:
    """The time that a form names, by a choice or as it was typed in the city's time; None for none. OtklikError for one
    that cannot be read.
    """
    local = asked.now.astimezone(asked.city.zone)
    chosen = asked.value("until")
    if chosen in {"1h", "3h"}:
        return asked.now + timedelta(hours=int(chosen[0]))
    if chosen in CHOICES:
        days = 1 if chosen == "morning" else 7 - local.weekday()
        # By the clock on the wall, also where it is put forward or back in between.
        return (local + timedelta(days=days)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    given = asked.value("at").strip()[:40]
    if not given:
        return None
    try:
        typed = datetime.fromisoformat(given)
    except ValueError as error:
        raise OtklikError(NO_TIME.filled(given=given)) from error
    return typed if typed.tzinfo else typed.replace(tzinfo=asked.city.zone)
