"""Each rule with its cases: what it finds, what it leaves alone, and where the offsets lie."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.items import Place, PlaceKind, PlacePrecision
from pipelines.toponym_rules import RULES
from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer, load_gazetteer
from search.gazetteer_build import built
from search.gazetteer_file import unpacked
from search.gazetteer_staged import Area, Spot, Staged

FINDER = PlaceFinder(Gazetteer.empty("Речной"), "Речной")


def found(text: str, finder: PlaceFinder = FINDER) -> list[tuple[str, str, str, str]]:
    """(quote, kind, name, houses) of every place."""
    return [
        (place.quote, str(place.kind), "|".join(place.name), " ".join(map(str, place.houses)))
        for place in finder.find(text)
    ]


CASES: dict[str, list[tuple[str, list[tuple[str, str, str, str]]]]] = {
    "typed_street": [
        ("Яма на ул. Ленина", [("ул. Ленина", "street", "Ленина", "")]),
        ("ул.Ленина,45 течёт", [("ул.Ленина,45", "house", "Ленина", "45")]),
        ("ул. Ленина, д. 5, кв. 7", [("ул. Ленина, д. 5", "house", "Ленина", "5")]),
        (
            "улица Льва Толстого, дом 49 корпус 2",
            [("улица Льва Толстого, дом 49 корпус 2", "house", "Льва Толстого", "49к2")],
        ),
        ("Почему Лесную улицу не чистят", [("Лесную улицу", "street", "Лесная", "")]),
        ("по комсомольскому проспекту 71", [("комсомольскому проспекту 71", "house", "Комсомольский", "71")]),
        ("Заводской пр., 22, лифт", [("Заводской пр., 22", "house", "Заводской", "22")]),
        ("пр-т Мира 12/1", [("пр-т Мира 12/1", "house", "Мира", "12/1")]),
        ("на Московском шоссе, 7а", [("Московском шоссе, 7а", "house", "Московское", "7А")]),
        ("б-р Гагарина, 3 и 5", [("б-р Гагарина, 3 и 5", "house", "Гагарина", "3 5")]),
        ("пер. Тихий 4", [("пер. Тихий 4", "house", "Тихий", "4")]),
        ("10-я Советская улица, дом 14", [("10-я Советская улица, дом 14", "house", "10-я Советская", "14")]),
        ("улице 50 лет Победы, 13 б", [("улице 50 лет Победы, 13 б", "house", "50 лет Победы", "13Б")]),
        ("ул. 25 Октября 7", [("ул. 25 Октября 7", "house", "25 Октября", "7")]),
        (
            "ул. Маршала Жукова, с домов 51 по 61",
            [("ул. Маршала Жукова, с домов 51 по 61", "house", "Маршала Жукова", "51-61")],
        ),
        (
            "улице Ленина между домами 96 и 94 темно",
            [("улице Ленина между домами 96 и 94", "house", "Ленина", "96 94")],
        ),
        ("набережная реки Тихой, 8", [("набережная реки Тихой, 8", "house", "реки Тихой", "8")]),
        ("ул. Набережная, 12", [("ул. Набережная, 12", "house", "Набережная", "12")]),
        ("на улице Набережной стая собак", [("улице Набережной", "street", "Набережная", "")]),
        ("у Набережной улицы, 12", [("Набережной улицы, 12", "house", "Набережная", "12")]),
        ("собаки у Набережной, 12: страшно", [("Набережной, 12", "house", "Набережная", "12")]),
        ("гуляли по Набережной весь вечер", []),
        ("ул. Ленина 10-20", [("ул. Ленина 10-20", "house", "Ленина", "10-20")]),
        ("Вдоль Комсомольского проспекта яма", [("Комсомольского проспекта", "street", "Комсомольский", "")]),
        ("Дачная 4-а шум", [("Дачная 4-а", "house", "Дачная", "4А")]),
        ("yл. Caдoвaя, 4", [("yл. Caдoвaя, 4", "house", "Садовая", "4")]),
        ("#улица_Садовая затопило", [("улица_Садовая", "street", "Садовая", "")]),
        ("Новая дорога лучше старой", []),
        ("льготный проезд отменили", []),
        ("на улице минусовая температура", []),
        ("вся улица в снегу, проезд закрыт", []),
        ("звоню на горячую линию", []),
    ],
    "stretch": [
        (
            "От Садовой до Мира по Кирова ямы",
            [("Садовой", "street", "Садовая", ""), ("Мира", "street", "Мира", ""), ("Кирова", "street", "Кирова", "")],
        ),
        ("между Ленина и Мира нет перехода", [("Ленина", "street", "Ленина", ""), ("Мира", "street", "Мира", "")]),
        (
            "Участок Кирова от Мира до Победы разбит",
            [("Кирова", "street", "Кирова", ""), ("Мира", "street", "Мира", ""), ("Победы", "street", "Победы", "")],
        ),
        ("дорогу Кирова — Победы", [("Кирова", "street", "Кирова", ""), ("Победы", "street", "Победы", "")]),
        ("между Ивановым и Петровым спор", []),
        ("от Перми до Кунгура", [("Перми", "settlement", "Пермь", ""), ("Кунгура", "settlement", "Кунгур", "")]),
    ],
    "small_street": [
        ("на молодежной тоже темно", [("молодежной", "street", "Молодёжная", "")]),
        ("яма на ленина у рынка", [("ленина", "street", "Ленина", "")]),
        ("живу на мира", [("мира", "street", "Мира", "")]),
        ("на детской площадке", []),
        ("на детской темно", []),
        ("надежда на победы команды", []),
        ("по медицинской карте", []),
    ],
    "masculine_street": [
        ("пробка на Комсомольском с утра", [("Комсомольском", "street", "Комсомольский", "")]),
        ("на Комсомольском пруду", [("Комсомольском пруду", "landmark", "Комсомольский", "")]),
    ],
    "house_of_street": [
        ("вдоль дома 5 по улице Шлюзовой", [("дома 5 по улице Шлюзовой", "house", "Шлюзовая", "5")]),
        ("у домов 61, 61а по проспекту Ленина", [("домов 61, 61а по проспекту Ленина", "house", "Ленина", "61 61А")]),
        ("во дворе дома 7 темно", []),
    ],
    "house_by_street": [
        ("надписи на фасаде 18к5 по ул. Садовой", [("18к5 по ул. Садовой", "house", "Садовая", "18к5")]),
    ],
    "named_house": [
        ("Кирова 50, тепла нет", [("Кирова 50", "house", "Кирова", "50")]),
        ("на свободы 50 тоже задыхаемся", [("свободы 50", "house", "Свободы", "50")]),
        ("На Полины Осипенко, 46 нет света", [("Полины Осипенко, 46", "house", "Полины Осипенко", "46")]),
        ("во дворе ласьвинская 56,58, пройти нельзя", [("ласьвинская 56,58", "house", "Ласьвинская", "56 58")]),
        ("прописан на 30 лет Победы 37", [("30 лет Победы 37", "house", "30 лет Победы", "37")]),
        ("Кирова 5, 3 подъезд", [("Кирова 5", "house", "Кирова", "5")]),
        ("Кирова 5, 12 человек ждут", [("Кирова 5", "house", "Кирова", "5")]),
        ("Художников 18 корп 1", [("Художников 18 корп 1", "house", "Художников", "18к1")]),
        ("на Гражданском 75", [("Гражданском 75", "house", "Гражданский", "75")]),
        ("живу кирова 45 кв 8", [("кирова 45", "house", "Кирова", "45")]),
        ("здравствуйте ленина 7 темно", [("ленина 7", "house", "Ленина", "7")]),
        ("читали ленина 7 томов", []),
        ("подъезд 5, этаж 3, квартира 12", []),
        ("жду 2 года, 15 января 2021 обещали 300 рублей", []),
        ("звоните 8 800 200 10 20 до 17:30", []),
        ("автобус 36 и маршрут 12", []),
        ("встала котельная 3, ждём", []),
    ],
    "bare_street": [
        ("темно на Чердынской, фонари", [("Чердынской", "street", "Чердынская", "")]),
        ("яма по Мильчакова у рынка", [("Мильчакова", "street", "Мильчакова", "")]),
        ("отказали в Краевой больнице", []),
        ("спасибо врачу Иванова", []),
        ("надписи на ТСОДД", []),
    ],
    "opening_street": [
        ("Яйвинская с пятницы без воды", [("Яйвинская", "street", "Яйвинская", "")]),
        ("Городская администрация молчит", []),
    ],
    "opening_list": [
        (
            "Темно. Кирова, Бурылова, Смышляева везде бардак",
            [
                ("Кирова", "street", "Кирова", ""),
                ("Бурылова", "street", "Бурылова", ""),
                ("Смышляева", "street", "Смышляева", ""),
            ],
        ),
        ("Приходили Иванова, Петрова, Сидорова", []),
        ("Иванов, Петров, Сидоров молчат", []),
    ],
    "enumerated": [
        (
            "На ул. Кирова, Бурылова и Смышляева каток",
            [
                ("ул. Кирова", "street", "Кирова", ""),
                ("Бурылова", "street", "Бурылова", ""),
                ("Смышляева", "street", "Смышляева", ""),
            ],
        ),
    ],
    "crossing": [
        ("перекрёсток Ленина и Мира", [("Ленина и Мира", "intersection", "Ленина|Мира", "")]),
        ("Светофор на Горького-Чкалова", [("Горького-Чкалова", "intersection", "Горького|Чкалова", "")]),
        ("на углу улиц Садовой и Лесной", [("Садовой и Лесной", "intersection", "Садовая|Лесная", "")]),
        (
            "по Ленина перед перекрестком с Мира",
            [("Ленина перед перекрестком с Мира", "intersection", "Ленина|Мира", "")],
        ),
    ],
    "slashed": [("магазин Ленина/Гагарина", [("Ленина/Гагарина", "intersection", "Ленина|Гагарина", "")])],
    "typed_settlement": [
        ("Живу в г. Лысьва", [("г. Лысьва", "settlement", "Лысьва", "")]),
        ("Лежит в г.Соликамске", [("г.Соликамске", "settlement", "Соликамск", "")]),
        ("в городе Гремячинске холодно", [("городе Гремячинске", "settlement", "Гремячинск", "")]),
        ("с. Фролы, дорога", [("с. Фролы", "settlement", "Фролы", "")]),
        ("в посёлке Юбилейном темно", [("посёлке Юбилейном", "settlement", "Юбилейный", "")]),
        ("в поселке Средняя Усьва нет врача", [("поселке Средняя Усьва", "settlement", "Средняя Усьва", "")]),
        ("Чайковский г, добрый день", [("Чайковский г", "settlement", "Чайковский", "")]),
        ("администрация города Перми молчит", []),
        ("заявка в ЖКС №2 Невского района", []),
        ("профессор А. Г. Генкель", []),
    ],
    "bare_settlement": [
        ("Как дела в Речном?", [("Речном", "settlement", "Речной", "")]),
        (
            "Едем из Березников в Краснокамск",
            [("Березников", "settlement", "Березники", ""), ("Краснокамск", "settlement", "Краснокамск", "")],
        ),
        ("Нигде в России такого нет", []),
        ("А в Москве чистят", []),
        ("Подслушано Лысьва", []),
        ("главный врач Лысьвы молчит", []),
    ],
    "double_settlement": [
        ("Кладбище в Новых Лядах", [("Новых Лядах", "settlement", "Новые Ляды", "")]),
        ("Красный Бор без врача", [("Красный Бор", "settlement", "Красный Бор", "")]),
        ("Красный Крест помог", []),
        ("в Новый Год без света", []),
    ],
    "unknown_settlement": [
        ("В Вильве темно", [("Вильве", "settlement", "Вильва", "")]),
        ("асфальт до Тюндюка", [("Тюндюка", "settlement", "Тюндюк", "")]),
        ("автобус через кондратово", [("кондратово", "settlement", "Кондратово", "")]),
        ("центр в губахе", [("губахе", "settlement", "Губаха", "")]),
        ("обратились в Минздравсоцтруд", []),
        ("в МФЦшку не пускают", []),
    ],
    "typed_district": [
        ("Свердловский район не чистят", [("Свердловский район", "district", "Свердловский", "")]),
        ("в Дзержинском районе", [("Дзержинском районе", "district", "Дзержинский", "")]),
        ("мкр. Парковый", [("мкр. Парковый", "district", "Парковый", "")]),
        ("во дворе ЖК «Лесная сказка»", [("ЖК «Лесная сказка»", "district", "Лесная сказка", "")]),
        ("во дворе ЖК «Гулливер»", [("ЖК «Гулливер", "district", "Гулливер", "")]),
        ("жители Лысьвенского городского округа", [("Лысьвенского городского округа", "district", "Лысьвенский", "")]),
        ("МИК.УСОЛЬСКИЙ К ВРАЧУ", [("МИК.УСОЛЬСКИЙ", "district", "Усольский", "")]),
        ("микр. Парковый", [("микр. Парковый", "district", "Парковый", "")]),
        ("в спальном районе", []),
        ("в нашем районе", []),
    ],
    "numbered_district": [
        ("живу в 5 микрорайоне", [("5 микрорайоне", "district", "5", "")]),
        ("5-й мкр: домофон", [("5-й мкр", "district", "5", "")]),
        ("мкр. 12 без воды", [("мкр. 12", "district", "12", "")]),
        ("строят 2 микрорайона", []),
    ],
    "bare_district": [
        ("Весь Кировский без воды", [("Кировский", "district", "Кировский", "")]),
        ("а в Западном чисто", [("Западном", "district", "Западный", "")]),
        ("вызовут в Следственный комитет", []),
        ("лифт в Ужасном состоянии", []),
    ],
    "nickname": [
        ("у нас на Пролетарке опять темно", [("Пролетарке", "district", "Пролетарка", "")]),
        ("вонь на Химмаше", [("Химмаше", "district", "Химмаш", "")]),
        ("справа от церкви на Водниках", [("Водниках", "district", "Водники", "")]),
        ("очередь на Почте", []),
    ],
    "rural_settlement": [
        ("Двуреченское с/п, темно", [("Двуреченское с/п", "district", "Двуреченское", "")]),
        (
            "жители Двуреченского сельского поселения",
            [("Двуреченского сельского поселения", "district", "Двуреченское", "")],
        ),
        ("Дорога с поля", []),
        ("Вопрос с п. 5 договора", []),
    ],
    "district_about": [
        ("мост в районе нагарки", [("нагарки", "district", "Нагарка", "")]),
        ("яма в районе остановки", []),
        ("в районе парковки темно", []),
    ],
    "opening_district": [
        ("Владимирский весь в снегу", [("Владимирский", "district", "Владимирский", "")]),
        ("Первый тоже не работает", []),
        ("Новый опять сломан", []),
        ("Каждый вообще молчит", []),
        ("Вечерний автобус. Владимирский автобус опоздал", []),
    ],
    "landmark": [
        ("у школы № 12 темно", [("школы № 12", "landmark", "12", "")]),
        ("дети идут в 135 школу", [("135 школу", "landmark", "135", "")]),
        ("детский сад 36 закрыт", [("детский сад 36", "landmark", "36", "")]),
        ("парк Горького", [("парк Горького", "landmark", "Горького", "")]),
        ("ждём на остановке Школа № 6", [("остановке Школа № 6", "landmark", "Школа № 6", "")]),
        ("Коммунальный мост", [("Коммунальный мост", "landmark", "Коммунальный", "")]),
        ("на весь город 2 школы", []),
        ("стоим на остановке", []),
    ],
}


@pytest.mark.parametrize(("text", "places"), [case for cases in CASES.values() for case in cases])
def test_a_rule_finds_its_cases_and_nothing_else(text: str, places: list[tuple[str, str, str, str]]) -> None:
    assert found(text) == places


def test_every_rule_has_cases_that_name_it() -> None:
    named = {rule.name for rule in RULES} - {"known_district", "known_anniversary"} | {"enumerated"}
    shown = {rule for rule, cases in CASES.items() for text, _ in cases if rule in {p.rule for p in FINDER.find(text)}}
    assert shown == named


@pytest.mark.parametrize(
    "text",
    [
        "Адрес редакции: Саранск, ул. Кирова, д. 63",
        "Учредитель — ООО «Вестник», г. Саранск, ул. Кирова, 63, тел. 12-34-56",
        "Издатель: АО «Пресса»\nул. Садовая, 7",
    ],
)
def test_an_imprint_is_never_a_place(text: str) -> None:
    assert found(text) == []
    assert [quote for quote, *_ in found(f"Прорвало трубу на ул. Лесной, 4.\n{text}")] == ["ул. Лесной, 4"]


@pytest.mark.parametrize(
    "text",
    [
        "ООО «Рога», ИНН 5901000000. Вчера на ул. Лесной, 4 прорвало трубу",
        "Главный редактор И. И. Иванов. Адрес: ул. Мира, 7. Прорвало трубу на ул. Лесной, 4",
    ],
)
def test_an_imprint_ends_with_its_sentences(text: str) -> None:
    assert [quote for quote, *_ in found(text)] == ["ул. Лесной, 4"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("нет света по адресу Верности 15", ("Верности 15", "house", "Верности", "15")),
        ("Верейская д. 40, нет воды", ("Верейская д. 40", "house", "Верейская", "40")),
        ("Введенская ул. не убрана", ("Введенская ул.", "street", "Введенская", "")),
        ("лужи вдоль Тучкова переулка", ("Тучкова переулка", "street", "Тучков", "")),
    ],
)
def test_names_that_are_surnames_or_words_to_the_dictionary(text: str, place: tuple[str, str, str, str]) -> None:
    assert found(text) == [place]


def test_letters_that_have_no_name_are_read_over() -> None:
    assert found("ул. 𗀀, дом 5 по улице Ленина") == [("дом 5 по улице Ленина", "house", "Ленина", "5")]


def test_offsets_count_code_points_of_the_field_they_name() -> None:
    places = FINDER.find("🤣🤣 Яма на ул. Мира, 5", title="👍 Ул. Садовая, 7 без света")
    texts = {"title": "👍 Ул. Садовая, 7 без света", "text": "🤣🤣 Яма на ул. Мира, 5"}
    assert [place.field for place in places] == ["title", "text"]
    assert all(texts[place.field][place.start : place.end] == place.quote for place in places)


def test_the_settlement_before_an_address_governs_it_else_home() -> None:
    lysva = FINDER.find("г. Лысьва, ул. Кирова 27")
    assert [place.settlement for place in lysva] == ["Лысьва", "Лысьва"]
    assert [place.settlement for place in FINDER.find("ул. Кирова 27")] == ["Речной"]
    assert [place.settlement for place in FINDER.find("ул. Кирова 27", home="Заречье")] == ["Заречье"]


def test_nicknames_of_districts_come_from_the_city() -> None:
    finder = PlaceFinder(Gazetteer.empty("Речной"), "Речной", {"Слободка": "Слободской район"})
    (place,) = finder.find("На Слободке темно")
    assert (place.kind, place.name, place.district) == (PlaceKind.DISTRICT, ("Слободка",), "Слободской район")


def test_a_nickname_of_two_words_is_found_as_it_is_written() -> None:
    finder = PlaceFinder(Gazetteer.empty("Речной"), "Речной", {"за речкой": "Заречье"})
    (place,) = finder.find("У нас за речкой темно")
    assert (place.quote, place.district) == ("за речкой", "Заречье")


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("В центре нет света", ["центре"]),
        ("Не доехать до центра города", ["центра"]),
        ("Деталь везут из областного центра", []),
        ("Торговый центр закрыт", []),
        ("Центр занятости не отвечает", []),
    ],
)
def test_a_district_that_is_a_common_word_is_no_place_everywhere(text: str, quotes: list[str]) -> None:
    finder = PlaceFinder(Gazetteer.empty("Речной"), "Речной", {"Центр": "Центральный"})
    assert [place.quote for place in finder.find(text)] == quotes


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> PlaceFinder:
    path = tmp_path_factory.mktemp("town") / "addresses.csv"
    path.write_text(
        "address,lat,lon,district\n"
        '"г. Речной, улица Садовая, дом 5",50.001,60.001,Центр\n'
        '"г. Речной, улица Садовая, дом 7, корпус 2, литера А",50.002,60.002,Центр\n'
        '"г. Речной, улица Маршала Жукова, дом 3",50.002,60.003,Центр\n'
        '"г. Речной, Галерный проезд, дом 9",50.003,60.004,Центр\n'
        '"г. Речной, Заводской проезд, дом 4",50.003,60.007,Центр\n'
        '"г. Речной, Набережная улица, дом 12",50.004,60.005,Центр\n'
        '"г. Речной, улица 40 лет Октября, дом 3",50.005,60.006,Центр\n'
        '"село Дальнее, улица Садовая, дом 40",50.5,60.5,Сельский\n',
        encoding="utf-8",
    )
    return PlaceFinder(load_gazetteer(path, None, "Речной"), "Речной")


def one(finder: PlaceFinder, text: str) -> Place:
    return next(place for place in finder.find(text) if place.kind is not PlaceKind.SETTLEMENT)


def test_a_known_house_gets_coordinates_district_and_the_official_name(town: PlaceFinder) -> None:
    place = one(town, "на садовой 7к2 прорвало")
    assert (place.lat, place.lon, place.district) == (50.002, 60.002, "Центр")
    assert (place.name, place.type, place.precision) == (("Садовая",), "улица", PlacePrecision.HOUSE)


def test_an_unknown_house_is_known_to_its_street_only(town: PlaceFinder) -> None:
    assert one(town, "ул. Садовая, 99").precision is PlacePrecision.STREET


@pytest.mark.parametrize(
    ("text", "settlement", "key"),
    [
        ("ул. Садовая, 5", "Речной", "садовая/улица"),
        ("ул. Садовая, 40", "Дальнее", "садовая/улица"),
        ("с. Дальнее, ул. Садовая, 5", "Дальнее", "садовая/улица"),
        ("Галерный пр., 9", "Речной", "галерный/проезд"),
        ("Жукова 3, лифт", "Речной", "жукова маршала/улица"),
        ("на Заводском 4 не убирают", "Речной", "заводской/проезд"),
        ("На Набережной снова собаки", "Речной", "набережная/улица"),
        ("в доме 12 по Набережной", "Речной", "набережная/улица"),
        ("Течёт крыша. 40 лет Октября, куда жаловаться?", "Речной", "40 лет октября/улица"),
        ("Садовая без света", "Речной", "садовая/улица"),
    ],
)
def test_which_street_is_meant(town: PlaceFinder, text: str, settlement: str, key: str) -> None:
    place = one(town, text)
    assert (place.settlement, place.street_key) == (settlement, key)


def test_what_is_not_known_has_no_coordinates(town: PlaceFinder) -> None:
    place = one(town, "ул. Небывалая, 5")
    assert (place.lat, place.precision) == (None, PlacePrecision.NONE)
    assert all(p.lat is None for p in town.find("Как дела в Речном?"))


def test_an_intersection_lies_between_its_streets(town: PlaceFinder) -> None:
    place = one(town, "перекрёсток Садовой и Маршала Жукова")
    assert place.precision is PlacePrecision.INTERSECTION
    assert place.lat == pytest.approx(50.002)
    assert place.lon == pytest.approx(60.0025)


_PIECES = st.sampled_from(
    [
        "ул. ",
        "Ленина ",
        "5 ",
        ", ",
        "/",
        "д. ",
        "дом 7 ",
        "№ ",
        "г. ",
        "Пермь ",
        "в ",
        "на ",
        "-",
        "1-я ",
        "\n",
        "школа ",
        "ЖК ",
        "район ",
        "перекрёсток ",
        "и ",
        "Садовой ",
        "пр ",
        "т ",
        "К. ",
        "корп ",
        "лит ",
        "«",
        "»",
        "🤣",
        "с ",
        "по ",
    ]
)


@settings(deadline=None)
@given(pieces=st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=25))
def test_any_text_gives_places_in_order_that_quote_it_and_do_not_overlap(pieces: list[str]) -> None:
    text = "".join(pieces)
    places = FINDER.find(text)
    assert all(text[place.start : place.end] == place.quote for place in places)
    assert all(before.end <= after.start for before, after in pairwise(places))


def test_a_long_list_of_houses_that_leads_to_no_street_is_not_read_again_from_each_of_them() -> None:
    for word in ("домов", "дом", "зд.", "здание"):
        assert FINDER.find(f"{word} 5, " * 1_000) == ()
    assert FINDER.find("5 подъезд" + "1" * 100_000) == ()


def test_a_street_of_a_map_that_has_no_house_is_placed_and_crossed_without_an_error() -> None:
    with Staged() as staged:
        staged.line("Ленина", "улица", [], [(500000000, 600000000), (500100000, 600000000)], Spot(50, 60, 0, "Речной"))
        staged.line("Мира", "проспект", [], [(500050000, 599950000), (500050000, 600050000)], Spot(50, 60, 0, "Речной"))
        staged.areas.append(Area("Слободка", "микрорайон", 3, 0, None, (50.02, 60.02)))
        finder = PlaceFinder(Gazetteer(unpacked(memoryview(built(staged)), Path()), "Речной"), "Речной")
    street = one(finder, "яма на ул. Ленина")
    assert street.precision is PlacePrecision.STREET
    assert street.lat == pytest.approx(50.005)
    assert one(finder, "перекрёсток Ленина и Мира").lat == pytest.approx(50.005)
    assert one(finder, "На Слободке темно").lat == 50.02
