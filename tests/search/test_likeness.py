"""Near-copies: which differences leave a text the same, and which make it another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.likeness import folded, nearness
from search.sketches import BANDS, SHINGLE, are_far, sketches

NOTICE = "Плановое отключение холодной воды 12 июня с 9:00 до 17:00 на улице Садовой, дом 5, из-за ремонта сетей"


@pytest.mark.parametrize(
    "copy",
    [
        NOTICE.upper(),
        "🚰 " + NOTICE.replace(",", " ❗"),
        NOTICE.replace("холодной", "холдной").replace("ремонта", "ремонтта"),
        NOTICE.replace("холодной воды", "холоднойводы"),
        NOTICE.replace("Плановое отключение", "Плановоеотклюение"),
        NOTICE[: NOTICE.index(" из-за")],
        NOTICE[: NOTICE.index("монта")],
        NOTICE[NOTICE.index("холодной") :],
        NOTICE + " Подписывайтесь на наш канал, чтобы узнавать первыми!",
        "Важно, репост! " + NOTICE + " Источник: администрация",
        "Важно! " + NOTICE.replace("холодной", "халодной") + " #вода",
    ],
)
def test_slips_cuts_tails_case_and_emoji_leave_a_text_the_same(copy: str) -> None:
    whole, copied = folded("", NOTICE), folded("", copy)
    assert 0 < nearness(whole, copied) == nearness(copied, whole) <= 1
    one, other = sketches([whole, copied])
    assert (one[:BANDS] == other[:BANDS]).any()
    assert not are_far(one[None, BANDS:], other[None, BANDS:])[0]


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("дом 5", "дом 7"),
        ("дом 5,", "дом 5а,"),
        ("дом 5,", "дом 5 а,"),
        ("дом 5,", "дома 5, 7, 9,"),
        ("дом 5", "дом 5 корпус 2"),
        ("Садовой", "Новой"),
        ("Садовой", "Судовой"),
        ("Садовой", "Ленина"),
        ("12 июня", "12 июля"),
        ("12 июня", "13 июня"),
        ("9:00", "9:30"),
        ("холодной", "горячей"),
        ("Плановое отключение", "Плановое не отключение"),
        ("из-за ремонта сетей", "для промывки труб"),
    ],
)
def test_another_number_place_or_date_makes_it_another_notice(words: str, others: str) -> None:
    other = NOTICE.replace(words, others)
    assert other != NOTICE
    assert nearness(folded("", NOTICE), folded("", other)) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Уборка снега с крыши дома по улице Мира, дом 5", "Уборка снега с крыши дома по улице Мира, дом 5, 7"),
        ("Уборка снега с крыши дома по улице Мира, 5 а", "Уборка снега с крыши дома по улице Мира, 5 б"),
        ("Завтра с утра нет света на улице Кирова и рядом", "Завтра с утра нет света на улице Серова и рядом"),
    ],
)
def test_an_address_at_the_end_is_no_tail(one: str, other: str) -> None:
    assert nearness(folded("", one), folded("", other)) == 0


@given(st.lists(st.text(min_size=SHINGLE, max_size=80), min_size=1, max_size=5))
def test_a_sketch_depends_on_its_text_alone(texts: list[str]) -> None:
    together = sketches(texts)
    assert all((sketches([text])[0] == row).all() for text, row in zip(texts, together, strict=True))


@given(st.text(min_size=60, max_size=120), st.text(min_size=60, max_size=120))
def test_nearness_is_symmetric_and_a_share(one: str, other: str) -> None:
    one, other = folded("начало", one + " и до конца"), folded("начало", other + " и до конца")
    assert 0 <= nearness(one, other) == nearness(other, one) <= 1
    assert nearness(one, one) == 1
