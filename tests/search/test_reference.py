from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.items import House, Kind, Place, PlaceKind, Post, Reading
from pipelines.event_times import event_times
from search.analysis import Token, analyze
from search.document import Document, document_of
from search.nearness import first_near
from search.periods import resolve
from search.query import parse_query
from search.reference import Context, Match, compile_query, match
from search.tree import Period, Phrase

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Sakhalin")
CONTEXT = Context(NOW, ZONE)


def document(text: str, title: str = "", places: Sequence[Place] = (), published: datetime | None = NOW) -> Document:
    post = Post("vk:1_1", "wall", "vk", Kind.COMMENT, text, title=title, seen_at=NOW, published_at=published, version=1)
    return document_of(post, Reading(places=tuple(places)))


def found(query: str, text: str, title: str = "") -> bool:
    return match(parse_query(query), document(text, title), CONTEXT) is not None


def street(key: str, *houses: House, district: str = "", settlement: str = "") -> Place:
    kind = PlaceKind.HOUSE if houses else PlaceKind.STREET
    return Place(kind, (key,), 0, 3, "abc", houses=houses, street_key=key, district=district, settlement=settlement)


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("", "что угодно", True),
        ("яма", "Ямы на дороге", True),
        ("=ямы", "Ямы на дороге", True),
        ("=яма", "Ямы на дороге", False),
        ("яма свет", "ямы", False),
        ("яма OR свет", "ямы", True),
        ("-свет", "ямы", True),
        ("яма -дорога", "Ямы на дороге", False),
        ("-(яма свет)", "ямы", True),
        ("водо*", "водопровод", True),
        ("прово*", "водопровод", False),
        ('"нет воды"', "нет воды", True),
        ('"нет воды"', "воды нет", False),
        ('"нет воды"', "нет горячей воды", False),
        ('"нет воды"', "Света нет. Воды тоже", False),
        ('"нет вода"', "нету, нет воды", True),
        ('"вода нет"~1', "нет горячей воды", True),
        ('"вода нет"~0', "нет горячей воды", False),
        ('"нет вода"~>1', "нет горячей воды", True),
        ('"вода нет"~>1', "нет горячей воды", False),
        ('"вода нет"~50', "нет света. воды много", False),
        ('"вода подъезд"~s', "Воды нет второй день во всём подъезде", True),
        ('"вода подъезд"~s', "Воды нет. Подъезд грязный", False),
        ('"яма яма"~3', "яма", False),
        ('"яма яма"~3', "яма и ямы", True),
        ('"(свет|вода) пропала"', "вода пропала", True),
        ('"водо* нет"', "водоснабжения нет", True),
        ("юго-западный", "в Юго-Западном районе", True),
        ("юго-западный", "в юго западном районе", True),
        ('"юго западный район"', "в Юго-Западном районе", True),
        ("западный", "в Юго-Западном районе", True),
        ("=юго-западном", "в Юго-Западном районе", True),
        ("=юго-западном", "в юго западном районе", False),
        ("юго-за*", "в Юго-Западном районе", True),
        ("=сёл", "сел", True),
        ("29/2", "дом 29/2", True),
        ("kind:comment platform:VK source:wall", "", True),
        ("kind:post", "", False),
        ("since:-24h until:2026-01-31", "", True),
    ],
)
def test_meaning(query: str, text: str, fits: bool) -> None:
    assert found(query, text) is fits


def test_no_phrase_crosses_from_the_title_into_the_text() -> None:
    assert not found('"нет воды"~50', "воды", title="нет")
    assert found("нет воды", "воды", title="нет")


def test_the_fields_of_one_at_hold_for_one_place() -> None:
    two = document("…", places=[street("ленина/улица", House(5)), street("мира/улица", House(7), district="Луговое")])
    for query, places in [
        ("street:Ленина house:5", (0,)),
        ("street:Ленина house:7", None),
        ("at(street:Ленина) at(house:7)", (0, 1)),
        ("street:Мира district:Луговое", (1,)),
        ('street:Мира district:"Луговой район"', (1,)),
        ("street:Ленина district:Луговое", None),
        ("house:1-10", (0, 1)),
        ("house:5 -street:Мира", None),
        ("house:5 -street:Пушкина", (0,)),
        ("street:Мира OR street:Ленина", (0, 1)),
        ('street:"проспект Мира"', None),
    ]:
        result = match(parse_query(query), two, CONTEXT)
        assert (None if result is None else result.places) == places, query


def test_a_district_and_a_settlement_are_found_by_their_own_names() -> None:
    district = Place(PlaceKind.DISTRICT, ("Луговое",), 0, 1, "…", settlement="Южный")
    text = document("…", places=[district])
    assert match(parse_query("district:луговой"), text, CONTEXT) is not None
    assert match(parse_query("district:луговой settlement:Южный"), text, CONTEXT) is not None
    assert match(parse_query("settlement:Луговое"), text, CONTEXT) is None


def test_the_reasons_name_clause_and_text() -> None:
    query = 'яма "нет света"~2 OR дорога OR -мост'
    text = "Ямы, ямы! Нет совсем света"
    result = match(parse_query(query), document(text), CONTEXT)
    assert result is not None
    shown = [(query[slice(*why.clause)], why.field, text[why.start : why.end]) for why in result.why]
    assert shown == [
        ("яма", "text", "Ямы"),
        ("яма", "text", "ямы"),
        ('"нет света"~2', "text", "Нет"),
        ('"нет света"~2', "text", "света"),
    ]


def test_a_property_is_a_reason_without_text() -> None:
    result = match(parse_query("kind:comment"), document(""), CONTEXT)
    assert result is not None
    assert [(why.clause, why.field, why.start, why.end) for why in result.why] == [((0, 12), "kind", 0, 0)]


def test_an_empty_query_fits_without_a_reason() -> None:
    assert match(parse_query(""), document(""), CONTEXT) == Match((), ())


def test_without_a_publication_the_arrival_counts() -> None:
    assert document("", published=None).published_at == NOW


@pytest.mark.parametrize(
    ("name", "value", "moment"),
    [
        ("since", "2026-01-31", datetime(2026, 1, 30, 13, tzinfo=UTC)),
        ("since", "31.01.2026", datetime(2026, 1, 30, 13, tzinfo=UTC)),
        ("until", "2026-01-31", datetime(2026, 1, 31, 12, 59, 59, 999999, tzinfo=UTC)),
        ("since", "2026-01-31T12:30", datetime(2026, 1, 31, 1, 30, tzinfo=UTC)),
        ("until", "31.01.2026 12:30", datetime(2026, 1, 31, 1, 30, 59, 999999, tzinfo=UTC)),
        ("since", "-24h", NOW - timedelta(hours=24)),
        ("until", "-7d", NOW - timedelta(days=7)),
    ],
)
def test_periods_are_days_of_the_city(name: str, value: str, moment: datetime) -> None:
    first, last = resolve(Period(name, value, (0, 0)), NOW, ZONE)
    assert (first, last) == ((moment, None) if name == "since" else (None, moment))


def test_both_ends_of_a_period_belong_to_it() -> None:
    for query, published, fits in [
        ("since:2026-01-31", datetime(2026, 1, 30, 13, tzinfo=UTC), True),
        ("since:2026-01-31", datetime(2026, 1, 30, 12, 59, 59, tzinfo=UTC), False),
        ("until:2026-01-31", datetime(2026, 1, 31, 12, 59, 59, tzinfo=UTC), True),
        ("until:2026-01-31", datetime(2026, 1, 31, 13, tzinfo=UTC), False),
    ]:
        assert (match(parse_query(query), document("", published=published), CONTEXT) is not None) is fits


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026-02-01", "2026-02-01T00:00", "2026-02-01T23:59:59.999999"),
        ("2026-02-01T12:30", "2026-02-01T12:30", "2026-02-01T12:30:59.999999"),
        ("2026-02-01..03.02.2026", "2026-02-01T00:00", "2026-02-03T23:59:59.999999"),
        ("сегодня", "2026-02-01T00:00", "2026-02-01T23:59:59.999999"),
        ("Tomorrow", "2026-02-02T00:00", "2026-02-02T23:59:59.999999"),
        ("вчера..завтра", "2026-01-31T00:00", "2026-02-02T23:59:59.999999"),
        ("+2h", "2026-02-01T00:30", "2026-02-01T02:30"),
        ("-1d", "2026-01-31T00:30", "2026-02-01T00:30"),
    ],
)
def test_when_is_a_stretch_of_the_citys_days(value: str, first: str, last: str) -> None:
    # Half past midnight in the city, where Greenwich has the day before.
    now = datetime(2026, 2, 1, 0, 30, tzinfo=ZONE)
    bounds = tuple(datetime.fromisoformat(one).replace(tzinfo=ZONE) for one in (first, last))
    assert resolve(Period("when", value, (0, 0)), now, ZONE) == bounds


@pytest.mark.parametrize(
    ("text", "query", "fits"),
    [
        ("Воды не будет 4 февраля с 9:00 до 17:00", "when:2026-02-04", True),
        ("Воды не будет 4 февраля с 9:00 до 17:00", "when:2026-02-04T16:59", True),
        ("Воды не будет 4 февраля с 9:00 до 17:00", "when:2026-02-04T17:00", False),
        ("Воды не будет 4 февраля с 9:00 до 17:00", "when:2026-02-03", False),
        ("Воды не будет с 4 по 6 февраля", "when:2026-02-05..2026-02-20", True),
        ("Воды не будет с 4 по 6 февраля", "-when:2026-02-05", False),
        # No begin told: it goes on since it was published. No end told: until the day is over.
        ("Воды не будет до 18:00 4 февраля", "when:сегодня", True),
        ("Воды не будет до 18:00 4 февраля", "when:2026-01-29", False),
        ("Собрание 4 февраля в 19:00", "when:2026-02-04T18:59", False),
        ("Собрание 4 февраля в 19:00", "when:2026-02-05", False),
        ("Собрание 4 февраля в 19:00", "собрание when:+7d", True),
        ("Воды нет", "when:сегодня", False),
    ],
)
def test_when_asks_for_what_the_text_tells_of(text: str, query: str, fits: bool) -> None:
    post = Post("vk:1_1", "wall", "vk", Kind.POST, text, seen_at=NOW, published_at=NOW, version=1)
    reading = Reading(event_times=event_times(post, ZONE))
    assert (match(parse_query(query), document_of(post, reading), CONTEXT) is not None) is fits


def brute(slots: list[list[Token]], phrase: Phrase) -> bool:
    """Every choice of one token a slot, judged by the definition."""
    for chosen in product(*slots):
        places = [token.position for token in chosen]
        if len(set(places)) < len(places) or (phrase.ordered and places != sorted(places)):
            continue
        if phrase.sentence:
            if len({token.sentence for token in chosen}) == 1:
                return True
        elif max(places) - min(places) + 1 - len(places) <= phrase.distance:
            return True
    return False


@given(
    st.lists(st.sampled_from("абв."), max_size=14).map(" ".join),
    st.lists(st.sampled_from(["а", "б", "в", "аб", "бв"]), min_size=2, max_size=4),
    st.integers(0, 4),
    st.sampled_from([(True, False), (False, False), (False, True)]),
)
@settings(deadline=None)
def test_nearness_is_what_its_definition_says(
    text: str, asked: list[str], distance: int, how: tuple[bool, bool]
) -> None:
    tokens = analyze("", text.replace(".", "нет. Да"))
    slots = [[token for token in tokens if token.surface in letters] for letters in asked]
    phrase = Phrase((), (0, 0), distance, *how)
    near = first_near(slots, phrase)
    assert (near is not None) == brute(slots, phrase)
    if near is not None:
        assert len(set(near)) == len(slots)


def test_a_compiled_query_is_kept() -> None:
    query = parse_query("яма дорога")
    assert compile_query(query) is compile_query(query)
    assert compile_query(query).fits(document("ямы на дорогах"), CONTEXT)
