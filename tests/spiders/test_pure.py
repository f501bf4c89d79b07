"""What the news spider is made of, without Scrapy: encodings, dates of machines, addresses, plain text."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.items import TimePrecision
from spiders.canonical import article_id, canonical_url
from spiders.charset import decode
from spiders.feed import plain_text
from spiders.printed_dates import read_moment
from spiders.telegram_message import channel_of, count_of

SAKHALIN = ZoneInfo("Asia/Sakhalin")
RUSSIAN = "Жители дома на улице Лесной жалуются: третий день нет воды, ёмкости пусты."


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "cp866", "utf-8-sig", "utf-16"])
def test_russian_text_is_read_in_whatever_it_came(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == RUSSIAN


@pytest.mark.parametrize("declared", ["utf-8", "cp1251", "iso-8859-1", "no-such-charset"])
def test_a_wrong_declaration_does_not_spoil_utf8(declared: str) -> None:
    assert decode(RUSSIAN.encode(), f"text/html; charset={declared}") == RUSSIAN


def test_a_declaration_in_the_document_is_followed() -> None:
    page = f'<?xml version="1.0" encoding="koi8-r"?><a>{RUSSIAN}</a>'
    assert decode(page.encode("koi8-r")) == page


def test_utf8_is_declared_but_it_is_windows_1251() -> None:
    assert decode(RUSSIAN.encode("cp1251"), "text/html; charset=utf-8") == RUSSIAN


@given(st.binary(max_size=400))
def test_no_bytes_fail(body: bytes) -> None:
    assert isinstance(decode(body, "text/html; charset=koi8-r"), str)


@pytest.mark.parametrize(
    ("written", "expected", "precision"),
    [
        ("Tue, 26 Oct 2021 22:53:19 +0300", datetime(2021, 10, 26, 19, 53, 19), TimePrecision.SECOND),
        ("Tue, 26 Oct 2021 22:53:19 MSK", datetime(2021, 10, 26, 19, 53, 19), TimePrecision.SECOND),
        ("Tue, 26 Oct 2021 22:53 GMT+3", datetime(2021, 10, 26, 19, 53), TimePrecision.MINUTE),
        ("Вт, 26 окт 2021 22:53:19 +0300", datetime(2021, 10, 26, 19, 53, 19), TimePrecision.SECOND),
        ("26 октября 2021 22:53 +03:00", datetime(2021, 10, 26, 19, 53), TimePrecision.MINUTE),
        ("Sun, 31 Oct 2021 22:53:19 GMT", datetime(2021, 10, 31, 22, 53, 19), TimePrecision.SECOND),
        ("Tue, 26 Oct 2021 22:53:19", datetime(2021, 10, 26, 11, 53, 19), TimePrecision.SECOND),
        ("Tue, 26 Oct 2021 22:53:19 XYZ", datetime(2021, 10, 26, 11, 53, 19), TimePrecision.SECOND),
        ("2021-10-26T22:53:19+03:00", datetime(2021, 10, 26, 19, 53, 19), TimePrecision.SECOND),
        ("2021-10-26T22:53:19.123Z", datetime(2021, 10, 26, 22, 53, 19, 123000), TimePrecision.SECOND),
        ("2021-10-26 22:53 +0300", datetime(2021, 10, 26, 19, 53), TimePrecision.MINUTE),
        ("2021-10-26T22:53", datetime(2021, 10, 26, 11, 53), TimePrecision.MINUTE),
        ("2021-10-26", datetime(2021, 10, 25, 13, 0), TimePrecision.DAY),
        ("Tue, 26 Oct 2021 00:00:00 +0300", datetime(2021, 10, 25, 21, 0), TimePrecision.DAY),
    ],
)
def test_dates_of_feeds(written: str, expected: datetime, precision: TimePrecision) -> None:
    moment = read_moment(written, SAKHALIN)
    assert moment
    assert (moment.at, moment.precision) == (expected.replace(tzinfo=UTC), precision)


@pytest.mark.parametrize(
    "written", ["", "вчера", "26 октября", "Tue, 99 Oct 2021 10:00:00 +0300", "0001-01-01T00:00:00+14:00"]
)
def test_what_no_machine_wrote_is_left_to_others(written: str) -> None:
    assert read_moment(written, SAKHALIN) is None


@given(st.text(max_size=60))
def test_no_text_fails_as_a_date(written: str) -> None:
    moment = read_moment(written, SAKHALIN)
    assert moment is None or moment.at.tzinfo is UTC


@given(st.datetimes(datetime(1990, 1, 1, 0, 0, 1), datetime(2060, 1, 1)))
def test_what_python_writes_is_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    for written in (moment.isoformat(), moment.strftime("%a, %d %b %Y %H:%M:%S +0000")):
        read = read_moment(written, SAKHALIN)
        assert read
        assert read.at == moment


@pytest.mark.parametrize(
    "url",
    [
        "https://www.zarechny.example/news/5",
        "http://zarechny.example/news/5/",
        "https://ZARECHNY.example:443/news/5#comments",
        "https://zarechny.example/news/5?utm_source=rss&utm_medium=feed&yclid=1",
        "https://zarechny.example/news/5?from=rss",
    ],
)
def test_forms_of_one_address(url: str) -> None:
    assert canonical_url(url) == "https://zarechny.example/news/5"


def test_what_tells_articles_apart_stays() -> None:
    assert canonical_url("https://zarechny.example/?p=7&from=2026&b=") == "https://zarechny.example/?b=&from=2026&p=7"
    assert canonical_url("http://127.0.0.1:8000/a") == "https://127.0.0.1:8000/a"


@pytest.mark.parametrize(
    "url", ["", "mailto:a@b", "javascript:void(0)", "http://[bad", "https://x.example:port/", "//x"]
)
def test_what_is_no_address(url: str) -> None:
    assert canonical_url(url) == ""


@given(st.from_regex(r"https?://[a-z.]{3,12}(:[0-9]{2,4})?(/[a-zа-я%0-9?&=#./-]{0,30})?", fullmatch=True))
def test_the_canonical_form_is_its_own(url: str) -> None:
    assert canonical_url(canonical_url(url)) == canonical_url(url)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("/2026/voda", "news:https://zarechny.example/2026/voda"),
        ("https://www.zarechny.example/v/", "news:https://zarechny.example/v"),
        ("https://other.example/v", "news:https://zarechny.example/amp/voda"),
        ("https://zarechny.example/", "news:https://zarechny.example/amp/voda"),
        ("", "news:https://zarechny.example/amp/voda"),
    ],
)
def test_a_declared_address_is_taken_on_the_same_site_alone(declared: str, expected: str) -> None:
    assert article_id("https://zarechny.example/amp/voda", declared) == expected


def test_a_feeds_html_becomes_lines() -> None:
    markup = "<p>Один &amp; два<br>три</p>\n<p>Четыре <b>пять</b></p><p><a href='/x'>Читать далее…</a></p>"
    assert plain_text(markup + "<script>x()</script>") == "Один & два\nтри\nЧетыре пять"


@pytest.mark.parametrize(
    ("words", "count"),
    [("2", 2), ("1.2K", 1200), ("436.6K", 436_600), ("3M", 3_000_000), ("1 234", 1234), ("", None), ("x", None)],
)
def test_counters_of_telegram(words: str, count: int | None) -> None:
    assert count_of(words) == count


@given(st.text(max_size=80))
def test_no_data_view_fails(view: str) -> None:
    assert channel_of(view) >= 0
