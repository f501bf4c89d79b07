"""Backups of a whole installation: made while everything goes on, looked through, named only when they are whole."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from crawler import bundle
from crawler.bundle import ERASED, STATE, Manifest, Writer
from crawler.model.errors import OtklikError
from crawler.model.ports import Clock
from crawler.model.text import Text
from search.state import backups, erased, snapshot
from search.state.database import Database

_WORK = ".otklik-backup-"
_LOCK = ".otklik-backup.lock"
_SPARE = 64 * 1024 * 1024
_INSIDE = Text(
    "{folder} лежит внутри установки {home}: копия там пропала бы вместе с ней. Задайте другое место: --to",
    "{folder} lies inside the installation {home}: a backup there would be lost with it. Name another place by --to",
)
_EXISTS = Text(
    "{file} уже есть: копия ничего не перезаписывает", "{file} is there already: a backup overwrites nothing"
)
_NO_ROOM = Text(
    "{folder}: свободно {free} МБ, а для копии нужно {need} МБ. Освободите место или задайте другое: --to",
    "{folder}: {free} MB free, a backup needs {need} MB. Free some space, or name another place by --to",
)
_NONE = Text(
    "{folder}: здесь нет целой копии этой установки (*.zip с её ключами)",
    "{folder}: no whole backup of this installation is here (*.zip with its keys)",
)
_FAILED = Text(
    "{folder}: копия не записана ({why}). Недописанное удалено, прежние копии целы.",
    "{folder}: the backup could not be written ({why}). What was written of it is gone, earlier ones are whole.",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, and the older ones that went for it."""

    path: Path
    size: int
    manifest: Manifest
    rotated: tuple[Path, ...]


def back_up(home: Path, database: Database, clock: Clock, to: Path | None, keep: int | None) -> Made:
    """Make a backup: a file of that name (`….zip`), or a new one in that folder (default: HOME-backups beside HOME).

    Keep the `keep` newest of this installation there. OtklikError without room, or when it cannot be written.
    """
    now = clock.now()
    named, folder = _place(home, to)
    if folder.is_relative_to(home):
        raise OtklikError(_INSIDE.filled(folder=folder, home=home))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder), _work(folder) as work:
            path = _free(folder, now) if named is None else named
            if path.exists():
                raise OtklikError(_EXISTS.filled(file=path))
            _check_room(folder, home, database)
            manifest = _write(home, database, now, work)
            made = work / "bundle"
            size = made.stat().st_size
            _note_folder(database, folder)
            made.rename(path)
            _sync(folder)
            with database.begin() as connection:
                backups.note(connection, path, now, size)
        rotated = _rotate(folder, manifest.keys, keep) if keep else ()
    except OSError as error:
        raise OtklikError(_FAILED.filled(folder=folder, why=error.strerror or error)) from error
    return Made(path, size, manifest, tuple(rotated))


def _place(home: Path, to: Path | None) -> tuple[Path | None, Path]:
    """The file that was named, None for a name of ours, and the folder."""
    to = (to or home.with_name(f"{home.name}-backups")).expanduser().resolve()
    return (to, to.parent) if to.suffix == ".zip" else (None, to)


def _free(folder: Path, now: datetime) -> Path:
    """The first name of this second that no other backup has."""
    stem = f"otklik-{now:%Y%m%d-%H%M%S}"
    names = (f"{stem}{more}.zip" for more in chain([""], (f"-{number}" for number in count(2))))
    return next(path for name in names if not (path := folder / name).exists())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup a folder at a time: another waits."""
    handle = os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _work(folder: Path) -> Iterator[Path]:
    """A folder to work in; what a killed backup left of its own goes first."""
    for left in folder.glob(f"{_WORK}*/"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_WORK, dir=folder) as work:
        yield Path(work)


def _check_room(folder: Path, home: Path, database: Database) -> None:
    media = sum(map(bundle.size_of, _media(home).values()))
    # The copy of the state, and the bundle with it packed.
    need = 2 * snapshot.size_of(database) + media + _SPARE
    free = shutil.disk_usage(folder).free
    if free < need:
        raise OtklikError(_NO_ROOM.filled(folder=folder, free=free // 1024**2, need=need // 1024**2))


def _media(home: Path) -> dict[str, Path]:
    """The kept images by their names in a backup."""
    found = {path.relative_to(home).as_posix(): path for path in sorted((home / "media").rglob("*"))}
    return {name: path for name, path in found.items() if bundle.is_bundled(name) and path.is_file()}


def _write(home: Path, database: Database, now: datetime, work: Path) -> Manifest:
    """The state first: images never change, and those that go meanwhile were erased."""
    contents = snapshot.take(database, work / STATE)
    with database.read() as connection:
        erasures = erased.of_state(connection)
    erased.add(work, erasures)
    handle = os.open(work / "bundle", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file, Writer(file) as writer:
        writer.add(STATE, work / STATE)
        if erasures:
            writer.add(ERASED, work / ERASED)
        for name, path in _media(home).items():
            try:
                writer.add(name, path)
            except FileNotFoundError:
                continue
        manifest = Manifest(now, contents.migration, contents.keys, contents.counts, len(erasures), writer.files)
        writer.close(manifest)
        file.flush()
        os.fsync(file.fileno())
    with bundle.opened(work / "bundle") as reader:
        reader.verify()
    return manifest


def _note_folder(database: Database, folder: Path) -> None:
    """Before the backup has its name: killed after that, its folder would be told of no erasure."""
    with database.begin() as connection:
        backups.note_folder(connection, folder)
        erasures = erased.of_state(connection)
    erased.add(folder, erasures)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def of_installation(folder: Path, keys: str) -> list[tuple[Path, Manifest]]:
    """The whole backups in a folder that belong to the installation with these keys, newest first."""
    found = []
    for path in sorted(folder.glob("*.zip")):
        try:
            with bundle.opened(path) as reader:
                manifest = reader.manifest
        except OtklikError:
            continue  # whatever it is, it is not ours to count or to remove
        if manifest.keys == keys:
            found.append((path, manifest))
    return sorted(found, key=lambda one: one[1].made_at, reverse=True)


def newest_in(folder: Path, keys: str) -> Path:
    """The newest whole backup in a folder. OtklikError when there is none of the installation with these keys."""
    found = of_installation(folder, keys)
    if not found:
        raise OtklikError(_NONE.filled(folder=folder))
    return found[0][0]


def _rotate(folder: Path, keys: str, keep: int) -> Sequence[Path]:
    """Remove all but the newest; only files with the name that Otklik gives."""
    mine = [path for path, _ in of_installation(folder, keys) if path.name.startswith("otklik-")]
    for path in mine[keep:]:
        path.unlink()
    return mine[keep:]
