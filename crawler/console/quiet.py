"""What an empty queue does not tell: the sources that nothing comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crawler.alarms import NEVER_SHORT, Alarm, Level, alarms, watched_sources
from crawler.console.asked import Asked

MOST = 5
"""Sources that are named; the section of sources has them all."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The first of the sources that nothing comes from, how many those are, and of how many."""

    alarms: Sequence[Alarm]
    sources: int
    of: int


def quiet_of(connection: sa.Connection, asked: Asked) -> Quiet | None:
    """None where every source is read."""
    found = alarms(connection, asked.city, asked.now)
    worst = {one.source.key: one for one in reversed(found) if one.level is Level.ATTENTION or one.short is NEVER_SHORT}
    told = [one for one in found if worst.get(one.source.key) is one]
    return Quiet(told[:MOST], len(told), len(watched_sources(asked.city))) if told else None
