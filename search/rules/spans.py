"""Stretches of time, from a moment to before another, and what sets of them have together or apart. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
INSTANT = timedelta(microseconds=1)
"""The shortest stretch: that of one moment, as the state keeps moments."""


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few stretches as can be, in order; those that touch are one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif start < end:
            joined.append((start, end))
    return joined


def minus(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time of `spans` that is not of `others`, in order."""
    left: list[Span] = []
    taken = union(others)
    for start, end in union(spans):
        at = start
        for other_start, other_end in taken:
            if other_end <= at or other_start >= end:
                continue
            if other_start > at:
                left.append((at, other_start))
            at = max(at, other_end)
        if at < end:
            left.append((at, end))
    return left


def apart(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The time that is of one and not of the other."""
    return union([*minus(one, other), *minus(other, one)])


def chained(moments: Iterable[datetime], reach: timedelta) -> list[Span]:
    """The stretches from first to last (both within) of moments that lie within `reach` of each other in a chain."""
    return [(start, end - reach) for start, end in union((at, at + reach + INSTANT) for at in moments)]
