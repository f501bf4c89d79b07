"""Erasure: what a person asked to be erased is found, counted and taken out, with a tombstone that keeps it out.

The order holds against a kill at any moment: first the file of erasures, then the tombstones in the state (from here
on no re-fetch brings anything back), then the posts in small batches, each with its reports and its event. Begun again
it goes on with what is left; `UNDER_WAY` says until the end that it has to be.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.items import Post
from crawler.model.ports import Clock, Keys
from search import events
from search.events import Event
from search.forgetting import forget_reports
from search.state import erased, marks, near, records
from search.state.chunks import chunks
from search.state.database import Database
from search.state.erased import Erasure
from search.state.removal import Projection, remove_authors, remove_posts
from search.state.tables import (
    erased_authors,
    images,
    matches,
    payloads,
    post_versions,
    posts,
    readings,
    reports,
    tombstones,
)
from search.state.values import keep_value

UNDER_WAY = "erasing:"
"""A value of this name and the city's key: an erasure began and did not end."""
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be erased: posts, authors (pseudonyms) with everything they wrote, and how many rows of each kind;
    `comments` and `copies` are what other people wrote under these posts and in the same words, reposts among them:
    they stay.
    """

    posts: tuple[str, ...]
    authors: tuple[str, ...]
    counts: dict[str, int]
    comments: tuple[str, ...]
    copies: tuple[str, ...]
    versions: tuple[Post, ...]


def plan(
    connection: sa.Connection, city: City, ids: Iterable[str], authors: Collection[str], *, with_comments: bool
) -> Plan:
    """What erasing these posts and everything of these authors means. Reads only."""
    every = list(dict.fromkeys([*ids, *_written_by(connection, city.key, authors)]))
    comments = _under(connection, city.key, every)
    if with_comments:
        every, comments = [*every, *comments], []
    return Plan(
        tuple(every),
        tuple(authors),
        _counted(connection, city.key, every),
        tuple(comments),
        tuple(_copies(connection, city.key, every)),
        tuple(_versions(connection, city.key, every)),
    )


def resumed(connection: sa.Connection, city: City, wanted: Plan) -> Plan:
    """The plan with what an erasure that was cut off left: posts that are there in spite of their tombstones, or of
    those of their authors.
    """
    dead = sa.and_(tombstones.c.city == posts.c.city, tombstones.c.post == posts.c.id)
    left = list(connection.scalars(sa.select(posts.c.id).join(tombstones, dead).where(posts.c.city == city.key)))
    refused = connection.scalars(sa.select(erased_authors.c.author).where(erased_authors.c.city == city.key))
    left += _written_by(connection, city.key, list(refused))
    more = [post for post in dict.fromkeys(left) if post not in set(wanted.posts)]
    versions = (*wanted.versions, *_versions(connection, city.key, more))
    return replace(wanted, posts=(*wanted.posts, *more), versions=versions)


def carry_out(
    database: Database,
    city: City,
    keys: Keys,
    clock: Clock,
    projection: Projection,
    wanted: Plan,
    who: str,
    why: str,
    folders: Collection[Path],
    done: Callable[[int], None] = lambda _: None,
) -> Counter[str]:
    """Erase it; how many rows of each kind went. `folders` keep files of erasures: the installation's own. What engines
    and free pages still hold is for the caller to purge, who then calls `finish`.
    """
    now = clock.now()
    marked = marks_of(city, wanted, now, why)
    for folder in folders:
        erased.add(folder, marked)
    with database.begin() as connection:
        keep_value(connection, UNDER_WAY + city.key, now.isoformat())
        erased.keep(connection, marked)
        subjects = (*wanted.posts, *(f"author {author}" for author in wanted.authors))
        events.write(connection, keys, city.key, [Event(now, who, "erased", None, subjects, why)])
    removed: Counter[str] = Counter()
    waiting = list(wanted.posts)
    while waiting:
        for start in range(0, len(waiting), _BATCH):
            some = waiting[start : start + _BATCH]
            with database.begin() as connection:
                removed["reports"] += forget_reports(connection, city, keys, some, now, who)
                removed += remove_posts(connection, city.key, some, projection)
            done(len(some))
        waiting = _came_meanwhile(database, city.key, wanted.authors)
    with database.begin() as connection:
        removed["authors"] += remove_authors(connection, city.key, wanted.authors)
    return removed


def marks_of(city: City, wanted: Plan, at: datetime, why: str) -> list[Erasure]:
    """What files of erasures and the state remember of it."""
    marked = [Erasure(city.key, post, "", at, why) for post in wanted.posts]
    return marked + [Erasure(city.key, "", author, at, why) for author in wanted.authors]


def _came_meanwhile(database: Database, city: str, authors: Collection[str]) -> list[str]:
    """What a crawl stored of these authors between the plan and the tombstones. Their posts need none of their own."""
    with database.read() as connection:
        return _written_by(connection, city, authors)


def finish(database: Database, city: str) -> None:
    """Note that an erasure came to its end."""
    with database.begin() as connection:
        keep_value(connection, UNDER_WAY + city, None)


def _written_by(connection: sa.Connection, city: str, authors: Collection[str]) -> list[str]:
    """The posts of these authors, and those that forward their words."""
    found: list[str] = []
    content = post_versions.c.content
    for some in chunks(authors):
        here = sa.and_(posts.c.city == city, posts.c.author.in_(some))
        found += connection.scalars(sa.select(posts.c.id).where(here).order_by(posts.c.id))
        for key in (content["author"]["key"], content["forwarded_from"]["key"]):
            said = sa.and_(post_versions.c.city == city, key.as_string().in_(some))
            found += connection.scalars(sa.select(post_versions.c.post).where(said).order_by(post_versions.c.post))
    return list(dict.fromkeys(found))


def _under(connection: sa.Connection, city: str, ids: Sequence[str]) -> list[str]:
    """The stored posts whose parent or thread is one of these, at any depth, without these themselves."""
    known, level = set(ids), list(ids)
    found: list[str] = []
    while level:
        below: set[str] = set()
        for some in chunks(level):
            under = sa.or_(posts.c.parent.in_(some), posts.c.thread.in_(some))
            below.update(connection.scalars(sa.select(posts.c.id).where(posts.c.city == city, under)))
        level = sorted(below - known)
        known.update(level)
        found += level
    return found


def _copies(connection: sa.Connection, city: str, ids: Sequence[str]) -> list[str]:
    keys: set[str] = set()
    for some in chunks(ids):
        keys.update(connection.scalars(sa.select(posts.c.copy_key).where(posts.c.city == city, posts.c.id.in_(some))))
    found: list[str] = []
    for some in chunks(sorted(near.with_near(connection, city, keys - {""}))):
        here = sa.and_(posts.c.city == city, posts.c.copy_key.in_(some))
        found += connection.scalars(sa.select(posts.c.id).where(here).order_by(posts.c.id))
    # A repost with words of its own may be near to nothing, and repeats them all the same.
    origin = post_versions.c.content["forwarded_from"]["post"].as_string()
    for some in chunks(ids):
        here = sa.and_(post_versions.c.city == city, origin.in_(some))
        found += connection.scalars(sa.select(post_versions.c.post).where(here).order_by(post_versions.c.post))
    mine = set(ids)
    return [post for post in dict.fromkeys(found) if post not in mine]


def _counted(connection: sa.Connection, city: str, ids: Sequence[str]) -> dict[str, int]:
    tables = {
        "versions": post_versions,
        "payloads": payloads,
        "readings": readings,
        "matches": matches,
        "images": images,
        "reports": reports,
    }
    counts: Counter[str] = Counter()
    for some in chunks(ids):
        here = sa.and_(posts.c.city == city, posts.c.id.in_(some))
        counts["posts"] += connection.scalar(sa.select(sa.func.count()).select_from(posts).where(here)) or 0
        for name, table in tables.items():
            mine = sa.and_(table.c.city == city, table.c.post.in_(some))
            counts[name] += connection.scalar(sa.select(sa.func.count()).select_from(table).where(mine)) or 0
    return dict(counts)


def _versions(connection: sa.Connection, city: str, ids: Sequence[str]) -> list[Post]:
    found: list[Post] = []
    for some in chunks(ids):
        mine = sa.and_(post_versions.c.city == city, post_versions.c.post.in_(some))
        found += [
            records.unpack(Post, content)
            for content in connection.scalars(sa.select(post_versions.c.content).where(mine))
        ]
    return found


def is_known(connection: sa.Connection, city: str, post: str) -> bool:
    """Whether the state has a post of that id, or its tombstone."""
    here = sa.and_(posts.c.city == city, posts.c.id == post)
    return connection.scalar(sa.select(posts.c.id).where(here)) is not None or bool(
        marks.buried(connection, city, [post])
    )


def is_author(connection: sa.Connection, city: str, author: str) -> bool:
    """Whether anything of an author is stored, or was erased."""
    return bool(_written_by(connection, city, [author]) or marks.refused_authors(connection, city, [author]))
