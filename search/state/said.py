"""The places that the posts of a thread name, and the posts that others of their thread may place."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from crawler.model.items import Place, Post, Reading
from search.state import records
from search.state.chunks import chunks
from search.state.tables import posts, readings

Turn = tuple[bool, datetime, str]
"""How the posts of a thread stand in line: the one it hangs on first, then by time and id, however they came."""


class Said(NamedTuple):
    """The places of one post of a thread."""

    turn: Turn
    places: tuple[Place, ...]


def turn(post: Post) -> Turn:
    """Where a post stands in its thread."""
    return bool(post.thread), post.published_at or post.seen_at, post.id


def said(connection: sa.Connection, city: str, threads: Collection[str]) -> dict[str, dict[str, Said]]:
    """By thread and post id what its stored posts name; posts without a place are left out."""
    found: dict[str, dict[str, Said]] = {thread: {} for thread in threads}
    columns = (posts.c.id, posts.c.thread, posts.c.published_at, readings.c.content)
    for some in chunks(threads):
        of_thread = sa.or_(posts.c.thread.in_(some), posts.c.id.in_(some))
        query = sa.select(*columns).join_from(posts, readings, _reading())
        for row in connection.execute(query.where(posts.c.city == city, of_thread, _has("places"))):
            places = records.unpack(Reading, row.content).places
            for thread, hangs in ((row.thread, True), (row.id, False)):
                if thread in found:
                    found[thread][row.id] = Said((hangs, row.published_at, row.id), places)
    return found


def undecided(connection: sa.Connection, city: str, threads: Iterable[str]) -> list[str]:
    """The ids of stored posts of these threads that name a street of which there are several."""
    found: list[str] = []
    several = sa.or_(_has("decided"), _has("candidates"))
    for some in chunks(threads):
        query = sa.select(posts.c.id).join_from(posts, readings, _reading())
        found += connection.scalars(query.where(posts.c.city == city, posts.c.thread.in_(some), several))
    return found


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
