"""Engines are projections of the state: what record calls in its transaction, and what feeds a remote engine.

An engine in the state's own file takes changes in the same transaction. For any other they wait in `index_queue`,
and the feeder sends them in order. A row leaves the queue only after the engine took it, so that killing the feeder
at any moment costs at most sending the same change twice, which the engine ignores.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import uniform

import sqlalchemy as sa

from crawler.model.ports import Clock, SystemClock
from crawler.model.text import Text
from search import index_queue as queue
from search.document import Document
from search.engine import Engine, EngineDownError, EngineError, Entry, Fed, Inline, Remote
from search.index_queue import Row
from search.rebuild import Load, Rebuild
from search.rebuild_mark import rebuilt_from
from search.state.database import Database

__all__ = ["Drained", "Feeder", "Load", "Projection"]

_BATCH = 200
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 30.0
_BUSY = Text(
    "Движок пока не принимает изменений (429, 5xx или запрет записи): они ждут в очереди и посылаются снова. Если так "
    "долго, посмотрите место на его диске, его память и журнал",
    "The engine takes no changes yet (429, 5xx or a write block): they wait in the queue and are sent again. If it "
    "stays so, look at the room on its disk, at its memory and log",
)


class Projection:
    """What record tells of its changes, in its own transaction."""

    def __init__(self, city: str, engine: Engine) -> None:
        self.city = city
        self._inline = engine if isinstance(engine, Inline) else None

    def changed(self, connection: sa.Connection, documents: Sequence[Document]) -> None:
        """Documents that are new or have a new version or reading."""
        if self._inline is None:
            queue.enqueue(connection, self.city, [document.id for document in documents], queue.PUT)
        elif documents:
            seq = queue.next_seq(connection, self.city)
            self._inline.put_within(connection, [Entry(seq, document.id, document) for document in documents])

    def removed(self, connection: sa.Connection, posts: Sequence[str]) -> None:
        """Posts that must not be found any more."""
        if self._inline is None:
            queue.enqueue(connection, self.city, posts, queue.DELETE)
        elif posts:
            seq = queue.next_seq(connection, self.city)
            self._inline.put_within(connection, [Entry(seq, post, None) for post in posts])


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did: changes that left the queue or were sent, changes that wait, posts the engine refuses as they
    are, and why it stopped early ("" when it did not).
    """

    fed: int
    waiting: int
    refused: int
    error: str


class Feeder:
    """Sends what waits in the queue of one city to its engine. One a city is enough, more do no harm."""

    def __init__(self, city: str, database: Database, engine: Engine, load: Load, clock: Clock | None = None) -> None:
        self.city = city
        self._database = database
        self._engine = engine
        self._load = load
        self._clock = clock or SystemClock()
        # Behind which rows to go on: those before were sent and wait for a rebuild, or are stuck.
        self._behind = 0
        self._stuck: list[int] = []
        # How many are sent at once: half as many each time that a busy server takes none of them.
        self._most = _BATCH

    def drain(self, seconds: float) -> Drained:
        """Feed until nothing waits or the time is over; a dead engine is asked again with growing pauses meanwhile."""
        until = time.monotonic() + seconds
        fed, error, pause = 0, self._stale(), _FIRST_PAUSE
        while isinstance(self._engine, Remote):
            try:
                sent = self._feed_once(self._engine)
                error = "" if sent != 0 else str(_BUSY)
            except EngineDownError as down:
                sent, error = 0, str(down.typed)
            except EngineError as stale:
                # Of another form, refused, foreign: waiting does not mend it, a person does. The rest goes on.
                error = str(stale.typed)
                break
            if sent is None or time.monotonic() >= until:
                error = "" if sent is None else error
                break
            fed += sent
            if not sent:
                # Uneven, so that several feeders do not come back to a busy server at once.
                time.sleep(max(0.0, min(pause * uniform(0.5, 1.5), until - time.monotonic())))  # noqa: S311 - no secret
            pause = _FIRST_PAUSE if sent else min(2 * pause, _LONGEST_PAUSE)
            self._most = min(2 * self._most, _BATCH) if sent else max(1, self._most // 2)
        return Drained(fed, self.waiting(), len(self.quarantined()), error)

    def _stale(self) -> str:
        """What keeps an engine in the state's own file from answering: nothing waits for it, so only this tells."""
        try:
            if isinstance(self._engine, Inline):
                self._engine.refresh()
        except EngineError as error:
            return str(error.typed)
        return ""

    def waiting(self) -> int:
        """How many changes wait for the engine."""
        with self._database.read() as connection:
            return queue.waiting(connection, self.city)

    def quarantined(self) -> list[tuple[str, str]]:
        """The posts that the engine refuses as they are, with its reasons. A new version or a rebuild tries again."""
        with self._database.read() as connection:
            return queue.refused(connection, self.city)

    def reindex(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Rebuild the index from the state while the old one answers; returns the number of its posts.

        May be cut off at any moment and begun again. `progress` is told how many more posts are done. EngineDownError
        when the engine does not answer, EngineError once another rebuild of the city began.
        """
        return Rebuild(self.city, self._database, self._load, self._clock, progress).run(self._engine)

    def _feed_once(self, engine: Remote) -> int | None:
        """Send one batch. How many changes the engine took, 0 when it wants to be asked later, None when none waits."""
        with self._database.read() as connection:
            kept_from = rebuilt_from(connection, self.city, self._clock.now())
            if kept_from is None and not self._stuck:
                self._behind = 0
            rows = queue.rows_after(connection, self.city, self._behind, self._most)
            entries = self._entries(connection, rows)
        if not rows and not self._stuck:
            return None
        if not rows:
            self._behind, self._stuck = min(self._stuck) - 1, []
            return self._feed_once(engine)
        fed = engine.feed(entries)
        taken = [row for row in rows if row.post not in fed.again]
        self._settle(taken, fed, kept_from)
        # One that the engine never takes (of a locked month, larger than its memory) keeps no other waiting. A change
        # of the same post that is sent before has the higher seq, and wins. Who takes nothing is asked for less.
        if taken or len(rows) == 1:
            self._stuck += [row.seq for row in rows if row.post in fed.again]
            self._behind = rows[-1].seq
        return len(taken)

    def _entries(self, connection: sa.Connection, rows: Sequence[Row]) -> list[Entry]:
        """The last change of each post, with the document that the state has now; none means that it is gone. A post
        that went and came again has its deletion sent first: it may have been first seen in another month.
        """
        latest = {row.post: row for row in rows}
        wanted = [row.post for row in latest.values() if row.action == queue.PUT]
        documents = {document.id: document for document in self._load(connection, wanted)} if wanted else {}
        seen = queue.first_seen(connection, self.city, list(documents))
        gone = {row.post: row for row in rows if row.action == queue.DELETE and row.post in documents}
        return [
            *(Entry(row.seq, row.post, None) for row in gone.values()),
            *(Entry(row.seq, row.post, documents.get(row.post), seen.get(row.post)) for row in latest.values()),
        ]

    def _settle(self, rows: Sequence[Row], fed: Fed, kept_from: int | None) -> None:
        """Take what was sent out of the queue, but for what a rebuild's new index needs; note what was refused."""
        if not rows:
            return
        with self._database.begin() as connection:
            # A rebuild that began or ended while the batch was under way counts too.
            bounds = [
                seq for seq in (kept_from, rebuilt_from(connection, self.city, self._clock.now())) if seq is not None
            ]
            leaving = [row for row in rows if not bounds or row.seq < min(bounds)]
            queue.remove(connection, [row.seq for row in leaving])
            queue.forgive(connection, self.city, [row.post for row in leaving])
            posts = {row.post for row in leaving}
            queue.refuse(connection, self.city, [(post, why) for post, why in fed.refused.items() if post in posts])
