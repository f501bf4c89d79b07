"""The bands of all but the latest texts of a city, in a file beside the state that is mapped and never changed.

The file follows from the state: where it is missing it is made again. It is written under a name of its own, and the
state says in the same transaction which name holds (`copy_indexes`), so whatever is killed or taken back leaves a file
that nobody reads. Little-endian: a head, sorted entries (search/state/band_runs.py), where the entries of each stretch
of hashes begin, the texts' numbers, their signs.
"""

import itertools
import mmap
import os
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import numpy as np

from search.sketches import BANDS, SIGNS, Signs
from search.state.band_runs import Longs, Met, Numbers, Places, Runs, Wanted, lower, met

_HEAD = struct.Struct("<8sQQQQ24x")
# Another sketch, another name.
_MAGIC = b"otklikb1"
# About so many entries a stretch: what is looked up lies in one line of memory or two.
_A_STRETCH = 4
# Files are put together in so many parts, so that memory holds one part and no more.
_PARTS_BITS = 6


def path_of(folder: Path, city: str, name: str) -> Path:
    """The file of that name."""
    return folder / f"copies-{city}-{name}.bands"


def remove(folder: Path, city: str = "*", but: Collection[str] = ()) -> None:
    """Remove the files of a city, or of all, but those of these names."""
    for path in folder.glob("copies-*.bands"):
        _, *keys, name = path.stem.split("-")
        if city in ("*", "-".join(keys)) and name not in but:
            path.unlink(missing_ok=True)


class _Shape(NamedTuple):
    """Of a file: how many texts, up to which number, the bits that tell a stretch."""

    texts: int
    last: int
    bits: int

    @classmethod
    def of(cls, texts: int, last: int) -> Self:
        stretches = texts * BANDS // _A_STRETCH
        return cls(texts, last, max(_PARTS_BITS, stretches.bit_length() - 1))

    @property
    def entries(self) -> int:
        return self.texts * BANDS

    @property
    def at(self) -> tuple[int, int, int, int, int]:
        """Where entries, stretches, numbers and signs begin, and the end."""
        starts = _HEAD.size + 8 * self.entries
        numbers = starts + 4 * ((1 << self.bits) + 1)
        signs = numbers + 4 * self.texts
        return _HEAD.size, starts, numbers, signs, signs + 4 * SIGNS * self.texts


class BandFile:
    """A file that is mapped. It has the texts up to the number `last`; what they are is told by place."""

    def __init__(self, mapped: mmap.mmap, shape: _Shape) -> None:
        self._shape = shape
        entries, starts, numbers, signs, _ = shape.at
        self._entries: Longs = np.frombuffer(mapped, np.uint64, shape.entries, entries)
        self._starts = np.frombuffer(mapped, np.uint32, (1 << shape.bits) + 1, starts)
        self.numbers: Numbers = np.frombuffer(mapped, np.uint32, shape.texts, numbers)
        self.signs: Signs = np.frombuffer(mapped, np.uint32, shape.texts * SIGNS, signs).reshape(-1, SIGNS)
        self.last = shape.last

    def __len__(self) -> int:
        return self._shape.texts

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """The file; None where there is none, or another version made it."""
        try:
            with path.open("rb") as stream:
                head = stream.read(_HEAD.size)
                if len(head) < _HEAD.size or not head.startswith(_MAGIC):
                    return None
                _, bands, *shape = _HEAD.unpack(head)
                if bands != BANDS * SIGNS or os.fstat(stream.fileno()).st_size != _Shape(*shape).at[-1]:
                    return None
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            return None
        # Nothing near to what is read will be read next.
        mapped.madvise(mmap.MADV_RANDOM)
        return cls(mapped, _Shape(*shape))

    def met(self, wanted: Wanted) -> list[Met]:
        """The texts that have a wanted band."""
        stretch = (wanted.hashes >> np.uint64(64 - self._shape.bits)).astype(np.int64)
        low, high = self._starts[stretch].astype(np.int64), self._starts[stretch + 1].astype(np.int64)
        return [met(self._entries, lower(self._entries, wanted.hashes, low, high), wanted)]

    def parts(self) -> Iterator[Longs]:
        """The entries by equal stretches of hashes."""
        ends = self._starts[:: 1 << (self._shape.bits - _PARTS_BITS)].tolist()
        for start, end in itertools.pairwise(ends):
            yield self._entries[start:end]


def write(path: Path, older: BandFile | None, runs: Runs, last: int) -> None:
    """Write a file with the texts of an older one and those of runs behind them: all up to the number `last`."""
    shape = _Shape.of((len(older) if older else 0) + len(runs), last)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(_HEAD.pack(_MAGIC, BANDS * SIGNS, *shape))
        _write_entries(stream, shape, older, runs)
        stream.seek(shape.at[2])
        both = [part for part in (older, runs) if part is not None]
        for column in [*(part.numbers for part in both), *(part.signs for part in both)]:
            column.tofile(stream)
        stream.flush()
        # Before the state names it.
        os.fsync(stream.fileno())


def _write_entries(stream: BinaryIO, shape: _Shape, older: BandFile | None, runs: Runs) -> None:
    more = runs.entries() + np.uint64(len(older) if older else 0)
    bounds = _bounds(more, _PARTS_BITS)
    kept = older.parts() if older else itertools.repeat(more[:0])
    inner = shape.bits - _PARTS_BITS
    written = 0
    for number, (start, end) in enumerate(itertools.pairwise(bounds.tolist())):
        both = np.concatenate((next(kept), more[start:end]))
        both.sort(kind="stable")
        stream.seek(shape.at[0] + 8 * written)
        both.tofile(stream)
        begins = _bounds(both, inner, number << inner, shape.bits)[:-1] + written
        stream.seek(shape.at[1] + 4 * (number << inner))
        begins.astype(np.uint32).tofile(stream)
        written += len(both)
    np.array([written], np.uint32).tofile(stream)


def _bounds(entries: Longs, bits: int, first: int = 0, of: int | None = None) -> Places:
    """Where stretches of hashes begin in entries: 2**bits of them from `first` on, each told by `of` bits; the end."""
    width = np.uint64(64 - (bits if of is None else of))
    stretches = np.arange(first, first + (1 << bits), dtype=np.uint64) << width
    return np.append(np.searchsorted(entries, stretches), len(entries)).astype(np.int64)
