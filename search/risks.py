"""Information risks: alarms of rules that say so, with how they rose, who was first and how far they reached."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from search import saved
from search.incidents import Incident, incidents_of, list_incidents
from search.risk_hits import Stretch, hits_of
from search.risk_voices import Heard, Public, Voice, heard
from search.rules.spans import INSTANT, Span
from search.state.tables import incidents, reports, rule_alarms
from search.states import OPEN, State
from search.wanted import alarm_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_BY_HOUR = timedelta(days=3)
_BEFORE = {HOUR: DAY, DAY: 7 * DAY}
_MOST_STEPS = 96


@dataclass(frozen=True, slots=True)
class Step:
    """How many posts matched from a moment on, for an hour or a day of the city."""

    at: datetime
    posts: int


@dataclass(frozen=True, slots=True)
class Risk:
    """An incident that is an information risk, raised by a search whose newest version is `raised_by` (None where the
    state has it no more). `posts` counts its reports, `copies` those of them that repeat another
    post, `stories` the events that they tell where that is known; `words` are new ones, where its rule looks for them.

    `curve` begins before the first of its posts, so that what was usual is seen; where it is `unfinished` its last step
    still goes on. `now` is how many posts the last `within` brought, `before` how many as long a time before that.
    """

    incident: Incident
    search: str
    raised_by: SavedSearch | None
    words: tuple[str, ...]
    posts: int
    copies: int
    stories: int
    authors: int
    views: int | None
    step: timedelta
    curve: tuple[Step, ...]
    unfinished: bool
    first: tuple[Voice, ...]
    publics: tuple[Public, ...]
    within: timedelta
    now: int
    before: int


def risks(
    connection: sa.Connection,
    city: City,
    now: datetime,
    states: Collection[State] = OPEN,
    limit: int | None = None,
) -> list[Risk]:
    """The risks of a city in the order of the queue."""
    return _together(connection, city, list_incidents(connection, city, states, limit, risk=True), now)


def risk_of(connection: sa.Connection, city: City, number: int, now: datetime) -> Risk | None:
    """The incident of that number as a risk, None when it is none."""
    here = sa.and_(incidents.c.city == city.key, incidents.c.number == number, incidents.c.risk)
    found = incidents_of(connection, city, list(connection.scalars(sa.select(incidents.c.id).where(here))))
    return _together(connection, city, found, now)[0] if found else None


def count_risks(connection: sa.Connection, city: City, states: Collection[State]) -> int:
    """How many risks are in these states."""
    table = incidents.c
    here = sa.and_(table.city == city.key, table.state.in_([state.value for state in states]), table.risk)
    return connection.scalar(sa.select(sa.func.count()).select_from(incidents).where(here)) or 0


def behind(connection: sa.Connection, city: City, incident: int, limit: int = 8) -> tuple[Incident, ...]:
    """The other incidents that posts of an incident are reports of, those with the most of them first."""
    mine, other = reports.c, reports.alias("other")
    shared = sa.func.count()
    query = (
        sa.select(other.c.incident)
        .join(reports, sa.and_(mine.city == other.c.city, mine.post == other.c.post))
        .where(mine.city == city.key, mine.incident == incident, mine.fits, other.c.incident != incident)
        .group_by(other.c.incident)
        .order_by(shared.desc(), other.c.incident)
        .limit(limit)
    )
    return incidents_of(connection, city, list(connection.scalars(query)))


def _together(connection: sa.Connection, city: City, found: Sequence[Incident], now: datetime) -> list[Risk]:
    """The risks of these incidents: a few statements for all of them."""
    said = heard(connection, city, [one.id for one in found])
    # Also those that people wrote, or that are switched off since.
    known = saved.latest(connection, city, {alarm_of(one.group_key)[0] for one in found})
    begun = [_begun(known, one, said[one.id]) for one in found]
    alarms = _alarms(connection, city, begun)
    asked = []
    for one in begun:
        one.alarms = [alarm for alarm in alarms if one.concerns(alarm)]
        asked.append(Stretch(one.series, one.key, *_counted(one, city, now)))
    hits = hits_of(connection, city.key, asked)
    return [_risk(city, one, said[one.incident.id], some, now) for one, some in zip(begun, hits, strict=True)]


@dataclass
class _Begun:
    """What is known of a risk before its hits are asked for: `start` to `last` is when its posts were said."""

    incident: Incident
    search: str
    key: str
    start: datetime
    last: datetime
    saved: SavedSearch | None
    alarms: Sequence[sa.Row[Any]] = ()

    @property
    def step(self) -> timedelta:
        return HOUR if self.last - self.start <= _BY_HOUR else DAY

    @property
    def within(self) -> timedelta:
        return self.saved.rule.within if self.saved and self.saved.rule.counts else DAY

    @property
    def series(self) -> str:
        """What is counted of it, "" where no alarm says."""
        return self.alarms[-1].series if self.alarms else ""

    def concerns(self, alarm: sa.Row[Any]) -> bool:
        return bool(alarm.search == self.search and alarm.end_at > self.start and alarm.start_at <= self.last)

    def until(self, now: datetime) -> datetime:
        return min(max(now, self.start), self.last + self.step)


def _begun(known: Mapping[str, SavedSearch], incident: Incident, said: Heard) -> _Begun:
    search, key = alarm_of(incident.group_key)
    start = min((public.first_at for public in said.publics), default=incident.last_report_at)
    last = max(incident.last_report_at, said.last_at or incident.last_report_at)
    return _Begun(incident, search, key, start, last, known.get(search))


def _alarms(connection: sa.Connection, city: City, begun: Sequence[_Begun]) -> Sequence[sa.Row[Any]]:
    """The alarms of their searches in the time of all of them."""
    if not begun:
        return ()
    table = rule_alarms.c
    here = (table.city == city.key, table.search.in_(sorted({one.search for one in begun})))
    time_of_all = (table.end_at > min(one.start for one in begun), table.start_at <= max(one.last for one in begun))
    query = sa.select(rule_alarms).where(*here, *time_of_all).order_by(table.start_at, table.id)
    return connection.execute(query).all()


def _counted(one: _Begun, city: City, now: datetime) -> Span:
    """All the time of which a risk tells how many posts it had: of its curve, and what is compared with now."""
    begins = _begins(one, city, now)
    return min(begins[0], now - 2 * one.within), max(one.until(now), now) + INSTANT


def _begins(one: _Begun, city: City, now: datetime) -> list[datetime]:
    """When each step of the curve begins: hours, or days of the city, without a gap."""
    start, end = one.start - _BEFORE[one.step], one.until(now)
    if one.step == HOUR:
        first = start.replace(minute=0, second=0, microsecond=0)
        begins = [first + HOUR * at for at in range((end - first) // HOUR + 1)]
    else:
        day, last = (at.astimezone(city.zone).date() for at in (start, end))
        begins = [_midnight(day + DAY * at, city) for at in range((last - day).days + 1)]
    return begins[-_MOST_STEPS:]


def _risk(city: City, one: _Begun, said: Heard, hits: Sequence[datetime], now: datetime) -> Risk:
    begins, until = _begins(one, city, now), one.until(now)
    bounds = [*(bisect_left(hits, at) for at in begins), bisect_right(hits, until)]
    before, recent, latest = (bisect_right(hits, now - back * one.within) for back in (2, 1, 0))
    return Risk(
        incident=one.incident,
        search=one.search,
        raised_by=one.saved,
        words=_words(one),
        posts=said.posts,
        copies=said.copies,
        stories=said.stories,
        authors=said.authors,
        views=said.views,
        step=one.step,
        curve=tuple(Step(at, then - first) for at, (first, then) in zip(begins, pairwise(bounds), strict=True)),
        unfinished=begins[-1] + one.step > now,
        first=said.first,
        publics=tuple(said.publics),
        within=one.within,
        now=latest - recent,
        before=recent - before,
    )


def _words(one: _Begun) -> tuple[str, ...]:
    novel = one.saved is not None and one.saved.rule.kind == "new_term"
    return tuple(dict.fromkeys(alarm.key for alarm in one.alarms)) if novel else ()


def _midnight(day: date, city: City) -> datetime:
    return datetime.combine(day, time(), city.zone).astimezone(UTC)
