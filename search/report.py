"""The figures of a month: how many incidents, what became of them, how fast, about what, where and whose.

An incident belongs to the month of the city in which it was opened; one that went into another is not counted. What
became of it is as of now. Every figure is an aggregate of the state: a month costs a few looks at its incidents.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import Any

import orjson
import sqlalchemy as sa

from crawler.model.city import City
from search.mapping import micros
from search.report_facts import Facts, Span, Where, facts_of, handed_of, reports_of, where_of
from search.state.tables import posts
from search.states import State
from search.titles import place_of, place_text

MOST_ADDRESSES, MOST_EXECUTORS = 200, 15
_NEXT = (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED)
_HANDED = frozenset(one.value for one in _NEXT)
Heard = Sequence[tuple[Any, ...]]
"""Reports: the incident of each, and the platform of its post."""


@dataclass(frozen=True, slots=True)
class Totals:
    """`confirmed` and what follows count incidents that came at least so far; `posts` were published in the span and
    are kept, `reports` are those of its incidents.
    """

    posts: int
    reports: int
    incidents: int
    confirmed: int
    in_work: int
    answered: int
    closed: int
    rejected: int
    not_ours: int
    repeats: int
    risks: int


@dataclass(frozen=True, slots=True)
class Term:
    """How a term was kept. `middle` and `high` are the median and the 90th percentile of those that are done, None for
    none; `met` were done in time, `late` later than due or are overdue now.
    """

    middle: timedelta | None
    high: timedelta | None
    met: int
    late: int

    @property
    def share(self) -> float | None:
        """The part that was done in time, 0 to 1, None where nothing was due."""
        return self.met / (self.met + self.late) if self.met + self.late else None


@dataclass(frozen=True, slots=True)
class Executor:
    """Whom incidents were handed to, and how fast they were closed."""

    name: str
    incidents: int
    closed: Term


@dataclass(frozen=True, slots=True)
class Address:
    """A house, crossing or landmark with several incidents; `topic` is the latest's."""

    place: str
    topic: str
    incidents: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Month:
    """All figures of a span. `topics` are groups of topics, most incidents first; `heat` counts incidents by district
    ("" for none) and by the platforms of their reports: one that has reports of two counts for both.
    """

    totals: Totals
    decided: Term
    closed: Term
    topics: tuple[tuple[str, int], ...]
    heat: dict[tuple[str, str], int]
    addresses: tuple[Address, ...]
    executors: tuple[Executor, ...]


def month_span(city: City, first: date) -> Span:
    """The month of the city that a day lies in."""
    begin = first.replace(day=1)
    end = (begin + timedelta(days=32)).replace(day=1)
    return Span(*(datetime(one.year, one.month, 1, tzinfo=city.zone).astimezone(UTC) for one in (begin, end)))


def month(connection: sa.Connection, city: City, span: Span, now: datetime, *, brief: bool = False) -> Month:
    """All figures of a span; with `brief` those that another is compared with: totals, terms, topics."""
    facts = facts_of(connection, city, span)
    heard = reports_of(connection, city, facts.ids)
    wheres = () if brief else tuple(map(where_of, facts.places))
    present = micros(now)
    return Month(
        _totals(connection, city, span, facts, heard),
        _term(zip(facts.opened, facts.due_first, facts.decided, strict=True), present),
        _term(zip(facts.opened, facts.due_resolved, facts.closed, strict=True), present),
        _topics(city, facts),
        {} if brief else _heat(facts, wheres, heard),
        () if brief else _addresses(city, facts, wheres),
        () if brief else _executors(facts, handed_of(connection, city, facts.ids), present),
    )


def _totals(connection: sa.Connection, city: City, span: Span, facts: Facts, heard: Heard) -> Totals:
    """How many of everything."""
    states, mine = Counter(facts.states), set(facts.ids)
    confirmed, in_work, answered, closed = (sum(states[one.value] for one in _NEXT[at:]) for at in range(len(_NEXT)))
    published = (posts.c.city == city.key, posts.c.published_at >= span.start, posts.c.published_at < span.end)
    return Totals(
        connection.scalar(sa.select(sa.func.count()).select_from(posts).where(*published)) or 0,
        sum(incident in mine for incident, _ in heard),
        len(facts.ids),
        confirmed,
        in_work,
        answered,
        closed,
        rejected=states[State.REJECTED.value],
        not_ours=states[State.NOT_OURS.value],
        repeats=sum(facts.repeats),
        risks=sum(facts.risks),
    )


def _topics(city: City, facts: Facts) -> tuple[tuple[str, int], ...]:
    """Incidents by group of topics, the most first."""
    counts: Counter[str] = Counter()
    for topic, count in Counter(facts.topics).items():
        counts[city.group_of(topic)] += count
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _term(rows: Iterable[tuple[int, int | None, int | None]], present: int) -> Term:
    """Of rows with when each was opened, until when something was to be done, and when it was."""
    waits, met, late = [], 0, 0
    for opened, until, at in rows:
        if at is not None:
            waits.append(max(0, at - opened))
        if until is not None and (at is not None or until < present):
            in_time = at is not None and at <= until
            met, late = met + in_time, late + (not in_time)
    if not waits:
        return Term(None, None, met, late)
    high = quantiles(waits, n=10, method="inclusive")[-1] if len(waits) > 1 else waits[0]
    return Term(timedelta(microseconds=median(waits)), timedelta(microseconds=high), met, late)


def _executors(facts: Facts, handed: Collection[int], present: int) -> tuple[Executor, ...]:
    """Of incidents that were handed over."""
    of: defaultdict[str, list[tuple[int, int | None, int | None]]] = defaultdict(list)
    columns = (facts.ids, facts.states, facts.executors, facts.opened, facts.due_resolved, facts.closed)
    for one, state, executor, *times in zip(*columns, strict=True):
        if executor and (state in _HANDED or one in handed):
            of[executor].append(tuple(times))
    made = [Executor(name, len(some), _term(some, present)) for name, some in of.items()]
    return tuple(sorted(made, key=lambda one: (-one.incidents, one.name))[:MOST_EXECUTORS])


def _heat(facts: Facts, wheres: Sequence[Where], heard: Heard) -> dict[tuple[str, str], int]:
    districts = dict(zip(facts.ids, (where.district for where in wheres), strict=True))
    told = [one for one in set(heard) if one[1] and one[0] in districts]
    return dict(Counter([(districts[one], platform) for one, platform in told]))


def _addresses(city: City, facts: Facts, wheres: Sequence[Where]) -> tuple[Address, ...]:
    """Places with more than one incident: the most first, of equals those with more repeats."""
    at: defaultdict[str, list[int]] = defaultdict(list)
    for number, where in enumerate(wheres):
        if where.same:
            at[where.same].append(number)
    several = [some for some in at.values() if len(some) > 1]
    several.sort(key=lambda some: (-len(some), -sum(facts.repeats[number] for number in some), some[-1]))
    return tuple(
        Address(
            place_text(place_of(orjson.loads(facts.places[some[-1]] or b"null")), city.home),
            facts.topics[some[-1]],
            len(some),
            sum(facts.repeats[number] for number in some),
        )
        for some in several[:MOST_ADDRESSES]
    )
