from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.console.time_strip import MOST, named_stretch, read_stretch, strip_of, written
from crawler.model.text import locale_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 10, 12, 20, tzinfo=UTC)
NONE = (None, None)


@pytest.fixture(autouse=True)
def russian() -> Iterator[None]:
    with locale_of("ru"):
        yield


@pytest.mark.parametrize(
    ("days", "each", "number"), [(1, "час", 25), (7, "4 часа", 43), (30, "день", 31), (200, "неделя", 30)]
)
def test_bars_are_parts_of_the_calendar(days: int, each: str, number: int) -> None:
    strip = strip_of([], NOW - timedelta(days=days), NOW, BERLIN, NONE)
    assert (str(strip.each), len(strip.bars)) == (each, number)


@given(
    st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 10), timezones=st.just(UTC)), max_size=30),
    st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo"]),
)
def test_every_incident_is_in_one_bar_and_bars_lead_to_each_other(opened: list[datetime], zone: str) -> None:
    city = ZoneInfo(zone)
    counts = [(at, 1) for at in sorted(opened)]
    strip = strip_of(counts, None, NOW, city, NONE)
    assert 1 <= len(strip.bars) <= MOST
    ends = [read_stretch(bar.start, bar.end, city) for bar in strip.bars]
    starts = [start for start, _ in ends]
    assert [end for _, end in ends[:-1]] == starts[1:]
    assert starts[0]
    assert sum(bar.count for bar in strip.bars) == sum(at >= starts[0] for at in opened)


def test_the_hour_that_a_change_of_clocks_leaves_out_has_no_bar() -> None:
    now = datetime(2026, 3, 29, 12, tzinfo=UTC)
    strip = strip_of([], now - timedelta(hours=20), now, BERLIN, NONE)
    names = [bar.name for bar in strip.bars]
    assert "29 мар 01:00–03:00" in names
    assert len(names) == len(set(names)) == 21


def test_a_stretch_is_read_as_it_is_written_and_named() -> None:
    start, end = read_stretch("2026-11-09T08:00", "2026-11-09T12:00", BERLIN)
    assert (written(start, BERLIN), written(end, BERLIN)) == ("2026-11-09T08:00", "2026-11-09T12:00")
    assert named_stretch((start, end), BERLIN) == "9 ноя 08:00–12:00"
    assert named_stretch((start, None), BERLIN) == "с 9 ноя 08:00"
    assert named_stretch((None, end), BERLIN) == "до 9 ноя 12:00"
    assert named_stretch(NONE, BERLIN) == ""
    chosen = [bar.name for bar in strip_of([], NOW - timedelta(days=7), NOW, BERLIN, (start, end)).bars if bar.chosen]
    assert chosen == ["9 ноя 08:00–12:00"]
    for wrong in (
        "",
        "yesterday",
        "2026-13-01T00:00",
        "2026-02-30T00:00",
        "2026-11",
        "2026-11-09T24:00",
        "٢٠٢٦-11-09T08:00",
    ):
        assert read_stretch(wrong, wrong, BERLIN) == NONE


def test_days_alone_are_whole_and_ends_are_turned_the_right_way_round() -> None:
    start, end = read_stretch("2026-11-09", "2026-11-10", BERLIN)
    assert (written(start, BERLIN), written(end, BERLIN)) == ("2026-11-09T00:00", "2026-11-11T00:00")
    assert read_stretch("2026-11-09T12:00", "2026-11-09T08:00", BERLIN) == read_stretch(
        "2026-11-09T08:00", "2026-11-09T12:00", BERLIN
    )
    assert read_stretch("2026-02-30", "", BERLIN) == NONE
