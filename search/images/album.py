"""The files of kept images: sealed with the installation's key, named by a keyed digest, so that one is there once and
its name tells nothing. Rows (search/images/rows.py) say whose they are; what no row names is swept.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from search.images import rows
from search.state.chunks import chunks
from search.state.database import Database

FOLDER = "media"
_HALF_WRITTEN = ".new-"
# Nobody writes one file for so long: what is older was left by a process that died.
_LEFT = 3600.0


class Album:
    """The folder of images of an installation: HOME/media/CITY/ab/abcdef… Safe to share between threads."""

    def __init__(self, home: Path, keys: Keys) -> None:
        self.home = home
        self._folder = home / FOLDER
        self._keys = keys

    def digest_of(self, picture: bytes) -> str:
        """The name of an image: 32 hex digits, equal for equal bytes; without the key nobody can tell of which."""
        return self._keys.pseudonym("image", hashlib.sha256(picture).hexdigest())

    def has(self, city: str, digest: str) -> bool:
        """Whether the file is there."""
        return self._path(city, digest).is_file()

    def put(self, city: str, digest: str, picture: bytes) -> None:
        """Write the file unless it is there: whole or not at all, and on the disk when this returns."""
        path = self._path(city, digest)
        if path.is_file():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_HALF_WRITTEN, dir=path.parent)  # of mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self._keys.seal(picture))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def open_image(self, city: str, digest: str) -> bytes:
        """The JPEG of that name. OtklikError when it is not there, was changed, or is another's."""
        try:
            sealed = self._path(city, digest).read_bytes()
        except FileNotFoundError as error:
            raise OtklikError(
                Text(
                    f"Изображения {digest} нет: оно стёрто или не вернулось из копии. Верните папку {FOLDER} из копии.",
                    f"There is no image {digest}: it was erased, or did not come back from a backup. Bring the folder "
                    f"{FOLDER} back from the backup.",
                )
            ) from error
        picture = self._keys.unseal(sealed)
        if self.digest_of(picture) != digest:
            raise OtklikError(
                Text(
                    f"Файл изображения {digest} подменён другим. Верните папку {FOLDER} из копии.",
                    f"The file of the image {digest} holds another one. Bring {FOLDER} back from a backup.",
                )
            )
        return picture

    def names(self, city: str) -> Iterator[str]:
        """The digests of the files of a city."""
        for path in (self._folder / city).glob("??/*"):
            if not path.name.startswith(_HALF_WRITTEN):
                yield path.name

    def remove(self, city: str, digest: str) -> None:
        """Remove a file, if it is there."""
        self._path(city, digest).unlink(missing_ok=True)

    def remove_half_written(self, city: str) -> None:
        """Remove what processes that died were writing."""
        for path in (self._folder / city).glob(f"??/{_HALF_WRITTEN}*"):
            try:
                if time.time() - path.stat().st_mtime > _LEFT:
                    path.unlink()
            except FileNotFoundError:
                continue  # its writer lives, and has just given it its name

    def _path(self, city: str, digest: str) -> Path:
        return self._folder / city / digest[:2] / digest


def sweep(database: Database, album: Album, city: str) -> int:
    """Remove the files of a city that no row names, after an erasure or a death in the middle of one; how many.

    Under the state's lock: an image that is being kept is either named already or written after it (see Keeper).
    """
    there = list(album.names(city))
    with database.read() as connection:
        named = rows.referenced(connection, city, there)
    removed = 0
    for some in chunks(name for name in there if name not in named):
        with database.begin() as connection:
            removed += remove_unnamed(connection, album, city, some)
    album.remove_half_written(city)
    return removed


def remove_unnamed(connection: sa.Connection, album: Album, city: str, digests: list[str]) -> int:
    """Remove those of the files that no row names, inside a write transaction; how many."""
    gone = set(digests) - rows.referenced(connection, city, digests)
    for digest in gone:
        album.remove(city, digest)
    return len(gone)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
