"""A backup as a file: a zip with the state, the file of erasures, kept images, and a manifest that tells them all.

Only names of the three forms below are ever written or taken out, each with the size and SHA-256 of the manifest:
an archive that says anything else is refused before a byte of it is used.
"""

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self

from crawler.model.errors import OtklikError
from crawler.model.text import Text

STATE = "otklik.sqlite"
ERASED = "erased.jsonl"
MANIFEST = "manifest.json"
FORMAT = "otklik backup 1"
_NAME = re.compile(r"otklik\.sqlite|erased\.jsonl|media/[a-z0-9][a-z0-9_-]{0,62}/[0-9a-f]{2}/[0-9a-f]{32}")
_CHUNK = 1024 * 1024
_LARGEST_MANIFEST = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made, the state's migration, the fingerprint of its keys (not the keys), rows
    by table, erasures, and each file's size and SHA-256.
    """

    made_at: datetime
    migration: str
    keys: str
    counts: dict[str, int]
    erasures: int
    files: dict[str, tuple[int, str]]

    @property
    def size(self) -> int:
        """How many bytes all its files have."""
        return sum(size for size, _ in self.files.values())


def is_bundled(name: str) -> bool:
    """Whether a file of that name belongs into a backup."""
    return _NAME.fullmatch(name) is not None


def size_of(path: Path) -> int:
    """How many bytes a file has, 0 once it is gone: an image that is erased meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Writer:
    """Writes a bundle: files, then the manifest that tells them. A context manager, for what fails on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self.files: dict[str, tuple[int, str]] = {}
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            with suppress(OSError, ValueError):  # of a full disk, a second time
                self._zip.close()

    def add(self, name: str, path: Path) -> None:
        """Put a file in. What is sealed does not get smaller and is stored as it is."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_STORED if name.startswith("media/") else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as source, self._zip.open(entry, "w", force_zip64=True) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.files[name] = (size, digest.hexdigest())

    def close(self, manifest: Manifest) -> None:
        """Put the manifest in and end the file."""
        values = asdict(manifest) | {"format": FORMAT, "made_at": manifest.made_at.isoformat()}
        self._zip.writestr(MANIFEST, json.dumps(values))
        self._zip.close()


class Reader:
    """An opened bundle, its manifest read and its names checked."""

    def __init__(self, path: Path, bundle: zipfile.ZipFile) -> None:
        self._path = path
        self._zip = bundle
        self.manifest = self._manifest()
        names = [entry.filename for entry in bundle.infolist()]
        told = {*self.manifest.files, MANIFEST}
        if len(names) != len(set(names)) or set(names) != told or STATE not in told:
            raise refused(path, "names")
        if not all(is_bundled(name) for name in self.manifest.files):
            raise refused(path, "names")

    def take(self, name: str, target: Path) -> None:
        """Write a file of the bundle; OtklikError when it is not what the manifest says."""
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            for chunk in self._chunks(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    def verify(self) -> None:
        """Read every file through; OtklikError when one is not what the manifest says."""
        for name in self.manifest.files:
            for _ in self._chunks(name):
                pass

    def _chunks(self, name: str) -> Iterator[bytes]:
        size, told = self.manifest.files[name]
        digest, left = hashlib.sha256(), size
        with self._zip.open(name) as source:
            # Never more than the manifest says: what else is packed in is not unpacked.
            while chunk := source.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise refused(self._path, name)
                digest.update(chunk)
                yield chunk
        if left or digest.hexdigest() != told:
            raise refused(self._path, name)

    def _manifest(self) -> Manifest:
        try:
            entry = self._zip.getinfo(MANIFEST)
            if entry.file_size > _LARGEST_MANIFEST:
                raise refused(self._path, MANIFEST)
            return _read(json.loads(self._zip.read(entry)))
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError) as error:
            raise refused(self._path, MANIFEST) from error


def _read(values: Mapping[str, object]) -> Manifest:
    """The manifest of JSON's values. ValueError, TypeError, KeyError when they are none."""
    files, counts = values["files"], values["counts"]
    if values["format"] != FORMAT or not isinstance(files, dict) or not isinstance(counts, dict):
        raise ValueError(MANIFEST)
    sizes = {str(name): (int(size), str(digest)) for name, (size, digest) in files.items()}
    if any(size < 0 for size, _ in sizes.values()):
        raise ValueError(MANIFEST)
    return Manifest(
        made_at=datetime.fromisoformat(str(values["made_at"])),
        migration=str(values["migration"]),
        keys=str(values["keys"]),
        counts={str(name): int(count) for name, count in counts.items()},
        erasures=int(str(values["erasures"])),
        files=sizes,
    )


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """A bundle for reading. OtklikError when it is cut short, damaged, no backup of Otklik, or cannot be read."""
    try:
        file = path.open("rb")
    except OSError as error:
        text = Text("{file}: не читается: {why}", "{file}: cannot be read: {why}")
        raise OtklikError(text.filled(file=path, why=error.strerror or error)) from error
    with file:
        try:
            with zipfile.ZipFile(file) as bundle:
                yield Reader(path, bundle)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise refused(path, str(error)) from error


def refused(path: Path, what: str) -> OtklikError:
    """The error of a file that is no whole backup of Otklik."""
    return OtklikError(
        Text(
            "{file}: это не целая копия Otklik ({what}): она оборвана, повреждена, изменена или не наша. "
            "Ничего не тронуто; возьмите другую копию.",
            "{file}: this is no whole backup of Otklik ({what}): it is cut short, damaged, changed or not ours. "
            "Nothing was touched; take another backup.",
        ).filled(file=path, what=what)
    )
