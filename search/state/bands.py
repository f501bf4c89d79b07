"""Which texts of a city may be near a new one: the bands that the state keeps of every text, ready for look-ups.

A B-tree of bands in the state would cost a dirty page a band. So the latest texts are held in memory, at most LATEST,
and all before them lie in a file that is mapped (search/state/band_files.py): what a process holds does not grow with
the texts. The state keeps each text's sketch, so a process that starts reads the latest back, and one that runs reads
on what others wrote meanwhile. Used within write transactions only: they follow one another.
"""

import json
import secrets
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from search.sketches import BANDS, Sketches, are_far, is_whole, sketches, unpacked
from search.state import band_files
from search.state.band_files import BandFile
from search.state.band_runs import HALF, LOW, RARE, Longs, Met, Places, Runs, entries_of, met_among, wanted_of
from search.state.bulk import upserting
from search.state.tables import copy_indexes

# 12 MB of a process.
LATEST = 65_536
# Of a text that shares bands with very many, only so many may be compared: those that share the most.
MOST = 64
_BLOCK = 20_000
# A tenth of a second of sketching: so long others who write wait for one block of an upgrade.
AT_ONCE = 2_000
# So many of the last texts tell whether what was read still holds.
_WITNESSES = 8
_NAME = "SELECT name FROM copy_indexes WHERE city = ?"
_TOP = "SELECT seq FROM sqlite_sequence WHERE name = 'copy_texts'"
# The + keeps the index of keys out: by it all of the city would be read and put in order.
_NEXT = "SELECT id, copy_key, bands FROM copy_texts WHERE id > ? AND +city = ? ORDER BY id LIMIT ?"
_WITNESSED = "SELECT one.id, one.copy_key FROM json_each(?) asked JOIN copy_texts one ON one.id = asked.value"
_INDEXES = upserting(upsert(copy_indexes), "city")

_KNOWN: "WeakKeyDictionary[sa.Engine, dict[str, BandIndex]]" = WeakKeyDictionary()


Column = npt.NDArray[np.uint32]
Texts = Callable[[sa.Connection, str, Collection[str]], Mapping[str, str]]
"""What reads the folded texts of a city by copy key: those that some post has (search/state/near.py)."""


class BandIndex:
    """The texts of a city: a file and those after it."""

    def __init__(self, folder: Path, city: str, latest: int = LATEST, at_once: int = AT_ONCE) -> None:
        self._folder, self._city, self._latest, self._at_once = folder, city, latest, at_once
        self._file: BandFile | None = None
        self._name = ""
        self._runs = Runs()
        # Up to this number everything is read; the last texts of it.
        self.last = 0
        self._witnesses: deque[tuple[int, str]] = deque(maxlen=_WITNESSES)
        self._begun = False

    @property
    def is_far_behind(self) -> bool:
        """Whether it has not begun yet, or its file was taken away."""
        return not self._begun or (self._file is not None and not self._path(self._name).exists())

    def catch_up(self, connection: sa.Connection, texts: Texts) -> None:
        """Read the texts that were added since, all after the file where it is another or a transaction was taken back.
        Those whose sketch is of an earlier make are sketched anew.
        """
        while not self.advance(connection, texts):
            pass

    def advance(self, connection: sa.Connection, texts: Texts) -> bool:
        """A part of that; whether it was the last one. Each may stand in a transaction of its own."""
        top = self._hold(connection)
        rows = connection.exec_driver_sql(_NEXT, (self.last, self._city, _BLOCK)).all()
        size = len(rows)
        if rows:
            rows = _until(rows, self._at_once)
            self.last = rows[-1][0]
            self._witnesses += [(number, key) for number, key, _ in rows[-_WITNESSES:]]
            whole = _made_anew(connection, self._city, rows, texts)
            self.add([number for number, _ in whole], unpacked([sketch for _, sketch in whole]))
            if len(self._runs) >= self._latest:
                self._put_away(connection)
        if size == _BLOCK or len(rows) < size:
            return False
        self.last = max(self.last, top)
        self._begun = True
        return True

    def _hold(self, connection: sa.Connection) -> int:
        """Begin anew where what was read does not hold any more; the number of the newest text."""
        name = connection.exec_driver_sql(_NAME, (self._city,)).scalar() or ""
        path = self._path(name)
        if name != self._name or (self._file and not path.exists()):
            self._file = BandFile.open(path) if name else None
            band_files.remove(self._folder, self._city, but=(name,))
            self._name = name
            self._start()
        top = connection.exec_driver_sql(_TOP).scalar() or 0
        if not self._holds(connection, top):
            self._start()
        return int(top)

    def add(self, numbers: Sequence[int], sketched: Sketches) -> None:
        """Add texts, in the order of their numbers."""
        if numbers:
            self._runs.add(numbers, sketched)
            self.last = max(self.last, numbers[-1])

    def _start(self) -> None:
        self._runs, self.last = Runs(), self._file.last if self._file else 0
        self._witnesses.clear()

    def _holds(self, connection: sa.Connection, top: int) -> bool:
        """Whether the texts that were read last are what the state has by their numbers, or nothing any more. A number
        is never given twice but where a transaction was taken back.
        """
        numbers = json.dumps([number for number, _ in self._witnesses])
        known: dict[int, str] = dict(connection.exec_driver_sql(_WITNESSED, (numbers,)).all())
        return self.last <= top and all(known.get(number, key) == key for number, key in self._witnesses)

    def _path(self, name: str) -> Path:
        return band_files.path_of(self._folder, self._city, name)

    def _put_away(self, connection: sa.Connection) -> None:
        """Put the texts that are held into a new file, with those of the file before."""
        before, self._name = self._name, secrets.token_hex(8)
        path = self._path(self._name)
        band_files.write(path, self._file, self._runs, self.last)
        _INDEXES.insert(connection, [(self._city, self._name)])
        # If the transaction is taken back, the file before holds.
        band_files.remove(self._folder, self._city, but=(before, self._name))
        self._file, self._runs = BandFile.open(path), Runs()

    def like(self, sketched: Sketches) -> list[list[int]]:
        """For each row the numbers of the texts that share bands with it and may be near, those that share most first.
        The rows are compared among themselves too, numbered on from `last`.
        """
        kept: list[BandFile | Runs] = [part for part in (self._file, self._runs) if part]
        first = sum(map(len, kept))
        entries = entries_of(sketched, first)
        wanted = wanted_of(entries, first)
        met = [met_among(entries, wanted)]
        before = 0
        for part in kept:
            met += [Met(one.pairs + np.uint64(before), one.weights) for one in part.met(wanted)]
            before += len(part)
        pairs, weights = _summed(met)
        rows, places = (pairs >> HALF).astype(np.int64), (pairs & LOW).astype(np.int64)
        signs = sketched[:, BANDS:]
        near = (places != rows + first) & ~are_far(signs[rows], _of([*(part.signs for part in kept), signs], places))
        rows, places = rows[near], places[near]
        own = np.arange(self.last + 1, self.last + 1 + len(sketched))
        numbers = _of([*(part.numbers for part in kept), own.astype(np.uint32)], places)
        order = np.argsort(-weights[near], kind="stable")
        found: list[list[int]] = [[] for _ in sketched]
        for row, number in zip(rows[order].tolist(), numbers[order].tolist(), strict=True):
            if len(found[row]) < MOST:
                found[row].append(number)
        return found


def _of(columns: Sequence[Column], places: Places) -> Column:
    """The values at these places of columns that stand one behind the other."""
    made = np.zeros((len(places), *columns[-1].shape[1:]), np.uint32)
    before = 0
    for column in columns:
        here = (places >= before) & (places < before + len(column))
        made[here] = column[places[here] - before]
        before += len(column)
    return made


def _summed(met: Sequence[Met]) -> tuple[Longs, Places]:
    """The pairs that share enough, and what their bands count together."""
    every = np.concatenate([np.zeros(0, np.uint64), *(part.pairs for part in met)])
    pairs, of = np.unique(every, return_inverse=True)
    weights = np.concatenate([np.zeros(0, np.int64), *(part.weights for part in met)])
    sums = np.bincount(of, weights, len(pairs)).astype(np.int64)
    enough = sums >= RARE
    return pairs[enough], sums[enough]


def _until(rows: Sequence[sa.Row[Any]], most: int) -> Sequence[sa.Row[Any]]:
    """The first of these rows, with no more than so many whose sketch is of an earlier make."""
    old = [at for at, row in enumerate(rows) if not is_whole(row.bands)]
    return rows[: old[most]] if len(old) > most else rows


def _made_anew(
    connection: sa.Connection, city: str, rows: Sequence[tuple[int, str, bytes]], texts: Texts
) -> list[tuple[int, bytes]]:
    """The sketches of these texts by number; those of an earlier make are made and kept anew."""
    old = {key: number for number, key, sketch in rows if not is_whole(sketch)}
    known = texts(connection, city, old.keys()) if old else {}
    made = {old[key]: row.tobytes() for key, row in zip(known, sketches(list(known.values())), strict=True)}
    if made:
        update = "UPDATE copy_texts SET bands = ? WHERE id = ?"
        connection.exec_driver_sql(update, [(sketch, number) for number, sketch in made.items()])
    found = ((number, made.get(number, sketch)) for number, _, sketch in rows)
    return [(number, sketch) for number, sketch in found if is_whole(sketch)]


def index_of(connection: sa.Connection, city: str, texts: Texts) -> BandIndex:
    """The index of a city in this process, up to date."""
    index = known_index(connection.engine, city)
    index.catch_up(connection, texts)
    return index


def known_index(engine: sa.Engine, city: str) -> BandIndex:
    """The index of a city in this process, as it is."""
    known = _KNOWN.setdefault(engine, {})
    if city not in known:
        known[city] = BandIndex(Path(engine.url.database or "").parent, city)
    return known[city]
