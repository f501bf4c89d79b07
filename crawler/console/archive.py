"""One look through the archive as the page of search shows it: what is asked, narrowed how, and what was found."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from crawler.console.asked import Asked
from crawler.console.happening import happening
from crawler.console.histogram import Histogram, histogram_of
from crawler.console.shapes import Piece, pieces, snippet
from crawler.console.told import value_name
from crawler.desk import Desk
from crawler.model.items import AuthorRole, PlaceKind
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.document import document_of
from search.engine import Facet, Order, Tally
from search.hits import copies, incidents_found, incidents_of_posts
from search.query import parse_query
from search.reference import match
from search.state import archive
from search.state.archive import Stored
from search.story_list import sizes
from search.titles import place_text
from search.tree import And, At, Field, Node, Or, Query

STEP = 20
"""Hits of a page."""
_VALUES = 8
_CHOSEN = 20
FACETS = {
    Facet.PLATFORM: Text("Площадка", "Platform"),
    Facet.DISTRICT: Text("Район", "District"),
    Facet.TOPIC: Text("Тема", "Topic"),
    Facet.KIND: Text("Вид", "Kind"),
    Facet.ROLE: Text("Кто пишет", "Who writes"),
    Facet.ACT: Text("О чём речь", "What is said"),
    Facet.SOURCE: Text("Источник", "Source"),
}


@dataclass(frozen=True)
class Look:
    """What an address asks for: the query, values chosen of facets, and the order."""

    text: str
    chosen: Mapping[Facet, tuple[str, ...]]
    order: Order

    def query(self, desk: Desk, but: Facet | None = None) -> Query:
        """The query narrowed to what is chosen, of a facet `but` to nothing. QueryError where it cannot be read."""
        root = parse_query(self.text, platforms=PLATFORMS, names=desk.names).root
        parts = [root] if root is not None else []
        parts += [_one_of(facet, values) for facet, values in self.chosen.items() if values and facet is not but]
        flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
        return Query(self.text, And(tuple(flat)) if len(flat) > 1 else next(iter(flat), None))

    def in_order(self, order: Order) -> "Look":
        """The same in another order."""
        return replace(self, order=order)

    def address(self, **more: str) -> str:
        """What stands behind the question mark of its address."""
        named: dict[str, object] = {"q": self.text} if self.text else {}
        named |= {facet.value: values for facet, values in self.chosen.items() if values}
        if self.order is not Order.NEWEST:
            named["order"] = self.order.value
        return urlencode(named | more, doseq=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet with how many found posts have it."""

    value: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A found post as it is shown. `text` is marked where the query fits; `when` is what it says of when things
    happen, `numbers` are its incidents, `in_story` how many others its story has.
    """

    stored: Stored
    at: datetime
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    where: str
    when: tuple[str, ...]
    numbers: tuple[int, ...]
    copies: int
    in_story: int
    official: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `after` is the token of the next, "" at the end."""

    lines: tuple[Line, ...]
    after: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the hits, for which every found post is counted; `waiting` are not in the index yet. Of
    `incidents` that are not counted exactly there are at least so many, of `authors` about so many.
    """

    total: int
    incidents: Tally
    authors: Tally
    facets: Mapping[Facet, tuple[Choice, ...]]
    histogram: Histogram | None
    waiting: int


def look_of(asked: Asked, text: str) -> Look:
    """What the address asks for, with this query."""
    chosen = {facet: tuple(one[:200] for one in asked.values(facet.value)[:_CHOSEN] if one) for facet in FACETS}
    order = Order(asked.value("order")) if asked.value("order") in set(Order) else Order.NEWEST
    return Look(text, chosen, order)


def find(asked: Asked, look: Look, after: str) -> Found:
    """The hits from a token on, and how long they took: what is asked first, and answered at once."""
    started = time.perf_counter()
    lines, then = page_of(asked, look, look.query(asked.desk), after)
    return Found(lines, then, round((time.perf_counter() - started) * 1000))


def around(asked: Asked, look: Look) -> Around:
    """All that is counted: with a hundred thousand hits some tenths of a second, so the hits do not wait for it."""
    desk = asked.desk
    query = look.query(desk)
    histogram = histogram_of(desk, query)
    total = histogram.total if histogram else 0
    incidents = incidents_found(desk.database, desk.engine, desk.city.key, query, desk.context())
    authors = desk.engine.authors(query, desk.context())
    return Around(total, incidents, authors, _facets(desk, look, query), histogram, desk.feeder.waiting())


def page_of(asked: Asked, look: Look, query: Query, after: str) -> tuple[tuple[Line, ...], str]:
    """The hits from a token on, and the token of the next."""
    desk, context = asked.desk, asked.desk.context()
    page = desk.engine.find(query, context, after=after, limit=STEP, order=look.order)
    # What is chosen beside the query needs no mark.
    words = parse_query(look.text, platforms=PLATFORMS, names=desk.names)
    return lines_of(asked, words, [hit.post for hit in page.hits]), page.next


def lines_of(asked: Asked, words: Query, ids: Sequence[str]) -> tuple[Line, ...]:
    """These posts in their order, marked where the query fits; one that was erased is left out."""
    desk = asked.desk
    with desk.database.read() as connection:
        stored = archive.load(connection, desk.city.key, ids)
        numbers = incidents_of_posts(connection, desk.city.key, ids)
        alike = copies(connection, desk.city.key, [one.copy_key for one in stored.values()])
        told = sizes(connection, desk.city.key, [one.reading.story for one in stored.values()])
    return tuple(
        _line(
            desk,
            words,
            one,
            numbers.get(one.post.id, ()),
            (max(0, alike.get(one.copy_key, 1) - 1), max(0, told.get(one.reading.story, 1) - 1)),
        )
        for one in (stored[id_] for id_ in ids if id_ in stored)
    )


def _line(desk: Desk, words: Query, stored: Stored, numbers: tuple[int, ...], others: tuple[int, int]) -> Line:
    post = stored.post
    found = match(words, document_of(post, stored.reading), desk.context()) if words.root else None
    spans = {
        name: [(one.start, one.end) for one in found.why if one.field == name and one.end > one.start] if found else []
        for name in ("title", "text")
    }
    order = (PlaceKind.HOUSE, PlaceKind.INTERSECTION, PlaceKind.LANDMARK, PlaceKind.STREET)
    places = sorted(stored.reading.places, key=lambda one: order.index(one.kind) if one.kind in order else len(order))
    return Line(
        stored,
        archive.published(post),
        tuple(pieces(post.title[:500], spans["title"])),
        tuple(snippet(post.text, spans["text"], 280)),
        place_text(places[0], desk.city.home) if places else "",
        tuple(happening(stored.reading.event_times, desk.city.zone, desk.clock.now())),
        numbers,
        *others,
        bool(post.author and post.author.role is AuthorRole.OFFICIAL),
    )


def _one_of(facet: Facet, values: Sequence[str]) -> Node:
    parts: list[Node] = [
        At((0, 0), district=value) if facet is Facet.DISTRICT else Field(_field(facet), value, (0, 0))
        for value in values
    ]
    return Or(tuple(parts)) if len(parts) > 1 else parts[0]


def _field(facet: Facet) -> str:
    """By which field of the language a value of the facet is asked for."""
    return "author" if facet is Facet.ROLE else facet.value


def _facets(desk: Desk, look: Look, query: Query) -> dict[Facet, tuple[Choice, ...]]:
    """The values to choose from; of a facet with something chosen also what could be chosen beside it."""
    context = desk.context()
    plain = [facet for facet in FACETS if not look.chosen[facet]]
    counted = desk.engine.facets(query, context, plain, _VALUES) if plain else {}
    made: dict[Facet, tuple[Choice, ...]] = {}
    for facet in FACETS:
        chosen = look.chosen[facet]
        buckets = (
            desk.engine.facets(look.query(desk, but=facet), context, [facet], _VALUES)[facet]
            if chosen
            else counted[facet]
        )
        known = {bucket.value: bucket.count for bucket in buckets}
        shown = [*known, *(value for value in chosen if value not in known)]
        made[facet] = tuple(
            Choice(value, value_name(_field(facet), value, desk.city), known.get(value, 0), value in chosen)
            for value in shown
        )
    return {facet: choices for facet, choices in made.items() if choices}
