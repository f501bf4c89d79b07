"""When a resident said something, as the one who registers it writes it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.model.errors import OtklikError
from crawler.model.items import TimePrecision
from crawler.model.text import Text
from spiders.printed_dates import Moment
from spiders.table_cells import moment_of

_NO_TIME = Text("Не время: {at}. Пример: «25.11.2026 14:05».", "Not a time: {at}. As in “25.11.2026 14:05”.")
_AHEAD = Text(
    "Это время ещё не наступило: {at}. Нужно, когда житель это сказал.",
    "That time is still to come: {at}. It takes when the resident said it.",
)
# Clocks differ by some minutes.
_SLACK = timedelta(minutes=5)
_EVER = timedelta(days=36_500)


class WhenError(OtklikError):
    """The time that was told cannot be one."""


def said_at(written: str, zone: ZoneInfo, now: datetime) -> Moment | None:
    """When it was said, None where nobody says. WhenError for what is no time, and for one that is to come."""
    if not written:
        return None
    moment = moment_of((written,), zone, now)
    if moment is not None and (moment.at <= now + _SLACK or _is_today(moment, zone, now)):
        return moment
    ahead = moment or moment_of((written,), zone, now + _EVER)
    raise WhenError((_AHEAD if ahead else _NO_TIME).filled(at=written[:60]))


def _is_today(moment: Moment, zone: ZoneInfo, now: datetime) -> bool:
    """Whether it is the day of now without a time: it stands for any time of it."""
    return moment.precision is TimePrecision.DAY and moment.at.astimezone(zone).date() == now.astimezone(zone).date()
