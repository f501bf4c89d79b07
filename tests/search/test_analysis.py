import re
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.analysis import GAP, analyze, groups, lemma_key, name_key, query_lemmas, spelling
from search.lemmas import LONGEST

TEXTS = st.text(
    st.sampled_from("абвёйЁЙae12 \n\t.,!?…-‐‑/–_№\u00a0\u00ad\u200b\u200d\u0301\u0306\u0308😀«»()") | st.characters(),
    max_size=120,
)


def surfaces(text: str) -> list[str]:
    return [token.surface for token in analyze("", text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ещё ЁЛКА", ["еще", "елка"]),
        ("29/2, 12к1 и 7А", ["29/2", "12к1", "и", "7а"]),
        ("км/ч", ["км", "ч"]),
        ("юго-западный", ["юго-западный", "юго", "западный"]),
        ("юго\u2011западный", ["юго-западный", "юго", "западный"]),
        ("во\u00adда во\u200bды", ["вода", "воды"]),
        ("во\u0301ды и\u0306од е\u0308лка", ["воды", "йод", "елка"]),
        ("нет\u00a0воды\u2003совсем", ["нет", "воды", "совсем"]),
        ("#нет_воды", ["нет", "воды"]),
        ("пoгoда", ["погода"]),  # with two Latin letters o
        ("яmа и кoтельная", ["яма", "и", "котельная"]),
        ("😀 — …", []),
    ],
)
def test_surface_keys(text: str, expected: list[str]) -> None:
    assert surfaces(text) == expected


def test_the_lemma_is_chosen_before_yo_becomes_ye() -> None:
    lemmas = [token.lemma for token in analyze("", "сёл сел ёлки")]
    assert lemmas == ["село", "сесть", "елка"]


def test_a_query_word_finds_forms_that_pymorphy_reads_as_another_lexeme() -> None:
    assert lemma_key("ямы") != lemma_key("яма")
    assert {lemma_key("ямы"), lemma_key("яма")} <= query_lemmas("яма")


def test_a_query_word_finds_its_forms_written_without_yo() -> None:
    assert lemma_key("сел") in query_lemmas("село")


def test_words_that_are_not_russian_expand_to_themselves() -> None:
    assert query_lemmas("Wi") == {"wi"}
    assert query_lemmas("29/2") == {"29/2"}


def test_a_hyphenated_whole_shares_the_position_of_its_first_part() -> None:
    tokens = [(token.surface, token.position, token.whole) for token in analyze("", "в Ростове-на-Дону нет")]
    assert tokens == [
        ("в", 0, False),
        ("ростове-на-дону", 1, True),
        ("ростове", 1, False),
        ("на", 2, False),
        ("дону", 3, False),
        ("нет", 4, False),
    ]


def test_title_text_and_sentences_lie_apart() -> None:
    tokens = analyze("Нет света", "Вторые сутки. Помогите!")
    assert [(token.field, token.sentence, token.position) for token in tokens] == [
        ("title", 0, 0),
        ("title", 0, 1),
        ("text", 1, 2 + GAP),
        ("text", 1, 3 + GAP),
        ("text", 2, 4 + 2 * GAP),
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("На ул. Ленина, д. 5 нет воды", 1),
        ("г. Луговое, р-н. Приморский, им. С. М. Кирова", 1),
        ("Снег лежит до 25.01.2026 и 5 тыс. рублей", 1),
        ("Ямы по 20 см. Машины бьются", 1),
        ("нет воды. помогите", 2),
        ("Дом 5. Парадная 4", 2),
        ("Убрали двор.Спасибо", 2),
        ("Где вода?! Ждём", 2),
        ("Первый пункт\n- второй пункт\n- третий", 3),
        ("Здравствуйте\n\nнет воды", 2),
        ("строка идёт\nдальше", 1),
        ("сайт mail.ru и page?id=5", 1),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert analyze("", text)[-1].sentence + 1 == count


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Луговое", "Луговом районе"),
        ("р-н Луговой", "луговой район"),
        ("г. Пермь", "Перми"),
        ("Ростов-на-Дону", "город Ростов на Дону"),
        ("Орёл", "орел"),
    ],
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


def test_a_word_of_kind_inside_a_name_stays() -> None:
    assert name_key("Красное Село") != name_key("Красное")
    assert name_key("село Красное") == name_key("Красное")


@given(TEXTS, TEXTS)
@settings(deadline=None)
def test_tokens_of_any_text(title: str, text: str) -> None:
    fields = {"title": title, "text": text}
    before = None
    for token in analyze(title, text):
        assert 0 <= token.start < token.end <= len(fields[token.field])
        assert 0 < len(token.surface) <= LONGEST
        assert 0 < len(token.lemma) <= LONGEST
        assert not re.search(r"\s", token.surface + token.lemma)
        assert "ё" not in token.surface + token.lemma
        if before is not None:
            assert token.position >= before.position
            assert (token.position - before.position > GAP) == (token.sentence > before.sentence)
        before = token


@given(TEXTS)
@settings(deadline=None)
def test_the_query_reads_words_as_the_index_does(text: str) -> None:
    for group in groups(text):
        keys = {token.lemma for token in analyze("", text[group.whole.start : group.whole.end])}
        for part in group.parts:
            assert keys & query_lemmas(part.text)


@given(st.text(st.characters(), min_size=1, max_size=30))
@example("ΐ-ŉ")
@settings(deadline=None)
def test_a_spelling_is_settled(word: str) -> None:
    for group in groups(word):
        for part in group.parts:
            assert spelling(part.text) == part.text
            assert unicodedata.is_normalized("NFC", part.text)


def test_every_character_has_a_settled_spelling() -> None:
    letters = (chr(code) for code in range(sys.maxunicode) if chr(code).isalnum() and chr(code) not in "一龥")
    sample = [char for number, char in enumerate(letters) if number < 3000 or number % 37 == 0]
    assert [char for char in sample if spelling(spelling(char)) != spelling(char)] == []


@given(st.text(min_size=1, max_size=40))
@settings(deadline=None)
def test_a_name_key_of_a_name_key_is_itself(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)
