"""The pulse of `otklik run`: what works, when it last did, and what does not; heartbeat and /metrics ask it."""

import threading
import time
from collections.abc import Callable

LONGEST = 600.0
"""Seconds after which a part that did not finish a turn is stuck; the slowest honest turn takes two minutes."""


class Pulse:
    """Each part says that it works or fails; one that is silent for LONGEST is stuck. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._worked: dict[str, float] = {}
        self._failing: dict[str, str] = {}
        self._begun: set[str] = set()

    def begins(self, part: str) -> None:
        """A part that must take turns has begun and has not finished one yet."""
        with self._lock:
            self._worked[part] = self._clock()
            self._begun.add(part)

    def works(self, part: str) -> None:
        """A part finished a turn."""
        with self._lock:
            if part in self._worked:
                self._worked[part] = self._clock()
            self._begun.discard(part)
            self._failing.pop(part, None)

    def fails(self, part: str, why: str) -> None:
        """A part failed, until it works again. `why` is a word or two, no personal data."""
        with self._lock:
            self._failing[part] = why

    def complaint(self) -> str:
        """What is not well, in a few words; "" while all is."""
        with self._lock:
            failing = [f"{part}: {why}" for part, why in self._failing.items()]
            now = self._clock()
            stuck = [f"{part}: stuck" for part, at in self._worked.items() if now - at > LONGEST]
            begun = [f"{part}: not begun" for part in sorted(self._begun)]
        return "; ".join((failing or stuck or begun)[:3])
