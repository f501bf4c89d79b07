"""The monitor's quick checks say what the reference matcher says."""

from hypothesis import HealthCheck, example, given, settings

from search.checks import check_of
from search.query import parse_query
from search.reference import Compiled
from search.tree import Query
from tests.search.engines.worlds import CONTEXT, corpus, queries

POSTS = corpus(seed=20260303, size=40)


@given(queries)
@example(parse_query('"вода нет"~1'))
@example(parse_query('"вода вода"~3'))
@example(parse_query('"(вода|яма) нет"~>2'))
@example(parse_query("вода OR =ямы OR водо* OR нет"))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_query_fits_the_documents_that_the_reference_says(query: Query) -> None:
    check, reference = check_of(query), Compiled(query)
    assert [check(post, CONTEXT) for post in POSTS] == [reference.fits(post, CONTEXT) for post in POSTS]
