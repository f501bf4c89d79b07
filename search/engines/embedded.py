"""The embedded engine: FTS5 in the state's own SQLite file, written in the same transaction as the state.

Each city has tables of its own, `embedded_N_…`; a rebuild makes them under the next N, beside those that answer.
A document's number (the rowid of posts and of FTS5) starts with the second of its publication, so that FTS5 yields
the newest first without sorting.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from search.engine import Box, Bucket, Cluster, Entry, Facet, Moment, Order, Page, Step, Tally, stale
from search.engines import counting
from search.engines.newest import Rows, newest
from search.engines.plan import Plan, plan
from search.engines.points import FUNCTION
from search.engines.relevance import Relevance
from search.engines.tables import DIGEST, Index, create, drop_some, indexes, is_prepared, prepare, retire
from search.engines.token import read
from search.engines.writing import apply, forget, known_posts, leave_seq
from search.reference import Context
from search.state.database import Database
from search.tree import Query

# A step of a merge, some 50 ms, and how often it is begun anew while writers add segments.
_PAGES = 500
_ROUNDS = 20
# The command itself counts as a change.
_MERGED = 2


class Embedded:
    """What finds posts of one city in the state's own file."""

    def __init__(self, city: str, database: Database) -> None:
        self.city = city
        self._database = database
        # The number of the index that this process builds, 0 while it builds none.
        self._building = 0
        with database.read() as connection:
            made = is_prepared(connection) and bool(indexes(connection, city))
        if not made:
            with database.begin() as connection:
                prepare(connection)
                if not indexes(connection, city):
                    create(connection, city, answers=True)

    def put(self, batch: Sequence[Entry]) -> None:
        """Apply changes. An entry whose seq is not above the one known of its post changes nothing."""
        with self._database.begin() as connection:
            self.put_within(connection, batch)

    def put_within(self, connection: sa.Connection, batch: Sequence[Entry]) -> None:
        """Apply changes in the transaction of the state. An index of another form waits for its rebuild untouched."""
        for index in self._current(connection):
            apply(connection, index, batch)

    def delete(self, posts: Sequence[str]) -> None:
        """Take posts out, whatever their seq."""
        with self._database.begin() as connection:
            for index in self._current(connection):
                known = {post: row for post, row in known_posts(connection, index, posts).items() if row.stream}
                forget(connection, index, list(known.values()))
                leave_seq(connection, index, [(post, row.seq) for post, row in known.items()])

    def find(
        self, query: Query, context: Context, *, after: str = "", limit: int = 50, order: Order = Order.NEWEST
    ) -> Page:
        """A page of what `query` finds, from the token `after` on."""
        with self._asked(query, context) as (raw, planned, prefix):
            if order is Order.RELEVANCE:
                return Relevance(raw, planned, prefix, query).page(after, limit)
            return newest(Rows(raw, planned, prefix), read(after, order), limit)

    def count(self, query: Query, context: Context) -> int:
        """How many posts `query` finds."""
        with self._asked(query, context) as (raw, planned, prefix):
            return counting.count(raw, planned, prefix)

    def facets(
        self, query: Query, context: Context, fields: Sequence[Facet], limit: int = 50
    ) -> dict[Facet, tuple[Bucket, ...]]:
        """How many found posts have each value of these fields."""
        with self._asked(query, context) as (raw, planned, prefix):
            return counting.facets(raw, planned, prefix, fields, limit)

    def authors(self, query: Query, context: Context) -> Tally:
        """How many different pseudonyms wrote what `query` finds: always exact."""
        with self._asked(query, context) as (raw, planned, prefix):
            return counting.authors(raw, planned, prefix)

    def histogram(self, query: Query, context: Context, step: Step) -> tuple[Moment, ...]:
        """How many found posts were published in each part of the calendar."""
        with self._asked(query, context) as (raw, planned, prefix):
            return counting.histogram(raw, planned, prefix, step, context.zone)

    def clusters(self, query: Query, context: Context, box: Box, zoom: int) -> tuple[Cluster, ...]:
        """Found posts with a place in the box, by tile of the web map."""
        with self._asked(query, context) as (raw, planned, prefix):
            return counting.clusters(raw, planned, prefix, box, zoom)

    @contextmanager
    def _asked(self, query: Query, context: Context) -> Iterator[tuple[sqlite3.Connection, Plan, str]]:
        """The connection beneath, which gives rows one by one and has the function that the plan calls; the plan; how
        the names of its tables begin.
        """
        with self._database.read() as connection:
            prefix = self._answering(connection).prefix
            planned = plan(query, context, prefix)
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            if planned.checks:
                raw.create_function(
                    FUNCTION, 2, lambda number, value: planned.checks[number](value), deterministic=True
                )
            yield raw, planned, prefix

    def refresh(self) -> None:
        """What is committed is found; EngineError where the index is of another form and has to be rebuilt."""
        with self._database.read() as connection:
            self._answering(connection)

    def purge(self) -> bool:
        """Merge the words of every index until no segment names what was taken out, in steps that hold no writer up.

        EngineError where an index is of another form and has to be rebuilt.
        """
        _drop_retired(self.city, self._database)
        with self._database.read() as connection:
            mine = indexes(connection, self.city)
        # One of another form is left untouched until its rebuild: it holds what was taken out of the others.
        if any(index.digest != DIGEST for index in mine):
            raise stale(self.city)
        for index in mine:
            for _ in range(_ROUNDS):
                # The first step of a merge has a minus: https://sqlite.org/fts5.html#the_merge_command
                if not self._merge(index, -_PAGES):
                    break
                while self._merge(index, _PAGES):
                    pass
            else:
                return False
        return True

    def _merge(self, index: Index, pages: int) -> bool:
        """Merge so many pages; whether there was anything to merge."""
        with self._database.begin() as connection:
            if index not in indexes(connection, self.city):
                return False
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            before = raw.total_changes
            raw.execute(
                f"INSERT INTO {index.prefix}_words ({index.prefix}_words, rank) VALUES ('merge', ?)",  # noqa: S608
                (pages,),
            )
            return raw.total_changes - before >= _MERGED

    def clear(self) -> None:
        """Empty the index of this city, for a rebuild."""
        with self._database.begin() as connection:
            for index in indexes(connection, self.city):
                retire(connection, index)
            create(connection, self.city, answers=True)
        _drop_retired(self.city, self._database)

    def close(self) -> None:
        """Nothing to do: the file belongs to the state."""

    def _answering(self, connection: sa.Connection) -> Index:
        index = next((index for index in indexes(connection, self.city) if index.answers), None)
        if index is None or index.digest != DIGEST:
            raise stale(self.city)
        return index

    def begin_rebuild(self) -> None:
        """Make an empty index beside the one that answers. From now on every change goes to both."""
        with self._database.begin() as connection:
            for index in indexes(connection, self.city):
                if not index.answers:
                    retire(connection, index)
            self._building = create(connection, self.city, answers=False).number
        _drop_retired(self.city, self._database)

    def rebuild_within(self, connection: sa.Connection, batch: Sequence[Entry]) -> None:
        """Put posts of the state, read in this very transaction, into the index that is being built."""
        apply(connection, self._built(connection), batch)

    def finish_rebuild(self) -> None:
        """Let the new index answer, and drop the old one."""
        with self._database.begin() as connection:
            built = self._built(connection)
            for index in indexes(connection, self.city):
                if index.answers:
                    retire(connection, index)
            connection.exec_driver_sql("UPDATE embedded_indexes SET answers = 1 WHERE number = ?", (built.number,))
        self._building = 0
        _drop_retired(self.city, self._database)

    def _built(self, connection: sa.Connection) -> Index:
        """The index that this process builds. Never that of another process, which took this one for dead."""
        for index in self._current(connection):
            if index.number == self._building and not index.answers:
                return index
        raise stale(self.city)

    def _current(self, connection: sa.Connection) -> list[Index]:
        """The indexes of the form that this version writes."""
        return [index for index in indexes(connection, self.city) if index.digest == DIGEST]


def abandon(city: str, database: Database) -> None:
    """Drop every index of a city that has another engine now: no change reaches them, no removal either."""
    with database.read() as connection:
        there = is_prepared(connection) and bool(indexes(connection, city))
    if there:
        with database.begin() as connection:
            for index in indexes(connection, city):
                retire(connection, index)
        _drop_retired(city, database)


def _drop_retired(city: str, database: Database) -> None:
    """Remove what is out of use, also what a killed process left of it, in steps that hold no writer up."""
    with database.read() as connection:
        retired = [index for index in indexes(connection, city) if index.is_retired]
    for index in retired:
        more = True
        while more:
            with database.begin() as connection:
                more = drop_some(connection, index)
