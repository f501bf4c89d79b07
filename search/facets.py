"""Counts by value as every engine gives them."""

from collections.abc import Iterable, Mapping

from search.analysis import name_key
from search.engine import Bucket


def ranked(counts: Mapping[str, int], limit: int) -> tuple[Bucket, ...]:
    """The most frequent values, then by value; "" is none."""
    ordered = sorted(((-count, value) for value, count in counts.items() if value))
    return tuple(Bucket(value, -count) for count, value in ordered[:limit])


def by_district(names: Iterable[tuple[str, int]]) -> dict[str, int]:
    """(name, how many posts have it) → how many posts have a district, under its most frequent name, the least of such.

    Exact, since a post has one name of a district (search/mapping.py).
    """
    found: dict[str, dict[str, int]] = {}
    for name, count in names:
        found.setdefault(name_key(name), {})[name] = count
    return {min(some, key=lambda name: (-some[name], name)): sum(some.values()) for some in found.values()}
