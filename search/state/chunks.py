"""How many values one statement is given."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Id = TypeVar("Id", str, int)

CHUNK = 500


def chunks(ids: Iterable[Id]) -> Iterator[list[Id]]:
    """The ids once each, in stretches that fit a statement."""
    once = list(dict.fromkeys(ids))
    for start in range(0, len(once), CHUNK):
        yield once[start : start + CHUNK]
