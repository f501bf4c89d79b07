"""Information risks: alarms of rules that say so, with how they rose, who was first and how far they reached."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch, SourceRole
from crawler.model.items import AuthorRole
from search.incidents import Incident, incidents_of, list_incidents
from search.rules.spans import INSTANT
from search.state.chunks import chunks
from search.state.copies import copy_of
from search.state.stories import story
from search.state.tables import incidents, observations, post_versions, posts, reports, rule_alarms, rule_hits
from search.states import OPEN, State
from search.wanted import alarm_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = 5
"""So many of the first posts are told."""
_BY_HOUR = timedelta(days=3)
_BEFORE = {HOUR: DAY, DAY: 7 * DAY}
_MOST_STEPS = 96


@dataclass(frozen=True, slots=True)
class Voice:
    """A post of a risk. `author` is a pseudonym, "" where nobody knows; `copy_of` is the original of a copy."""

    post: str
    source: str
    platform: str
    author: str
    role: AuthorRole
    published_at: datetime
    url: str
    copy_of: str
    story: str
    views: int | None


@dataclass(frozen=True, slots=True)
class Public:
    """A source that a risk reached, with its first post there; `views` is how often its posts were seen, None where
    the platform tells of none. How many subscribers a source has no platform tells us yet.
    """

    source: str
    role: SourceRole
    posts: int
    first_at: datetime
    views: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """How many posts matched from a moment on, for an hour or a day of the city."""

    at: datetime
    posts: int


@dataclass(frozen=True, slots=True)
class Risk:
    """An incident that is an information risk. `posts` counts its reports, `copies` those of them that repeat another
    post, `stories` the events that they tell where that is known; `words` are new ones, where its rule looks for them.

    `curve` begins before the first of its posts, so that what was usual is seen; `now` is how many posts the last
    `within` brought, `before` how many as long a time before that.
    """

    incident: Incident
    search: str
    words: tuple[str, ...]
    posts: int
    copies: int
    stories: int
    authors: int
    views: int | None
    step: timedelta
    curve: tuple[Step, ...]
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
    found = list_incidents(connection, city, states, limit, risk=True)
    return [_risk(connection, city, one, now) for one in found]


def risk_of(connection: sa.Connection, city: City, number: int, now: datetime) -> Risk | None:
    """The incident of that number as a risk, None when it is none."""
    here = sa.and_(incidents.c.city == city.key, incidents.c.number == number, incidents.c.risk)
    found = incidents_of(connection, city, list(connection.scalars(sa.select(incidents.c.id).where(here))))
    return _risk(connection, city, found[0], now) if found else None


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


def _risk(connection: sa.Connection, city: City, incident: Incident, now: datetime) -> Risk:
    mine = sa.and_(reports.c.city == city.key, reports.c.incident == incident.id, reports.c.fits)
    said = connection.execute(sa.select(reports.c.post, reports.c.place_key).where(mine)).all()
    voices = _voices(connection, city, [row.post for row in said])
    search_id, key = alarm_of(incident.group_key)
    start = voices[0].published_at if voices else incident.last_report_at
    last = max([incident.last_report_at, *(voice.published_at for voice in voices)])
    search = next((one for one in city.searches if one.id == search_id), None)
    alarms = _alarms(connection, city, search_id, start, last)
    series = alarms[-1].series if alarms else ""
    within = search.rule.within if search and search.rule.counts else DAY
    counted = _Counted(connection, city, series, key)
    step = HOUR if last - start <= _BY_HOUR else DAY
    views = [voice.views for voice in voices if voice.views is not None]
    return Risk(
        incident=incident,
        search=search_id,
        words=_words(search, alarms),
        posts=len(voices),
        copies=sum(bool(voice.copy_of) for voice in voices),
        stories=len({voice.story for voice in voices} - {""}),
        authors=len({voice.author for voice in voices} - {""}),
        views=sum(views) if views else None,
        step=step,
        curve=_curve(counted, city, start - _BEFORE[step], min(max(now, start), last + step), step),
        first=tuple(voices[:FIRST]),
        publics=_publics(city, voices),
        within=within,
        now=counted.between(now - within, now),
        before=counted.between(now - 2 * within, now - within),
    )


def _voices(connection: sa.Connection, city: City, ids: Collection[str]) -> list[Voice]:
    """The posts, the first one first."""
    version = sa.and_(
        post_versions.c.city == posts.c.city,
        post_versions.c.post == posts.c.id,
        post_versions.c.version == posts.c.version,
    )
    seen = sa.and_(observations.c.city == posts.c.city, observations.c.post == posts.c.id)
    content = post_versions.c.content
    query = (
        sa.select(
            *(posts.c[name] for name in ("id", "source", "platform", "author", "published_at")),
            content["author"]["role"].as_string().label("role"),
            content["url"].as_string().label("url"),
            story,
            observations.c.views,
            copy_of,
        )
        .join_from(posts, post_versions, version, isouter=True)
        .join(observations, seen, isouter=True)
    )
    found: list[Voice] = []
    for some in chunks(ids):
        for row in connection.execute(query.where(posts.c.city == city.key, posts.c.id.in_(some))):
            role = AuthorRole(row.role or AuthorRole.UNKNOWN)
            told = (row.published_at, row.url or "", row.copy_of, row.story, row.views)
            found.append(Voice(row.id, row.source, row.platform, row.author, role, *told))
    return sorted(found, key=lambda voice: (voice.published_at, voice.post))


def _alarms(
    connection: sa.Connection, city: City, search: str, start: datetime, last: datetime
) -> Sequence[sa.Row[Any]]:
    table = rule_alarms.c
    here = (table.city == city.key, table.search == search, table.end_at > start, table.start_at <= last)
    return connection.execute(sa.select(rule_alarms).where(*here).order_by(table.start_at, table.id)).all()


def _words(search: SavedSearch | None, alarms: Sequence[sa.Row[Any]]) -> tuple[str, ...]:
    novel = search is not None and search.rule.kind == "new_term"
    return tuple(dict.fromkeys(row.key for row in alarms)) if novel else ()


@dataclass(frozen=True)
class _Counted:
    """The matches of a series."""

    connection: sa.Connection
    city: City
    series: str
    key: str

    def moments(self, start: datetime, end: datetime) -> list[datetime]:
        """When those were said that were said after `start` and not after `end`."""
        table = rule_hits.c
        mine = (table.city == self.city.key, table.series == self.series, table.key == self.key)
        query = sa.select(table.at).where(*mine, table.at > start, table.at <= end).order_by(table.at)
        return list(self.connection.scalars(query))

    def between(self, start: datetime, end: datetime) -> int:
        """How many those are."""
        return len(self.moments(start, end))


def _curve(counted: _Counted, city: City, start: datetime, end: datetime, step: timedelta) -> tuple[Step, ...]:
    """Posts by hours, or by days of the city, without a gap."""
    if step == HOUR:
        first = start.replace(minute=0, second=0, microsecond=0)
        begins = [first + HOUR * at for at in range((end - first) // HOUR + 1)]
        begin_of = [at.replace(minute=0, second=0, microsecond=0) for at in counted.moments(first - INSTANT, end)]
    else:
        day, last = (at.astimezone(city.zone).date() for at in (start, end))
        begins = [_midnight(day + DAY * at, city) for at in range((last - day).days + 1)]
        begin_of = [
            _midnight(at.astimezone(city.zone).date(), city) for at in counted.moments(begins[0] - INSTANT, end)
        ]
    counts = Counter(begin_of)
    return tuple(Step(at, counts[at]) for at in begins[-_MOST_STEPS:])


def _midnight(day: date, city: City) -> datetime:
    return datetime.combine(day, time(), city.zone).astimezone(UTC)


def _publics(city: City, voices: Sequence[Voice]) -> tuple[Public, ...]:
    """The sources, that of the most posts first."""
    roles = {source.key: source.role for source in city.sources}
    of: dict[str, list[Voice]] = {}
    for voice in voices:
        of.setdefault(voice.source, []).append(voice)
    found = []
    for source, mine in of.items():
        views = [voice.views for voice in mine if voice.views is not None]
        role = roles.get(source, SourceRole.INTAKE)
        found.append(Public(source, role, len(mine), mine[0].published_at, sum(views) if views else None))
    return tuple(sorted(found, key=lambda public: (-public.posts, public.first_at, public.source)))
