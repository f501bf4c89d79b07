"""What can be wrong with the state's file, told apart and said so that a person can mend it."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.text import Text


class StateError(OtklikError):
    """The state's database cannot be used now: nothing of the transaction was kept."""


_FULL = Text(
    ru="{file}: не удалось записать, вероятно кончилось место на диске ({detail}). Начатая запись отменена целиком. "
    "Освободите место и запустите снова: работа продолжится с того же места.",
    en="{file}: could not be written, the disk is probably full ({detail}). What was being written was undone whole. "
    "Free some space and start again: the work goes on where it stopped.",
)
_BUSY = Text(
    ru="{file}: база слишком долго занята другим процессом ({detail}). Действие ждало, и ничего не "
    "записано. Посмотрите, какой процесс держит файл, и повторите.",
    en="{file}: another process has kept the database busy for too long ({detail}). The action waited and nothing "
    "was written. See which process holds the file, and try again.",
)
_DENIED = Text(
    ru="{file}: файл или его папку нельзя открыть или менять ({detail}). Дайте пользователю, который запускает Otklik, "
    "право писать в эту папку или укажите другую --data.",
    en="{file}: the file or its folder cannot be opened or changed ({detail}). Let the user who runs Otklik write to "
    "this folder, or name another by --data.",
)
_DAMAGED = Text(
    ru="{file}: это не база Otklik или она повреждена ({detail}). Укажите другой файл или восстановите его из копии.",
    en="{file}: this is no database of Otklik, or it is damaged ({detail}). Name another file, or restore it from a "
    "backup.",
)

# By the beginning of SQLite's name of the error: https://www.sqlite.org/rescode.html
_KNOWN = (
    ("SQLITE_FULL", _FULL),
    ("SQLITE_IOERR", _FULL),
    ("SQLITE_BUSY", _BUSY),
    ("SQLITE_LOCKED", _BUSY),
    ("SQLITE_PROTOCOL", _BUSY),
    ("SQLITE_CANTOPEN", _DENIED),
    ("SQLITE_READONLY", _DENIED),
    ("SQLITE_PERM", _DENIED),
    ("SQLITE_NOTADB", _DAMAGED),
    ("SQLITE_CORRUPT", _DAMAGED),
)


def explain(error: BaseException, where: Path) -> StateError | None:
    """The error of the database itself in words for a person; None when the statement or its values are to blame."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "") if isinstance(cause, sqlite3.Error) else ""
    for beginning, text in _KNOWN:
        if name.startswith(beginning):
            return StateError(text.filled(file=where, detail=f"{cause}, {name}"))
    return None


def denied(error: OSError, where: Path) -> StateError:
    """The error of a file that the operating system does not let us open or make."""
    return StateError(_DENIED.filled(file=where, detail=error.strerror or error))
