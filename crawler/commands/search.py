"""`otklik search CITY QUERY`: the archive, newest or most relevant first, paged until the limit is reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from crawler.commands.advice import advise, point_at, tell_apart
from crawler.commands.places import place_json
from crawler.commands.shell import CityArgument, JsonOption, err, full_time, opened, out, plain, print_json
from crawler.desk import Desk
from crawler.model.errors import QueryError
from crawler.model.items import AuthorRole
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.engine import Order
from search.finding import Finding
from search.names import Names
from search.query import parse_query
from search.query_show import shown_value
from search.state.archive import Stored
from search.titles import place_text
from search.tree import And, Query

QUERY = Text("запрос; его язык описан в docs/query.md", "the query; docs/query.md describes its language")
SINCE = Text(
    "публикации с этого дня или времени (2026-11-01, -24h)", "published from this day or time on (2026-11-01, -24h)"
)
UNTIL = Text("публикации по этот день или время", "published up to this day or time")
LIMIT = Text("сколько показать", "how many to show")
ORDER = Text("порядок: newest — сначала новые, relevance — сначала самые подходящие", "newest or relevance first")
FOUND = Text("Найдено {count}, показано {shown}.", "{count} found, {shown} shown.")
WAITING = Text("Ещё не в индексе: {count}.", "Not yet indexed: {count}.")


def search(
    city: CityArgument,
    query: Annotated[str, typer.Argument(help=str(QUERY))],
    since: Annotated[str, typer.Option(help=str(SINCE), show_default=False)] = "",
    until: Annotated[str, typer.Option(help=str(UNTIL), show_default=False)] = "",
    limit: Annotated[int, typer.Option(min=1, help=str(LIMIT))] = 20,
    order: Annotated[Order, typer.Option(help=str(ORDER))] = Order.NEWEST,
    as_json: JsonOption = False,
) -> None:
    """Print what the query finds, newest first or most relevant first."""
    # A query that cannot be read opens no installation.
    parsed_query(query, since, until)
    with opened(city) as desk:
        parsed = parsed_query(query, since, until, desk.names)
        with indexed(desk):
            advise(desk, query)
            count = desk.engine.count(parsed, desk.context())
            if not count:
                tell_apart(desk, parsed)
            shown = 0
            finding = Finding(desk.engine, desk.database, desk.city.key, order)
            for stored in finding.posts(parsed, desk.context(), limit):
                shown += 1
                if as_json:
                    print_json(_as_json(stored))
                else:
                    _show(desk, stored)
    if not as_json:
        out.print(FOUND.format(count=count, shown=shown), style="bold")


@contextmanager
def indexed(desk: Desk) -> Iterator[None]:
    """Everything that the index has can be found; how much it has not yet is said at the end."""
    try:
        desk.engine.refresh()
        yield
    finally:
        # Said also when the engine is down: that is when posts wait.
        waiting = desk.feeder.waiting()
        if waiting:
            err.print(WAITING.format(count=waiting), style="yellow", highlight=False)


def parsed_query(query: str, since: str, until: str, names: Names | None = None) -> Query:
    """The query within these times; an error is shown under what it is in before it is raised."""
    limits = " ".join(f"{name}:{shown_value(value)}" for name, value in (("since", since), ("until", until)) if value)
    # Each by itself: a query as long and deep as may be stays so within limits.
    roots = [root for root in (_read(text, names).root for text in (query, limits)) if root is not None]
    parts = tuple(part for root in roots for part in (root.parts if isinstance(root, And) else (root,)))
    return Query(query, And(parts) if len(parts) > 1 else next(iter(parts), None))


def _read(text: str, names: Names | None) -> Query:
    try:
        return parse_query(text, platforms=PLATFORMS, names=names)
    except QueryError as error:
        point_at(error, text)
        raise


def _as_json(stored: Stored) -> dict[str, object]:
    post, reading = stored.post, stored.reading
    return {
        "id": post.id,
        "source": post.source,
        "platform": post.platform,
        "kind": post.kind,
        "author": post.author.key if post.author else "",
        "role": (post.author.role if post.author else AuthorRole.UNKNOWN).value,
        "url": post.url,
        "published_at": post.published_at,
        "precision": post.precision,
        "title": post.title,
        "text": post.text,
        "topic": reading.topic,
        "act": reading.act,
        "language": reading.language,
        "copy_of": reading.copy_of,
        "story": reading.story,
        "places": [place_json(place) for place in reading.places],
    }


def _show(desk: Desk, stored: Stored) -> None:
    post, reading = stored.post, stored.reading
    where = "; ".join(place.quote or place_text(place, desk.city.home) for place in reading.places)
    head = f"{full_time(post.published_at, desk.city.zone)}  {post.source}  {post.id}"
    out.print(plain(head), style="cyan", markup=False, highlight=False)
    text = " ".join(f"{post.title} {post.text}".split())
    out.print(plain(text if len(text) <= 300 else text[:299] + "…"), markup=False, highlight=False)
    if where:
        out.print(plain(f"⌖ {where}"), style="dim", markup=False, highlight=False)
    if post.url and post.url not in post.id:
        out.print(plain(post.url), style="dim", markup=False, highlight=False, soft_wrap=True)
