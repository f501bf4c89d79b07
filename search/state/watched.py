"""When sources were watched: what rules ask before they call an hour quiet or busy. Functions on a connection."""

from collections import defaultdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from search.state.tables import source_watch

TOGETHER = timedelta(hours=1)
"""Crawls less than this apart are one stretch of watching."""
KEPT = timedelta(days=60)


def note(connection: sa.Connection, city: str, source: str, since: datetime, until: datetime) -> None:
    """A crawl could read a source. Stretches past their time go, but for the first: it says since when we look."""
    table = source_watch.c
    mine = sa.and_(table.city == city, table.source == source)
    last = connection.execute(sa.select(source_watch).where(mine).order_by(table.since.desc()).limit(1)).first()
    if last is None or since - last.until > TOGETHER:
        row = {"city": city, "source": source, "since": since, "until": until}
        connection.execute(source_watch.insert().values(**row))
        first = sa.select(sa.func.min(table.since)).where(mine).scalar_subquery()
        past = sa.and_(mine, table.until < until - KEPT, table.since > first)
        connection.execute(sa.delete(source_watch).where(past))
    elif until > last.until:
        here = sa.and_(mine, table.since == last.since)
        connection.execute(source_watch.update().where(here).values(until=until))


def stretches(connection: sa.Connection, city: str) -> dict[str, list[tuple[datetime, datetime]]]:
    """The stretches of watching of every source, in order."""
    found: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    table = source_watch.c
    query = sa.select(table.source, table.since, table.until).where(table.city == city)
    for row in connection.execute(query.order_by(table.source, table.since)):
        found[row.source].append((row.since, row.until))
    return found
