"""What the linter says of a query that a city could be asked, its words looked up in the archive."""

from collections.abc import Callable

from crawler.desk import Desk
from crawler.model.rules import Rule
from search.gazetteer import gazetteer_of
from search.lint import Around, Context, Remark, at_a_glance, lint, names_places
from search.query import parse_query
from search.tree import Query


def remarks_of(desk: Desk, text: str, rule: Rule = Rule()) -> tuple[Remark, ...]:
    """The remarks on a query, its unknown words looked up in the archive; of a saved search with its rule."""
    query = parse_query(text, names=desk.names)
    context, city = desk.context(), desk.city

    sources = {source.key: source.platform for source in desk.sources.values()}
    # A large one takes seconds to load, and few queries name places.
    gazetteer = gazetteer_of(city.gazetteer, city.home) if names_places(query) else None
    return lint(query, Around(context, sources, gazetteer, city.gazetteer.aliases, _counter(desk, context)), rule)


def glance_of(desk: Desk, query: Query, *, in_vain: bool = False) -> tuple[Remark, ...]:
    """The remarks on a query that is asked once; its words are looked up in the archive where it was asked in vain."""
    gazetteer, context = desk.finder.gazetteer if names_places(query) else None, desk.context()
    count = _counter(desk, context) if in_vain else None
    return at_a_glance(query, Around(context, {}, gazetteer, desk.city.gazetteer.aliases, count))


def _counter(desk: Desk, context: Context) -> Callable[[Query], int]:
    return lambda part: desk.engine.count(part, context)
