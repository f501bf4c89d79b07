from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.model.items import Kind, Media, Post
from pipelines.normalize import clean_text, normalized

POST = Post("tg:-1001/1", "town", "telegram", Kind.POST, "Нет воды", datetime(2026, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("  Нет\u00a0воды\u202f\u2009на Лесной  ", "Нет воды на Лесной"),
        ("строка\r\nещё\rтретья\u2028четвёртая", "строка\nещё\nтретья\nчетвёртая"),
        ("пере\u00adнос и не\u200bвидимое\ufeff", "перенос и невидимое"),
        ("раз \n \n\n\n два", "раз\n\nдва"),
        ("\u202eсправа налево\u202c", "справа налево"),
        ("и\u0306од", "йод"),
        ("и\u200b\u0306од", "йод"),
        ("а" + "\u0301\u0316" * 50_000 + "б", "а" + "\u0316" * 15 + "\u0301" * 15 + "б"),
        ("а\u0301🙂🙂" * 99, "а\u0301🙂🙂" * 99),
        ("нуль\x00 и \x1b[31mцвет", "нуль и [31mцвет"),
        ("оборвано \ud83d", "оборвано \ufffd"),
        ("👨\u200d👩\u200d👧 семья", "👨\u200d👩\u200d👧 семья"),
    ],
)
def test_stored_form(given_text: str, stored: str) -> None:
    assert clean_text(given_text) == stored


@given(st.text())
def test_storing_twice_changes_nothing_and_any_text_can_be_encoded(text: str) -> None:
    assert_stored(text)


@given(
    st.lists(st.sampled_from(["\u0344", "\u0316\u0301" * 9, "а", "🙂", "\u200b", "\u0f73", "й"]), max_size=60).map(
        "".join
    )
)
@example("\u0316\u0301" * 9 + "\u0344" * 7)
def test_any_marks_are_stored_the_same_twice(text: str) -> None:
    assert_stored(text)


def assert_stored(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert once.encode().decode() == once


def test_digest_is_of_what_a_person_reads() -> None:
    plain = normalized(POST)
    assert normalized(replace(POST, text=" Нет  воды ")).digest == plain.digest
    assert normalized(replace(POST, seen_at=datetime(2026, 6, 1, tzinfo=UTC))).digest == plain.digest
    signed_again = Media("photo", url="https://cdn/1?sign=b", key="photo1")
    first = normalized(replace(POST, media=(Media("photo", url="https://cdn/1?sign=a", key="photo1"),)))
    assert first.digest == normalized(replace(POST, media=(signed_again,))).digest
    assert first.digest != plain.digest
    assert normalized(replace(POST, text="Нет света")).digest != plain.digest
