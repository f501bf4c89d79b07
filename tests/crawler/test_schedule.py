"""Which source is due: a pure function of its last crawls."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from crawler.model.city import Source
from crawler.schedule import LONGEST_BACKOFF, LastCrawl, agenda, due_at, jitter

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def due(sources: Sequence[Source], last: Mapping[str, LastCrawl], now: datetime) -> list[Source]:
    return [one.source for one in agenda(sources, last, now) if one.at <= now]


def source(key: str, minutes: float = 15) -> Source:
    return Source(key, "news", "https://example.com/", ZoneInfo("UTC"), every=timedelta(minutes=minutes))


def test_a_source_is_due_after_its_interval_and_not_before() -> None:
    one = source("one")
    last = {"one": LastCrawl(NOW)}
    assert due([one], last, NOW + timedelta(minutes=14, seconds=59)) == []
    assert due([one], last, NOW + timedelta(minutes=17)) == [one]


def test_one_never_crawled_comes_first_then_the_longest_overdue() -> None:
    sources = [source("fresh"), source("late"), source("later"), source("never")]
    last = {
        "fresh": LastCrawl(NOW),
        "late": LastCrawl(NOW - timedelta(hours=1)),
        "later": LastCrawl(NOW - timedelta(hours=2)),
    }
    assert [one.key for one in due(sources, last, NOW)] == ["never", "later", "late"]
    assert [one.source.key for one in agenda(sources, last, NOW)] == ["never", "later", "late", "fresh"]


def test_a_crawl_of_the_future_does_not_silence_its_source() -> None:
    one = source("one")
    assert agenda([one], {"one": LastCrawl(NOW + timedelta(days=3650))}, NOW)[0].at <= NOW + timedelta(minutes=17)


def test_failures_in_a_row_double_the_interval_up_to_a_bound() -> None:
    one = source("one")
    waits = [due_at(one, LastCrawl(NOW, failures)) - NOW - jitter(one) for failures in range(8)]
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (15, 30, 60, 120)]
    assert waits[-1] == LONGEST_BACKOFF


@given(st.integers(0, 10_000), st.floats(1, 10_000), st.text(max_size=10))
def test_no_source_is_ever_switched_off(failures: int, minutes: float, key: str) -> None:
    one = source(key, minutes)
    last = {key: LastCrawl(NOW, failures)}
    assert due([one], last, NOW + max(LONGEST_BACKOFF, one.every) + timedelta(minutes=2)) == [one]
    assert due_at(one, last[key]) >= NOW + one.every


def test_the_jitter_is_a_source_s_own_and_stays_the_same() -> None:
    jitters = [jitter(source(f"source {number}")) for number in range(50)]
    assert jitters == [jitter(source(f"source {number}")) for number in range(50)]
    assert len(set(jitters)) == 50
    assert max(jitters) <= timedelta(seconds=90)
