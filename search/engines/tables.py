"""The tables of the embedded engine: which index of a city answers, and what an index is made of."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from search.document import HAS, TRAITS
from search.mapping import digest

_REGISTRY = """
CREATE TABLE IF NOT EXISTS embedded_indexes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, city TEXT NOT NULL, digest TEXT NOT NULL, answers INTEGER NOT NULL
)"""

# `ascii` takes every other character for a letter, so that a key is one token whatever its script; `|` is the border.
_FORM = (
    """CREATE TABLE {prefix}_posts (
        document INTEGER PRIMARY KEY, post TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, seq INTEGER NOT NULL,
        arrived INTEGER NOT NULL,
        source TEXT NOT NULL, platform TEXT NOT NULL, kind TEXT NOT NULL, author TEXT NOT NULL, role TEXT NOT NULL,
        topic TEXT NOT NULL, act TEXT NOT NULL, language TEXT NOT NULL, has INTEGER NOT NULL, traits INTEGER NOT NULL,
        story TEXT NOT NULL, published INTEGER NOT NULL, seen INTEGER NOT NULL
    )""",
    "CREATE TABLE {prefix}_streams (document INTEGER PRIMARY KEY, stream BLOB NOT NULL)",
    # What posts are counted by, once for all that have the same: counting reads a fifteenth of what rows of posts hold.
    """CREATE TABLE {prefix}_values (
        number INTEGER PRIMARY KEY, source TEXT, platform TEXT, topic TEXT, act TEXT, kind TEXT, role TEXT,
        UNIQUE (source, platform, topic, act, kind, role)
    )""",
    "CREATE TABLE {prefix}_valued (document INTEGER PRIMARY KEY, value INTEGER NOT NULL, author INTEGER NOT NULL)",
    "CREATE INDEX {prefix}_by_author_number ON {prefix}_valued (author) WHERE author <> 0",
    "CREATE INDEX {prefix}_by_author ON {prefix}_posts (author) WHERE author <> ''",
    "CREATE INDEX {prefix}_by_story ON {prefix}_posts (story) WHERE story <> ''",
    """CREATE VIRTUAL TABLE {prefix}_words USING fts5(
        lemma, surface, content='', columnsize=0, tokenize="ascii tokenchars '-/|'"
    )""",
    """CREATE TABLE {prefix}_places (
        document INTEGER NOT NULL, street TEXT NOT NULL, district TEXT NOT NULL, settlement TEXT NOT NULL,
        name TEXT NOT NULL, further_name TEXT NOT NULL,
        first INTEGER NOT NULL, last INTEGER NOT NULL, suffix TEXT NOT NULL, ranged INTEGER NOT NULL, parity INTEGER,
        point INTEGER
    )""",
    "CREATE INDEX {prefix}_by_document ON {prefix}_places (document, point)",
    "CREATE INDEX {prefix}_by_street ON {prefix}_places (street, first) WHERE street <> ''",
    "CREATE INDEX {prefix}_by_district ON {prefix}_places (district) WHERE district <> ''",
    "CREATE INDEX {prefix}_by_settlement ON {prefix}_places (settlement) WHERE settlement <> ''",
    "CREATE INDEX {prefix}_by_name ON {prefix}_places (name) WHERE name <> ''",
    "CREATE INDEX {prefix}_by_further_name ON {prefix}_places (further_name) WHERE further_name <> ''",
    "CREATE INDEX {prefix}_by_point ON {prefix}_places (point) WHERE point IS NOT NULL",
    "CREATE TABLE {prefix}_districts (document INTEGER, name TEXT, PRIMARY KEY (document, name)) WITHOUT ROWID",
    """CREATE TABLE {prefix}_happens (
        last INTEGER NOT NULL, first INTEGER NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (last, first, document)
    ) WITHOUT ROWID""",
    "CREATE INDEX {prefix}_by_happening ON {prefix}_happens (document)",
    "CREATE VIRTUAL TABLE {prefix}_points USING rtree (point, south, north, west, east)",
    # The number of the last batch of changes; `arrived` is that with which a post came, and stays when it changes.
    "CREATE TABLE {prefix}_clock (batch INTEGER NOT NULL)",
    "INSERT INTO {prefix}_clock VALUES (0)",
    # The seq of posts that were taken out: an older change that comes late must not bring them back.
    "CREATE TABLE {prefix}_gone (post TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
)
_TABLES = ("streams", "words", "posts", "values", "valued", "places", "districts", "happens", "points", "clock", "gone")
_RETIRED = ""
_PORTION = 5_000
_BITS = {"has": HAS, "traits": TRAITS}
DIGEST = digest((_FORM, "cp1251", _BITS))


def bits(name: str, values: Iterable[str]) -> int:
    """The values of a property of which a post has several, as a number: a bit for each."""
    return sum([1 << _BITS[name].index(value) for value in values])


def author_number(pseudonym: str) -> int:
    """What authors are counted by, 0 for nobody known. Of 56 bits: a million authors are one too few once in 140,000
    archives.
    """
    return int.from_bytes(hashlib.blake2b(pseudonym.encode(), digest_size=7).digest()) if pseudonym else 0


class Index(NamedTuple):
    """One index of a city. Only one of them answers; another is being built."""

    number: int
    digest: str
    answers: bool

    @property
    def prefix(self) -> str:
        """What the names of its tables begin with."""
        return f"embedded_{self.number}"

    @property
    def is_retired(self) -> bool:
        """Whether it only waits to be dropped."""
        return self.digest == _RETIRED


def prepare(connection: sa.Connection) -> None:
    """Make the table of indexes if it is absent."""
    connection.exec_driver_sql(_REGISTRY)


def is_prepared(connection: sa.Connection) -> bool:
    """Whether the table of indexes is there."""
    return bool(connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'embedded_indexes'").all())


def indexes(connection: sa.Connection, city: str) -> list[Index]:
    """The indexes of a city."""
    found = connection.exec_driver_sql(
        "SELECT number, digest, answers FROM embedded_indexes WHERE city = ? ORDER BY number", (city,)
    )
    return [Index(number, digest, bool(answers)) for number, digest, answers in found]


def create(connection: sa.Connection, city: str, *, answers: bool) -> Index:
    """A new, empty index of a city."""
    made = connection.exec_driver_sql(
        "INSERT INTO embedded_indexes (city, digest, answers) VALUES (?, ?, ?) RETURNING number",
        (city, DIGEST, answers),
    )
    index = Index(int(made.scalar_one()), DIGEST, answers)
    for statement in _FORM:
        connection.exec_driver_sql(statement.format(prefix=index.prefix))
    return index


def retire(connection: sa.Connection, index: Index) -> None:
    """Take an index out of use: it answers no more, no change reaches it, and it waits to be dropped."""
    connection.exec_driver_sql(
        "UPDATE embedded_indexes SET answers = 0, digest = ? WHERE number = ?", (_RETIRED, index.number)
    )


def drop_some(connection: sa.Connection, index: Index) -> bool:
    """Remove one table of a retired index, or a portion of the largest; whether more is left.

    What is deleted is overwritten too, 7 s for 100,000 posts: in one transaction no writer would wait for so long.
    """
    for name in _TABLES:
        table = f"{index.prefix}_{name}"
        if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).first() is None:
            continue
        if name == "streams" and _delete_some(connection, table):
            return True
        connection.exec_driver_sql(f"DROP TABLE {table}")
        return True
    connection.exec_driver_sql("DELETE FROM embedded_indexes WHERE number = ?", (index.number,))
    return False


def _delete_some(connection: sa.Connection, table: str) -> bool:
    """Delete a portion of the rows; False when there are none."""
    some = f"SELECT document FROM {table} LIMIT {_PORTION}"  # noqa: S608 - a name of ours
    return connection.exec_driver_sql(f"DELETE FROM {table} WHERE document IN ({some})").rowcount > 0  # noqa: S608
