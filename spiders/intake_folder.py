"""What lies in the folder of an intake: regular files alone, never through a link, in the order of their time."""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from crawler.model.text import Text
from spiders.table_files import open_plainly
from spiders.table_rows import UnreadableError

MOST_FILES = 2_000
"""Files of one intake; a folder with more is an archive, and is told to be one."""
_PATTERN = frozenset("*?[")
# Files that are being written, and those that editors leave beside what is open.
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".partial", ".swp")
_HIDDEN = (".", "~$")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file by its name in the folder, its size and its time in nanoseconds."""

    name: str
    path: str
    size: int
    mtime: int


@dataclass(slots=True)
class Folder:
    """What was found: the files, and the names of what is no file."""

    files: list[FoundFile] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def split_address(address: str) -> tuple[Path, str]:
    """The folder of an address, and the pattern of its names: `*` for a folder, one name for a file."""
    path = Path(address)
    if _PATTERN & set(path.name):
        return path.parent, path.name
    return (path.parent, path.name) if path.is_file() else (path, "*")


def look(address: str) -> Folder:
    """The files that an address names, oldest first: what a later export says of an appeal holds. UnreadableError when
    the folder is not there or holds too many.
    """
    folder, pattern = split_address(address)
    found = Folder()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith(_HIDDEN) and not entry.name.lower().endswith(_UNFINISHED):
                    _add(found, entry, pattern)
    except OSError as error:
        text = Text("папка {f} не читается: {why}", "the folder {f} cannot be read: {why}")
        raise UnreadableError("no folder", text.filled(f=folder, why=error.strerror)) from error
    if len(found.files) > MOST_FILES:
        text = Text(
            "в папке {f} больше {n} файлов: прочитанные уберите в архив",
            "the folder {f} holds more than {n} files: move away those that were read",
        )
        raise UnreadableError("too many files", text.filled(f=folder, n=MOST_FILES))
    found.files.sort(key=lambda one: (one.mtime, one.name))
    return found


def _add(found: Folder, entry: "os.DirEntry[str]", pattern: str) -> None:
    if not fnmatchcase(entry.name, pattern):
        return
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return  # taken away in this very moment
    if stat.S_ISREG(status.st_mode):
        found.files.append(FoundFile(entry.name, entry.path, status.st_size, status.st_mtime_ns))
    elif not stat.S_ISDIR(status.st_mode):
        found.others.append(entry.name)


def stamp(path: str) -> tuple[int, int]:
    """Size and time (ns) of a file now; (-1, -1) when it is not there."""
    try:
        status = Path(path).lstat()
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns


def digest_of(path: str) -> str:
    """Hash of a file's content. UnreadableError when it cannot be opened."""
    digest = hashlib.blake2b(digest_size=16)
    with open_plainly(path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
