"""Which source is due next: a pure function of when each was crawled last and how that went."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.model.city import Source

LONGEST_BACKOFF = timedelta(hours=6)
"""However often a source failed, it is tried again after this (or after its own `every`, if that is longer)."""
_JITTER = 0.1
_LONGEST_JITTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class LastCrawl:
    """When a source was last crawled (the start) and how many crawls in a row could not read it."""

    at: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A source and the time from which it waits to be crawled."""

    source: Source
    at: datetime


def due_at(source: Source, last: LastCrawl) -> datetime:
    """When a crawled source is due again: after `every`, doubled with each failure in a row, and a jitter of its own
    (under a tenth of `every`, two minutes at most) that keeps the sources of a city from going all at once.
    """
    wait = source.every
    if last.failures:
        longest = max(LONGEST_BACKOFF, source.every)
        wait = min(source.every * 2 ** min(last.failures, 16), longest)
    return last.at + wait + jitter(source)


def jitter(source: Source) -> timedelta:
    """A part of `every` that depends on the source's key alone."""
    digest = hashlib.blake2b(source.key.encode(), digest_size=4).digest()
    return min(source.every * _JITTER, _LONGEST_JITTER) * (int.from_bytes(digest) / 2**32)


def agenda(sources: Sequence[Source], last: Mapping[str, LastCrawl], now: datetime) -> list[Due]:
    """Every source with its time, the longest overdue first; one never crawled is due at once, before all others.

    None is ever left out: a source that fails is asked less often, not switched off.
    """
    never = datetime.min.replace(tzinfo=now.tzinfo)
    # A crawl written while the clock was ahead must not silence its source until then.
    past = {key: LastCrawl(min(one.at, now), one.failures) for key, one in last.items()}
    due = [Due(source, due_at(source, past[source.key]) if source.key in past else never) for source in sources]
    return sorted(due, key=lambda one: one.at)
