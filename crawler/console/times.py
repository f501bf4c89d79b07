"""Times and spans as people on shift read them. Spans are short: −0:18, 2:26, 9 д 22 ч."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.model.text import current_locale

_MONTHS = {
    "ru": (
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_NOMINATIVE = (
    *("Январь", "Февраль", "Март", "Апрель", "Май", "Июнь"),
    *("Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"),
)
_WEEKDAYS = {
    "ru": ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
SOON = timedelta(hours=1)


def span(length: timedelta) -> str:
    """A length with its sign: hours and minutes under a day, days and hours from there on."""
    minutes = int(abs(length).total_seconds()) // 60
    sign = "−" if length < timedelta(0) and minutes else ""
    days, hours = divmod(minutes // 60, 24)
    if days:
        day, hour = ("д", "ч") if current_locale() == "ru" else ("d", "h")
        return f"{sign}{days} {day} {hours} {hour}" if hours else f"{sign}{days} {day}"
    return f"{sign}{hours}:{minutes % 60:02d}"


def month(first: date) -> str:
    """«Октябрь 2026»."""
    named = _NOMINATIVE[first.month - 1] if current_locale() == "ru" else _MONTHS["en"][first.month - 1]
    return f"{named} {first.year}"


def decimal(form: str, value: float) -> str:
    """A number in a form like {:.1f}, with the comma of Russian."""
    told = form.format(value)
    return told.replace(".", ",") if current_locale() == "ru" else told


def percent(share: float | None) -> str:
    """«97,6 %»; never a whole hundred where anything is missing, – where nothing is known."""
    if share is None:
        return "–"
    return decimal("{:.1f}", min(100 * share, 99.9)) + " %" if share < 1 else "100 %"


def short(seconds: float | None) -> str:
    """A wait in one unit: 40 с, 4 мин, 9 ч; – for none."""
    if seconds is None:
        return "–"
    russian = current_locale() == "ru"
    for size, unit in ((3600, "ч" if russian else "h"), (60, "мин" if russian else "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} {'с' if russian else 's'}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """13:48."""
    return at.astimezone(zone).strftime("%H:%M")


def day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """«сегодня», «вчера», «10 ноября», with the year where it is another."""
    local, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    russian = current_locale() == "ru"
    if local == today:
        return "сегодня" if russian else "today"
    if local == today - timedelta(days=1):
        return "вчера" if russian else "yesterday"
    named = f"{local.day} {_MONTHS[current_locale()][local.month - 1]}"
    return named if local.year == today.year else f"{named} {local.year}"


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """The time alone for today, with its day for any other."""
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return clock(at, zone)
    return f"{day(at, zone, now)}, {clock(at, zone)}"


def weekday(at: datetime, zone: ZoneInfo) -> str:
    """«вторник, 10 ноября»."""
    local = at.astimezone(zone)
    return f"{_WEEKDAYS[current_locale()][local.weekday()]}, {local.day} {_MONTHS[current_locale()][local.month - 1]}"


def short_day(at: datetime) -> str:
    """«10 ноя» of a time in its own zone."""
    name = _MONTHS[current_locale()][at.month - 1]
    return f"{at.day} {name[:3]}"
