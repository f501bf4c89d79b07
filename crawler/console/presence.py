"""Who has an incident open: what pages say of themselves while they are looked at, kept in this process only."""

import threading
import time
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from crawler.installation import Installation

FOR = 35.0
"""Seconds for which a word is good: a page says it every ten while it is in front."""


class Presence:
    """Who looks at what. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int, str], float] = {}

    def looks(self, city: str, number: int, name: str) -> Sequence[str]:
        """Somebody looks at an incident now; the names of the others who do, in order."""
        with self._lock:
            now = self._clock()
            self._seen = {key: at for key, at in self._seen.items() if now - at < FOR}
            # One page has one incident open; a second one of the same person says so for itself.
            self._seen[city, number, name] = now
            return sorted(who for town, one, who in self._seen if (town, one) == (city, number) and who != name)


_PRESENCES: WeakKeyDictionary[Installation, Presence] = WeakKeyDictionary()
_LOCK = threading.Lock()


def presence_of(installation: Installation) -> Presence:
    """The presence of an open installation."""
    with _LOCK:
        return _PRESENCES.setdefault(installation, Presence())
