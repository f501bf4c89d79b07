"""Where backups were put, as the state remembers: the file of erasures is kept beside each."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from search.state.values import keep_value, value_of

_LAST = "backup"
_FOLDERS = "backup folders"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that was made whole."""

    path: str
    at: datetime
    size: int


def note_folder(connection: sa.Connection, folder: Path) -> None:
    """Remember a folder, before it gets a backup: no erasure may miss one."""
    folders = [str(folder) for folder in folders_of(connection)]
    if str(folder) not in folders:
        keep_value(connection, _FOLDERS, json.dumps([*folders, str(folder)]))


def note(connection: sa.Connection, path: Path, at: datetime, size: int) -> None:
    """Remember a backup."""
    keep_value(connection, _LAST, json.dumps(asdict(LastBackup(str(path), at, size)) | {"at": at.isoformat()}))


def last_of(connection: sa.Connection) -> LastBackup | None:
    """The last backup, None before the first."""
    kept = value_of(connection, _LAST)
    if kept is None:
        return None
    values = json.loads(kept)
    return LastBackup(values["path"], datetime.fromisoformat(values["at"]), values["size"])


def folders_of(connection: sa.Connection) -> list[Path]:
    """Every folder that ever got a backup."""
    return [Path(folder) for folder in json.loads(value_of(connection, _FOLDERS) or "[]")]
