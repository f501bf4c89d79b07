"""A gazetteer from files: what it finds, what it honestly does not, and what it says of broken files."""

import json
from pathlib import Path

import pytest

from crawler.model.errors import OtklikError
from crawler.model.items import House, PlacePrecision
from search.gazetteer import Gazetteer, load_gazetteer

ADDRESSES = """address,lat,lon,district,extra
"г. Речной, улица Садовая, дом 5, литера А",50.001,60.001,Центр,x
"г. Речной, улица Садовая, дом 7, корпус 1",50.002,60.002,Центр,x
"г. Речной, улица Садовая, дом 7, корпус 2, литера Б",50.003,60.003,Центр,x
"г. Речной, улица Садовая, дом 9/4, литера А",50.004,60.004,Центр,x
"г. Речной, улица Садовая, дом 11-13, литера А",50.005,60.005,Заречье,x
"г. Речной, проспект Мира, дом 1",50.1,60.1,,x
"г. Речной, улица Мира, дом 1",50.2,60.2,Заречье,x
"село Дальнее, Лесная улица, дом 3",50.5,60.5,Сельский,x
"""


def _square(name: str, west: float, size: float) -> dict[str, object]:
    ring = [[west, 50.0], [west + size, 50.0], [west + size, 50.0 + size], [west, 50.0 + size], [west, 50.0]]
    return {
        "type": "Feature",
        "properties": {"district": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def town(tmp_path: Path) -> Gazetteer:
    addresses, districts = tmp_path / "addresses.csv", tmp_path / "districts.geojson"
    addresses.write_text(ADDRESSES, encoding="utf-8")
    features = [_square("Центральный район", 60.0, 0.15), _square("Слободка", 60.1, 0.02), _square("Юг", 61.0, 1.0)]
    districts.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return load_gazetteer(addresses, districts, "Речной")


@pytest.mark.parametrize(
    ("house", "lat"),
    [
        (House(5), 50.001),
        (House(5, "А"), 50.001),
        (House(7, "к1"), 50.002),
        (House(7, "к2"), 50.003),
        (House(7, "к2Б"), 50.003),
        (House(7, "/2"), 50.003),
        (House(9), 50.004),
        (House(9, "/4"), 50.004),
        (House(9, "к4"), 50.004),
        (House(11), 50.005),
    ],
)
def test_a_house_is_found_by_any_of_its_spellings(town: Gazetteer, house: House, lat: float) -> None:
    point = town.house("садовая/улица", house)
    assert point is not None
    assert (point.lat, point.precision) == (lat, PlacePrecision.HOUSE)


def test_another_corpus_is_not_passed_off_as_the_house(town: Gazetteer) -> None:
    point = town.house("садовая/улица", House(7, "к5"))
    assert point is not None
    assert point.precision is PlacePrecision.STREET


def test_an_unknown_number_or_street_is_none(town: Gazetteer) -> None:
    assert town.house("садовая/улица", House(100)) is None
    assert town.house("небывалая/улица", House(1)) is None
    assert town.street("небывалая/") is None


def test_an_untyped_key_finds_the_only_street_and_refuses_to_choose(town: Gazetteer) -> None:
    street = town.street("садовая/")
    assert street is not None
    assert (street.name, street.type, street.settlement) == ("Садовая", "улица", "Речной")
    assert town.street("мира/") is None
    assert {one.type for one in town.streets("мира/")} == {"улица", "проспект"}


def test_a_street_of_another_settlement_is_found_where_home_has_none(town: Gazetteer) -> None:
    street = town.street("лесная/улица")
    assert street is not None
    assert street.settlement == "Дальнее"
    assert town.street("садовая/улица", "Дальнее") is None


def test_a_street_is_shown_at_one_of_its_houses(town: Gazetteer) -> None:
    street = town.street("садовая/улица")
    assert street is not None
    assert (street.point.lat, street.point.precision, street.point.district) == (50.003, PlacePrecision.STREET, "")


def test_polygons_by_name_and_by_point(town: Gazetteer) -> None:
    assert town.polygon("Центральный") is town.polygon("центральный район")
    assert town.polygon("Небывалый") is None
    assert town.district_at(50.01, 60.01) == "Центральный район"
    assert town.district_at(50.01, 60.11) == "Слободка"
    assert town.district_at(0, 0) == ""


def test_names(town: Gazetteer) -> None:
    assert town.settlement_names == ("Дальнее", "Речной")
    assert set(town.district_names) == {"Центр", "Заречье", "Сельский", "Центральный район", "Слободка", "Юг"}
    assert town.knows_street("мира/")
    assert not town.knows_street("небывалая/")


def test_an_empty_gazetteer_knows_nothing_and_works() -> None:
    empty = Gazetteer.empty("Речной")
    assert empty.street("ленина/улица") is None
    assert empty.house("ленина/улица", House(1)) is None
    assert empty.district_at(50, 60) == ""
    assert empty.polygon("Центр") is None
    assert load_gazetteer(None, None, "Речной").settlement_names == empty.settlement_names == ("Речной",)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("address;lat;lon\n", "1", "address,lat,lon,district"),
        ("", "1", "address,lat,lon,district"),
        ("address,lat,lon,district\nул. Мира 1,50,60,\nул. Мира 2,x,60,\n", "3", "lat"),
        ("address,lat,lon,district\nул. Мира 1,50\n", "2", "lat"),
        ("address,lat,lon,district\nул. Мира 1,60.5,250.1,\n", "2", "250.1"),
        ("address,lat,lon,district\nул. Мира 1,nan,60,\n", "2", "nan"),
    ],
)
def test_a_broken_table_is_named_with_its_line(tmp_path: Path, content: str, line: str, says: str) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(OtklikError) as caught:
        load_gazetteer(path, None, "Речной")
    assert f"{path}, строка {line}" in caught.value.text.ru
    assert says in caught.value.text.ru
    assert f"{path}, line {line}" in caught.value.text.en


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"features": [{}]}',
        '{"features": [{"properties": {"name": "Юг"}, "geometry": null}]}',
        '{"features": [{"properties": {"name": "Юг"}, "geometry": {"type": "Polygon", "coordinates": [[1]]}}]}',
    ],
)
def test_broken_polygons_are_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "districts.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(OtklikError) as caught:
        load_gazetteer(None, path, "Речной")
    assert str(path) in caught.value.text.ru


def test_missing_and_wrongly_encoded_files_are_named(tmp_path: Path) -> None:
    coded = tmp_path / "coded.csv"
    coded.write_bytes("address,lat,lon,district\nул. Мира 1,50,60,\n".encode("cp1251"))
    for addresses, districts in ((coded, None), (tmp_path / "no.csv", None), (None, tmp_path / "no.geojson")):
        with pytest.raises(OtklikError) as caught:
            load_gazetteer(addresses, districts, "Речной")
        assert str(addresses or districts) in caught.value.text.ru
