"""Whose posts the risks are made of. A risk may have thousands: SQL counts them, and only the first are read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SourceRole
from crawler.model.items import AuthorRole
from search.state.copies import copy_of
from search.state.stories import story
from search.state.tables import observations, post_versions, posts, reports

FIRST = 5
"""So many of the first posts are told."""


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


@dataclass(slots=True)
class Heard:
    """What the fitting reports of a risk come to; `last_at` is the latest publication, None where there is none.
    `publics` has the source of the most posts first.
    """

    copies: int = 0
    stories: int = 0
    authors: int = 0
    last_at: datetime | None = None
    first: tuple[Voice, ...] = ()
    publics: list[Public] = field(default_factory=list)

    @property
    def posts(self) -> int:
        """How many posts there are."""
        return sum(public.posts for public in self.publics)

    @property
    def views(self) -> int | None:
        """How often they were seen, None where no platform tells of it."""
        told = [public.views for public in self.publics if public.views is not None]
        return sum(told) if told else None


def heard(connection: sa.Connection, city: City, ids: Sequence[int]) -> defaultdict[int, Heard]:
    """What the incidents of these ids are made of; nothing for one without a report that fits."""
    found: defaultdict[int, Heard] = defaultdict(Heard)
    roles = {source.key: source.role for source in city.sources}
    for row in connection.execute(_by_source(city, ids)):
        one, role = found[row.incident], roles.get(row.source, SourceRole.INTAKE)
        one.publics.append(Public(row.source, role, row.number, row.first_at, row.views))
        one.copies += row.copies
        one.last_at = max(one.last_at or row.last_at, row.last_at)
    for row in connection.execute(_together(city, ids)):
        found[row.incident].authors, found[row.incident].stories = row.authors, row.stories
    first: defaultdict[int, list[Voice]] = defaultdict(list)
    for row in connection.execute(_first(city, ids)):
        first[row.incident].append(_voice(row))
    for incident, one in found.items():
        one.publics.sort(key=lambda public: (-public.posts, public.first_at, public.source))
        one.first = tuple(sorted(first[incident], key=lambda voice: (voice.published_at, voice.post)))
    return found


def _mine(city: City, ids: Sequence[int]) -> sa.Subquery:
    """The posts of the incidents, each once."""
    table = reports.c
    here = (table.city == city.key, table.incident.in_(ids), table.fits)
    return sa.select(table.incident, table.post, table.published_at).where(*here).distinct().subquery()


def _by_source(city: City, ids: Sequence[int]) -> sa.Select[Any]:
    mine, number = _mine(city, ids), sa.func.count
    seen = sa.and_(observations.c.city == posts.c.city, observations.c.post == posts.c.id)
    return (
        sa.select(
            mine.c.incident,
            posts.c.source,
            number().label("number"),
            number().filter(copy_of != "").label("copies"),
            sa.func.min(posts.c.published_at).label("first_at"),
            sa.func.max(posts.c.published_at).label("last_at"),
            sa.func.sum(observations.c.views).label("views"),
        )
        .select_from(mine)
        .join(posts, sa.and_(posts.c.city == city.key, posts.c.id == mine.c.post))
        .join(observations, seen, isouter=True)
        .group_by(mine.c.incident, posts.c.source)
    )


def _together(city: City, ids: Sequence[int]) -> sa.Select[Any]:
    """What is counted once over all sources."""
    mine = _mine(city, ids)

    def once(one: sa.ColumnElement[str], name: str) -> sa.Label[int]:
        return sa.func.count(sa.func.nullif(one, "").distinct()).label(name)

    return (
        sa.select(mine.c.incident, once(posts.c.author, "authors"), once(story, "stories"))
        .select_from(mine)
        .join(posts, sa.and_(posts.c.city == city.key, posts.c.id == mine.c.post))
        .group_by(mine.c.incident)
    )


def _first(city: City, ids: Sequence[int]) -> sa.Select[Any]:
    mine = _mine(city, ids)
    order = sa.func.row_number().over(partition_by=mine.c.incident, order_by=[mine.c.published_at, mine.c.post])
    ranked = sa.select(mine.c.incident, mine.c.post, order.label("place")).subquery()
    content = post_versions.c.content
    version = (post_versions.c.city == posts.c.city, post_versions.c.post == posts.c.id)
    seen = sa.and_(observations.c.city == posts.c.city, observations.c.post == posts.c.id)
    return (
        sa.select(
            ranked.c.incident,
            *(posts.c[name] for name in ("id", "source", "platform", "author", "published_at")),
            content["author"]["role"].as_string().label("role"),
            content["url"].as_string().label("url"),
            story,
            observations.c.views,
            copy_of,
        )
        .select_from(ranked)
        .join(posts, sa.and_(posts.c.city == city.key, posts.c.id == ranked.c.post))
        .join(post_versions, sa.and_(*version, post_versions.c.version == posts.c.version), isouter=True)
        .join(observations, seen, isouter=True)
        .where(ranked.c.place <= FIRST)
    )


def _voice(row: sa.Row[Any]) -> Voice:
    role = AuthorRole(row.role or AuthorRole.UNKNOWN)
    told = (row.published_at, row.url or "", row.copy_of, row.story, row.views)
    return Voice(row.id, row.source, row.platform, row.author, role, *told)
