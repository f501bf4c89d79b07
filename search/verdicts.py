"""What operators said of the incidents that each saved search raised: its precision, as far as it is known."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from search.state.tables import incidents, reports
from search.states import State

_GOOD = frozenset({State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED})
_BAD = frozenset({State.REJECTED, State.NOT_OURS})


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Incidents of a search that people confirmed (or went on with) and that they rejected or found not theirs."""

    confirmed: int = 0
    rejected: int = 0

    @property
    def precision(self) -> float | None:
        """The share of the confirmed; None before anybody judged one."""
        judged = self.confirmed + self.rejected
        return self.confirmed / judged if judged else None


def verdicts(connection: sa.Connection, city: str) -> dict[str, Verdicts]:
    """By the id of each search that had a report in a judged incident; a merged incident counts where it went."""
    judged = [state.value for state in (*_GOOD, *_BAD)]
    query = (
        sa.select(incidents.c.id, incidents.c.state, reports.c.reasons)
        .join(reports, reports.c.incident == incidents.c.id)
        .where(incidents.c.city == city, incidents.c.state.in_(judged))
    )
    raised: defaultdict[str, dict[int, bool]] = defaultdict(dict)
    for incident, state, reasons in connection.execute(query):
        for reason in reasons:
            raised[reason["search"]][incident] = State(state) in _GOOD
    return {
        search: Verdicts(sum(good.values()), len(good) - sum(good.values())) for search, good in sorted(raised.items())
    }
