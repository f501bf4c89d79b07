"""The state's database: one SQLite file shared by several processes and threads, brought up to date when it is opened.

WAL, writers one at a time by `BEGIN IMMEDIATE`, readers on a snapshot of their own. synchronous=FULL: what was
committed survives a power cut too, for one fsync a batch of 200 posts (no CPU time, 1–5 ms); a delivery that was
sent and whose commit the power took back would be a second ticket.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.state import band_files, tables
from search.state.failures import StateError, denied, explain
from search.state.json_columns import to_json
from search.state.statistics import tell_planner

_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "otklik_writes"
# secure_delete: what is deleted is overwritten, and not just forgotten: whether SQLite was built so differs by system.
_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16000",
    "journal_size_limit=67108864",
    "secure_delete=ON",
)


class Database:
    """The state of an installation. Safe to share between threads; other processes open the same file."""

    def __init__(self, engine: sa.Engine, where: Path) -> None:
        self._engine = engine
        self._writers = engine.execution_options(**{_WRITES: True})
        self.where = where

    @classmethod
    def open(cls, url_or_path: str | Path, *, busy_seconds: float = 30) -> Self:
        """Open the file, make it if it is absent, and migrate it to the newest form under one lock.

        Raises StateError naming the file when it cannot be used, or was made by a newer Otklik. `busy_seconds` is how
        long a writer waits for another.
        """
        where = _file(url_or_path)
        engine = _engine(where, busy_seconds)
        database = cls(engine, where)
        try:
            _create(where)
            with database.read() as connection:
                version = _version(connection)
            if version != newest():
                _migrate(database)
        except OSError as error:
            raise denied(error, where) from error
        except BaseException:
            engine.dispose()
            raise
        return database

    @property
    def writers(self) -> sa.Engine:
        """What the connections of write transactions belong to: a process keeps by it what it knows of the state."""
        return self._writers

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end, rolled back whole when anything is raised."""
        with self._explained(), self._writers.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one moment of the state, whatever others commit meanwhile. It must not write."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    def scrub(self) -> bool:
        """Put the log into the file and empty it, so that what was deleted is nowhere; False when readers or writers
        keep it longer than this waits for them. The files that follow from it go too: they are made again.
        """
        band_files.remove(self.where.parent)
        busy, _, _ = self._alone("PRAGMA wal_checkpoint(TRUNCATE)")
        return not busy

    def compact(self) -> None:
        """Write the whole file anew, without free pages and the gaps inside pages. Writers wait meanwhile."""
        self._alone("VACUUM")

    def copy_to(self, path: Path) -> None:
        """A copy of one moment of the state, compact, in a new or empty file. Writers go on meanwhile."""
        self._alone("VACUUM INTO ?", str(path))

    def _alone(self, statement: str, *values: str) -> tuple[int, int, int]:
        """What stands in no transaction."""
        with self._explained():
            raw = self._engine.raw_connection()
            try:
                row = raw.driver_connection.execute(statement, values).fetchone()  # type: ignore[union-attr]
            finally:
                raw.close()
        return row or (0, 0, 0)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            known = explain(error, self.where)
            if known is None:
                raise
            raise known from error


def newest() -> str:
    """The number of the newest migration, as its file is named."""
    return max(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def check_keys(database: Database, fingerprint: str) -> None:
    """Remember the fingerprint of the installation's keys at first use, the only time that this writes; refuse any
    other from then on.
    """
    with database.read() as connection:
        known = _fingerprint(connection)
    if known is None:
        with database.begin() as connection:
            # Asked again under the lock: another process may have done it meanwhile.
            known = _fingerprint(connection)
            if known is None:
                connection.execute(sa.insert(tables.installation).values(name="keys", value=fingerprint))
                known = fingerprint
    if known != fingerprint:
        raise StateError(
            Text(
                ru="Ключи не от этой установки: база помнит ключи {known}, а переданы {given}. "
                "Верните прежний файл ключей (или переменные окружения) либо укажите другую папку данных --data.",
                en="These are not the keys of this installation: the database remembers keys {known}, {given} were "
                "given. Put the former key file (or environment variables) back, or name another folder by --data.",
            ).filled(known=known, given=fingerprint)
        )


def _fingerprint(connection: sa.Connection) -> str | None:
    table = tables.installation
    return connection.scalar(sa.select(table.c.value).where(table.c.name == "keys"))


def _file(url_or_path: str | Path) -> Path:
    text = str(url_or_path)
    if "://" not in text:
        return Path(text).absolute()
    url = sa.make_url(text)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise OtklikError(
            Text(
                ru="Состояние хранится в файле SQLite: ожидается путь или sqlite:///путь, а указано {given}.",
                en="The state lies in an SQLite file: expected a path or sqlite:///path, found {given}.",
            ).filled(given=url.render_as_string(hide_password=True))
        )
    return Path(url.database).absolute()


def _create(where: Path) -> None:
    # SQLite would make the file readable to everybody; its -wal and -shm take over the mode of the file.
    where.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(where, os.O_CREAT | os.O_RDONLY, 0o600))


def _engine(where: Path, busy_seconds: float) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(where)),
        # Posts are personal data, and errors are logged.
        hide_parameters=True,
        # As many threads as a console has, each with a second one at times; what is over five is closed after use.
        max_overflow=75,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        json_serializer=to_json,
    )

    @sa.event.listens_for(engine, "connect")
    def _connect(raw: Any, _entry: ConnectionPoolEntry) -> None:
        # Python's own transaction control would begin late and never with IMMEDIATE.
        raw.isolation_level = None
        _use_wal(raw, time.monotonic() + busy_seconds)
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_wal(raw: sqlite3.Connection, until: float) -> None:
    # Switching an empty file to WAL needs it alone and does not wait by itself when two processes open at once.
    while raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _version(connection: sa.Connection) -> str:
    """The migration that the database is at, "" for an empty one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""


def _migrate(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    with database.begin() as connection:
        # Asked again under the lock: another process may have done it meanwhile.
        version = _version(connection)
        if version > newest():
            raise StateError(
                Text(
                    ru="{file}: база сделана более новой версией Otklik (миграция {found}, эта знает до {known}). "
                    "Обновите Otklik или укажите другую папку данных --data.",
                    en="{file}: the database was made by a newer Otklik (migration {found}; this one knows up to "
                    "{known}). Update Otklik, or name another folder by --data.",
                ).filled(file=database.where, found=version, known=newest())
            )
        if not version and sa.inspect(connection).get_table_names():
            raise StateError(
                Text(
                    ru="{file}: это база SQLite другой программы: в ней есть таблицы, но нет версии Otklik. "
                    "Укажите другой файл или папку данных --data.",
                    en="{file}: this SQLite database belongs to another program: it has tables and no version of "
                    "Otklik. Name another file, or another folder by --data.",
                ).filled(file=database.where)
            )
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        tell_planner(connection)
