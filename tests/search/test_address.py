"""House numbers have one form, ranges fit by overlap, and places that are one have one key."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.items import House, Place, PlaceKind
from search.address import Address, fits, parse_asked, parse_houses, place_key, place_keys, read_address
from search.titles import district_of, place_text
from search.tree import Houses


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("29к2", ["29к2"]),
        ("29 корпус 2", ["29к2"]),
        ("29 корп. 2", ["29к2"]),
        ("дом 29, корпус 2", ["29к2"]),
        ("29/2", ["29/2"]),
        ("д.29 корп.2 лит.А", ["29к2А"]),
        ("29, литера А", ["29А"]),
        ("29 лит. «Б»", ["29Б"]),
        ("12а", ["12А"]),
        ("12 А", ["12А"]),
        ("12A", ["12А"]),
        *((f"12{latin}", [f"12{russian}"]) for latin, russian in zip("abcehkmoptxy", "АВСЕНКМОРТХУ", strict=True)),
        ("7 стр 3", ["7с3"]),
        ("д. 5, 7а и 9", ["5", "7А", "9"]),
        ("10-20", ["10-20"]),
        ("№ 14", ["14"]),
        ("двенадцать", []),
        ("5 подъезд", []),
        ("", []),
    ],
)
def test_houses_are_brought_to_one_form(text: str, normal: list[str]) -> None:
    assert [str(house) for house in parse_houses(text)] == normal


def test_a_range_keeps_its_parity() -> None:
    assert parse_houses("10-20 чётные") == (House(10, "", 20, "even"),)
    assert parse_houses("11–19 (нечетные)") == (House(11, "", 19, "odd"),)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("12", Houses(12, 12, None)),
        ("12А", Houses(12, 12, "А")),
        ("29 корп. 2", Houses(29, 29, "к2")),
        ("12/1", Houses(12, 12, "/1")),
        ("10-20", Houses(10, 20, None)),
    ],
)
def test_what_a_query_asks_for(text: str, asked: Houses) -> None:
    assert parse_asked(text) == asked


@pytest.mark.parametrize("text", ["", "abc", "10-", "20-10", "5, 7", "0", "12345"])
def test_what_is_not_a_house_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not one house"):
        parse_asked(text)


@pytest.mark.parametrize(
    ("asked", "house", "fit"),
    [
        ("10-20", House(12, "/1"), True),
        ("10-20", House(20, "А"), True),
        ("10-20", House(21), False),
        ("10-20", House(18, "", 30), True),
        ("12", House(12, "к1"), True),
        ("12А", House(12, "А"), True),
        ("12А", House(12), False),
        ("12А", House(10, "", 20), True),
        ("12", House(10, "", 20, "even"), True),
        ("13", House(10, "", 20, "even"), False),
    ],
)
def test_a_house_fits_by_overlap(asked: str, house: House, fit: bool) -> None:
    assert fits(parse_asked(asked), house) is fit


@settings(deadline=None)
@given(
    number=st.integers(1, 9999),
    suffix=st.sampled_from(["", "А", "к2", "/1", "с3", "Ак2", "к1Б", "/2А", "к2с1", "к12А"]),
)
def test_the_printed_form_reads_back(number: int, suffix: str) -> None:
    house = House(number, suffix)
    assert parse_houses(str(house)) == (house,)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "г.Речной, Мебельная улица, дом 47, корпус 1, литера А",
            Address("Речной", "улица", "Мебельная", House(47, "к1А")),
        ),
        ("ул. Садовая, 12", Address("", "улица", "Садовая", House(12))),
        ("ул. Садовая 12", Address("", "улица", "Садовая", House(12))),
        ("село Дальнее, улица 8 Марта, 5", Address("Дальнее", "улица", "8 Марта", House(5))),
        ("693000, г. Речной, 4-я Новая ул., д. 4/9, лит. Б", Address("Речной", "улица", "4-я Новая", House(4, "/9Б"))),
        ("муниципальный округ Заречье, Московское шоссе, 5", Address("", "шоссе", "Московское", House(5))),
        ("г. Речной", None),
        ("Ленина 7", Address("", "", "Ленина", House(7))),
        ("Ленина д7", Address("", "", "Ленина", House(7))),
        ("Ленина, д7", Address("", "", "Ленина", House(7))),
        ("Садовая 5 к 2", Address("", "", "Садовая", House(5, "к2"))),
        ("40 лет Октября 5", Address("", "", "40 лет Октября", House(5))),
        ("Речной, Ленина 7", Address("Речной", "", "Ленина", House(7))),
        ("Речной, ул. Ленина, 7", Address("Речной", "улица", "Ленина", House(7))),
    ],
)
def test_an_official_address_in_parts(text: str, address: Address | None) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["ул. Ленина" + " " * 50_000 + "x", "а" * 50_000, "область " * 9_000, "а 1 " * 250])
def test_what_is_no_address_is_read_to_the_end(text: str) -> None:
    assert read_address(text) in (None, Address("", "", "а 1 " * 249 + "а", House(1)))


def test_an_address_holds_blanks_of_any_width() -> None:
    assert read_address("ул.  Ленина \t 5") == Address("", "улица", "Ленина", House(5))


def _place(kind: PlaceKind, key: str = "", houses: tuple[House, ...] = (), **more: str) -> Place:
    return Place(
        kind, (more.get("name", "Ленина"),), 0, 1, "x", houses=houses, street_key=key, type=more.get("type", "")
    )


def test_each_house_has_its_key_and_home_stands_in_for_the_settlement() -> None:
    place = _place(PlaceKind.HOUSE, "ленина/улица", (House(5), House(7, "к2")))
    assert place_keys(place, "Речной") == ("речной:house:ленина/улица:5", "речной:house:ленина/улица:7к2")
    assert place_key(place, "Речной") == "речной:house:ленина/улица:5"


def test_an_intersection_is_the_same_either_way_round() -> None:
    one, other = (_place(PlaceKind.INTERSECTION, key) for key in ("ленина/|мира/", "мира/|ленина/"))
    assert place_key(one, "") == place_key(other, "")


def test_a_settlement_groups_nothing() -> None:
    assert place_key(_place(PlaceKind.SETTLEMENT, name="Речной"), "Речной") == ""


def test_numbered_landmarks_differ_by_type() -> None:
    school = _place(PlaceKind.LANDMARK, name="12", type="школа")
    clinic = _place(PlaceKind.LANDMARK, name="12", type="поликлиника")
    assert place_key(school, "Речной") != place_key(clinic, "Речной")


def test_a_nickname_and_the_district_it_stands_for_are_one_place() -> None:
    nickname = Place(PlaceKind.DISTRICT, ("за речкой",), 0, 9, "за речкой", district="Заречье")
    assert place_key(nickname, "Речной") == place_key(replace(nickname, name=("Заречье",)), "Речной")
    assert place_text(nickname) == district_of(nickname) == "Заречье"


def test_a_stop_and_what_it_is_called_after_are_one_landmark() -> None:
    stop = _place(PlaceKind.LANDMARK, name="Школа № 6", type="остановка")
    school = _place(PlaceKind.LANDMARK, name="6", type="школа")
    market = _place(PlaceKind.LANDMARK, name="Рынок", type="остановка")
    assert place_key(stop, "Речной") == place_key(school, "Речной")
    assert place_key(stop, "Речной") != place_key(market, "Речной") != ""


def test_a_street_without_its_type_is_an_ulitsa_but_not_a_prospekt() -> None:
    bare, street, avenue = (
        Place(PlaceKind.HOUSE, ("Ленина",), 0, 8, "Ленина 5", houses=(House(5),), street_key=f"ленина/{kind}")
        for kind in ("", "улица", "проспект")
    )
    assert place_keys(bare, "Тихоозёрск") == place_keys(street, "Тихоозёрск")
    assert place_keys(bare, "Тихоозёрск") != place_keys(avenue, "Тихоозёрск")
