"""The figures of a month: how many incidents, what became of them, how fast, about what, where and whose.

An incident belongs to the month of the city in which it was opened; one that went into another is not counted. What
became of it is as of now. Every figure is an aggregate of the state: a month costs a few looks at its incidents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from search.mapping import micros
from search.state.tables import deliveries, events, incidents, posts, reports
from search.states import State
from search.titles import place_of, place_text

MOST_ADDRESSES, MOST_EXECUTORS = 8, 15
_DECIDED = (State.CONFIRMED.value, State.REJECTED.value, State.NOT_OURS.value)
_NEXT = (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to before another."""

    start: datetime
    end: datetime


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
    rows = _terms(connection, city, span)
    return Month(
        totals(connection, city, span),
        _term(rows, "due_first", "decided", now),
        _term(rows, "due_resolved", "closed", now),
        topics(connection, city, span),
        {} if brief else _heat(connection, city, span),
        () if brief else _addresses(connection, city, span),
        () if brief else _executors([row for row in rows if row.handed], now),
    )


def totals(connection: sa.Connection, city: City, span: Span) -> Totals:
    """How many of everything."""

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    table = incidents.c
    so_far = [number(table.state.in_([one.value for one in _NEXT[at:]])) for at in range(len(_NEXT))]
    others = [number(table.state == one.value) for one in (State.REJECTED, State.NOT_OURS)]
    counted = sa.select(
        sa.func.count(), *so_far, *others, number(table.repeat_of.is_not(None)), number(table.risk)
    ).where(*_mine(city, span))
    published = (posts.c.city == city.key, posts.c.published_at >= span.start, posts.c.published_at < span.end)
    heard = sa.select(sa.func.count()).select_from(reports).where(reports.c.incident.in_(_ids(city, span)))
    return Totals(
        connection.scalar(sa.select(sa.func.count()).select_from(posts).where(*published)) or 0,
        connection.scalar(heard) or 0,
        *(int(one) for one in connection.execute(counted).one()),
    )


def topics(connection: sa.Connection, city: City, span: Span) -> tuple[tuple[str, int], ...]:
    """Incidents by group of topics, the most first."""
    query = sa.select(incidents.c.topic, sa.func.count()).where(*_mine(city, span)).group_by(incidents.c.topic)
    counts: defaultdict[str, int] = defaultdict(int)
    for topic, count in connection.execute(query):
        counts[city.group_of(topic)] += count
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _mine(city: City, span: Span) -> tuple[sa.ColumnElement[bool], ...]:
    table = incidents.c
    here = (table.city == city.key, table.opened_at >= span.start, table.opened_at < span.end)
    return (*here, table.state != State.MERGED.value)


def _ids(city: City, span: Span) -> sa.Select[tuple[int]]:
    return sa.select(incidents.c.id).where(*_mine(city, span))


def _terms(connection: sa.Connection, city: City, span: Span) -> Sequence[sa.Row[Any]]:
    """Of every incident its executor and terms, whether it was handed over to them, and when people first decided about
    it and closed it: times as they are kept, microseconds since 1970. Thousands of them made into times would take
    longer than all else of a month.
    """

    def first(name: str, *what: str) -> sa.Label[int]:
        return sa.func.min(sa.case((events.c.what.in_(what), sa.type_coerce(events.c.at, sa.Integer)))).label(name)

    table = incidents.c
    times = (sa.type_coerce(table[name], sa.Integer).label(name) for name in ("opened_at", "due_first", "due_resolved"))
    ticket = sa.exists().where(deliveries.c.city == city.key, deliveries.c.incident == table.id)
    handed = sa.or_(table.state.in_([one.value for one in _NEXT]), ticket).label("handed")
    query = (
        sa.select(table.executor, handed, *times, first("decided", *_DECIDED), first("closed", State.CLOSED.value))
        .join(events, events.c.incident == table.id, isouter=True)
        .where(*_mine(city, span))
        .group_by(table.id)
    )
    return connection.execute(query).all()


def _term(rows: Iterable[sa.Row[Any]], due: str, done: str, now: datetime) -> Term:
    waits, met, late, present = [], 0, 0, micros(now)
    for row in rows:
        until, at = getattr(row, due), getattr(row, done)
        if at is not None:
            waits.append(max(0, at - row.opened_at))
        if until is not None and (at is not None or until < present):
            in_time = at is not None and at <= until
            met, late = met + in_time, late + (not in_time)
    if not waits:
        return Term(None, None, met, late)
    high = quantiles(waits, n=10, method="inclusive")[-1] if len(waits) > 1 else waits[0]
    return Term(timedelta(microseconds=median(waits)), timedelta(microseconds=high), met, late)


def _executors(rows: Iterable[sa.Row[Any]], now: datetime) -> tuple[Executor, ...]:
    of: defaultdict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        if row.executor:
            of[row.executor].append(row)
    made = [Executor(name, len(some), _term(some, "due_resolved", "closed", now)) for name, some in of.items()]
    return tuple(sorted(made, key=lambda one: (-one.incidents, one.name))[:MOST_EXECUTORS])


def _heat(connection: sa.Connection, city: City, span: Span) -> dict[tuple[str, str], int]:
    place = incidents.c.place
    name, its = place[("name", 0)].as_string(), place["district"].as_string()
    district = sa.func.coalesce(
        sa.func.nullif(its, ""), sa.case((place["kind"].as_string() == "district", name), else_="")
    )
    # The districts first, each looked up once: an incident has several reports.
    mine = sa.select(incidents.c.id, district.label("district")).where(*_mine(city, span))
    placed = mine.cte("placed").prefix_with("MATERIALIZED")
    query = (
        sa.select(placed.c.district, posts.c.platform, sa.func.count(sa.distinct(placed.c.id)))
        .join(reports, reports.c.incident == placed.c.id)
        .join(posts, sa.and_(posts.c.city == reports.c.city, posts.c.id == reports.c.post))
        .group_by(placed.c.district, posts.c.platform)
    )
    return {(where, platform): count for where, platform, count in connection.execute(query)}


def _addresses(connection: sa.Connection, city: City, span: Span) -> tuple[Address, ...]:
    """Places with more than one incident, the most first."""
    place = incidents.c.place
    same = [place[part].as_string() for part in ("kind", "type", "name", "houses", "settlement", "namesake")]
    number, repeats = sa.func.count().label("number"), sa.func.count(incidents.c.repeat_of)
    query = (
        sa.select(sa.func.max(incidents.c.id), number, repeats)
        .where(*_mine(city, span), same[0].in_(["house", "intersection", "landmark"]))
        .group_by(*same)
        .having(number > 1)
        .order_by(number.desc(), sa.func.max(incidents.c.id))
        .limit(MOST_ADDRESSES)
    )
    found = connection.execute(query).all()
    latest = sa.select(incidents.c.id, incidents.c.place, incidents.c.topic)
    rows = {row.id: row for row in connection.execute(latest.where(incidents.c.id.in_([one[0] for one in found])))}
    text: Callable[[int], str] = lambda id_: place_text(place_of(rows[id_].place), city.home)  # noqa: E731
    return tuple(Address(text(id_), rows[id_].topic, count, again) for id_, count, again in found)
