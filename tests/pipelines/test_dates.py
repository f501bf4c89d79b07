from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.items import Kind, Post, TimePrecision
from pipelines.dates import dated
from spiders.printed_dates import read_date

SAKHALIN = ZoneInfo("Asia/Sakhalin")
SEEN = datetime(2026, 4, 19, 9, 30, tzinfo=UTC)  # 20:30 on Sakhalin, a Sunday
POST = Post("news:https://example.org/1", "news", "news", Kind.ARTICLE, "Текст", SEEN)

CASES = [
    ("19 апреля, 20:20", datetime(2026, 4, 19, 20, 20), TimePrecision.MINUTE),
    ("19 апреля 2025 года", datetime(2025, 4, 19), TimePrecision.DAY),
    ("3 фев в 11:00", datetime(2026, 2, 3, 11, 0), TimePrecision.MINUTE),
    ("25 декабря", datetime(2025, 12, 25), TimePrecision.DAY),
    ("5 мая 2025, 08:05", datetime(2025, 5, 5, 8, 5), TimePrecision.MINUTE),
    ("7 минут назад", datetime(2026, 4, 19, 20, 23), TimePrecision.MINUTE),
    ("час назад", datetime(2026, 4, 19, 19, 30), TimePrecision.MINUTE),
    ("2 дня назад", datetime(2026, 4, 17, 20, 30), TimePrecision.DAY),
    ("Только что", datetime(2026, 4, 19, 20, 30), TimePrecision.MINUTE),
    ("сегодня в 9:10", datetime(2026, 4, 19, 9, 10), TimePrecision.MINUTE),
    ("Вчера, 23:59", datetime(2026, 4, 18, 23, 59), TimePrecision.MINUTE),
    ("вчера", datetime(2026, 4, 18), TimePrecision.DAY),
    ("19.04.2026 20:20", datetime(2026, 4, 19, 20, 20), TimePrecision.MINUTE),
    ("07.03.26", datetime(2026, 3, 7), TimePrecision.DAY),
    ("2026-04-18", datetime(2026, 4, 18), TimePrecision.DAY),
    ("07.03.74", datetime(1974, 3, 7), TimePrecision.DAY),
    ("31-ое октября 1974", datetime(1974, 10, 31), TimePrecision.DAY),
    ("позапозавчера", datetime(2026, 4, 16), TimePrecision.DAY),
    ("2 дня тому назад", datetime(2026, 4, 17, 20, 30), TimePrecision.DAY),
    ("в пятницу в 18:00", datetime(2026, 4, 17, 18, 0), TimePrecision.MINUTE),
    ("в прошлое воскресенье", datetime(2026, 4, 12), TimePrecision.DAY),
    ("9:10", datetime(2026, 4, 19, 9, 10), TimePrecision.MINUTE),
    ("в 23:45", datetime(2026, 4, 18, 23, 45), TimePrecision.MINUTE),
    ("в 4 часа утра", datetime(2026, 4, 19, 4, 0), TimePrecision.MINUTE),
    ("12 ночи", datetime(2026, 4, 19, 0, 0), TimePrecision.MINUTE),
]


@pytest.mark.parametrize(("printed", "local", "precision"), CASES)
def test_printed_forms_are_read_in_the_zone_of_the_source(
    printed: str, local: datetime, precision: TimePrecision
) -> None:
    read = read_date(printed, SEEN, SAKHALIN)
    assert read is not None
    assert read.at == local.replace(tzinfo=SAKHALIN)
    assert read.precision is precision


@pytest.mark.parametrize(
    "printed", ["Sun, 19 Apr 2026 20:20:00 +1100", "2026-04-19T20:20:00+11:00", "2026-04-19T09:20:00Z"]
)
def test_an_offset_that_is_printed_wins_over_the_zone(printed: str) -> None:
    read = read_date(printed, SEEN, ZoneInfo("Europe/Moscow"))
    assert read is not None
    assert read.at == datetime(2026, 4, 19, 9, 20, tzinfo=UTC)


@pytest.mark.parametrize("printed", ["", "31.02.2026", "скоро", "№ 12 от редакции"])
def test_what_is_no_date_is_not_one(printed: str) -> None:
    assert read_date(printed, SEEN, SAKHALIN) is None


def test_without_a_date_the_arrival_stands_in() -> None:
    assert dated(POST, SAKHALIN).published_at == SEEN
    assert dated(POST, SAKHALIN).precision is TimePrecision.NONE


def test_a_moscow_agency_is_not_in_the_future() -> None:
    # 12:00 printed by a Moscow agency is 20:00 on Sakhalin: read in the agency's own zone it is past.
    post = replace(POST, published_text="19 апреля, 12:00")
    assert dated(post, ZoneInfo("Europe/Moscow")).published_at == datetime(2026, 4, 19, 9, 0, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(TimePrecision))
def test_never_in_the_future_and_never_before_anything_was_online(at: datetime, precision: TimePrecision) -> None:
    post = dated(replace(POST, published_at=at, precision=precision), SAKHALIN)
    assert post.published_at is not None
    assert datetime(2000, 1, 1, tzinfo=UTC) <= post.published_at <= SEEN
    if datetime(2000, 1, 1, tzinfo=UTC) <= at <= SEEN:
        assert post.published_at == at


@given(st.text(max_size=60))
def test_any_text_is_read_or_not(printed: str) -> None:
    read = read_date(printed, SEEN, SAKHALIN)
    assert read is None or read.at.utcoffset() == timedelta(0)
