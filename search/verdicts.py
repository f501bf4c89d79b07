"""What operators said of the incidents that each saved search raised: its precision, as far as it is known."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from search.state.tables import incidents, reports
from search.states import Rejection, State
from search.wanted import TAKEN_BACK

_GOOD = frozenset({State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED})
_BAD = frozenset({State.REJECTED, State.NOT_OURS})
_NO_REASON = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Incidents of a search that people confirmed (or went on with) and that they rejected or found not theirs, with
    their reasons. A duplicate speaks of no search: the trouble was there, and somebody had told it before. Nor does a
    report that was registered by mistake and taken back.
    """

    confirmed: int = 0
    rejected: int = 0
    reasons: Mapping[Rejection, int] = field(default_factory=dict)

    @property
    def precision(self) -> float | None:
        """The share of the confirmed; None before anybody judged one."""
        judged = self.confirmed + self.rejected
        return self.confirmed / judged if judged else None


def verdicts(connection: sa.Connection, city: str) -> dict[str, Verdicts]:
    """By the id of each search that had a report in a judged incident; a merged incident counts where it went."""
    judged = [state.value for state in (*_GOOD, *_BAD)]
    query = (
        sa.select(incidents.c.id, incidents.c.state, incidents.c.rejected_for, reports.c.reasons)
        .join(reports, reports.c.incident == incidents.c.id)
        .where(incidents.c.city == city, incidents.c.state.in_(judged), reports.c.state != TAKEN_BACK)
    )
    raised: defaultdict[str, dict[int, tuple[bool, str]]] = defaultdict(dict)
    for incident, state, why, reasons in connection.execute(query):
        for reason in reasons:
            raised[reason["search"]][incident] = (State(state) in _GOOD, why)
    return {search: _verdicts(list(said.values())) for search, said in sorted(raised.items())}


def _verdicts(said: list[tuple[bool, str]]) -> Verdicts:
    good = sum(is_good for is_good, _ in said)
    reasons = Counter(Rejection(why) for is_good, why in said if not is_good and why != _NO_REASON)
    return Verdicts(good, len(said) - good - reasons[Rejection.DUPLICATE], dict(reasons))
