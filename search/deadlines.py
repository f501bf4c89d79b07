"""Deadlines are data: when something is due by a policy and its working calendar, and which policy and route apply.

Pure functions of the city file's records (crawler/model/city.py), without a clock and without a state.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.model.city import Calendar, Policy, Route, Severity
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.address import fold

ROUND_THE_CLOCK = Calendar("")
# A calendar that gives no working minute in ten years never will.
_FARTHEST = 3_660


def due(start: datetime, span: timedelta, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """The UTC moment at which `span` of working time has passed since `start` (aware).

    Working time is real time: an hour that the clocks skip is not counted, one that they repeat counts twice.
    OtklikError when the calendar has no working time at all.
    """
    start = start.astimezone(UTC)
    if calendar.round_the_clock or not span:
        return start + span
    left = span
    for opens, closes in _hours(calendar, zone, start.astimezone(zone).date()):
        begin = max(start, opens)
        if begin < closes:
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
    raise OtklikError(
        Text(
            "В календаре «{key}» нет рабочего времени: срок по нему посчитать нельзя. Исправьте weekdays и workdays.",
            "Calendar «{key}» has no working time, so nothing can be due by it. Mend its weekdays and workdays.",
        ).filled(key=calendar.key)
    )


def _hours(calendar: Calendar, zone: ZoneInfo, first: date) -> Iterator[tuple[datetime, datetime]]:
    """The working hours of each day from `first` on, as UTC moments."""
    for number in range(_FARTHEST):
        day = first + timedelta(days=number)
        if is_working(day, calendar):
            opens = datetime.combine(day, calendar.start, tzinfo=zone)
            # An end that comes twice is the second one, as a beginning that comes twice is the first.
            closes = datetime.combine(day, calendar.end.replace(fold=1), tzinfo=zone)
            yield _after_gap(opens), _after_gap(closes)


def _after_gap(wall: datetime) -> datetime:
    """The UTC moment of a wall time; for one that the clocks skip, the moment at which they skip it."""
    moment = wall.astimezone(UTC)
    if moment.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    # The zone reads a skipped time with the offset before the gap (fold 0) or after it (fold 1). Searching between the
    # two for the jump is exact to the second, the resolution of every zone.
    low, high = sorted(wall.replace(fold=fold_).astimezone(UTC) for fold_ in (0, 1))
    offset = low.astimezone(wall.tzinfo).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(wall.tzinfo).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def is_working(day: date, calendar: Calendar) -> bool:
    """Whether a day of the city's zone is worked: a moved workday before a holiday before the weekday."""
    if day in calendar.workdays:
        return True
    return day.weekday() in calendar.weekdays and day not in calendar.holidays


def calendar_of(policy: Policy, calendars: Sequence[Calendar]) -> Calendar:
    """The calendar that a policy counts in; one that names none counts every minute."""
    return next((calendar for calendar in calendars if calendar.key == policy.calendar), ROUND_THE_CLOCK)


def choose_policy(policies: Sequence[Policy], channels: Sequence[str], severity: Severity) -> Policy | None:
    """The most specific policy for a post's channels (its source, its platform and its source's role) and a severity.

    Channel and severity, then channel, then severity, then neither; a source is more specific than a platform or role;
    then the order of the file. None when none fits.
    """
    fitting = [
        policy
        for policy in policies
        if (not policy.channel or policy.channel in channels) and policy.severity in (None, severity)
    ]
    return min(fitting, key=lambda policy: (_channel_rank(policy, channels), policy.severity is None), default=None)


def _channel_rank(policy: Policy, channels: Sequence[str]) -> int:
    if not policy.channel:
        return 2
    return 0 if policy.channel == channels[0] else 1


def choose_route(routes: Sequence[Route], names: Sequence[str], district: str) -> Route | None:
    """The most specific route for a topic by its names (itself, then its groups: crawler/model/topic_groups.py) and the
    district of the place ("" is unknown).

    An earlier name before a later one before any, a district before none; then the order of the file. None when none
    fits.
    """
    where = fold(district)
    fitting = [
        route
        for route in routes
        if route.topic in ("", *names) and (not route.district or fold(route.district) == where)
    ]
    order = {name: place for place, name in reversed(list(enumerate([*names, ""])))}
    return min(fitting, key=lambda route: (order[route.topic], not route.district), default=None)
