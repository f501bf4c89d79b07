"""Which of several places is meant: by the text, its thread and the map; never the centre of the city."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from crawler.model.items import House, Location, Place, PlaceKind, PlacePrecision
from pipelines.draft import Draft
from pipelines.places import Places
from pipelines.toponyms import PlaceFinder
from search.address import place_key
from search.gazetteer import Gazetteer, open_gazetteer
from search.gazetteer_build import built
from search.gazetteer_file import save, unpacked
from search.gazetteer_sources import build
from search.gazetteer_staged import Area, Spot, Staged
from search.titles import place_text
from search.wanted import Wanted
from tests.recording import SOURCE, post
from tests.search.map_of_town import drawn

LAKE, FACTORY = "Озёрный район", "Заводской район"


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> PlaceFinder:
    folder = tmp_path_factory.mktemp("map")
    content, _ = build([drawn().write(folder / "town.osm.pbf")])
    save(content, folder / "town.gazetteer")
    return PlaceFinder(open_gazetteer(folder / "town.gazetteer", "Речной"), "Речной")


def address(finder: PlaceFinder, text: str, title: str = "", thread: Sequence[Place] = ()) -> Place:
    """The last street, house or intersection of a text."""
    wanted = (PlaceKind.STREET, PlaceKind.HOUSE, PlaceKind.INTERSECTION)
    return [place for place in finder.find(text, title, thread=thread) if place.kind in wanted][-1]


def test_of_two_streets_of_one_name_none_is_given_where_nothing_tells(finder: PlaceFinder) -> None:
    place = address(finder, "нет воды на ул. Садовая, 5")
    assert (place.lat, place.district, place.id, place.precision) == (None, "", "", PlacePrecision.NONE)
    assert [LAKE in one or FACTORY in one for one in place.candidates] == [True, True]
    assert place.confidence < address(finder, "нет воды на ул. Ленина, 5").confidence


@pytest.mark.parametrize(
    ("title", "text", "district"),
    [
        ("", "Озёрный район, ул. Садовая, 5: нет воды", LAKE),
        ("", "нет воды на Садовой 5 (Заводской р-н)", FACTORY),
        ("", "В Озёрном районе чисто, а в Заводском районе на ул. Садовая, 5 снег", FACTORY),
        ("", "Заводской район: ул. Ленина, 5. Озёрный район: ул. Садовая", LAKE),
        ("Озёрный район без воды", "Отключили ул. Садовую", LAKE),
        ("", "мкр Парковый, Садовая 5, нет света", LAKE),
        ("", "в Слободке на ул. Садовая темно", FACTORY),
    ],
)
def test_a_district_beside_the_address_tells(finder: PlaceFinder, title: str, text: str, district: str) -> None:
    place = address(finder, text, title)
    assert (place.district, place.candidates) == (district, ())
    assert place.id.startswith("osm:way/")


def test_a_house_that_only_one_of_them_has_tells_and_is_named_by_its_id() -> None:
    finder = town([(0, {5}), (1, {7})])
    first, second = address(finder, "ул. Садовая, 5"), address(finder, "ул. Садовая, 7")
    assert (first.district, second.district) == ("Заводской", "Озёрный")
    assert (first.id, second.id) == ("osm:node/1005", "osm:node/1107")


def test_streets_of_one_name_have_place_keys_of_their_own(finder: PlaceFinder) -> None:
    texts = ["Озёрный район, Садовая 5", "Заводской район, Садовая 5", "Садовая 5"]
    keys = {place_key(address(finder, text), "Речной") for text in texts}
    assert len(keys) == 3
    assert place_key(address(finder, "Ленина 5"), "Речной") == "речной:house:ленина/улица:5"
    assert place_text(address(finder, texts[0]), "Речной") == f"улица Садовая ({LAKE}), 5"


def test_reports_of_a_place_that_cannot_be_told_are_not_put_together(finder: PlaceFinder) -> None:
    told, untold = (address(finder, text) for text in ("Озёрный район, Садовая 5", "Садовая 5"))
    assert Wanted("water", place_key(told, "Речной"), told).groups_by_place
    assert not Wanted("water", place_key(untold, "Речной"), untold).groups_by_place


def test_the_thread_tells_by_its_street_its_district_or_its_settlement(finder: PlaceFinder) -> None:
    for text, district in (("Озёрный район, Садовая 5", LAKE), ("Весь Заводской район без воды", FACTORY)):
        place = address(finder, "на Садовой тоже", thread=finder.find(text))
        assert (place.district, place.candidates) == (district, ())
    far = address(finder, "на ул. Мира тоже нет", thread=finder.find("В селе Дальнее нет света"))
    assert (far.settlement, far.street_key) == ("Дальнее", "мира/улица")
    assert address(finder, "на Мира тоже нет").settlement == "Речной"


def test_a_district_in_the_text_goes_before_that_of_the_thread(finder: PlaceFinder) -> None:
    thread = finder.find("Заводской район, Садовая 5")
    assert address(finder, "а в Озёрном районе на Садовой есть", thread=thread).district == LAKE


def test_streets_meet_where_their_lines_do_and_nowhere_else(finder: PlaceFinder) -> None:
    place = address(finder, "яма на перекрёстке Мира и Ленина")
    assert place.lat == pytest.approx(50.05, abs=2e-4)
    assert place.lon == pytest.approx(60.03, abs=1e-4)
    assert (place.precision, place.district) == (PlacePrecision.INTERSECTION, FACTORY)
    apart = address(finder, "перекрёсток Ленина и Садовой")
    assert (apart.lat, apart.precision) == (None, PlacePrecision.NONE)


def test_a_house_that_is_not_on_the_map_is_less_sure_and_placed_on_its_street(finder: PlaceFinder) -> None:
    known, unknown = address(finder, "ул. Ленина, 5"), address(finder, "ул. Ленина, 99")
    assert unknown.precision is PlacePrecision.STREET
    assert unknown.confidence < known.confidence
    assert unknown.houses == (House(99),)


@pytest.mark.parametrize(
    ("text", "name", "rule"),
    [
        ("ул. Тимирязва, 5", "Тимирязева", "typed_street, one_slip"),
        ("ул. Тимирзяева, 5", "Тимирязева", "typed_street, one_slip"),
        ("ул. Тимирязева, 5", "Тимирязева", "typed_street"),
        ("ул. Тимрязва, 5", "", "typed_street"),
        ("ул. Калиниа, 5", "", "typed_street"),  # Калинина or Калинива
        ("ул. Мирра, 5", "", "typed_street"),
    ],
)
def test_one_slip_in_a_long_name_is_forgiven_where_one_street_is_that_near(text: str, name: str, rule: str) -> None:
    with Staged() as staged:
        for street in ("Тимирязева", "Калинина", "Калинива", "Мира"):
            staged.house(street, "улица", House(5), Spot(50, 60, 0, "Речной"))
        finder = PlaceFinder(Gazetteer(unpacked(memoryview(built(staged)), Path()), "Речной"), "Речной")
    (place,) = finder.find(text)
    assert (place.name[0] if place.lat else "", place.rule) == (name, rule)
    assert (place.confidence < 0.7) == ("one_slip" in rule)


NAMES = ("Заводской", "Озёрный", "Лесной")
Streets = list[tuple[int, set[int]]]


def town(streets: Streets) -> PlaceFinder:
    """A finder of a town with three districts, two kilometres wide each, and these «Садовая»: district and houses."""
    with Staged() as staged:
        for number, name in enumerate(NAMES):
            west = 60 + number / 10
            staged.areas.append(Area(name, "район", 0, 0, box(west, 50, west + 0.1, 50.1)))
        for number, (district, houses) in enumerate(streets):
            lat, lon = 50.02 + number / 50, 60.05 + district / 10
            dots = [(round(lat * 1e7), round(lon * 1e7)), (round((lat + 0.002) * 1e7), round(lon * 1e7))]
            staged.line("Садовая", "улица", [], dots, Spot(lat, lon, (number + 1) << 2 | 2, "Речной"))
            for house in sorted(houses):
                spot = Spot(lat, lon, (1000 + 100 * number + house) << 2 | 1, "Речной")
                staged.house("Садовая", "улица", House(house), spot)
        return PlaceFinder(Gazetteer(unpacked(memoryview(built(staged)), Path()), "Речной"), "Речной")


def worth(place: Place, district: str) -> int:
    """3 for the right district, 2 for several of which one is right, 1 for no answer, 0 for a wrong one."""
    if place.candidates:
        return 2 if any(f", {district}, " in one for one in place.candidates) else 0
    return 1 if place.lat is None else 3 * (place.district == district)


@settings(deadline=None, max_examples=60)
@given(
    streets=st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from([5, 7]))), min_size=1, max_size=3),
    which=st.integers(0, 2),
    house=st.sampled_from(["", ", 5", ", 7", ", 9"]),
    said=st.sampled_from(["", "Заводской район без света. ", "В Лесном районе чисто. ", "В городе Речной снег. "]),
    thread=st.sampled_from(["", "ул. Садовая, 5", "Озёрный район, ул. Садовая", "Лесной район"]),
    before=st.booleans(),
)
def test_a_true_district_in_the_text_never_makes_the_answer_worse(
    streets: Streets, which: int, house: str, said: str, thread: str, before: bool
) -> None:
    finder = town(streets)
    truth = NAMES[streets[which % len(streets)][0]]
    earlier = finder.find(thread)
    street = f"ул. Садовая{house}"
    told = f"{said}{truth} район, {street}" if before else f"{said}{street} ({truth} район)"
    plain = worth(address(finder, f"{said}{street}", thread=earlier), truth)
    assert worth(address(finder, told, thread=earlier), truth) >= max(plain, 2)


@pytest.mark.parametrize(
    ("text", "lat", "district"),
    [
        ("у школы 12 яма", 50.061, LAKE),
        ("на остановке Школа № 12 темно", 50.03, FACTORY),
        ("гимназия № 4 закрыта", 50.02, LAKE),
        ("в парке Тимирязева мусор", 50.085, FACTORY),
        ("перила на Коммунальном мосту", 50.05, LAKE),
        ("у ТРЦ «Волна» не чистят", 50.03, LAKE),
    ],
)
def test_a_landmark_lies_where_the_map_has_it(finder: PlaceFinder, text: str, lat: float, district: str) -> None:
    (place,) = finder.find(text)
    assert place.lat == pytest.approx(lat, abs=1e-3)
    assert (place.precision, place.district, place.settlement) == (PlacePrecision.LANDMARK, district, "Речной")
    assert place.id.startswith("osm:")


STAGED = {
    "остановка": "Строитель",
    "детский сад": "Детский сад № 45",
    "церковь": "Храм Рождества",
    "торговый центр": "ТЦ «Волна»",
    "рынок": "Центральный рынок",
    "поликлиника": "Городская поликлиника № 3",
    "вокзал": "Железнодорожный вокзал",
    "автовокзал": "Автовокзал",
    "мост": "Коммунальный мост",
}


@pytest.fixture(scope="module")
def known() -> PlaceFinder:
    """A town with one object of each kind, in the order of STAGED from 50.0 on."""
    with Staged() as staged:
        for number, (kind, name) in enumerate(STAGED.items()):
            staged.landmark(kind, [name], Spot(50 + number, 60, (number + 1) << 2 | 1, "Речной", ""))
        return PlaceFinder(Gazetteer(unpacked(memoryview(built(staged)), Path()), "Речной"), "Речной")


@pytest.mark.parametrize(
    ("text", "quote", "kind"),
    [
        ("на ост. строитель снег", "ост. строитель", "остановка"),
        ("на остановке «Строитель»", "остановке «Строитель»", "остановка"),
        ("остановка строитель, темно", "остановка строитель", "остановка"),
        ("д/с 45 закрыт", "д/с 45", "детский сад"),
        ("садик номер 45", "садик номер 45", "детский сад"),
        ("у церкви рождества", "церкви рождества", "церковь"),
        ("у храма рождества яма", "храма рождества", "церковь"),
        ("в тц волна", "тц волна", "торговый центр"),
        ("на центральном рынке", "центральном рынке", "рынок"),
        ("поликлиника №3 закрыта", "поликлиника №3", "поликлиника"),
        ("на жд вокзале", "жд вокзале", "вокзал"),
        ("на железнодорожном вокзале", "железнодорожном вокзале", "вокзал"),
        ("у автовокзала лужа", "автовокзала", "автовокзал"),
        ("на коммунальном мосту", "коммунальном мосту", "мост"),
    ],
)
def test_small_letters_and_abbreviations_are_asked_of_the_map(
    known: PlaceFinder, text: str, quote: str, kind: str
) -> None:
    (place,) = known.find(text)
    assert (place.quote, place.lat) == (quote, 50 + list(STAGED).index(kind))


@pytest.mark.parametrize(
    "text", ["на остановке автобус ждали", "в парке у дома", "мост строитель", "церковь", "нет рынка в городе"]
)
def test_small_letters_that_the_map_does_not_have_are_no_names(known: PlaceFinder, text: str) -> None:
    assert known.find(text) == ()


def test_a_landmark_that_the_map_has_twice_or_not_at_all_is_not_guessed() -> None:
    with Staged() as staged:
        for number, lat in ((1, 50.0), (2, 50.5)):
            staged.landmark("остановка", ["Рынок"], Spot(lat, 60, number << 2 | 1, "Речной", f"Район {number}"))
        finder = PlaceFinder(Gazetteer(unpacked(memoryview(built(staged)), Path()), "Речной"), "Речной")
    (stop,) = finder.find("на остановке Рынок")
    assert (stop.lat, len(stop.candidates)) == (None, 2)
    assert finder.find("в больнице № 3")[0].lat is None
    said = finder.find("Лесной район: автобус не ходит")[0]
    told = [finder.find("на остановке Рынок", thread=[replace(said, district=f"Район {n}")])[0] for n in (1, 2)]
    assert [place.lat for place in told] == [50.0, 50.5]
    assert len({place_key(place, "Речной") for place in (stop, *told)}) == 3


def test_a_village_has_its_point_and_home_has_none(finder: PlaceFinder) -> None:
    far, home = finder.find("в селе Дальнее нет света")[0], finder.find("в Речном нет света")[0]
    assert (far.lat, far.precision) == (50.5, PlacePrecision.SETTLEMENT)
    assert (home.kind, home.lat, home.precision) == (PlaceKind.SETTLEMENT, None, PlacePrecision.NONE)


def test_the_point_that_an_author_attached_is_a_place_where_the_text_has_none(finder: PlaceFinder) -> None:
    def places(text: str, at: Location) -> tuple[Place, ...]:
        source = replace(SOURCE, home="Речной")
        (done,) = Places(finder).process([Draft(source, post("p", text, location=at))])
        return done.reading.places

    (place,) = places("яма", Location(50.07, 60.07))
    assert (place.field, place.lat, place.district) == ("location", 50.07, LAKE)
    assert (place.precision, place.settlement) == (PlacePrecision.LANDMARK, "Речной")
    assert place_key(place, "Речной") == ""
    (abroad,) = places("яма", Location(10.0, 10.0))
    assert (abroad.settlement, abroad.district) == ("", "")
    assert [one.field for one in places("яма на ул. Ленина, 5", Location(50.07, 60.07))] == ["text"]
