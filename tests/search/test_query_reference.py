"""docs/query.md is true: its examples hold, its queries parse, and it names every field."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.model.items import Kind, Place, PlaceKind, Post, Reading
from search.document import document_of
from search.query import parse_query
from search.query_fields import FIELDS
from search.reference import Context, match

PAGE = (Path(__file__).parent.parent.parent / "docs" / "query.md").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def examples() -> Iterator[tuple[str, str, bool]]:
    """(query, text, whether it is found) of the fenced blocks."""
    for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL):
        query = ""
        for line in block.splitlines():
            if line[:2] in ("+ ", "− "):
                yield query, line[2:], line.startswith("+")
            else:
                query = line


def rows() -> list[str]:
    """The queries of the first column of the tables."""
    cells = [row.split(" | ")[0] for row in PAGE.splitlines() if row.startswith("| `")]
    queries = [query.replace("\\|", "|") for cell in cells for query in re.findall(r"`([^`]+)`", cell)]
    return [query for query in queries if query != "( … )"]


@pytest.mark.parametrize(("query", "text", "found"), list(examples()))
def test_the_examples_hold(query: str, text: str, found: bool) -> None:
    text, _, at = text.partition(" @ ")
    lat, lon = map(float, at.split(",")) if at else (None, None)
    place = Place(PlaceKind.LANDMARK, ("Остановка",), 0, 1, text[:1], lat=lat, lon=lon)
    document = document_of(Post("a:1", "wall", "vk", Kind.POST, text, NOW), Reading(places=(place,)))
    assert (match(parse_query(query), document, Context(NOW, ZoneInfo("UTC"))) is not None) is found


@pytest.mark.parametrize("query", rows())
def test_the_queries_of_the_tables_parse(query: str) -> None:
    assert parse_query(query).root is not None


def test_every_field_has_a_row() -> None:
    assert [name for name in FIELDS if not any(query.startswith(f"{name}:") for query in rows())] == []
