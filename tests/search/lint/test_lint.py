"""What the linter says: each kind of remark where it belongs, none where nothing is wrong, and hints that lead on."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.model.errors import QueryError
from crawler.model.items import House
from crawler.model.rules import Rule, RuleKind
from search.areas import Areas
from search.document import Document
from search.features import NOTHING, clauses_of, outline_of
from search.gazetteer import Gazetteer
from search.gazetteer_build import built
from search.gazetteer_file import unpacked
from search.gazetteer_staged import Spot, Staged
from search.lint import Around, Context, Level, Remark, lint, refusals
from search.lint.required import requires
from search.names import Names
from search.query import mend, parse_query, show
from search.reference import compile_query
from search.tree import Query
from tests.search.engines.worlds import CONTEXT, corpus, queries

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def gazetteer(home: str, *houses: tuple[str, str, int, Spot]) -> Gazetteer:
    with Staged() as staged:
        for name, kind, number, spot in houses:
            staged.house(name, kind, House(number), spot)
        return Gazetteer(unpacked(memoryview(built(staged)), Path()), home)


def street(name: str, kind: str, settlement: str, *houses: int, district: str = "") -> list[tuple[str, str, int, Spot]]:
    return [(name, kind, one, Spot(46.95, 142.73 + one / 1000, 0, settlement, district)) for one in houses]


GAZETTEER = gazetteer(
    "Город",
    *street("Ленина", "улица", "Город", 1, 2, 5, 120, district="Центральный"),
    *street("Тухачевского маршала", "улица", "Город", 4, district="Луговое"),
    *street("Мира", "проспект", "Дачное", 3, 7),
)
AREAS = Areas(
    lambda: {"Порт": shapely.box(142.8, 46.6, 142.9, 46.7), "Центральный": shapely.box(142.7, 46.9, 142.9, 47.0)}
)
AROUND = Around(
    Context(NOW, ZoneInfo("UTC"), Names({"Вода": ["Прорыв"], "Свет": []}, AREAS)),
    {"wall": "vk", "channel": "telegram"},
    GAZETTEER,
    {"лужок": "Луговое"},
)


def told(text: str, around: Around = AROUND) -> list[tuple[str, str, str]]:
    """(code, what it points at, hint)."""
    return [(one.code, text[slice(*one.span)], one.hint) for one in lint(parse_query(text), around)]


@pytest.mark.parametrize(
    ("text", "code", "where", "hint"),
    [
        # Nothing is required.
        ("", "empty", "", ""),
        ("-яма", "only-excludes", "яма", ""),
        ("вода OR -яма", "only-excludes", "яма", ""),
        ("вода OR (-яма -свет)", "only-excludes", "яма -свет", ""),
        ("вода OR since:-1d", "only-time", "since:-1d", ""),
        ("-(-вода)", "double-not", "вода", ""),
        # No post can fit.
        ("вода -вода", "never-true", "вода -вода", ""),
        ("ямы свет -яма", "never-true", "ямы свет -яма", ""),
        ('"нет воды" -вода', "never-true", '"нет воды" -вода', ""),
        ("водопровод* -водо*", "never-true", "водопровод* -водо*", ""),
        ("=водопровод -водо*", "never-true", "=водопровод -водо*", ""),
        ("source:wall source:channel", "never-true", "source:wall source:channel", ""),
        ("kind:post вода kind:comment", "never-true", "kind:post вода kind:comment", ""),
        ("topic:вода topic:свет", "never-true", "topic:вода topic:свет", ""),
        ("author:resident author:official", "never-true", "author:resident author:official", ""),
        ("has:photo -has:photo", "never-true", "has:photo -has:photo", ""),
        ("вода seen:2150-01-01", "never-true", "seen:2150-01-01", ""),
        ("source:wall platform:telegram", "never-true", "source:wall platform:telegram", ""),
        ("яма since:2025-02-01 until:2025-01-01", "never-true", "since:2025-02-01 until:2025-01-01", ""),
        ("вода since:2150-01-01", "never-true", "since:2150-01-01", ""),
        ("вода (свет OR -вода)", "never-true", "вода", ""),
        ("яма (свет OR (газ -газ))", "never-true", "газ -газ", ""),
        ("яма -(свет -свет)", "never-true", "свет -свет", ""),
        # Operators and words that say nothing.
        ("лифт не работает", "operator", "не работает", '"не работает"'),
        ("НЕ вода", "operator", "НЕ", "NOT"),
        ("вода и свет", "operator", "и", "AND"),
        ("вода ИЛИ свет", "operator", "ИЛИ", "OR"),
        ("вода and свет", "operator", "and", "AND"),
        ("вода не", "stop-word", "не", ""),
        ("вода в", "stop-word", "в", ""),
        ("вода OR что", "stop-word", "что", ""),
        # Letters.
        ("вoда", "look-alike", "вoда", "вода"),
        ('"нет вoды"', "look-alike", "вoды", "воды"),
        ("Cоvid", "mixed-alphabets", "Cоvid", "Covid"),
        ("djlf", "layout", "djlf", "вода"),
        ("яма gjl]tpl", "layout", "gjl]tpl", "подъезд"),
        ("=djlf", "layout", "djlf", "вода"),
        ("яма nhe,f", "layout", "nhe,f", "труба"),
        # Words.
        ("комунальный", "never-occurs", "комунальный", "коммунальный"),
        ("=подьезд", "never-occurs", "=подьезд", "=подъезд"),
        # Sources and places.
        ("source:wal", "unknown-source", "source:wal", "source:wall"),
        ("street:Лениина", "unknown-place", "street:Лениина", 'street:"улица Ленина"'),
        ("street:Тухачевского", "unknown-place", "street:Тухачевского", 'street:"улица Тухачевского маршала"'),
        ("district:Центр", "unknown-place", "district:Центр", "district:Центральный"),
        ("district:лужок", "unknown-place", "district:лужок", "district:Луговое"),
        ("settlement:Дачново", "unknown-place", "settlement:Дачново", "settlement:Дачное"),
        ('place:"улица Лениина"', "unknown-place", 'place:"улица Лениина"', 'place:"улица Ленина"'),
        ("place:Цетральный", "unknown-place", "place:Цетральный", "place:Центральный"),
        ("яма near:55.75,37.62,2km", "far-away", "near:55.75,37.62,2km", ""),
        ("яма since:2026-01-31 12:30", "time-apart", "since:2026-01-31 12:30", 'since:"2026-01-31 12:30"'),
        ("яма until:31.01.2026, 9:05", "time-apart", "until:31.01.2026, 9:05", 'until:"31.01.2026 9:05"'),
        ("at(street:Ленина house:77)", "place-apart", "house:77", ""),
        ("street:Ленина яма settlement:Дачное", "place-apart", "settlement:Дачное", ""),
        ("street:Ленина district:Луговое", "place-apart", "district:Луговое", ""),
        ("street:Ленина near:50,142,1km", "place-apart", "near:50,142,1km", ""),
        ("street:Ленина in:Порт", "place-apart", "in:Порт", ""),
        ("in:Порт near:46.95,142.73,1km", "place-apart", "in:Порт", ""),
        ("at(district:Центральный in:Порт)", "place-apart", "district:Центральный", ""),
    ],
)
def test_each_mistake_is_told_where_it_stands(text: str, code: str, where: str, hint: str) -> None:
    assert (code, where, hint) in told(text)


def test_a_longitude_before_the_latitude_is_told_apart_from_a_place_elsewhere() -> None:
    there = gazetteer("Петербург", ("Мира", "улица", 1, Spot(59.93, 30.31)))
    around = replace(AROUND, gazetteer=there)
    assert told("яма near:30.3,59.9,1km", around) == [("far-away", "near:30.3,59.9,1km", "near:59.9,30.3,1000m")]
    assert told("яма near:60.3,30.7,1km", around) == []  # the surroundings
    assert told("яма near:55.75,37.62,1km", around) == [("far-away", "near:55.75,37.62,1km", "")]


@pytest.mark.parametrize(
    "text",
    [
        "вода -холодная",
        "вода (яма OR -яма)",
        '"не работает"',
        "нет воды",
        "ВКонтакте vk wifi 5G",
        "source:wall platform:vk kind:post",
        "since:2025-01-01 until:2025-01-01 вода",
        'at(street:"улица Ленина" house:1-4 district:Центральный)',
        "street:Мира settlement:Дачное",
        "street:Мира house:5-8",
        "near:46.95,142.73,500m street:Ленина",
        "in:Центральный street:Ленина district:Центральный near:46.95,142.73,1km",
        "place:Рынок",
        "place:Ленина near:46.9,142.8,20km",
        'since:"2025-01-31 12:30" яма "12:30"',
        "since:2025-01-31 школа 12",
        "has:photo has:video is:reply",
        f"author:resident author:{'0' * 32}",
        "topic:вода topic:прорыв",
        "вода seen:-1h until:-30d",
        "мосводоканал OR мусорка OR автохлам OR белёсая",
        "яма (когда OR не OR сколько)",
        "wi-fi",
        "29/2",
        "ям -=ямы",
        "=сел -село",
    ],
)
def test_what_is_fine_is_left_alone(text: str) -> None:
    assert told(text) == []


def test_the_archive_decides_what_occurs() -> None:
    words = {"водоканалсервис", "djlf"}

    def count(query: Query) -> int:
        return int(show(query) in words)

    around = Around(AROUND.context, count=count)
    assert told("водоканалсервис djlf", around) == []
    rare = Around(AROUND.context, count=lambda query: 1000 if query.root is None else 3)
    assert told("яма вдоль", AROUND) == [("stop-word", "вдоль", "")]
    assert told("яма вдоль", rare) == []
    assert told("канлизация водоканалсервиз covid", around) == [
        ("never-occurs", "канлизация", "канализация"),
        ("never-occurs", "водоканалсервиз", ""),
        ("never-occurs", "covid", ""),
    ]


def test_letters_are_named() -> None:
    (remark,) = lint(parse_query("пoдвaл"), AROUND)
    assert (remark.level, remark.text.en) == (
        Level.WARNING,
        "Latin letters in «пoдвaл»: o (2), a (5); the word is read as «подвал»",
    )


POSTS = corpus(seed=20260304, size=60)


def fitting(query: Query) -> list[Document]:
    compiled = compile_query(query)
    return [post for post in POSTS if compiled.fits(post, CONTEXT)]


def of_code(query: Query, code: str) -> list[Remark]:
    return [one for one in lint(query, Around(CONTEXT)) if one.code == code]


@given(queries)
@example(parse_query("ямы -=ямы"))
@example(parse_query("=сел -село"))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_said_never_to_fit_never_fits(query: Query) -> None:
    if any("the query" in one.text.en for one in of_code(query, "never-true")):
        assert fitting(query) == []


@given(queries)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_refused_is_what_the_monitor_has_no_key_for(query: Query) -> None:
    clauses = clauses_of(outline_of(query.root).required, len)
    assert (query.root is not None and requires(query.root)) == any(NOTHING not in clause for clause in clauses)
    assert bool(list(refusals(query))) == (query.root is None or not requires(query.root))


PIECES = st.sampled_from(
    [
        *("не", "и", "или", "and", "вoда", "djlf", "gjl]tpl", "канлизация", "=подьезд", "Cоvid", "в", "что", "-яма"),
        *("вода", "OR", "AND", "NOT", "(вода", ")", "street:Лениина", "district:Центр", "source:wal", '"не вoды"'),
        *("at(street:Лениина", "house:77", "since:2150-01-01", "nhe,f", "'", "водо*", "вoдо*", "свет -свет"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=8).map(" ".join))
@example('"djlf"')
@settings(max_examples=500, deadline=None)
def test_hints_can_be_read_and_are_not_remarked_on_again(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    for one in lint(query, AROUND):
        assert 0 <= one.span[0] <= one.span[1] <= len(text)
        assert one.text.ru != one.text.en
        if one.hint:
            mended = mend(text, QueryError(one.text, *one.span, one.hint))
            again = lint(parse_query(mended), AROUND)
            assert (one.code, one.span[0], one.text) not in [(other.code, other.span[0], other.text) for other in again]


@pytest.mark.parametrize(
    ("text", "kind", "where"),
    [
        ("вода author:official", RuleKind.SPIKE, ["author:official"]),
        ("author:official", RuleKind.FREQUENCY, ["author:official"]),
        ("вода author:official", RuleKind.FLATLINE, []),
        ("вода author:official", RuleKind.ANY, []),
        ("вода -author:official", RuleKind.NEW_TERM, []),
        ("вода OR author:official", RuleKind.SPIKE, []),
    ],
)
def test_a_rule_that_counts_nothing_of_its_query_is_told(text: str, kind: RuleKind, where: list[str]) -> None:
    found = [one for one in lint(parse_query(text), AROUND, Rule(kind)) if one.code == "rule-never"]
    assert [text[slice(*one.span)] for one in found] == where
