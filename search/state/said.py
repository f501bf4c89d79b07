"""The places that the posts of a thread name, and the posts that others of their thread may place.

A post that answers another one outside of any thread (as in Telegram's channels) stands in line behind that one, with
the others that answer it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from crawler.model.items import Place, Post, Reading
from search.state import records
from search.state.chunks import chunks
from search.state.tables import posts, readings

Turn = tuple[bool, datetime, str]
"""How the posts of a thread stand in line: the one it hangs on first, then by time and id, however they came."""
MOST = 500
"""Posts with places of one thread that are asked: the first one and so many of the latest. Past that what comes late
may find others than what came in time.
"""


class Said(NamedTuple):
    """The places of one post of a thread."""

    turn: Turn
    places: tuple[Place, ...]


def line_of(post: Post) -> str:
    """The thread in whose line a post stands, else the post that it answers; "" where it stands alone."""
    return post.thread or post.reply_to


def turn(post: Post, line: str) -> Turn:
    """Where a post stands in a line."""
    return post.id != line, post.published_at or post.seen_at, post.id


def said(connection: sa.Connection, city: str, threads: Collection[str]) -> dict[str, dict[str, Said]]:
    """By thread and post id what its stored posts name; posts without a place are left out."""
    rows: dict[str, list[Any]] = {thread: [] for thread in threads}
    columns = (posts.c.id, posts.c.thread, posts.c.answers, posts.c.published_at, readings.c.content)
    for some in chunks(threads):
        in_line = sa.or_(posts.c.thread.in_(some), posts.c.answers.in_(some), posts.c.id.in_(some))
        query = sa.select(*columns).join_from(posts, readings, _reading())
        for row in connection.execute(query.where(posts.c.city == city, in_line, _has("places"))):
            for line in {row.thread or row.answers, row.id} & rows.keys():
                rows[line].append(row)
    return {line: dict(_latest(line, some)) for line, some in rows.items()}


def _latest(line: str, rows: Sequence[Any]) -> Iterator[tuple[str, Said]]:
    """What is asked of a line: of a very long one not all."""
    turns = sorted(((row.id != line, row.published_at, row.id), row) for row in rows)
    for place, row in [*turns[:1], *turns[1:][-MOST:]]:
        yield row.id, Said(place, records.unpack(Reading, row.content).places)


def undecided(connection: sa.Connection, city: str, threads: Iterable[str]) -> list[str]:
    """The ids of stored posts of these threads that name a street of which there are several, the latest MOST of each
    thread.
    """
    found: dict[str, list[str]] = {}
    several = sa.or_(_has("decided"), _has("candidates"))
    line = sa.case((posts.c.thread != "", posts.c.thread), else_=posts.c.answers).label("line")
    for some in chunks(threads):
        query = sa.select(posts.c.id, line).join_from(posts, readings, _reading())
        in_line = sa.or_(posts.c.thread.in_(some), posts.c.answers.in_(some))
        asked = query.where(posts.c.city == city, in_line, several).order_by(posts.c.published_at, posts.c.id)
        for row in connection.execute(asked):
            found.setdefault(row.line, []).append(row.id)
    return [id_ for ids in found.values() for id_ in ids[-MOST:]]


def before(lines: Mapping[str, Said], own: Turn) -> tuple[Place, ...]:
    """The places of those posts of a thread that stand before one."""
    earlier = sorted((one for one in lines.values() if one.turn < own), key=lambda one: one.turn)
    return tuple(place for one in earlier for place in one.places)


def _reading() -> sa.ColumnElement[bool]:
    return sa.and_(
        readings.c.city == posts.c.city, readings.c.post == posts.c.id, readings.c.version == posts.c.version
    )


def _has(field: str) -> sa.ColumnElement[bool]:
    """Whether a stored reading has a field: one that is empty is left out of it."""
    return sa.cast(readings.c.content, sa.Text).contains(f'"{field}"')
