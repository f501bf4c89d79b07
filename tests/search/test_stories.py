"""Whether texts tell of the same event: other words for it are, another event of the same kind is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import analyze
from search.stories import ALIKE, FEWEST, Profile, likeness, likenesses, profile_of, shared_words, unpacked

BRIDGE = (
    "Мост через Тихую закроют до ноября",
    (
        "Мост через реку Тихую закроют с 14 сентября до 20 ноября: «Озёрдорстрой» заменит швы и перила, автобусы "
        "пустят в объезд по Заречному шоссе."
    ),
)
BRIDGE_AGAIN = (
    "",
    (
        "Объезд по Заречному шоссе: с 14 сентября по 20 ноября «Озёрдорстрой» меняет перила и швы моста через Тихую. "
        "Автобусы пойдут иначе."
    ),
)
WATER = (
    "27 ноября отключат воду на улице Мира",
    "«Горводоканал» предупреждает: 27 ноября с 9:00 до 17:00 не будет холодной воды в домах 12, 14 и 16 по улице Мира.",
)
OTHER_WATER = (
    "4 декабря отключат воду на улице Садовой",
    "«Горводоканал» предупреждает: 4 декабря с 10:00 до 15:00 не будет холодной воды в домах 3, 5 и 7 на Садовой.",
)
LETTERS = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя 0123456789.АБВГ", max_size=400)


def _profile(title: str, text: str) -> Profile:
    profile = profile_of(title, text, analyze(title, text))
    assert profile is not None
    return profile


def test_the_same_event_in_other_words_is_alike() -> None:
    assert likeness(_profile(*BRIDGE), _profile(*BRIDGE_AGAIN)) >= ALIKE


@pytest.mark.parametrize("other", [WATER, OTHER_WATER])
def test_another_event_is_not(other: tuple[str, str]) -> None:
    assert likeness(_profile(*BRIDGE), _profile(*other)) < ALIKE


def test_notices_of_one_form_about_other_places_and_days_are_not_alike() -> None:
    assert likeness(_profile(*WATER), _profile(*OTHER_WATER)) < ALIKE


@pytest.mark.parametrize("text", ["", "Нет воды!", "Опять нет воды на Мира, 12, звонили уже", "и в на по " * 30])
def test_a_short_text_tells_no_story(text: str) -> None:
    assert profile_of("", text, analyze("", text)) is None


def test_what_makes_two_texts_alike_is_names_and_numbers_first() -> None:
    texts = [(*one, analyze(*one)) for one in (BRIDGE, BRIDGE_AGAIN)]
    words = shared_words(*texts)
    assert {"мост", "озердорстрой", "14", "20"} <= set(words)
    assert words.index("14") < words.index("перила")
    assert sorted(shared_words(*reversed(texts))) == sorted(words)


@given(st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=6))
def test_likeness_is_symmetric_and_the_same_for_many_at_once(texts: list[tuple[str, str]]) -> None:
    profiles = [one for one in (profile_of(*text, analyze(*text)) for text in texts) if one]
    pairs = [(one, other) for one in range(len(profiles)) for other in range(len(profiles))]
    each = [likeness(profiles[one], profiles[other]) for one, other in pairs]
    assert likenesses(profiles, pairs) == each
    assert all(0 <= score <= 1 for score in each)
    assert each == [likeness(profiles[other], profiles[one]) for one, other in pairs]
    assert all(likeness(one, one) > 0.99 for one in profiles)


@given(LETTERS, LETTERS)
def test_a_profile_is_read_back_as_it_was_packed(title: str, text: str) -> None:
    profile = profile_of(title, text, analyze(title, text))
    if profile is not None:
        assert len(profile.hashes) >= FEWEST
        assert unpacked(profile.packed()) == profile
