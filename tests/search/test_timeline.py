"""Parts of the calendar in zones whose clocks do what clocks do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.errors import OtklikError
from search.engine import Step
from search.timeline import MOST_PARTS, moments, parts

# Half an hour of summer time, a day that was left out, midnights that never were, offsets of seconds.
ZONES = [
    *("Asia/Sakhalin", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"),
    *("America/Sao_Paulo", "America/Havana", "Asia/Kolkata", "Africa/Monrovia", "America/Toronto", "Asia/Tehran"),
]
KEYS: dict[Step, Callable[[datetime], object]] = {
    Step.DAY: lambda at: at.date(),
    Step.WEEK: lambda at: at.isocalendar()[:2],
    Step.MONTH: lambda at: (at.year, at.month),
}


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@given(
    st.sampled_from(ZONES),
    st.sampled_from([Step.DAY, Step.WEEK, Step.MONTH]),
    st.integers(second("1915-01-01"), second("2030-01-01")),
    st.integers(0, 100 * 86_400),
)
@settings(deadline=None, max_examples=150)
def test_a_part_is_a_day_a_week_or_a_month_of_the_city(zone: str, step: Step, first: int, length: int) -> None:
    starts = parts(first, first + length, step, ZoneInfo(zone))
    assert starts[0] <= first
    assert starts[-1] <= first + length
    assert all(earlier < later for earlier, later in pairwise(starts))
    for start, later in pairwise([*starts, first + length]):
        inside = {KEYS[step](datetime.fromtimestamp(at, ZoneInfo(zone))) for at in range(start, later, 1_800)}
        assert len(inside) <= 1
    days = [KEYS[step](datetime.fromtimestamp(start, ZoneInfo(zone))) for start in starts]
    assert len(set(days)) == len(days)


@given(st.sampled_from(ZONES), st.integers(second("1975-01-01"), second("2030-01-01")), st.integers(0, 5 * 86_400))
@settings(deadline=None, max_examples=150)
def test_an_hour_is_one_of_the_city(zone: str, first: int, length: int) -> None:
    starts = parts(first, first + length, Step.HOUR, ZoneInfo(zone))
    assert starts[0] <= first
    for start, later in pairwise(starts):
        # Where clocks go by half an hour, one hour is longer or shorter.
        assert later - start in ((1_800, 3_600, 5_400) if zone == "Australia/Lord_Howe" else (3_600,))


def test_a_part_starts_where_its_first_midnight_is_or_what_comes_instead() -> None:
    starts = parts(second("2018-11-03T12:00"), second("2018-11-05"), Step.DAY, ZoneInfo("America/Sao_Paulo"))
    shown = [f"{datetime.fromtimestamp(start, ZoneInfo('America/Sao_Paulo')):%d %H:%M}" for start in starts]
    assert shown == ["03 00:00", "04 01:00"]


def test_the_day_that_samoa_left_out_is_no_part() -> None:
    starts = parts(second("2011-12-29T12:00"), second("2011-12-31T12:00"), Step.DAY, ZoneInfo("Pacific/Apia"))
    assert [datetime.fromtimestamp(start, ZoneInfo("Pacific/Apia")).day for start in starts] == [29, 31, 1]


def test_posts_fall_into_the_part_that_started_last() -> None:
    zone = ZoneInfo("Asia/Sakhalin")
    starts = parts(0, 2 * 86_400, Step.DAY, zone)
    found = moments(starts, [(starts[1] - 1, 2), (starts[1], 3), (starts[1] + 5, 4)], zone)
    assert [moment.count for moment in found] == [2, 7, 0]
    assert found[1].start - found[0].start == timedelta(days=1)


def test_more_parts_than_anyone_reads_are_refused() -> None:
    zone = ZoneInfo("UTC")
    assert len(parts(0, (MOST_PARTS - 1) * 3_600, Step.HOUR, zone)) == MOST_PARTS
    with pytest.raises(OtklikError):
        parts(0, MOST_PARTS * 3_600, Step.HOUR, zone)
