"""docs/query.md is true: its examples hold, its queries parse, and it has a row and an example for every field."""

import re

import pytest

from crawler.model.items import Act
from search.document import HAS, TRAITS
from search.field_names import FIELDS, RUSSIAN
from search.query import parse_query, show
from search.reference import match
from tests.search import page
from tests.search.page import CONTEXT, NAMES, Example

EXAMPLES = list(page.examples())
SIGNS = (" AND ", " OR ", "-", "NOT ", "(", "=", "*", '"~1', "~>", "~s", "|", "at(")
"""What joins and changes words."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.query} {one.post.id}")
def test_the_examples_hold(example: Example) -> None:
    query = parse_query(example.query, names=NAMES)
    assert (match(query, example.post, CONTEXT) is not None) is example.found


@pytest.mark.parametrize("query", page.queries())
def test_the_queries_of_the_tables_parse(query: str) -> None:
    assert parse_query(query).root is not None


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_row_and_examples_of_both_kinds(name: str) -> None:
    assert any(query.startswith(f"{name}:") for query in page.queries())
    shown = {one.found for one in EXAMPLES if re.search(rf"(?<!\w){name}:", one.query)}
    assert shown == {True, False}


@pytest.mark.parametrize("name", RUSSIAN)
def test_every_other_name_of_a_field_is_listed_and_read_in_any_case(name: str) -> None:
    field = RUSSIAN[name]
    listed = next(line for line in page.PAGE.splitlines() if line.startswith(f"| {field} |"))
    assert f"`{name}:`" in listed
    example = next(one for one in page.queries() if one.startswith(f"{field}:"))
    meant = show(parse_query(example))
    for written in (name, name.upper(), name.title()):
        assert show(parse_query(written + example.removeprefix(field))) == meant


@pytest.mark.parametrize("sign", SIGNS)
def test_every_operator_has_examples_of_both_kinds(sign: str) -> None:
    assert {one.found for one in EXAMPLES if sign in one.query} == {True, False}


def test_every_value_of_a_closed_list_is_named() -> None:
    for name, values in (("has", HAS), ("is", TRAITS), ("act", list(Act))):
        (row,) = (line for line in page.PAGE.splitlines() if line.startswith(f"| `{name}:"))
        assert [value for value in values if value not in row] == []
