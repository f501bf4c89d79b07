"""Gauges that are read in the state: sources, index, incidents, reports, deliveries, images. One snapshot a scrape."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from crawler.model.articles import Part
from crawler.model.city import City
from search import index_queue
from search.images import rows as images
from search.state import drift, health
from search.state.tables import deliveries, incidents, reports
from search.states import OPEN, Sending, State

Reading = tuple[str, tuple[str, ...], float]
"""A metric, the values of its labels, its value."""


def gauges(connection: sa.Connection, city: City, now: datetime) -> Iterator[Reading]:
    """Every gauge of a city."""
    yield from _sources(connection, city)
    yield from _drifts(connection, city)
    yield "otklik_index_waiting", (city.key,), index_queue.waiting(connection, city.key)
    yield "otklik_index_refused", (city.key,), len(index_queue.refused(connection, city.key))
    yield from _incidents(connection, city, now)
    yield from _deliveries(connection, city, now)
    for state, count in images.counts(connection, city.key).items():
        yield "otklik_images", (city.key, state), count
    yield "otklik_images_bytes", (city.key,), images.stored_bytes(connection, city.key)


def _sources(connection: sa.Connection, city: City) -> Iterator[Reading]:
    for source in city.sources:
        # One seek for a source that was read; its history is asked for only where it was not.
        where = (city.key, source.key)
        last = health.history(connection, *where, limit=1)
        if not last:
            continue
        one = last[0]
        success, failures = health.since_success(connection, one)
        yield "otklik_source_last_crawl_timestamp_seconds", where, one.finished_at.timestamp()
        yield "otklik_source_failures", where, failures
        yield "otklik_source_gap_posts", where, one.gaps
        if one.lag is not None:
            yield "otklik_source_lag_seconds", where, one.lag
        if success is not None:
            yield "otklik_source_last_success_timestamp_seconds", where, success.timestamp()
        for method, value in one.quota.items():
            yield "otklik_source_quota_left", (*where, method), value


def _drifts(connection: sa.Connection, city: City) -> Iterator[Reading]:
    on = {(one.source, one.part) for one in drift.current(connection, city.key)}
    for source in drift.sources(connection, city.key):
        for part in Part:
            yield "otklik_source_drift", (city.key, source, part.value), (source, part) in on


def _incidents(connection: sa.Connection, city: City, now: datetime) -> Iterator[Reading]:
    table = incidents.c
    grouped = sa.select(table.state, table.severity, sa.func.count()).where(table.city == city.key)
    for state, severity, count in connection.execute(grouped.group_by(table.state, table.severity)):
        yield "otklik_incidents", (city.key, state, severity), count
    open_ones = [state.value for state in OPEN]
    waits = {
        "first": sa.and_(table.state == State.NEW.value, table.due_first < now),
        "resolution": sa.and_(table.state.in_(open_ones), table.due_resolved < now),
    }
    for deadline, overdue in waits.items():
        late = sa.select(table.severity, sa.func.count()).where(table.city == city.key, overdue)
        for severity, count in connection.execute(late.group_by(table.severity)):
            yield "otklik_incidents_overdue", (city.key, severity, deadline), count
    heard = sa.select(reports.c.state, sa.func.count()).where(reports.c.city == city.key).group_by(reports.c.state)
    for state, count in connection.execute(heard):
        yield "otklik_reports", (city.key, state), count


def _deliveries(connection: sa.Connection, city: City, now: datetime) -> Iterator[Reading]:
    table = deliveries.c
    # A destination without any is 0, not missing: an alert on it must be able to end.
    counts = {(one.key, state.value): 0 for one in city.destinations for state in Sending}
    grouped = sa.select(table.destination, table.state, sa.func.count()).where(table.city == city.key)
    for destination, state, count in connection.execute(grouped.group_by(table.destination, table.state)):
        counts[destination, state] = count
    for (destination, state), count in counts.items():
        yield "otklik_deliveries", (city.key, destination, state), count
    unsent = sa.select(table.destination, sa.func.min(table.created_at)).where(
        table.city == city.key, table.state != Sending.SENT.value, table.external_id == ""
    )
    oldest = dict.fromkeys((one.key for one in city.destinations), now)
    for destination, at in connection.execute(unsent.group_by(table.destination)):
        oldest[destination] = at
    for destination, at in oldest.items():
        yield "otklik_delivery_oldest_seconds", (city.key, destination), max(0.0, (now - at).total_seconds())
