"""Rebuilds the index of a city from the state, beside the one that goes on answering. Safe to kill and begin again."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from crawler.model.ports import Clock
from search import index_queue as queue
from search import rebuild_mark
from search.document import Document
from search.engine import Engine, Entry, Inline, Remote
from search.state import archive
from search.state.database import Database
from search.state.values import keep_value

Load = Callable[[sa.Connection, Sequence[str]], Sequence[Document]]
"""The current documents of posts as the state has them; posts that are gone from it are left out."""


def needs_rebuild(city: str) -> str:
    """The name of the value that says: the index knows another past than the state. A rebuild ends it."""
    return f"rebuild needed:{city}"


Progress = Callable[[int], None]
_BATCH = 200
_PAUSE = 0.5


@dataclass(frozen=True)
class Rebuild:
    """One rebuild of the index of a city. `progress` is told how many more posts are done."""

    city: str
    database: Database
    load: Load
    clock: Clock
    progress: Progress
    owner: str = field(default_factory=lambda: uuid4().hex)

    def run(self, engine: Engine) -> int:
        """Build the new index and let it answer; returns the number of its posts. EngineError once another rebuild of
        the city began.
        """
        with self.database.begin() as connection:
            seq = queue.next_seq(connection, self.city)
            rebuild_mark.claim(connection, self.city, self.owner, seq, self.clock.now())
        try:
            if isinstance(engine, Inline):
                done = self._inline(engine)
            elif isinstance(engine, Remote):
                done = self._remote(engine, seq)
            else:
                raise TypeError(f"an engine that is neither inline nor remote: {engine!r}")
            with self.database.begin() as connection:
                keep_value(connection, needs_rebuild(self.city), None)
            return done
        finally:
            with self.database.begin() as connection:
                rebuild_mark.release(connection, self.city, self.owner)

    def _inline(self, engine: Inline) -> int:
        """Changes meanwhile go to both indexes in their own transactions, so each batch is read and written in one."""
        engine.begin_rebuild()
        done, last, end = 0, "", _end(self.city, self.database)
        while True:
            with self.database.begin() as connection:
                self._renew(connection)
                ids = archive.ids_between(connection, self.city, last, end, _BATCH)
                if not ids:
                    break
                seq = queue.next_seq(connection, self.city)
                documents = self.load(connection, ids)
                engine.rebuild_within(connection, [Entry(seq, one.id, one) for one in documents])
            done, last = done + len(documents), ids[-1]
            self.progress(len(documents))
        engine.finish_rebuild()
        return done

    def _remote(self, engine: Remote, seq: int) -> int:
        """From the mark on changes stay in the queue, though they were fed to the old index; the new one gets them when
        it answers. What the state has after the mark is sent as of the mark, so that every later change wins.
        """
        engine.begin_rebuild()
        done = 0
        for documents, seen in _batches(self.city, self.database, self.load):
            refused = self._send(engine, [Entry(seq, one.id, one, seen.get(one.id)) for one in documents])
            with self.database.begin() as connection:
                queue.forgive(connection, self.city, [one.id for one in documents])
                queue.refuse(connection, self.city, refused.items())
            done += len(documents) - len(refused)
            self.progress(len(documents))
        with self.database.begin() as connection:
            self._renew(connection)
        engine.finish_rebuild()
        return done

    def _send(self, engine: Remote, entries: list[Entry]) -> dict[str, str]:
        """Feed until the engine took or refused every entry; what it refused, with reasons."""
        refused: dict[str, str] = {}
        while entries:
            with self.database.begin() as connection:
                self._renew(connection)
            fed = engine.feed_rebuild(entries)
            refused |= fed.refused
            entries = [entry for entry in entries if entry.post in fed.again]
            if entries:
                time.sleep(_PAUSE)
        return refused

    def _renew(self, connection: sa.Connection) -> None:
        rebuild_mark.renew(connection, self.city, self.owner, self.clock.now())


def _batches(city: str, database: Database, load: Load) -> Iterator[tuple[Sequence[Document], Mapping[str, datetime]]]:
    """The documents by id, with when their posts were first seen."""
    last, end = "", _end(city, database)
    while True:
        with database.read() as connection:
            ids = archive.ids_between(connection, city, last, end, _BATCH)
            documents = load(connection, ids) if ids else ()
            seen = queue.first_seen(connection, city, ids)
        if not ids:
            return
        last = ids[-1]
        yield documents, seen


def _end(city: str, database: Database) -> str:
    with database.read() as connection:
        return archive.last_id(connection, city)
