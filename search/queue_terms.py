"""What the queue asks of incidents in SQL: what is due next, the section that it stands in, whether it is put off."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.sql.operators import custom_op

from crawler.model.city import City
from search.state.tables import incidents
from search.states import OPEN, State

SOON = timedelta(hours=1)


def is_aside(city: City, now: datetime) -> sa.ColumnElement[bool]:
    """Put off, and nothing due within the hour: Incident.is_aside in SQL."""
    table, due = incidents.c, due_next()
    # The + keeps the index of the queue out: by it every open incident would be read, and few are put off.
    state: sa.ColumnElement[str] = sa.UnaryExpression(table.state, operator=custom_op("+"))
    return sa.and_(
        table.city == city.key,
        table.snoozed_until.is_not(None),
        table.snoozed_until > now,
        state.in_(sorted(OPEN)),
        sa.or_(due.is_(None), due >= now + SOON),
    )


def comes_soon(due: datetime | None, now: datetime) -> bool:
    """Whether what is due next is late or comes within the hour: it cannot be put off, and is back in the queue."""
    return due is not None and due < now + SOON


def next_term(state: State, first: datetime | None, resolved: datetime | None) -> datetime | None:
    """What is due next: the first reaction while it is new, then the resolution."""
    return first if state is State.NEW else resolved


def due_next() -> sa.ColumnElement[datetime]:
    """`next_term` in SQL."""
    table = incidents.c
    return sa.case((table.state == State.NEW.value, table.due_first), else_=table.due_resolved)


def section_of(due: sa.ColumnElement[datetime], now: datetime, city: City) -> sa.ColumnElement[int]:
    """The place of its section among search/queue.py's Due."""
    return sa.case((due.is_(None), 4), (due < now, 0), (due < now + SOON, 1), (due < end_of_day(now, city), 2), else_=3)


def end_of_day(now: datetime, city: City) -> datetime:
    """The end of the city's day, not before the hour is over."""
    local = now.astimezone(city.zone)
    end = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(end.astimezone(now.tzinfo), now + SOON)
