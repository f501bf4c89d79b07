"""Map tiles out of one file of the operator's, a PMTiles archive of version 3 with pictures or with the vector tiles of
Protomaps' base map. The console serves them itself: no browser asks a stranger, and no request names a file.
"""

import hashlib
import json
import logging
import os
import re
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Self

from crawler.console.tile_directory import GZIP, NONE, DamagedError, Directory, number_of, unpacked
from crawler.model.errors import OtklikError
from crawler.model.text import Text

logger = logging.getLogger(__name__)

MOST_TILE = 2 << 20
"""Bytes of a tile; pictures of 512 pixels have a tenth of it."""
MOST_PACKED = 1 << 20
"""Bytes of a directory, or of the metadata, as they lie in the file."""
MOST_ATTRIBUTION = 300
_DEEPEST = 4
"""Directories on the way to a tile, as the reference readers allow."""
_KEPT = 8
_HEADER = struct.Struct("<7sB11Q6B4i")
_Look = Callable[[bytes], bool]
VECTOR = "application/vnd.mapbox-vector-tile"
_KINDS: dict[int, tuple[str, _Look]] = {
    # A layer, or no layer at all.
    1: (VECTOR, lambda tile: tile[:1] in (b"", b"\x1a")),
    2: ("image/png", lambda tile: tile.startswith(b"\x89PNG\r\n\x1a\n")),
    3: ("image/jpeg", lambda tile: tile.startswith(b"\xff\xd8\xff")),
    4: ("image/webp", lambda tile: tile[:4] == b"RIFF" and tile[8:12] == b"WEBP"),
}
_TAG = re.compile(r"<[^<>]*>")
"""Attributions are written in HTML; what is left of it is escaped where it is shown."""
_OTHERS = {5: "AVIF", 6: "MLT"}
_BASE_MAP = frozenset({"earth", "water", "roads"})
"""Layers that every archive of Protomaps' scheme has, by which the browser draws it."""
UNREADABLE = Text("--tiles {path}: файл не читается: {why}", "--tiles {path}: the file cannot be read: {why}")
NOT_ONE = Text(
    "--tiles {path}: это не целый архив PMTiles версии 3 ({why}). Скачайте или соберите его заново; `pmtiles verify` "
    "покажет, цел ли он.",
    "--tiles {path}: this is no whole PMTiles archive of version 3 ({why}). Download or make it again; `pmtiles "
    "verify` tells whether it is whole.",
)
NOT_PICTURES = Text(
    "--tiles {path}: в архиве {kind}, а карта консоли показывает картинки PNG, JPEG, WebP и векторную подложку "
    "Protomaps. Превратите архив в растровый (docs/console.md) или дайте адрес плиток https://…/{{z}}/{{x}}/{{y}}.png",
    "--tiles {path}: the archive has {kind}, and the console's map shows pictures (PNG, JPEG, WebP) and the vector "
    "base map of Protomaps. Convert it to raster (docs/console.md), or give the address of tiles "
    "https://…/{{z}}/{{x}}/{{y}}.png",
)
NO_BASE_MAP = Text(
    "--tiles {path}: векторные плитки не по схеме Protomaps: нет слоёв {missing}, и рисовать нечем. Вырежьте город "
    "из подложки Protomaps (pmtiles extract) или превратите архив в растровый (docs/console.md)",
    "--tiles {path}: vector tiles of another scheme than Protomaps': no layers {missing}, and nothing to draw them by. "
    "Cut the town out of Protomaps' base map (pmtiles extract), or convert the archive to raster (docs/console.md)",
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the file, in bytes."""

    offset: int
    length: int

    def within(self, offset: int, length: int, most: int) -> "_Part":
        """A stretch of this one. DamagedError where it reaches out of it or is longer than `most`."""
        if length > most:
            raise DamagedError(f"{length} bytes in one piece")
        if offset + length > self.length:
            raise DamagedError("an entry reaches out of its section")
        return _Part(self.offset + offset, length)


class TileArchive:
    """An open archive, of vector tiles where `is_vector`. `box` is south, west, north, east in degrees, None where it
    names no area; `attribution` plain text; `tag` differs between files.
    """

    def __init__(self, path: Path) -> None:
        """OtklikError where it is none, is broken or has nothing that can be drawn."""
        self._broken, self._lock = 0, threading.Lock()
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise OtklikError(UNREADABLE.filled(path=path, why=error.strerror or error)) from error
        try:
            self._begin(path)
        except DamagedError as error:
            os.close(self._file)
            raise OtklikError(NOT_ONE.filled(path=path, why=error)) from error
        except OSError as error:
            os.close(self._file)
            raise OtklikError(UNREADABLE.filled(path=path, why=error.strerror or error)) from error
        except OtklikError:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The tile, not packed, None where there is none or it cannot be read, which the log counts."""
        if not (self.least_zoom <= z <= self.most_zoom and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        try:
            return self._tile(number_of(z, x, y))
        except (DamagedError, OSError) as error:
            with self._lock:
                self._broken += 1
                count = self._broken
            # A whole city of broken tiles is a line for each doubling, not for each tile.
            if count & (count - 1) == 0:
                logger.warning("map tiles: %d could not be read, the last %d/%d/%d: %s", count, z, x, y, str(error))
            return None

    def _begin(self, path: Path) -> None:
        self._stat = os.fstat(self._file)
        given = os.pread(self._file, _HEADER.size, 0)
        if len(given) < _HEADER.size:
            raise DamagedError("shorter than a header")
        magic, version, *numbers = _HEADER.unpack(given)
        if (magic, version) != (b"PMTiles", 3):
            raise DamagedError("it does not begin as one")
        root, metadata, self._leaves, self._tiles = (_Part(*numbers[at : at + 2]) for at in (0, 2, 4, 6))
        for part in (root, metadata, self._leaves, self._tiles):
            if part.offset + part.length > self._stat.st_size:
                raise DamagedError("the file ends before its header says")
        self._packing, self._tile_packing, kind, self.least_zoom, self.most_zoom = numbers[12:17]
        if kind not in _KINDS:
            raise OtklikError(NOT_PICTURES.filled(path=path, kind=_OTHERS.get(kind, f"№ {kind}")))
        if not {self._packing, self._tile_packing} <= {NONE, GZIP}:
            raise DamagedError("its compression is neither gzip nor none")
        if not self.least_zoom <= self.most_zoom <= 30:
            raise DamagedError(f"zooms {self.least_zoom} to {self.most_zoom}")
        self.media_type, self._looks_right = _KINDS[kind]
        self.box = _box(numbers[17:21])
        told = _metadata(self._plain(metadata)) if metadata.length else {}
        self.attribution = _attribution(told)
        self.is_vector = self.media_type == VECTOR
        missing = sorted(_BASE_MAP - _layers(told)) if self.is_vector else []
        if missing:
            raise OtklikError(NO_BASE_MAP.filled(path=path, missing=", ".join(missing)))
        self._root = self._directory(root)
        self._leaf = lru_cache(maxsize=_KEPT)(self._directory)
        self.tag = hashlib.sha256(given + f"{self._stat.st_size} {self._stat.st_mtime_ns}".encode()).hexdigest()[:16]

    def _tile(self, number: int) -> bytes | None:
        now = os.fstat(self._file)
        if (now.st_size, now.st_mtime_ns) != (self._stat.st_size, self._stat.st_mtime_ns):
            raise DamagedError("the file was changed in place: restart the console")
        directory = self._root
        for _ in range(_DEEPEST):
            entry = directory.find(number)
            if entry is None:
                return None
            if entry.run:
                packed = self._bytes(self._tiles.within(entry.offset, entry.length, MOST_TILE))
                tile = unpacked(packed, self._tile_packing, MOST_TILE)
                if not self._looks_right(tile):
                    raise DamagedError(f"it is no {self.media_type}")
                return tile
            # One directory is read at a time: many hostile ones at once would be much memory.
            with self._lock:
                directory = self._leaf(self._leaves.within(entry.offset, entry.length, MOST_PACKED))
        raise DamagedError("directories lead on and on")

    def _directory(self, part: _Part) -> Directory:
        return Directory(self._plain(part))

    def _plain(self, part: _Part) -> bytes:
        if part.length > MOST_PACKED:
            raise DamagedError(f"{part.length} bytes in one piece")
        return unpacked(self._bytes(part), self._packing)

    def _bytes(self, part: _Part) -> bytes:
        content = os.pread(self._file, part.length, part.offset)
        if len(content) < part.length:
            raise DamagedError("the file ends too early")
        return content


def _box(corners: list[int]) -> tuple[float, float, float, float] | None:
    west, south, east, north = (corner / 1e7 for corner in corners)
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (south, west, north, east) if inside else None


def _metadata(content: bytes) -> dict[str, object]:
    """What an archive says of itself. DamagedError where that is no JSON object."""
    told: object = None
    # Brackets a hundred thousand deep are no recursion of ours to survive.
    with suppress(ValueError, RecursionError):
        told = json.loads(content)
    if not isinstance(told, dict):
        raise DamagedError("its metadata are no JSON object")
    return told


def _layers(told: Mapping[str, object]) -> set[str]:
    layers = told.get("vector_layers")
    named = [one.get("id") for one in layers if isinstance(one, dict)] if isinstance(layers, list) else []
    return {name for name in named if isinstance(name, str)}


def _attribution(told: Mapping[str, object]) -> str:
    """Whose map it is, "" where the archive does not say."""
    given = told.get("attribution")
    plain = unescape(_TAG.sub("", given[: 10 * MOST_ATTRIBUTION])) if isinstance(given, str) else ""
    return " ".join(plain.split())[:MOST_ATTRIBUTION]
