import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.items import EventPrecision, Kind, Post, Reading
from pipelines.event_pieces import RULES, fold, pieces
from pipelines.event_times import event_times
from search.state.records import pack_reading, unpack

SAKHALIN = ZoneInfo("Asia/Sakhalin")
PUBLISHED = datetime(2026, 11, 25, 14, 30, tzinfo=SAKHALIN)
MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
NEAR = st.dates(date(2026, 7, 1), date(2027, 4, 1))
MINUTES = st.integers(0, 23 * 60 + 58)


def _post(text: str, title: str = "") -> Post:
    return Post("p", "s", "vk", Kind.POST, text, PUBLISHED, title=title, published_at=PUBLISHED)


def _at(day: date, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=SAKHALIN)


@given(
    NEAR,
    MINUTES,
    st.sampled_from(["{0.day} {1}", "{0.day} {1} {0.year} года", "{0:%d.%m.%Y}", "{0:%d.%m.%y}"]),
    st.data(),
)
def test_written_hours_of_a_day_are_read_back(day: date, low: int, form: str, data: st.DataObject) -> None:
    high = data.draw(st.integers(low + 1, 23 * 60 + 59))
    written = form.format(day, MONTHS[day.month - 1])
    told = f"{written} с {low // 60}:{low % 60:02} до {high // 60}:{high % 60:02}"
    (found,) = event_times(_post(f"Отключат воду {told}."), SAKHALIN)
    assert (found.quote, found.begins, found.ends) == (told, _at(day, low), _at(day, high))
    assert found.precision is EventPrecision.MINUTE


@given(NEAR, st.integers(1, 60))
def test_written_stretches_of_days_are_read_back(day: date, length: int) -> None:
    last = day + timedelta(days=length)
    told = f"с {day.day} {MONTHS[day.month - 1]} {day.year} по {last.day} {MONTHS[last.month - 1]} {last.year}"
    (found,) = event_times(_post(f"Ремонт {told}"), SAKHALIN)
    assert (found.quote, found.begins, found.ends) == (told, _at(day), _at(last + timedelta(days=1)))


@given(st.text(st.sampled_from("0123456789 .,:-–сдопв\nчасдекабря"), max_size=80), st.text(max_size=40))
def test_any_text_is_read_and_quotes_are_its_own(text: str, title: str) -> None:
    for found in event_times(_post(text, title), SAKHALIN):
        assert found.quote == {"text": text, "title": title}[found.field][found.start : found.end]
        assert found.begins is None or found.ends is None or found.begins < found.ends


@pytest.mark.parametrize("name", RULES)
@given(st.data())
@settings(max_examples=15)
def test_the_words_that_are_passed_over_begin_no_piece(name: str, data: st.DataObject) -> None:
    written = re.compile(re.sub(r"\(\?<=[^)]*\)", "", RULES[name].pattern))
    told = st.tuples(st.sampled_from(["дом", "в", "до"]), st.from_regex(written, fullmatch=True))
    folded = fold(" ".join(word for two in data.draw(st.lists(told, min_size=1, max_size=3)) for word in two))
    every = "|".join(f"(?P<{one}>{rule.pattern})" for one, rule in RULES.items())
    begun = []
    for found in re.finditer(rf"(?<!\w)(?=\w)(?:{every})(?!\w)", folded):
        rule = RULES[str(found.lastgroup)]
        alone = re.compile(rf"\b(?:{rule.pattern})(?!\w)").match(folded, found.start())
        begun += [found.start()] if alone and rule.make(alone) is not None else []
    assert [piece.start for piece in pieces(folded)] == begun


def test_the_day_of_the_title_holds_for_hours_of_the_text() -> None:
    title, text = event_times(_post("Воды не будет с 9 до 17 часов", "Отключение 1 декабря"), SAKHALIN)
    assert (title.field, text.field) == ("title", "text")
    assert (text.begins, text.ends) == (_at(date(2026, 12, 1), 540), _at(date(2026, 12, 1), 1020))


def test_words_are_read_in_the_zone_of_the_source() -> None:
    (found,) = event_times(_post("завтра в 9:00"), ZoneInfo("Europe/Moscow"))
    assert found.begins == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    assert found.zone == "Europe/Moscow"


def test_a_day_that_no_month_has_is_none() -> None:
    assert event_times(_post("Собрание 31 ноября в 10:00"), SAKHALIN) == ()


def test_a_reading_with_times_comes_back_from_the_state() -> None:
    reading = Reading(event_times=event_times(_post("завтра до 18:00, а 3 декабря с утра"), SAKHALIN))
    assert len(reading.event_times) == 2
    assert unpack(Reading, pack_reading(reading)) == reading


def test_a_time_with_a_full_stop_is_no_day() -> None:
    evening, morning = event_times(_post("Концерт в 19.00, а репетиция в 10.05"), SAKHALIN)
    assert (evening.begins, morning.begins) == (_at(date(2026, 11, 25), 1140), _at(date(2026, 11, 25), 605))


def test_so_many_days_ago_is_the_day_of_a_begin_or_an_end() -> None:
    (told,) = event_times(_post("Горячей воды нет с 7 утра 2 дня назад."), SAKHALIN)
    assert (told.quote, told.begins) == ("с 7 утра 2 дня назад", _at(date(2026, 11, 23), 7 * 60))
    (told,) = event_times(_post("Тротуар чистили с вечера до 3 дней назад."), SAKHALIN)
    assert told.ends == _at(date(2026, 11, 23))
