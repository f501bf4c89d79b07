"""An incident as people see it in the queue, and the statement that reads it."""

from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from crawler.model.city import Severity
from crawler.model.items import Place
from search.corrected import Understood, understood_of
from search.queue_terms import comes_soon, next_term
from search.state.tables import incidents, reports
from search.states import OPEN, State
from search.titles import kept_place


@dataclass(frozen=True, slots=True)
class Incident:
    """One line of the queue. `number` is what people call it by, `id` what other rows refer to; `repeat_of` is the
    number of the closed incident that it repeats, `fitting` how many of its reports still fit; `risk` says that it is
    an information risk, `group_key` what its reports share. `assignee` works on it, `by_hand` is what people decided of
    it (search/states.py, Decided), `last_act` the latest act on it, `merged_into` the number of where it went;
    one that was put off is back at `snoozed_until`; `understood` is None where nobody corrected place or topic.
    """

    id: int
    number: int
    title: str
    topic: str
    severity: Severity
    state: State
    place: Place | None
    executor: str
    route: str
    policy: str
    due_first: datetime | None
    due_resolved: datetime | None
    repeat_of: int | None
    risk: bool
    group_key: str
    sequence: int
    assignee: str
    by_hand: tuple[str, ...]
    rejected_for: str
    last_act: int
    snoozed_until: datetime | None
    merged_into: int | None
    opened_at: datetime
    last_report_at: datetime
    understood: Understood | None
    reports: int
    fitting: int

    @property
    def due(self) -> datetime | None:
        """What is due next."""
        return next_term(self.state, self.due_first, self.due_resolved)

    def can_be_put_off(self, now: datetime) -> bool:
        """Whether it is open and nothing is due within the hour."""
        return self.state in OPEN and not comes_soon(self.due, now)

    def is_aside(self, now: datetime) -> bool:
        """Whether it was put off until a time that is to come, and nothing is due within the hour."""
        return self.can_be_put_off(now) and self.snoozed_until is not None and self.snoozed_until > now


def _counted() -> sa.Select[Any]:
    """Incidents of the city with the number of their reports, all and fitting, of the one that they repeat and of the
    one that they went into.
    """
    table, other = incidents.c, incidents.alias()
    repeats = sa.select(other.c.number).where(other.c.id == table.repeat_of).scalar_subquery()
    into = sa.select(other.c.number).where(other.c.id == table.merged_into).scalar_subquery()
    count = sa.select(sa.func.count()).where(reports.c.incident == table.id)
    return sa.select(
        *(column for column in table if column is not table.place),
        sa.type_coerce(table.place, sa.Text).label("place_text"),
        count.scalar_subquery().label("reports"),
        count.where(reports.c.fits).scalar_subquery().label("fitting"),
        repeats.label("repeated"),
        into.label("into"),
    ).where(table.city == sa.bindparam("city"))


COUNTED = _counted()
_TURNED = {"repeat_of", "merged_into", "by_hand", "severity", "state", "place", "understood"}
_AS_KEPT = tuple(name for name in Incident.__dataclass_fields__ if name not in _TURNED)
# By position: a column of a row asked for by its name is looked for in three places.
_kept_values = itemgetter(*map(COUNTED.selected_columns.keys().index, _AS_KEPT))


def incident_from(row: sa.Row[Any]) -> Incident:
    """The incident of a row of COUNTED, which a statement may narrow and add columns to."""
    return Incident(
        **dict(zip(_AS_KEPT, _kept_values(row), strict=True)),
        repeat_of=row.repeated,
        merged_into=row.into,
        by_hand=tuple(row.by_hand),
        severity=Severity(row.severity),
        state=State(row.state),
        place=kept_place(row.place_text),
        understood=understood_of(row.understood),
    )
