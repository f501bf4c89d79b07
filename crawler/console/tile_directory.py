"""Directories of a PMTiles archive of version 3 (https://github.com/protomaps/PMTiles, spec/v3/spec.md): which bytes
are which tile. Everything is bounded before it is read: an archive comes from somewhere else.
"""

import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

MOST_ENTRIES = 131_072
"""Of one directory: 4 MiB of memory. Tools write up to a few tens of thousands, they split what is larger."""
MOST_UNPACKED = 4 << 20
"""Bytes of a directory, or of the metadata, without their compression."""
NONE, GZIP = 1, 2
"""The compressions of the specification that Python reads by itself; 3 is Brotli, 4 Zstandard."""
_LARGEST = (1 << 64) - 1


class DamagedError(Exception):
    """The archive is not as the specification says. The words are for the server's log, in English."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where `run` tiles from `tile` on lie, all of the same bytes; a `run` of 0 is a further directory."""

    tile: int
    run: int
    offset: int
    length: int


class Directory:
    """The entries of one directory, by the numbers of their tiles."""

    def __init__(self, content: bytes) -> None:
        """DamagedError where the unpacked bytes are no directory."""
        numbers = _varints(content)
        count = next(numbers, 0)
        if not 0 < count <= MOST_ENTRIES:
            raise DamagedError(f"a directory of {count} entries")
        columns = [array("Q", _taken(numbers, count)) for _ in range(4)]
        if next(numbers, None) is not None:
            raise DamagedError("a directory is longer than its entries")
        steps, self._runs, self._lengths, places = columns
        self._tiles = array("Q", _summed(steps))
        self._offsets = array("Q", _placed(places, self._lengths))
        if not all(self._lengths):
            raise DamagedError("an entry of no bytes")

    def find(self, tile: int) -> Entry | None:
        """The entry that has the tile, or may have it further down; None where there is none."""
        at = bisect_right(self._tiles, tile) - 1
        if at < 0:
            return None
        entry = Entry(self._tiles[at], self._runs[at], self._offsets[at], self._lengths[at])
        return entry if entry.run == 0 or tile - entry.tile < entry.run else None


def unpacked(content: bytes, compression: int, most: int = MOST_UNPACKED) -> bytes:
    """The bytes without their compression, DamagedError where they are broken or more than `most`: a few packed bytes
    may stand for gigabytes.
    """
    if compression == NONE:
        plain, whole = content[: most + 1], True
    else:
        unpacking = zlib.decompressobj(wbits=31)
        try:
            plain = unpacking.decompress(content, most + 1)
        except zlib.error as error:
            raise DamagedError(f"broken gzip: {error}") from error
        whole = unpacking.eof
    if len(plain) > most:
        raise DamagedError(f"more than {most} bytes unpacked")
    if not whole:
        raise DamagedError("gzip ends too early")
    return plain


def number_of(z: int, x: int, y: int) -> int:
    """The number of a tile: those of lower zooms first, those of one zoom along the Hilbert curve."""
    number = ((1 << 2 * z) - 1) // 3
    for bit in reversed(range(z)):
        side = 1 << bit
        right, down = side & x, side & y
        number += ((3 * right) ^ down) << bit
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return number


def _varints(content: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value > _LARGEST:
                raise DamagedError("a number of more than 64 bits")
            yield value
            value = shift = 0
        else:
            shift += 7
            if shift > 63:
                raise DamagedError("a number of more than 64 bits")
    if shift:
        raise DamagedError("a directory ends within a number")


def _taken(numbers: Iterator[int], count: int) -> Iterator[int]:
    for _ in range(count):
        number = next(numbers, None)
        if number is None:
            raise DamagedError("a directory ends too early")
        yield number


def _summed(steps: "array[int]") -> Iterator[int]:
    """Tiles from the steps between them, which are at least one after the first."""
    tile = 0
    for at, step in enumerate(steps):
        if at and not step:
            raise DamagedError("a tile is there twice")
        tile += step
        if tile > _LARGEST:
            raise DamagedError("a tile beyond 64 bits")
        yield tile


def _placed(places: "array[int]", lengths: "array[int]") -> Iterator[int]:
    """Offsets: 0 says right behind the one before, all others are one too large."""
    end = 0
    for at, (place, length) in enumerate(zip(places, lengths, strict=True)):
        if not place and not at:
            raise DamagedError("the first entry has no offset")
        offset = place - 1 if place else end
        end = offset + length
        if end > _LARGEST:
            raise DamagedError("an offset beyond 64 bits")
        yield offset
