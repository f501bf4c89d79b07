"""A property that is made when it is first needed, once, whichever threads ask for it at the same time.

functools.cached_property has had no lock since Python 3.12: two threads made it twice, and each went on with its own.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Made = TypeVar("Made")
_LOCKS = threading.Lock()


class once(Generic[Made]):  # noqa: N801 - used as functools.cached_property is
    """Keeps what a method makes in the object's __dict__ under its name; taken out of there, it is made anew."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> "once[Made]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> Made: ...

    def __get__(self, instance: object | None, owner: type) -> "once[Made] | Made":
        """What was made. No other property of the object waits while it is being made."""
        if instance is None:
            return self
        kept = instance.__dict__
        with self._lock(kept):
            if self._name not in kept:
                kept[self._name] = self._make(instance)
            made: Made = kept[self._name]
        return made

    def _lock(self, kept: dict[str, Any]) -> threading.RLock:
        with _LOCKS:
            lock: threading.RLock = kept.setdefault(f"making {self._name}", threading.RLock())
        return lock
