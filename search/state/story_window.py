"""Which texts of about the same days may tell of the same as a new one: their heaviest words, in memory.

Read from the state by stretches of days as they are asked for, so a process holds the days that it works on and no
more. Used within write transactions only: they follow one another.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from search.state.tables import story_texts
from search.stories import unpacked

_Entries = npt.NDArray[np.uint64]
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFF_FFFF)
# Texts meet by so many of their heaviest words, and have to share some of them.
_KEYS = 32
_SHARED = 3
# A word of so many texts of some days tells no event.
_COMMON = 512
# So many of those that share most are compared.
MOST = 64
# 64 MB of a process: some hundred thousand texts.
_MOST_ENTRIES = 8_000_000

_KNOWN: "WeakKeyDictionary[sa.Engine, dict[str, Window]]" = WeakKeyDictionary()


class _Runs:
    """Sorted runs of (hash of a word, number of a text); runs of like size are put together, so there are few."""

    def __init__(self) -> None:
        self.runs: list[_Entries] = []

    def __len__(self) -> int:
        return sum(map(len, self.runs))

    def add(self, run: _Entries) -> None:
        run = np.sort(run)
        while self.runs and len(self.runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate((self.runs.pop(), run)), kind="stable")
        self.runs.append(run)

    def met(self, hashes: _Entries, rows: _Entries) -> list[_Entries]:
        """(row, number of a text) for every hash of a row that a text has."""
        found = []
        wanted = hashes << _HALF
        for run in self.runs:
            starts = np.searchsorted(run, wanted)
            hits = np.flatnonzero(run[np.minimum(starts, len(run) - 1)] >> _HALF == hashes)
            sizes = np.searchsorted(run, wanted[hits] | _LOW, side="right") - starts[hits]
            hits, sizes = hits[sizes <= _COMMON], sizes[sizes <= _COMMON]
            first = np.repeat(starts[hits] - np.cumsum(sizes) + sizes, sizes)
            found.append(np.repeat(rows[hits] << _HALF, sizes) | (run[first + np.arange(len(first))] & _LOW))
        return found


class _Slot(NamedTuple):
    """The texts of some days: those of news apart, for what residents write is compared with news alone."""

    news: _Runs
    people: _Runs

    def add(self, rows: Sequence[sa.Row[tuple[int, str, int, bool, bytes]]]) -> None:
        for runs, is_news in ((self.news, True), (self.people, False)):
            mine = [(row.id, unpacked(row.profile).hashes[:_KEYS]) for row in rows if row.news == is_news]
            if mine:
                hashes = np.array([word for _, words in mine for word in words], np.uint64)
                numbers = np.repeat([number for number, _ in mine], [len(words) for _, words in mine])
                runs.add((hashes << _HALF) | numbers.astype(np.uint64))


class Asked(NamedTuple):
    """A text that is asked about: its slot, whether it is news, its words, the heaviest first."""

    slot: int
    news: bool
    words: Sequence[int]


class Window:
    """The slots of a city that this process works on."""

    def __init__(self) -> None:
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._last, self._last_post = 0, ""

    def like(self, connection: sa.Connection, city: str, asked: Mapping[str, Asked]) -> dict[str, list[int]]:
        """For each of these posts the numbers of the texts to compare it with, those that share most first."""
        self._catch_up(connection, city)
        around = {slot: range(slot - 1, slot + 2) for slot in {one.slot for one in asked.values()}}
        for slot in sorted({slot for slots in around.values() for slot in slots}):
            self._load(connection, city, slot)
        names = list(asked)
        met = [np.zeros(0, np.uint64)]
        for slot, slots in around.items():
            for news in (True, False):
                places = [at for at, one in enumerate(asked.values()) if one.slot == slot and one.news is news]
                runs = [part for near in slots for part in (self._slots[near] if news else self._slots[near][:1])]
                met += self._met(
                    [(at, asked[names[at]].words[:_KEYS]) for at in places], [one for one in runs if one.runs]
                )
        found: dict[str, list[int]] = {}
        for pair in _likeliest(np.concatenate(met)).tolist():
            found.setdefault(names[pair >> 32], []).append(pair & 0xFFFF_FFFF)
        self._forget({slot for slots in around.values() for slot in slots})
        return found

    @staticmethod
    def _met(asked: Sequence[tuple[int, Sequence[int]]], among: Sequence[_Runs]) -> list[_Entries]:
        if not asked or not among:
            return []
        hashes = np.array([word for _, words in asked for word in words], np.uint64)
        rows = np.repeat([at for at, _ in asked], [len(words) for _, words in asked]).astype(np.uint64)
        return [part for runs in among for part in runs.met(hashes, rows)]

    def _catch_up(self, connection: sa.Connection, city: str) -> None:
        """Read the texts that were added since. If the last one read is another now, a transaction was taken back after
        it was read here: then all are read again.
        """
        table = story_texts.c
        if self._last and connection.scalar(sa.select(table.post).where(table.id == self._last)) != self._last_post:
            self._slots.clear()
            self._last = 0
        if not self._slots:
            last = connection.execute(sa.select(table.id, table.post).order_by(table.id.desc()).limit(1)).first()
            self._last, self._last_post = (last.id, last.post) if last else (0, "")
            return
        rows = connection.execute(_texts().where(table.id > self._last).order_by(table.id)).all()
        if rows:
            self._last, self._last_post = rows[-1].id, rows[-1].post
        for slot in {row.slot for row in rows if row.city == city} & self._slots.keys():
            self._slots[slot].add([row for row in rows if row.slot == slot and row.city == city])

    def _load(self, connection: sa.Connection, city: str, slot: int) -> None:
        if slot not in self._slots:
            table = story_texts.c
            here = sa.and_(table.city == city, table.slot == slot, table.id <= self._last)
            made = self._slots[slot] = _Slot(_Runs(), _Runs())
            made.add(connection.execute(_texts().where(here)).all())
        self._slots.move_to_end(slot)

    def _forget(self, used: set[int]) -> None:
        """Let go of the days that were asked for longest ago, where too much is held."""
        held = sum(len(slot.news) + len(slot.people) for slot in self._slots.values())
        while held > _MOST_ENTRIES and next(iter(self._slots)) not in used:
            _, slot = self._slots.popitem(last=False)
            held -= len(slot.news) + len(slot.people)


def _likeliest(met: _Entries) -> _Entries:
    """Of each row the texts that share most with it, itself among them: MOST and one, by how much they share."""
    pairs, shared = np.unique(met, return_counts=True)
    pairs, shared = pairs[shared >= _SHARED], shared[shared >= _SHARED]
    rows = pairs >> _HALF
    order = np.lexsort((-shared, rows))
    rows = rows[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return pairs[order][ranks <= MOST]


def _texts() -> sa.Select[tuple[int, str, int, bool, bytes]]:
    table = story_texts.c
    return sa.select(table.id, table.post, table.slot, table.news, table.profile, table.city)


def window_of(connection: sa.Connection, city: str) -> Window:
    """The window of a city in this process."""
    return _KNOWN.setdefault(connection.engine, {}).setdefault(city, Window())
