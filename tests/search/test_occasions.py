"""What makes two texts of one form tell of two events, however many words they share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import analyze
from search.occasions import MOST, Occasion, Slot, differ, unpacked
from search.stories import Profile, likeness, profile_of

NUMBERS = st.integers(0, 2**32 - 1)
SLOTS = st.builds(Slot, NUMBERS, NUMBERS)
OCCASIONS = st.builds(
    Occasion,
    SLOTS,
    st.lists(SLOTS, max_size=MOST).map(tuple),
    st.lists(NUMBERS, max_size=MOST).map(tuple),
)
BODY = (
    "Работы проводит теплосеть, бригады уже на месте, жителей просят запастись водой и следить за сообщениями, горячая "
    "линия работает круглосуточно."
)


def _profile(title: str, text: str = BODY) -> Profile:
    profile = profile_of(title, text, analyze(title, text))
    assert profile is not None
    return profile


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Прогноз погоды на 8 ноября", "Прогноз погоды на 16 ноября"),
        ("Погода в Бресте на 17 мая", "Погода в Гомеле на 17 мая"),
        ("Расписание автобусов на пятницу изменится", "Расписание автобусов на субботу изменится"),
        ("Воду отключат на улице Мира, 5", "Воду отключат на улице Мира, 7"),
        ("Сквер откроют в Ленинском районе", "Новый сквер торжественно открывают: Кировский район"),
        ("Паводок в Пермском крае", "Паводок в Кировской области"),
        ("За сутки заболели 56 человек", "За минувшие сутки прибавилось 61 человек заболевших"),
    ],
)
def test_of_one_form_and_two_events(one: str, other: str) -> None:
    first, second = _profile(one), _profile(other)
    assert differ(first.occasion, second.occasion)
    assert likeness(first, second) == 0
    assert likeness(first, first) > 0.99


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # How many there are may grow, and be told in another order.
        ("При взрыве в доме на Мира пострадали 3 человека", "При взрыве в доме на Мира пострадали 5 человек"),
        # Few words around a name are no form, and a place may be named wider.
        ("Пожар в Перми", "Пожар в Закамске"),
        # A day by its name and by its number.
        ("Воду на Мира отключат в пятницу", "Воду на Мира отключат 15 ноября"),
        ("Воду на Мира отключат завтра", "Воду на Мира отключат сегодня"),
        # A district of a region is no other place than the region, and one of several is enough.
        ("Паводок в Пермском крае", "Паводок в Кунгурском районе"),
        ("Паводок в Ленинском и Кировском районах", "Паводок в Кировском районе"),
        ("Паводок в Ленинском районе", "Паводок в нашем районе"),
        # Figures of other days stand beside that of the day.
        ("За сутки заболели 56 человек", "За сутки заболели 56 человек, неделей раньше за сутки 40 человек"),
        ("За сутки заболели 56 человек", "За сутки вывезли 61 тонну мусора"),
        ("Заболели 56 человек", "Заболели 61 человек"),
    ],
)
def test_nothing_says_that_these_are_of_two_events(one: str, other: str) -> None:
    first, second = _profile(one), _profile(other)
    assert not differ(first.occasion, second.occasion)
    assert likeness(first, second) > 0


def test_the_first_sentence_is_the_form_where_there_is_no_title() -> None:
    texts = [f"Внимание! Сегодня воду отключат на улице {name}. {BODY}" for name in ("Мира", "Лесной")]
    one, other = (_profile("", text.removeprefix("Внимание! ")) for text in texts)
    assert likeness(one, other) == 0


@given(OCCASIONS)
def test_an_occasion_is_read_back_from_the_end_of_what_holds_it(occasion: Occasion) -> None:
    packed = occasion.packed()
    assert unpacked(b"words" + packed) == (occasion, len(packed))
    assert len(packed) % 2


@given(OCCASIONS, OCCASIONS)
def test_to_differ_is_symmetric_and_never_from_itself(one: Occasion, other: Occasion) -> None:
    assert differ(one, other) == differ(other, one)
    assert not differ(one, one)
