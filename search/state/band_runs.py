"""The latest texts of a city in memory: their bands in sorted runs, and how bands are looked up in a sorted run.

An entry is the hash of a band above the place of a text, 32 bits each. Runs of like size are put together, so there
are few of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from search.sketches import BANDS, SIGNS, Signs, Sketches

Longs = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]
HALF = np.uint64(32)
LOW = np.uint64(0xFFFF_FFFF)
# Of the texts that have a band so many are met: more share a phrase of a form, or are copies of one another.
_COMMON = 64
# A band of so many counts a third: one phrase of a form alone is no sign of a copy, several bands are.
RARE, HOT = 3, 1
_LIKE = 4
# Of a hash but so many bits: 4 MB of a process.
_SEEN = np.uint64(42)


class Wanted(NamedTuple):
    """Bands that are looked for, sorted: hashes in the upper half, and the text asked about in the upper half too."""

    hashes: Longs
    rows: Longs

    def only(self, those: npt.NDArray[np.bool_]) -> "Wanted":
        """Some of these bands."""
        return Wanted(self.hashes[those], self.rows[those])


class Met(NamedTuple):
    """Texts that have a wanted band: (row asked about, place of the text), and what each band counts."""

    pairs: Longs
    weights: Places


def entries_of(sketched: Sketches, first: int) -> Longs:
    """Sorted entries of texts whose places begin at `first`."""
    places = np.arange(first, first + len(sketched), dtype=np.uint64)
    return np.sort(((sketched[:, :BANDS].astype(np.uint64) << HALF) | places[:, None]).reshape(-1), kind="stable")


def wanted_of(entries: Longs, first: int) -> Wanted:
    """The bands of the texts with these entries, each row by its place after the first one."""
    return Wanted(entries >> HALF << HALF, (entries - np.uint64(first)) << HALF)


def met_among(entries: Longs, wanted: Wanted) -> Met:
    """What the texts asked about have of one another's bands, each its own too."""
    is_same = np.diff(wanted.hashes, prepend=wanted.hashes[:1] + LOW, append=wanted.hashes[-1:] + LOW) == 0
    wanted = wanted.only(is_same[1:] | is_same[:-1])
    return met(entries, np.searchsorted(entries, wanted.hashes), wanted)


def lower(entries: Longs, wanted: Longs, low: Places, high: Places) -> Places:
    """The first place from `low` on, before `high`, of an entry that is not below the wanted one; `high` for none."""
    last = len(entries) - 1
    while (is_open := low < high).any():
        middle = (low + high) >> 1
        is_below = is_open & (entries[np.minimum(middle, last)] < wanted)
        low, high = np.where(is_below, middle + 1, low), np.where(is_open & ~is_below, middle, high)
    return low


def met(entries: Longs, starts: Places, wanted: Wanted) -> Met:
    """What the entries have of the wanted bands, whose first places in them are `starts`."""
    found = entries[np.minimum(starts, len(entries) - 1)] >> HALF
    hits = np.flatnonzero((found == wanted.hashes >> HALF) & (starts < len(entries)))
    starts, hashes = starts[hits], wanted.hashes[hits] | LOW
    sizes = lower(entries, hashes, starts, np.minimum(starts + _COMMON, len(entries))) - starts
    places = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    weights = np.repeat(np.where(sizes < _COMMON, RARE, HOT), sizes)
    return Met(np.repeat(wanted.rows[hits], sizes) | (entries[places] & LOW), weights)


class Runs:
    """Texts by places that count from 0, with their numbers in the state and their signs."""

    def __init__(self) -> None:
        self._runs: list[Longs] = []
        self._numbers = np.zeros(0, np.uint32)
        self._signs = np.zeros((0, SIGNS), np.uint32)
        self._count = 0
        # Which beginnings of hashes there are: most bands are of no other text, and are not looked for in each run.
        self._seen = np.zeros(1 << int(64 - _SEEN), bool)

    def __len__(self) -> int:
        return self._count

    @property
    def numbers(self) -> Numbers:
        """The numbers of the texts, by places."""
        return self._numbers[: self._count]

    @property
    def signs(self) -> Signs:
        """The signs of the texts, by places."""
        return self._signs[: self._count]

    def add(self, numbers: Sequence[int], sketched: Sketches) -> None:
        """Add texts behind those that are held."""
        run = entries_of(sketched, self._count)
        self._seen[run >> _SEEN] = True
        while self._runs and len(self._runs[-1]) <= _LIKE * len(run):
            run = np.concatenate((self._runs.pop(), run))
            run.sort(kind="stable")
        self._runs.append(run)
        count = self._count + len(numbers)
        if count > len(self._numbers):
            more = max(count, 2 * len(self._numbers)) - len(self._numbers)
            self._numbers = np.concatenate((self._numbers, np.zeros(more, np.uint32)))
            self._signs = np.concatenate((self._signs, np.zeros((more, SIGNS), np.uint32)))
        self._numbers[self._count : count] = numbers
        self._signs[self._count : count] = sketched[:, BANDS:]
        self._count = count

    def met(self, wanted: Wanted) -> list[Met]:
        """The texts that have a wanted band."""
        wanted = wanted.only(self._seen[wanted.hashes >> _SEEN])
        return [met(run, np.searchsorted(run, wanted.hashes), wanted) for run in self._runs]

    def entries(self) -> Longs:
        """All entries in one run."""
        run = np.concatenate([np.zeros(0, np.uint64), *self._runs])
        run.sort(kind="stable")
        return run
