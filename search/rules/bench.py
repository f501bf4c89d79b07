"""What a rule is judged with, and what it says."""

from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from search.rules.series import Series
from search.rules.slots import Band, Counts
from search.rules.spans import Span
from search.rules.usual import Measure


class Judgement(NamedTuple):
    """The time that was judged, and where in it the rule holds (which may reach beyond it)."""

    region: list[Span]
    holds: list[Span]


@dataclass(frozen=True)
class Bench:
    """What a rule is judged with. `until` is the slot up to which silence is known, as of the clock's last tick."""

    connection: sa.Connection
    city: str
    series: Series
    measure: Measure
    until: int
    _counts: dict[tuple[str, Band], Counts] = field(default_factory=dict)

    def counts(self, key: str, band: Band) -> Counts:
        """The counts of a key in a band: those of all posts are asked for by many."""
        known = self._counts.get((key, band))
        if known is None:
            known = Counts(self.connection, self.city, self.series.name, key, [band])
            if not key:
                self._counts[key, band] = known
        return known
