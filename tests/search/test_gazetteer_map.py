"""A gazetteer from a map: what is read of a small town that pyosmium wrote."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.errors import OtklikError
from crawler.model.items import House
from search.gazetteer import Gazetteer, load_gazetteer, open_gazetteer
from search.gazetteer_build import built
from search.gazetteer_file import FORM, save, unpacked
from search.gazetteer_names import called
from search.gazetteer_sources import build
from search.gazetteer_staged import Spot, Staged
from tests.search.map_of_town import drawn


@pytest.fixture(scope="module")
def pbf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn().write(tmp_path_factory.mktemp("map") / "town.osm.pbf")


@pytest.fixture(scope="module")
def file(pbf: Path) -> Path:
    content, left_out = build([pbf])
    assert left_out == {}
    path = pbf.parent / "town.gazetteer"
    save(content, path)
    return path


@pytest.fixture(scope="module")
def town(file: Path) -> Gazetteer:
    return open_gazetteer(file, "Речной")


def test_streets_have_settlement_district_and_a_point_in_their_middle(town: Gazetteer) -> None:
    (lenina,) = town.streets("ленина/улица")
    assert (lenina.name, lenina.type, lenina.settlement) == ("Ленина", "улица", "Речной")
    (avenue,) = town.streets("мира/")
    assert (avenue.type, avenue.point.district, len(avenue.lines)) == ("проспект", "", 2)
    assert avenue.point.lat == pytest.approx(50.05, abs=2e-4)
    assert avenue.point.lon == pytest.approx(60.05, abs=1e-3)
    assert avenue.point.id == "osm:way/6"
    (far,) = town.streets("мира/улица", "Дальнее")
    assert [(house.number, point.lat) for house, point in far.houses] == [(3, 50.5)]
    assert town.streets("труда/площадь")[0].point.lat == 50.04
    assert not town.knows_street("здоровья тропа/")


def test_two_streets_of_one_name_in_one_city_stay_two(town: Gazetteer) -> None:
    streets = town.streets("садовая/улица")
    points = [street.house(House(5)) for street in streets]
    assert [(point.lat, point.district) for point in points if point] == [
        (50.07, "Озёрный район"),
        (50.012, "Заводской район"),
    ]


def test_a_street_answers_to_its_other_names(town: Gazetteer) -> None:
    for name in ("ленинская/улица", "ленина/улица"):
        assert [street.name for street in town.streets(name)] == ["Ленина"]
    assert [street.name for street in town.streets("большая/улица")] == []  # the type is another now
    assert [street.name for street in town.streets("большая/")] == ["Мира"]


def test_houses_are_found_by_their_spellings(town: Gazetteer) -> None:
    point = town.house("ленина/улица", House(7, "/2"))
    assert point is not None
    assert (point.lat, point.lon, point.district) == (50.03, 60.0305, "Заводской район")
    assert point.id.startswith("osm:way/")


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("школа", "12", ["МБОУ «Средняя общеобразовательная школа № 12»"]),
        ("гимназия", "4", ["Гимназия"]),
        ("школа", "4", ["Гимназия"]),
        ("школа", "99", []),
        ("остановка", "Школа № 12", ["Школа № 12"]),
        ("парк", "Тимирязева", ["Парк культуры и отдыха имени Тимирязева"]),
        ("торговый центр", "Волна", ["ТРЦ «Волна»"]),
        ("мост", "Коммунальный", ["Коммунальный мост"]),
        ("школа", "", []),
    ],
)
def test_landmarks_by_number_or_name(town: Gazetteer, kind: str, name: str, found: list[str]) -> None:
    assert [one.name for one in town.landmarks(kind, name)] == found


def test_what_a_map_draws_twice_is_one_and_lies_where_it_was_drawn_first(town: Gazetteer) -> None:
    (school,) = town.landmarks("школа", "12")
    assert (school.settlement, school.point.lat, school.point.district) == ("Речной", 50.061, "Озёрный район")


def test_districts_and_settlements_have_points_of_their_own(town: Gazetteer) -> None:
    assert town.district_at(50.07, 60.07) == "Озёрный район"
    assert town.district_at(50.3, 60.3) == "Речной муниципальный округ"
    slobodka, parkovy = town.district("Слободка"), town.district("Парковый")
    assert slobodka
    assert slobodka.point
    assert (slobodka.kind, slobodka.point.lat) == ("микрорайон", 50.02)
    assert parkovy
    assert town.polygon("Парковый").area == pytest.approx(0.0004)
    far = town.settlement("дальнее")
    assert far
    assert far.point
    assert (far.kind, far.point.lat, far.point.precision.value) == ("село", 50.5, "settlement")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("Озёрный", ["District"]),
        ("улица Садовая", ["Street", "Street"]),
        ("Дальнее", ["Settlement"]),
        ("школа 12", ["Landmark"]),
        ("Волна", ["Landmark"]),
        ("Небывалое", []),
    ],
)
def test_a_name_stands_for_what_is_called_so(town: Gazetteer, name: str, kinds: list[str]) -> None:
    assert [type(one).__name__ for one in called(town, name)] == kinds


def test_the_same_map_makes_the_same_file(pbf: Path, file: Path) -> None:
    assert build([pbf])[0] == file.read_bytes()


def test_the_first_of_two_files_has_a_house_and_drawn_districts_go_first(pbf: Path, tmp_path: Path) -> None:
    table, districts = tmp_path / "a.csv", tmp_path / "d.geojson"
    table.write_text(
        "address,lat,lon,district,id\nул. Ленина 5,50.0201,60.03,,7\nул. Ленина 9,50.04,60.03,,8\nпустырь,50,60,,\n",
        encoding="utf-8",
    )
    ring = [[60.02, 50.0], [60.04, 50.0], [60.04, 50.1], [60.02, 50.1], [60.02, 50.0]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Свой"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    districts.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    content, left_out = build([table, pbf, districts])
    assert left_out == {"house": 1}
    known = Gazetteer(unpacked(memoryview(content), Path()), "Речной")
    (street,) = known.streets("ленина/улица", "Речной")
    assert [(house.number, point.id, point.district) for house, point in street.houses] == [
        (5, "table:7", "Свой"),
        (7, "osm:way/15", "Свой"),
        (9, "table:8", "Свой"),
    ]
    assert [source["file"] for source in known.head["sources"]] == ["a.csv", "town.osm.pbf", "d.geojson"]


def test_what_lies_outside_is_left_out(pbf: Path, tmp_path: Path) -> None:
    within = tmp_path / "within.geojson"
    ring = [[60.0, 50.0], [60.05, 50.0], [60.05, 50.1], [60.0, 50.1], [60.0, 50.0]]
    feature = {"type": "Feature", "properties": {"name": "x"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    within.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    known = Gazetteer(unpacked(memoryview(build([pbf], within)[0]), Path()), "Речной")
    assert [street.point.district for street in known.streets("садовая/улица")] == ["Заводской район"]
    assert known.district_names == ("Заводской район", "Слободка")
    assert known.settlement("Дальнее") is None


def test_broken_foreign_and_other_files_are_told(file: Path, pbf: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    flipped = bytes([*whole[:200], whole[200] ^ 1, *whole[201:]])
    for content, says in (
        (b"", "not a gazetteer"),
        (b"PK\x03\x04", "not a gazetteer"),
        (whole[:-1], "damaged"),
        (flipped, "damaged"),
        (whole[: len(FORM) + 3], "damaged"),
        (whole.replace(b"gazetteer 1", b"gazetteer 9", 1), "another version"),
    ):
        path = tmp_path / "broken.gazetteer"
        path.write_bytes(content)
        with pytest.raises(OtklikError) as caught:
            open_gazetteer(path, "Речной")
        assert says in caught.value.text.en
        assert str(path) in caught.value.text.ru
    with pytest.raises(OtklikError, match=r"absent\.gazetteer"):
        open_gazetteer(tmp_path / "absent.gazetteer", "Речной")
    (tmp_path / "cut.osm.pbf").write_bytes(pbf.read_bytes()[:300])
    (tmp_path / "town.shp").write_bytes(b"")
    for name in ("cut.osm.pbf", "absent.osm.pbf", "town.shp"):
        with pytest.raises(OtklikError, match=name.replace(".", r"\.")):
            build([tmp_path / name])


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(file: Path, tmp_path: Path) -> None:
    with pytest.raises(OtklikError, match="no/such"):
        save(b"", tmp_path / "no/such/x.gazetteer")
    before = open_gazetteer(file, "Речной")
    save(file.read_bytes(), file)
    assert before.house("ленина/улица", House(5)) is not None


_ADDRESSES = st.lists(
    st.tuples(
        st.sampled_from(["Мира", "Садовая", "Ленина"]),
        st.sampled_from(["улица", "проспект", ""]),
        st.integers(1, 20),
        st.sampled_from(["", "А", "к1", "/2"]),
        st.integers(0, 1000),
        st.sampled_from(["", "Дальнее"]),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=50)
@given(rows=_ADDRESSES)
def test_every_house_comes_back_as_it_was_given_first(rows: list[tuple[str, str, int, str, int, str]]) -> None:
    wanted: dict[tuple[str, ...], float] = {}
    with Staged() as staged:
        for name, kind, number, suffix, off, settlement in rows:
            lat = 50 + off / 1e4
            staged.house(name, kind, House(number, suffix), Spot(lat, 60.0, 0, settlement))
            wanted.setdefault((settlement or "Речной", name, kind, str(House(number, suffix))), lat)
        known = Gazetteer(unpacked(memoryview(built(staged)), Path()), "Речной")
    found = {
        (street.settlement, street.name, street.type, str(house)): point.lat
        for street in known.every_street
        for house, point in street.houses
    }
    assert found == wanted


@pytest.fixture
def both(tmp_path: Path) -> tuple[Gazetteer, Gazetteer]:
    """The same table, read at the start and built before."""
    table = tmp_path / "a.csv"
    table.write_text('address,lat,lon,district\n"ул. Мира 5",50.1,60.1,Юг\n', encoding="utf-8")
    path = tmp_path / "a.gazetteer"
    save(build([table])[0], path)
    return load_gazetteer(table, None, "Речной"), open_gazetteer(path, "Речной")


def test_a_table_says_the_same_built_or_not(both: tuple[Gazetteer, Gazetteer]) -> None:
    read, opened = both
    for known in both:
        assert known.house("мира/", House(5)) == read.house("мира/улица", House(5)) is not None
        assert known.district_names == ("Юг",)
    assert opened.settlement_names == read.settlement_names == ("Речной",)
