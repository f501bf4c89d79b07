"""Figures that cost more than a page may: given as they were counted lately, while they are counted anew."""

import logging
import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

logger = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Lately(Generic[Key, Value]):
    """What was counted, by key; the last `most` keys. Safe to share between threads."""

    def __init__(self, good: timedelta, old: timedelta, most: int) -> None:
        """Up to the age of `good` a value is given; up to `old` it is, and counted anew aside; older, it is counted
        first.
        """
        self._good, self._old, self._most = good, old, most
        self._made: dict[Key, tuple[datetime, Value]] = {}
        self._counting: dict[Key, threading.Thread] = {}
        self._lock = threading.Lock()

    def get(self, key: Key, now: datetime, count: Callable[[], Value]) -> Value:
        """The value of a key; `count` makes it, in this thread or in one of its own."""
        known = self._made.get(key)
        if known is None or not timedelta(0) <= now - known[0] <= self._old:
            return self._keep(key, now, count())
        if now - known[0] > self._good:
            self._count_aside(key, now, count)
        return known[1]

    def settle(self) -> None:
        """Wait for what is being counted."""
        for thread in list(self._counting.values()):
            thread.join()

    def _count_aside(self, key: Key, now: datetime, count: Callable[[], Value]) -> None:
        def run() -> None:
            try:
                self._keep(key, now, count())
            except Exception:
                # Whoever asks when the value is too old meets the trouble itself.
                logger.exception("console: %s could not be counted anew", key)
            finally:
                with self._lock:
                    del self._counting[key]

        with self._lock:
            if key in self._counting:
                return
            thread = self._counting[key] = threading.Thread(target=run, name="lately", daemon=True)
            thread.start()

    def _keep(self, key: Key, now: datetime, value: Value) -> Value:
        with self._lock:
            self._made.pop(key, None)
            while len(self._made) >= self._most:
                del self._made[next(iter(self._made))]
            self._made[key] = now, value
        return value


class LatelyOf(Generic[Key, Value]):
    """A Lately for each owner, gone with it: installations in one process know nothing of each other."""

    def __init__(self, good: timedelta, old: timedelta, most: int = 50) -> None:
        """As of Lately; where `old` is `good` nothing is counted aside."""
        self._made: WeakKeyDictionary[object, Lately[Key, Value]] = WeakKeyDictionary()
        self._terms = good, old, most

    def __getitem__(self, owner: object) -> Lately[Key, Value]:
        return self._made.setdefault(owner, Lately(*self._terms))
