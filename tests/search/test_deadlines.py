"""When something is due: against an oracle that walks minute by minute, and the choice of policy and route."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.model.city import Calendar, Policy, Route, Severity
from crawler.model.errors import OtklikError
from search.deadlines import ROUND_THE_CLOCK, choose_policy, choose_route, due

SAKHALIN = ZoneInfo("Asia/Sakhalin")
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
OFFICE = Calendar(
    "office",
    round_the_clock=False,
    holidays=frozenset({date(2026, 1, day) for day in range(1, 12)}),
    workdays=frozenset({date(2026, 2, 14)}),
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def oracle(start: datetime, minutes: int, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """Walk minute by minute; a minute counts when the wall clock shows working hours of a working day."""
    moment = start
    while minutes:
        wall = moment.astimezone(zone)
        day = wall.date()
        worked = day in calendar.workdays or (day.weekday() in calendar.weekdays and day not in calendar.holidays)
        if worked and calendar.start <= wall.time() < calendar.end:
            minutes -= 1
        moment += MINUTE
    return moment


days = st.dates(date(2026, 3, 20), date(2026, 4, 5)) | st.dates(date(2026, 10, 18), date(2026, 11, 1))
# Nights hold the clock changes; an hour that comes twice is only half an office hour to an oracle that sees wall time.
hours = (
    st.tuples(st.integers(0, 11), st.sampled_from([0, 30]))
    .map(lambda pair: time(*pair))
    .filter(lambda value: value.hour != 2)
)
ends = st.tuples(st.integers(12, 23), st.sampled_from([0, 15, 59])).map(lambda pair: time(*pair))
calendars = st.builds(
    Calendar,
    key=st.just("any"),
    round_the_clock=st.just(False),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    start=hours,
    end=ends,
    holidays=st.frozensets(days, max_size=3),
    workdays=st.frozensets(days, max_size=3),
)
starts = st.tuples(days, st.integers(0, 1439)).map(
    lambda pair: datetime.combine(pair[0], time(), tzinfo=UTC) + pair[1] * MINUTE
)


@given(starts, st.integers(1, 3_000), calendars, st.sampled_from(["Europe/Berlin", "Asia/Sakhalin", "Africa/Cairo"]))
@example(utc(2026, 3, 28, 23, 0), 300, Calendar("n", False, frozenset(range(7)), time(1), time(6)), "Europe/Berlin")
@example(utc(2026, 3, 27, 23, 0), 300, Calendar("n", False, frozenset({6}), time(2, 30), time(6)), "Europe/Berlin")
@example(utc(2026, 10, 24, 23, 0), 300, Calendar("n", False, frozenset(range(7)), time(1), time(6)), "Europe/Berlin")
def test_due_is_what_walking_minute_by_minute_finds(
    start: datetime, minutes: int, calendar: Calendar, zone_name: str
) -> None:
    zone = ZoneInfo(zone_name)
    assert due(start, minutes * MINUTE, calendar, zone) == oracle(start, minutes, calendar, zone)


@given(starts, st.integers(0, 100_000))
def test_round_the_clock_is_plain_addition(start: datetime, minutes: int) -> None:
    assert due(start, minutes * MINUTE, ROUND_THE_CLOCK, SAKHALIN) == start + minutes * MINUTE


def test_friday_evening_waits_for_monday() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=SAKHALIN)
    assert due(friday, timedelta(hours=4), OFFICE, SAKHALIN) == datetime(2026, 3, 9, 12, 0, tzinfo=SAKHALIN)


def test_holidays_are_passed_over_and_a_moved_workday_is_worked() -> None:
    eve = datetime(2025, 12, 31, 17, 0, tzinfo=SAKHALIN)
    assert due(eve, timedelta(hours=2), OFFICE, SAKHALIN) == datetime(2026, 1, 12, 10, 0, tzinfo=SAKHALIN)
    friday = datetime(2026, 2, 13, 17, 30, tzinfo=SAKHALIN)
    assert due(friday, timedelta(hours=1), OFFICE, SAKHALIN) == datetime(2026, 2, 14, 9, 30, tzinfo=SAKHALIN)


def test_what_ends_with_the_working_day_is_due_that_evening() -> None:
    morning = datetime(2026, 3, 6, 9, 0, tzinfo=SAKHALIN)
    assert due(morning, timedelta(hours=9), OFFICE, SAKHALIN) == datetime(2026, 3, 6, 18, 0, tzinfo=SAKHALIN)


def test_a_repeated_hour_belongs_to_the_hours_that_contain_it() -> None:
    nights = Calendar("nights", False, frozenset(range(7)), time(1), time(2, 30))
    start = utc(2026, 10, 24, 23, 0)  # 01:00 summer time in Berlin; 02:00-03:00 comes twice
    assert due(start, timedelta(hours=2, minutes=30), nights, BERLIN) == utc(2026, 10, 25, 1, 30)


def test_a_calendar_without_working_time_says_so() -> None:
    with pytest.raises(OtklikError, match="«empty»"):
        due(utc(2026, 3, 6), timedelta(hours=1), Calendar("empty", False, frozenset()), SAKHALIN)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("channels", "severity", "expected"),
    [
        (("telegram", "public"), Severity.DANGER, "telegram+danger"),
        (("telegram", "public"), Severity.LOW, "telegram"),
        (("vk", "official"), Severity.DANGER, "official"),
        (("vk", "public"), Severity.DANGER, "danger"),
        (("vk", "public"), Severity.LOW, "first"),
    ],
)
def test_the_most_specific_policy_wins(channels: tuple[str, str], severity: Severity, expected: str) -> None:
    policies = [
        Policy("first", HOUR, HOUR),
        Policy("second", HOUR, HOUR),
        Policy("danger", HOUR, HOUR, severity=Severity.DANGER),
        Policy("official", HOUR, HOUR, channel="official"),
        Policy("telegram", HOUR, HOUR, channel="telegram"),
        Policy("telegram+danger", HOUR, HOUR, channel="telegram", severity=Severity.DANGER),
    ]
    chosen = choose_policy(policies, channels, severity)
    assert chosen
    assert chosen.key == expected


def test_without_a_fitting_policy_there_is_none() -> None:
    assert choose_policy([Policy("vk", HOUR, HOUR, channel="vk")], ("telegram",), Severity.LOW) is None


@pytest.mark.parametrize(
    ("names", "district", "expected"),
    [
        (("hot water", "water"), "Луговое", "topic+district"),
        (("hot water", "water"), "", "topic"),
        (("cold water", "water"), "луговое", "group+district"),
        (("cold water", "water", "pipes"), "Центр", "group"),
        (("drains", "floods", "pipes"), "", "group of the rubric"),
        (("snow", "roads"), "Луговое", "district"),
        (("snow", "roads"), "", "any"),
        (("",), "", "any"),
    ],
)
def test_the_most_specific_route_wins(names: tuple[str, ...], district: str, expected: str) -> None:
    routes = [
        Route("any", "e", "d"),
        Route("any, but later", "e", "d"),
        Route("district", "e", "d", district="Луговое"),
        Route("group of the rubric", "e", "d", topic="pipes"),
        Route("group", "e", "d", topic="water"),
        Route("group+district", "e", "d", topic="water", district="Луговое"),
        Route("topic", "e", "d", topic="hot water"),
        Route("topic+district", "e", "d", topic="hot water", district="Луговое"),
    ]
    chosen = choose_route(routes, names, district)
    assert chosen
    assert chosen.key == expected


def test_without_a_fitting_route_there_is_none() -> None:
    assert choose_route([Route("water", "e", "d", topic="water")], ("snow", "roads"), "") is None


def test_the_policy_of_a_source_goes_before_that_of_its_platform_and_role() -> None:
    policies = [
        Policy("any", HOUR, HOUR),
        Policy("tables", HOUR, HOUR, channel="intake"),
        Policy("pos", HOUR, HOUR, channel="pos"),
    ]
    assert [
        chosen.key
        for key in ("pos", "cur")
        if (chosen := choose_policy(policies, (key, "intake", "intake"), Severity.LOW))
    ] == ["pos", "tables"]
