"""Marks on posts, authors and sources: what is gone from its platform, what was erased, how far a source was read."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.crawled import Window
from search.state.chunks import chunks
from search.state.tables import checkpoints, erased_authors, installation, observations, posts, tombstones


def missing(connection: sa.Connection, city: str, window: Window, platform: str) -> list[str]:
    """The stored posts that a window should have shown and did not. A window without a thread is one of posts that
    have no parent: comments are in windows of their threads. `platform` is that of the source: given posts may name
    the source too, and no page of it shows them.
    """
    query = sa.select(posts.c.id, posts.c.source, posts.c.published_at).where(
        posts.c.city == city,
        posts.c.platform == platform,
        posts.c.id.not_like("given:%"),
        posts.c.id.startswith(window.prefix, autoescape=True),
        posts.c.gone_at.is_(None),
    )
    if window.thread:
        # Asked for by source and times too, the few of a thread would be looked for among all of the source.
        query = query.where(posts.c.thread == window.thread)
    else:
        of_source = sa.and_(posts.c.source == window.source, posts.c.parent == "")
        query = query.where(of_source, posts.c.published_at > window.oldest, posts.c.published_at < window.newest)
    return [
        id_
        for id_, source, at in connection.execute(query)
        if source == window.source and window.oldest < at < window.newest and id_ not in window.present
    ]


def mark_gone(connection: sa.Connection, city: str, ids: Iterable[str], at: datetime) -> int:
    """Mark posts as gone since `at`, unless they were seen after it or are marked already; how many were marked. What
    is in the thread of a post goes with it: nobody can read it any more.
    """
    marked = 0
    for some in chunks(ids):
        ours = _there(connection, city, posts.c.id.in_(some), at)
        if ours:
            mine = sa.and_(observations.c.city == city, observations.c.post.in_(ours))
            connection.execute(sa.update(observations).where(mine).values(present=False, at=at))
            rows = sa.and_(posts.c.city == city, posts.c.id.in_(ours))
            connection.execute(sa.update(posts).where(rows).values(gone_at=at))
            marked += len(ours) + mark_gone(
                connection, city, _there(connection, city, posts.c.thread.in_(ours), at), at
            )
    return marked


def _there(connection: sa.Connection, city: str, which: sa.ColumnElement[bool], at: datetime) -> list[str]:
    """Those of the posts that are not marked as gone and were not seen after `at`."""
    observed = sa.and_(observations.c.city == posts.c.city, observations.c.post == posts.c.id)
    there = sa.and_(posts.c.city == city, which, posts.c.gone_at.is_(None), observations.c.at <= at)
    return list(connection.scalars(sa.select(posts.c.id).join(observations, observed).where(there)))


def mark_present(connection: sa.Connection, city: str, ids: Iterable[str]) -> None:
    """Take the mark off posts that were seen after it."""
    for some in chunks(ids):
        here = sa.and_(posts.c.city == city, posts.c.id.in_(some))
        connection.execute(sa.update(posts).where(here).values(gone_at=None))


def bury(connection: sa.Connection, city: str, ids: Iterable[str], at: datetime, why: str) -> None:
    """Leave tombstones, which keep a re-fetch from bringing the posts back. What is stored is removed by the caller."""
    rows = [{"city": city, "post": id_, "at": at, "why": why} for id_ in dict.fromkeys(ids)]
    if rows:
        connection.execute(upsert(tombstones).on_conflict_do_nothing(), rows)


def buried(connection: sa.Connection, city: str, ids: Iterable[str]) -> set[str]:
    """Those of the posts that have a tombstone."""
    found: set[str] = set()
    for some in chunks(ids):
        here = sa.and_(tombstones.c.city == city, tombstones.c.post.in_(some))
        found.update(connection.scalars(sa.select(tombstones.c.post).where(here)))
    return found


def refuse_author(connection: sa.Connection, city: str, author: str, at: datetime, why: str) -> None:
    """Refuse what an author (a pseudonym) writes from now on."""
    row = {"city": city, "author": author, "at": at, "why": why}
    connection.execute(upsert(erased_authors).on_conflict_do_nothing(), row)


def refused_authors(connection: sa.Connection, city: str, authors: Iterable[str]) -> set[str]:
    """Those of the authors whose posts are refused."""
    found: set[str] = set()
    for some in chunks(authors):
        here = sa.and_(erased_authors.c.city == city, erased_authors.c.author.in_(some))
        found.update(connection.scalars(sa.select(erased_authors.c.author).where(here)))
    return found


def cursor(connection: sa.Connection, city: str, source: str) -> str:
    """How far a source was read: the spider's own JSON, "" before its first checkpoint."""
    here = sa.and_(checkpoints.c.city == city, checkpoints.c.source == source)
    return connection.scalar(sa.select(checkpoints.c.cursor).where(here)) or ""


def move_cursor(connection: sa.Connection, city: str, source: str, to: str, at: datetime) -> None:
    """Keep how far a source was read."""
    statement = upsert(checkpoints)
    changes = {name: statement.excluded[name] for name in ("cursor", "at")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["city", "source"], set_=changes),
        {"city": city, "source": source, "cursor": to, "at": at},
    )


def note(connection: sa.Connection, name: str, value: str) -> None:
    """Keep a value of the installation as a whole, in place of its last one."""
    statement = upsert(installation)
    changed = {"value": statement.excluded.value}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_=changed), {"name": name, "value": value}
    )
