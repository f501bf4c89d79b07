"""Retention: what the city file keeps no longer goes, in small batches, each a short transaction of its own.

The rows that tell of people are of no city: they go by the longest span that a city of the installation keeps its
journal for. A process may know one city of several, so each leaves its span in the state.

A post of an open incident stays until that is closed. What is past its time is refused at the door too, so that no
re-fetch brings it back and no tombstone is needed; only a post whose time nobody knows gets one.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Retention, SourceRole
from crawler.model.items import Post, TimePrecision
from search.acts import forget_acts
from search.events import NO_CITY
from search.forgetting import clear_reasons
from search.notes import forget_of_the_past
from search.state import marks
from search.state.database import Database
from search.state.removal import Projection, remove_payloads, remove_posts
from search.state.tables import events, incidents, payloads, post_versions, posts, reports
from search.state.values import keep_value, value_of, values_under
from search.states import OPEN

EVENT = "event"
KEPT_JOURNAL = "journal kept:"
"""Before the key of a city: the value of the installation that says for how many seconds it keeps its journal."""
FIRST_TOLD = "journal spans told since"
"""The value that says when a city of the installation told its span first: seconds since 1970."""
_HEARD = timedelta(days=7)
"""So long after that rows of people stay: cities that have a process each tell their spans one after another."""
_BATCH = 100
_WHY = "retention"
_FOR_EVER = timedelta(days=100 * 365)


@dataclass(frozen=True, slots=True)
class Due:
    """What is past its time: posts, answers of platforms, events of the journal."""

    posts: int = 0
    payloads: int = 0
    events: int = 0


def kept_for(
    rules: Sequence[Retention], kind: str, platform: str, role: SourceRole | None
) -> tuple[timedelta | None, timedelta | None]:
    """How long a post of that kind, platform and role is kept, and what its platform answered; None: for ever."""
    fitting = [
        rule
        for rule in rules
        if rule.kind in ("", kind) and rule.platform in ("", platform) and rule.role in (None, role)
        if rule.kind != EVENT or kind == EVENT
    ]
    # Stable: of equally specific ones the first of the file.
    fitting.sort(key=lambda rule: -(bool(rule.kind) + bool(rule.platform) + bool(rule.role)))
    keep = next((rule.keep for rule in fitting if rule.keep), None)
    return keep, next((rule.raw for rule in fitting if rule.raw), None)


@dataclass(frozen=True, slots=True)
class _Group:
    """The posts of one source, platform and kind, and the times before which they and their answers are past theirs."""

    ids: sa.Select[Any]
    keep_from: datetime
    raw_from: datetime

    def old(self) -> sa.Select[Any]:
        """The posts to remove."""
        return self.ids.where(posts.c.published_at < self.keep_from, ~_in_open_incident())

    def answered(self) -> sa.Select[Any]:
        """The posts whose answers are to be removed."""
        there = sa.exists().where(payloads.c.city == posts.c.city, payloads.c.post == posts.c.id)
        return self.ids.where(posts.c.published_at < self.raw_from, there)


class Expiry:
    """Applies the retention of one city."""

    def __init__(self, city: City, database: Database, projection: Projection) -> None:
        self.city = city
        self._database = database
        self._projection = projection
        self._roles = roles_of(city)
        self._event_span = next((rule.keep for rule in city.retentions if rule.kind == EVENT), None)

    def tell(self, now: datetime) -> None:
        """Say to the installation for how long the city keeps its journal, or that it has no rule of it."""
        name, span = f"{KEPT_JOURNAL}{self.city.key}", self._event_span
        value = str(span // timedelta(seconds=1)) if span else None
        with self._database.read() as connection:
            known, first = value_of(connection, name), value_of(connection, FIRST_TOLD)
        if value == known and first is not None:
            return
        with self._database.begin() as connection:
            keep_value(connection, name, value)
            if value_of(connection, FIRST_TOLD) is None:
                keep_value(connection, FIRST_TOLD, str(int(now.timestamp())))

    def due(self, now: datetime) -> Due:
        """How much is past its time. Reads only."""
        if not self.city.retentions:
            return Due()
        with self._database.read() as connection:
            groups = list(self._groups(connection, now))
            of_posts = sum(_count(connection, group.old()) for group in groups)
            of_payloads = sum(_count(connection, group.answered()) for group in groups)
            of_events = _count(connection, self._events(connection, now)) if self._event_span else 0
        return Due(of_posts, of_payloads, of_events)

    def apply(self, now: datetime, seconds: float) -> Counter[str]:
        """Remove what is past its time, for at most so long; rows by kind."""
        self.tell(now)
        removed: Counter[str] = Counter()
        until = time.monotonic() + seconds
        while self.city.retentions and time.monotonic() < until:
            done = self._step(now)
            if not done:
                break
            removed += done
        return removed

    def _step(self, now: datetime) -> Counter[str]:
        """One batch of whatever is due."""
        with self._database.read() as connection:
            work = next(self._work(connection, now), None)
        if work is None:
            return Counter()
        what, ids = work
        with self._database.begin() as connection:
            if what == "payloads":
                return Counter(payloads=remove_payloads(connection, self.city.key, ids))
            if what == "events":
                gone = connection.execute(sa.delete(events).where(events.c.id.in_(ids)))
                forget_acts(connection, self.city.key, now - (self._event_span or _FOR_EVER))
                return Counter(events=gone.rowcount)
            return self._remove(connection, ids, now)

    def _remove(self, connection: sa.Connection, ids: Sequence[str], now: datetime) -> Counter[str]:
        # Asked again under the lock: an incident may have been opened meanwhile.
        city = self.city.key
        here = sa.and_(posts.c.city == city, posts.c.id.in_(ids), ~_in_open_incident())
        ids = list(connection.scalars(sa.select(posts.c.id).where(here)))
        timeless = sa.and_(
            post_versions.c.city == city,
            post_versions.c.post.in_(ids),
            post_versions.c.content["precision"].as_string().is_(None),
        )
        marks.bury(connection, city, connection.scalars(sa.select(post_versions.c.post).where(timeless)), now, _WHY)
        clear_reasons(connection, city, ids)
        forget_of_the_past(connection, city, ids)
        return remove_posts(connection, city, ids, self._projection)

    def _work(self, connection: sa.Connection, now: datetime) -> Iterator[tuple[str, list[Any]]]:
        for group in self._groups(connection, now):
            if ids := _some(connection, group.old()):
                yield "posts", ids
            if ids := _some(connection, group.answered()):
                yield "payloads", ids
        if self._event_span and (ids := _some(connection, self._events(connection, now))):
            yield "events", ids

    def _groups(self, connection: sa.Connection, now: datetime) -> Iterator["_Group"]:
        columns = (posts.c.source, posts.c.platform, posts.c.kind)
        found = connection.execute(sa.select(*columns).where(posts.c.city == self.city.key).distinct())
        for source, platform, kind in found.all():
            keep, raw = kept_for(self.city.retentions, kind, platform, self._roles.get(source))
            here = (
                posts.c.city == self.city.key,
                posts.c.source == source,
                posts.c.platform == platform,
                posts.c.kind == kind,
            )
            yield _Group(sa.select(posts.c.id).where(*here), now - (keep or _FOR_EVER), now - (raw or _FOR_EVER))

    def _events(self, connection: sa.Connection, now: datetime) -> sa.Select[Any]:
        """The journal's old entries: not those of open incidents. Only a rule that names it speaks of the journal."""
        span = self._event_span or _FOR_EVER
        running = sa.select(incidents.c.id).where(
            incidents.c.city == self.city.key, incidents.c.state.in_([state.value for state in OPEN])
        )
        closed = sa.or_(events.c.incident.is_(None), events.c.incident.not_in(running))
        of_city = sa.and_(events.c.city == self.city.key, events.c.at < now - span, closed)
        told = [timedelta(seconds=int(value)) for value in values_under(connection, KEPT_JOURNAL)]
        first = value_of(connection, FIRST_TOLD)
        if first is None or now.timestamp() - int(first) < _HEARD.total_seconds():
            return sa.select(events.c.id).where(of_city)
        of_people = sa.and_(events.c.city == NO_CITY, events.c.at < now - max([span, *told]))
        return sa.select(events.c.id).where(sa.or_(of_city, of_people))


def is_past(city: City, roles: dict[str, SourceRole], post: Post, now: datetime) -> bool:
    """Whether a post is past its time when it comes. Of one whose time is not known nobody can say so."""
    if not city.retentions or post.published_at is None or post.precision is TimePrecision.NONE:
        return False
    keep, _ = kept_for(city.retentions, post.kind, post.platform, roles.get(post.source))
    return keep is not None and post.published_at < now - keep


def roles_of(city: City) -> dict[str, SourceRole]:
    """The roles of the city's sources by key; what is given without a source is an intake."""
    return {"ingest": SourceRole.INTAKE, **{source.key: source.role for source in city.sources}}


def _in_open_incident() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        reports.c.city == posts.c.city,
        reports.c.post == posts.c.id,
        incidents.c.id == reports.c.incident,
        incidents.c.state.in_([state.value for state in OPEN]),
    )


def _some(connection: sa.Connection, query: sa.Select[Any]) -> list[Any]:
    return list(connection.scalars(query.limit(_BATCH)))


def _count(connection: sa.Connection, query: sa.Select[Any]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
