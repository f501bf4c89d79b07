"""Who may answer for an incident that no route of the city file gives to anybody: whoever such incidents went to.

Earlier incidents of the same topic in the same district are asked first, then those of its group there (of the city
file, else of the rubric), then of the topic and of the group anywhere: the first of these with enough cases tells. A
case counts half as much half a year on.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from search.address import fold
from search.state.tables import incidents
from search.states import State
from search.titles import district_of, place_of

FEWEST = 3
"""Cases that are too few to tell anything."""
HALVED = timedelta(days=180)
MOST = 2_000
"""The latest cases of a topic group that are looked at."""
_NOBODYS = (State.REJECTED.value, State.NOT_OURS.value, State.MERGED.value)


@dataclass(frozen=True, slots=True)
class Case:
    """An earlier incident that somebody answered for."""

    topic: str
    district: str
    executor: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Likely:
    """The executor that most of `cases` went to, by their weights, and its share of these, 0 to 1."""

    executor: str
    share: float
    cases: int


def likely_executor(connection: sa.Connection, city: City, row: sa.Row[Any]) -> Likely | None:
    """Who may answer for the incident of a row of `incidents`; None where it has an executor, nobody knows what it is
    about, or history is too short. Only incidents that were opened before it count.
    """
    return None if row.executor else _likely(connection, city, row)


def suggested_executor(connection: sa.Connection, city: City, row: sa.Row[Any]) -> Likely | None:
    """Whom else such incidents went to than the executor that it has: where a duty desk takes what no other route does,
    the desk learns whom to pass it on to. None as above.
    """
    return _likely(connection, city, row)


def _likely(connection: sa.Connection, city: City, row: sa.Row[Any]) -> Likely | None:
    if not row.topic:
        return None
    table = incidents.c
    here = sa.and_(
        table.city == city.key,
        table.topic.in_(sorted(city.groups.beside(row.topic))),
        table.executor.not_in(["", row.executor]),
        table.state.not_in(_NOBODYS),
        table.opened_at <= row.opened_at,
        table.id != row.id,
    )
    columns = sa.select(table.topic, table.place, table.executor, table.opened_at)
    latest = columns.where(here).order_by(table.opened_at.desc(), table.number.desc()).limit(MOST)
    cases = [
        Case(one.topic, district_of(place_of(one.place)), one.executor, one.opened_at)
        for one in connection.execute(latest)
    ]
    return likeliest(cases, row.topic, district_of(place_of(row.place)), row.opened_at)


def likeliest(cases: Sequence[Case], topic: str, district: str, at: datetime) -> Likely | None:
    """The executor by cases of one topic group, at a moment that is not before any; of equals the first by name."""
    near = [case for case in cases if district and fold(case.district) == fold(district)]
    for some in (_of(topic, near), near, _of(topic, cases), cases):
        if len(some) >= FEWEST:
            return _most(some, at)
    return None


def _of(topic: str, cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if case.topic == topic]


def _most(cases: Sequence[Case], at: datetime) -> Likely:
    weights: defaultdict[str, float] = defaultdict(float)
    for case in cases:
        weights[case.executor] += 0.5 ** ((at - case.opened_at) / HALVED)
    best = min(weights, key=lambda name: (-weights[name], name))
    return Likely(best, weights[best] / sum(weights.values()), len(cases))
