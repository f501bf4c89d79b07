"""A query in colours is the query; said back in words it says all that was asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.console.completing import MEANT
from crawler.console.query_line import DOUBTFUL, WRONG, coloured
from crawler.console.shapes import line_at
from crawler.console.told import told
from crawler.model.errors import QueryError
from crawler.model.text import locale_of
from search.field_names import FIELDS
from search.query import parse_query
from tests.search.page import queries
from tests.search.town import CITY

QUERIES = st.text(alphabet='абвяё "()-*~>=:|\nORANDTstreetplatform0129«»\ud800', max_size=60) | st.text(max_size=40)


@given(QUERIES, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=2))
def test_the_pieces_make_up_the_query(text: str, doubtful: list[tuple[int, int]]) -> None:
    error = None
    try:
        parse_query(text)
    except QueryError as refused:
        error = refused
    pieces = coloured(text, error, doubtful)
    assert "".join(piece for _, piece in pieces) == text
    assert all(piece for _, piece in pieces)
    if error and error.start < len(text) and error.end > error.start:
        assert WRONG in {kind for kind, _ in pieces}


@given(QUERIES, st.integers(0, 60))
def test_a_position_stands_in_its_line(text: str, position: int) -> None:
    position = min(position, len(text))
    line = line_at(text, position)
    assert "\n" not in line.before
    assert "\n" not in line.rest
    assert len(line.blank) == len(line.before)


def test_what_stands_where() -> None:
    assert coloured('вода OR -"нет света" street:Мира', doubtful=[(0, 4)]) == [
        (DOUBTFUL, "вода"),
        ("", " "),
        ("q-o", "OR"),
        ("", " "),
        ("q-n", "-"),
        ("q-s", '"нет света"'),
        ("", " "),
        ("q-f", "street:"),
        ("q-s", "Мира"),
    ]


@pytest.mark.parametrize(
    ("query", "ru", "en"),
    [
        ("", "всё, что есть", "everything there is"),
        (
            "вода AND (нет OR отключ*) district:Заречье since:-7d -is:copy",
            "«вода» и («нет» или «отключ…»), район Заречье, за 7 дн., без перепечаток",
            "«вода» and («нет» or «отключ…»), district Заречье, for 7 days, without copies",
        ),
        (
            '"нет воды"~3 -ремонт',
            "«нет воды» рядом, до 3 слов между, кроме: «ремонт»",
            "«нет воды» near each other, up to 3 words between, not: «ремонт»",
        ),
        ("=ямы platform:telegram house:10-20", "«=ямы», Телеграм, дом 10–20", "«=ямы», Telegram, house 10–20"),
        (
            "author:official has:photo until:2026-01-31",
            "пишет власть, есть фото, по 2026-01-31",
            "by an authority, has a photo, until 2026-01-31",
        ),
        ("near:46.95,142.73,500m", "до 500 м от 46.95, 142.73", "within 500 m of 46.95, 142.73"),
    ],
)
def test_a_query_said_back(query: str, ru: str, en: str) -> None:
    for locale, said in (("ru", ru), ("en", en)):
        with locale_of(locale):
            assert told(parse_query(query), CITY) == said


def test_every_field_of_the_language_is_offered() -> None:
    assert set(MEANT) == set(FIELDS)


def test_every_query_of_the_page_is_said_back_in_both_languages() -> None:
    for query in queries():
        parsed = parse_query(query)
        for locale in ("ru", "en"):
            with locale_of(locale):
                assert told(parsed, CITY).strip(), query
