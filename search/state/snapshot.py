"""One moment of the state as a file of its own, and what such a file must be to be taken back."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from crawler.model.text import Text
from search.state.database import Database, newest
from search.state.failures import StateError
from search.state.tables import metadata


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file of the state holds: its migration, the fingerprint of its keys, and rows by table."""

    migration: str
    keys: str
    counts: dict[str, int]


def take(database: Database, path: Path) -> Contents:
    """Write the state of this moment into a new file and look through it. Crawls and deliveries go on meanwhile."""
    path.touch(mode=0o600)
    database.copy_to(path)
    return examine(path)


def examine(path: Path) -> Contents:
    """What a file of the state holds. StateError when it is damaged, another program's, or of a newer Otklik."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            (sound,) = raw.execute("PRAGMA integrity_check(1)").fetchone()
            if sound != "ok":
                raise _damaged(path, sound)
            raw.execute("PRAGMA trusted_schema=OFF")
            (migration,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
            keys = raw.execute("SELECT value FROM installation WHERE name = 'keys'").fetchone()
            if _has_code(raw):
                raise _damaged(path, "triggers or views")
            present = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counts = {
                table.name: raw.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]  # noqa: S608
                for table in metadata.sorted_tables
                if table.name in present
            }
    except (sqlite3.Error, TypeError) as error:
        raise _damaged(path, str(error)) from error
    if str(migration) > newest():
        raise StateError(
            Text(
                "{file}: копию сделал более новый Otklik (миграция {found}, эта программа знает до {known}). "
                "Обновите Otklik.",
                "{file}: a newer Otklik made this backup (migration {found}, this one knows up to {known}). "
                "Update Otklik.",
            ).filled(file=path.name, found=migration, known=newest())
        )
    return Contents(str(migration), keys[0] if keys else "", counts)


def _has_code(raw: sqlite3.Connection) -> bool:
    """Otklik makes no triggers and no views: a file that has them was changed by somebody."""
    return raw.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone() is not None


def _damaged(path: Path, why: str) -> StateError:
    return StateError(
        Text(
            "{file}: это не состояние Otklik или оно повреждено ({why}). Возьмите другую копию.",
            "{file}: this is no state of Otklik, or it is damaged ({why}). Take another backup.",
        ).filled(file=path.name, why=why)
    )


def size_of(database: Database) -> int:
    """How many bytes the state's file has, the log not counted."""
    with database.read() as connection:
        pages = connection.scalar(sa.text("PRAGMA page_count")) or 0
        return int(pages) * int(connection.scalar(sa.text("PRAGMA page_size")) or 0)
