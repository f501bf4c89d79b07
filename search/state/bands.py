"""The bands of all texts of a city in memory, read from the state: which texts may be near a new one.

A B-tree of bands in the state would cost a dirty page a band. This costs 192 bytes a text. The state keeps each text's
bands, so a process that starts reads them back, and one that runs reads on what others wrote meanwhile. Used within
write transactions only: they follow one another.
"""

from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from search.likeness import BANDS, Bands
from search.state.tables import copy_texts

_Entries = npt.NDArray[np.uint64]
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)
# Of a text that shares bands with very many, only so many are compared: those that share the most.
MOST = 64
# One band that so many texts share is a phrase of a form, not a sign of a copy.
_COMMON = 512
_BLOCK = 20_000

_KNOWN: "WeakKeyDictionary[sa.Engine, dict[str, BandIndex]]" = WeakKeyDictionary()


class BandIndex:
    """Sorted runs of (band hash, number of the text); runs of like size are put together, so there are few."""

    def __init__(self) -> None:
        self._runs: list[_Entries] = []
        self._last, self._last_key = 0, ""

    def catch_up(self, connection: sa.Connection, city: str) -> None:
        """Read the texts that were added since. If the last one read is another now, a transaction was taken back after
        it was read here: then all are read again.
        """
        table = copy_texts.c
        if self._last:
            key = connection.scalar(sa.select(table.copy_key).where(table.id == self._last))
            if key != self._last_key:
                self._runs, self._last, self._last_key = [], 0, ""
        # By number alone: asked for by city too, all of the city would be read and sorted.
        query = sa.select(table.id, table.city, table.copy_key, table.bands).order_by(table.id)
        while rows := connection.execute(query.where(table.id > self._last).limit(_BLOCK)).all():
            self._last, self._last_key = rows[-1].id, rows[-1].copy_key
            mine = [row for row in rows if row.city == city]
            if mine:
                bands = np.frombuffer(b"".join(row.bands for row in mine), np.uint32).reshape(len(mine), BANDS)
                self.add(entries(bands, [row.id for row in mine]))

    def add(self, run: _Entries) -> None:
        """Add entries as `entries` makes them."""
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.concatenate((self._runs.pop(), run))
            run.sort(kind="stable")
        self._runs.append(run)

    def like(self, bands: Bands) -> list[list[int]]:
        """For each row the numbers of the texts that share bands with it, those that share most first."""
        flat = bands.reshape(-1).astype(np.uint64) << _HALF
        order = np.argsort(flat, kind="stable")
        wanted = flat[order]
        rows = (order // BANDS).astype(np.uint64) << _HALF
        met = [np.zeros(0, np.uint64)]
        for run in self._runs:
            starts = np.searchsorted(run, wanted)
            hits = np.flatnonzero(run[np.minimum(starts, len(run) - 1)] >> _HALF == wanted >> _HALF)
            sizes = np.searchsorted(run, wanted[hits] | _LOW, side="right") - starts[hits]
            hits, sizes = hits[sizes <= _COMMON], sizes[sizes <= _COMMON]
            first = np.repeat(starts[hits] - np.cumsum(sizes) + sizes, sizes)
            met.append(np.repeat(rows[hits], sizes) | (run[first + np.arange(len(first))] & _LOW))
        pairs, shared = np.unique(np.concatenate(met), return_counts=True)
        found: list[list[int]] = [[] for _ in bands]
        for pair in pairs[np.argsort(-shared, kind="stable")].tolist():
            row = found[pair >> 32]
            if len(row) < MOST:
                row.append(pair & 0xFFFF_FFFF)
        return found


def entries(bands: Bands, numbers: list[int]) -> _Entries:
    """Sorted (band hash, number) of texts, packed into 64 bits each."""
    run = (bands.astype(np.uint64) << _HALF) | np.array(numbers, np.uint64)[:, None]
    return np.sort(run.reshape(-1), kind="stable")


def index_of(connection: sa.Connection, city: str) -> BandIndex:
    """The index of a city in this process, up to date."""
    index = _KNOWN.setdefault(connection.engine, {}).setdefault(city, BandIndex())
    index.catch_up(connection, city)
    return index
