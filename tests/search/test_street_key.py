"""One street has one key, however it is written, and asking by terms is asking by `street_fits`."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.street_key import asked_key, asked_terms, spelt_key, split_street, street_fits, street_key, street_terms


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("Ленина", "ул.", "ленина/улица"),
        ("Ленина", "", "ленина/"),
        ("ЛЕНИНА", "улице", "ленина/улица"),
        ("Королёва", "улица", "королева/улица"),
        ("им. Ю. А. Гагарина", "пр-т", "гагарина/проспект"),
        ("имени Чехова", "ул", "чехова/улица"),
        ("Ново-Садовая", "ул", "ново садовая/улица"),
        ("Ленинский", "просп.", "ленинский/проспект"),
        ("Крупской", "улица", "крупской/улица"),
        ("Островского", "улица", "островского/улица"),
        ("", "улица", ""),
    ],
)
def test_a_street_in_its_normal_form(name: str, kind: str, key: str) -> None:
    assert street_key(name, kind) == key


@pytest.mark.parametrize(
    "same",
    [
        [("1-я Советская", "ул"), ("1я Советская", "улица"), ("Советская 1-я", "ул."), ("Первая Советская", "ул.")],
        [("Сахалинская", "улица"), ("Сахалинской", "улице"), ("сахалинскую", "ул.")],
        [("Комсомольский", "проспект"), ("Комсомольскому", "проспекту"), ("Комсомольском", "пр.")],
        [("Лесной", "переулок"), ("Лесном", "пер."), ("Лесному", "переулку")],
        [("Московское", "шоссе"), ("Московском", "ш.")],
        [("Большая Садовая", "ул."), ("Большой Садовой", "улице"), ("Садовая Большая", "улица")],
        [("50 лет Победы", "улица"), ("50-летия Победы", "улица"), ("50-лет Победы", "ул")],
        [("Сахалинская", ""), ("Сахалинской", "")],
    ],
)
def test_spellings_of_one_street_share_a_key(same: list[tuple[str, str]]) -> None:
    assert len({street_key(name, kind) for name, kind in same}) == 1


@pytest.mark.parametrize(
    "different",
    [
        [("Советская", "улица"), ("Советский", "проспект"), ("Советская", "площадь")],
        [("1-я Советская", "улица"), ("2-я Советская", "улица"), ("Советская", "улица")],
        [("Островского", "улица"), ("Островская", "улица")],
    ],
)
def test_different_streets_have_different_keys(different: list[tuple[str, str]]) -> None:
    assert len({street_key(name, kind) for name, kind in different}) == len(different)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ул. Ленина", ("улица", "Ленина")),
        ("ул.Ленина", ("улица", "Ленина")),
        ("Ленина ул", ("улица", "Ленина")),
        ("улица Ленина", ("улица", "Ленина")),
        ("Невский проспект", ("проспект", "Невский")),
        ("пр-т Мира", ("проспект", "Мира")),
        ("5-я линия", ("линия", "5-я")),
        ("Набережная улица", ("улица", "Набережная")),
        ("улица Набережная", ("улица", "Набережная")),
        ("набережная Тихая", ("набережная", "Тихая")),
        ("улица 8 Марта", ("улица", "8 Марта")),
        ("Ленина", ("", "Ленина")),
        ("площадь", ("", "площадь")),
    ],
)
def test_a_street_splits_into_type_and_name(text: str, parts: tuple[str, str]) -> None:
    assert split_street(text) == parts


@pytest.mark.parametrize(
    ("asked", "found", "fits"),
    [
        ("ленина/", "ленина/улица", True),
        ("ленина/", "ленина/", True),
        ("ленина/улица", "ленина/", True),
        ("ленина/улица", "ленина/улица", True),
        ("ленина/улица", "ленина/проспект", False),
        ("мира/", "ленина/улица|мира/", True),
        ("мира/", "", False),
        ("", "ленина/", False),
    ],
)
def test_what_an_asked_street_fits(asked: str, found: str, fits: bool) -> None:
    assert street_fits(asked, found) is fits


_names = st.sampled_from(["ленина", "мира", "1 советская"])
_keys = st.builds("{}/{}".format, _names, st.sampled_from(["", "улица", "проспект"]))
_found = st.one_of(st.just(""), _keys, st.builds("{}|{}".format, _keys, _keys))


@settings(deadline=None)
@given(asked=st.one_of(st.just(""), _keys), found=_found)
def test_fitting_is_sharing_a_term(asked: str, found: str) -> None:
    assert street_fits(asked, found) == bool(set(asked_terms(asked)) & set(street_terms(found)))


_pieces = st.sampled_from(
    [*"абдкяйюad1257/.-", "1-я", "первая", "им", "реки", "лет", "Лесном", "ул.", "пл", "Мира", "г"]
)


@settings(deadline=None)
@given(text=st.lists(_pieces | st.text(max_size=3), max_size=6).map(" ".join))
@example("Парковая А")
@example("7 d until")
@example("Лесном")
@example("пл Мира Ленина а")
def test_a_key_is_spelt_and_read_again(text: str) -> None:
    key = asked_key(text)
    if key:
        assert asked_key(spelt_key(key)) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [("Парковая А", "а парковая/"), ("а парковая/", "а парковая/"), ("ленина/улица", "ленина/улица")],
)
def test_a_query_names_a_street_or_spells_its_key(text: str, key: str) -> None:
    assert asked_key(text) == key


@settings(deadline=None)
@given(name=st.text(max_size=30), kind=st.sampled_from(["", "ул.", "проспект"]))
def test_a_key_is_the_key_of_itself(name: str, kind: str) -> None:
    key = street_key(name, kind)
    assert key.count("/") == (1 if key else 0)
    assert "|" not in key
