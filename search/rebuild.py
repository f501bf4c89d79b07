"""Rebuilds the index of a city from the state, beside the one that goes on answering. Safe to kill and begin again."""

import time
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from search import index_queue as queue
from search.document import Document
from search.engine import Engine, Entry, Inline, Remote
from search.state.database import Database
from search.state.tables import posts

Load = Callable[[sa.Connection, Sequence[str]], Sequence[Document]]
"""The current documents of posts as the state has them; posts that are gone from it are left out."""

Progress = Callable[[int], None]
_BATCH = 200
_PAUSE = 0.5


def rebuild(city: str, database: Database, engine: Engine, load: Load, progress: Progress) -> int:
    """Build the new index and let it answer; returns the number of its posts."""
    if isinstance(engine, Inline):
        return _inline(city, database, engine, load, progress)
    if isinstance(engine, Remote):
        return _remote(city, database, engine, load, progress)
    raise TypeError(f"an engine that is neither inline nor remote: {engine!r}")


def _inline(city: str, database: Database, engine: Inline, load: Load, progress: Progress) -> int:
    """Changes meanwhile go to both indexes in their own transactions, so each batch is read and written in one."""
    engine.begin_rebuild()
    done, last, end = 0, "", _last_id(city, database)
    while True:
        with database.begin() as connection:
            ids = _ids_between(connection, city, last, end)
            if not ids:
                break
            seq = queue.next_seq(connection, city)
            documents = load(connection, ids)
            engine.rebuild_within(connection, [Entry(seq, one.id, one) for one in documents])
        done, last = done + len(documents), ids[-1]
        progress(len(documents))
    engine.finish_rebuild()
    return done


def _remote(city: str, database: Database, engine: Remote, load: Load, progress: Progress) -> int:
    """From the mark on changes stay in the queue, though they were fed to the old index; the new one gets them when it
    answers. What the state has after the mark is sent as of the mark, so that every later change wins.
    """
    engine.begin_rebuild()
    with database.begin() as connection:
        seq = queue.next_seq(connection, city)
        queue.mark_rebuild(connection, city, seq)
    done = 0
    for documents in _batches(city, database, load):
        refused = _send(engine, [Entry(seq, one.id, one) for one in documents])
        with database.begin() as connection:
            queue.forgive(connection, city, [one.id for one in documents])
            queue.refuse(connection, city, refused.items())
        done += len(documents) - len(refused)
        progress(len(documents))
    engine.finish_rebuild()
    with database.begin() as connection:
        queue.mark_rebuild(connection, city, None)
    return done


def _send(engine: Remote, entries: list[Entry]) -> dict[str, str]:
    """Feed until the engine took or refused every entry; what it refused, with reasons."""
    fed = engine.feed_rebuild(entries)
    refused = dict(fed.refused)
    while fed.again:
        time.sleep(_PAUSE)
        fed = engine.feed_rebuild([entry for entry in entries if entry.post in fed.again])
        refused |= fed.refused
    return refused


def _batches(city: str, database: Database, load: Load) -> Iterator[Sequence[Document]]:
    last, end = "", _last_id(city, database)
    while True:
        with database.read() as connection:
            ids = _ids_between(connection, city, last, end)
            documents = load(connection, ids) if ids else ()
        if not ids:
            return
        last = ids[-1]
        yield documents


def _last_id(city: str, database: Database) -> str:
    """Where the rebuild ends: what comes behind it meanwhile is a change like any other, and may never stop coming."""
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.max(posts.c.id)).where(posts.c.city == city)) or ""


def _ids_between(connection: sa.Connection, city: str, last: str, end: str) -> list[str]:
    rows = connection.scalars(
        sa.select(posts.c.id)
        .where(posts.c.city == city, posts.c.id > last, posts.c.id <= end)
        .order_by(posts.c.id)
        .limit(_BATCH)
    )
    return list(rows)
