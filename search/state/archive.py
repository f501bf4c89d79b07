"""The archive: versions of posts with payloads, authors and readings, and what was last observed of each.

Functions on a connection inside the caller's transaction; they take batches, so that a post costs rows and no query.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.items import Post, Reading
from crawler.model.ports import Keys
from search.document import Document, document_of
from search.state import copies, records, sealed, stories
from search.state.bulk import Rows, upserting
from search.state.chunks import CHUNK, chunks
from search.state.tables import observations, post_versions, posts, readings

_POSTS = upserting(upsert(posts), "city", "id", kept=["first_seen_at", "gone_at"])
_VERSIONS = Rows(sa.insert(post_versions))
_READINGS = upserting(upsert(readings), "city", "post", "version")
_OBSERVATIONS = upserting(upsert(observations), "city", "post", newer="at")


Stamp = tuple[Any, ...]
"""What tells a document of a post from an earlier one: its version, when that was read, the original and the story."""


@dataclass(frozen=True, slots=True)
class Current:
    """What is stored of a post: as much as tells whether what came in is new. `seen_at` is its last observation."""

    version: int
    digest: str
    source: str
    platform: str
    published_at: datetime
    seen_at: datetime
    gone_at: datetime | None
    reader_version: int


class Version(Protocol):
    """A post version to store, with its number and digest, and its reading. A draft is one."""

    @property
    def post(self) -> Post:
        """The post."""
        ...

    @property
    def reading(self) -> Reading:
        """What was read in it."""
        ...

    @property
    def copy_key(self) -> str:
        """The hash of the folded text, "" for a short one."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A post read back: its current version with its current reading."""

    post: Post
    reading: Reading
    copy_key: str
    first_seen_at: datetime
    gone_at: datetime | None


def current(connection: sa.Connection, city: str, ids: Iterable[str]) -> dict[str, Current]:
    """What is stored of these posts, by id; unknown ones are left out."""
    query = (
        sa.select(
            posts.c.id,
            posts.c.version,
            posts.c.digest,
            posts.c.source,
            posts.c.platform,
            posts.c.published_at,
            observations.c.at,
            posts.c.gone_at,
            readings.c.content["reader_version"].as_integer(),
        )
        .join_from(posts, readings, _reading_of_current())
        .join(observations, sa.and_(observations.c.city == posts.c.city, observations.c.post == posts.c.id))
    )
    found = {}
    for some in chunks(ids):
        for row in connection.execute(query.where(posts.c.city == city, posts.c.id.in_(some))):
            id_, version, digest, source, platform, published_at, seen_at, gone_at, reader = row
            # A default is left out of the stored reading.
            reader_version = reader or Reading().reader_version
            found[id_] = Current(version, digest, source, platform, published_at, seen_at, gone_at, reader_version)
    return found


def store(connection: sa.Connection, city: str, keys: Keys, versions: Sequence[Version], at: datetime) -> None:
    """Add new versions with payloads, authors and readings. The posts' rows are put by `put_current`."""
    _VERSIONS.insert(
        connection,
        [
            (city, one.post.id, one.post.version, one.post.digest, one.post.seen_at, records.pack_post(one.post))
            for one in versions
        ],
    )
    stored = [one.post for one in versions]
    sealed.store_payloads(connection, city, keys, stored)
    sealed.store_authors(connection, city, keys, stored)
    read(connection, city, versions, at)


def put_current(connection: sa.Connection, city: str, versions: Sequence[Version]) -> None:
    """Make the last of these versions of every post its current one. Whether it is gone is for marks to say."""
    first_seen: dict[str, datetime] = {}
    for one in versions:
        first_seen.setdefault(one.post.id, one.post.seen_at)
    last = {one.post.id: one for one in versions}
    _POSTS.insert(connection, [_row(city, one, first_seen[one.post.id]) for one in last.values()])


def _row(city: str, one: Version, first_seen_at: datetime) -> tuple[object, ...]:
    post = one.post
    return (
        city,
        post.id,
        post.source,
        post.platform,
        post.kind,
        post.parent,
        post.thread,
        "" if post.thread else post.reply_to,
        post.author.key if post.author else "",
        published(post),
        first_seen_at,
        post.version,
        post.digest,
        one.copy_key,
        None,
    )


def published(post: Post) -> datetime:
    """When a post was published, the arrival where that is not known."""
    return post.published_at or post.seen_at


def read(connection: sa.Connection, city: str, versions: Sequence[Version], at: datetime) -> None:
    """Keep the readings of these versions, in place of earlier ones of the same versions."""
    _READINGS.insert(
        connection,
        [(city, one.post.id, one.post.version, at, records.pack_reading(one.reading)) for one in versions],
    )


def observe(connection: sa.Connection, city: str, seen: Sequence[Post]) -> None:
    """Keep the latest observation of every post: its counters, and that it was there."""
    latest: dict[str, Post] = {}
    for post in seen:
        if post.id not in latest or post.seen_at >= latest[post.id].seen_at:
            latest[post.id] = post
    _OBSERVATIONS.insert(
        connection,
        [
            (
                city,
                post.id,
                post.seen_at,
                post.counters.views,
                post.counters.likes,
                post.counters.reposts,
                post.counters.comments,
                True,
            )
            for post in latest.values()
        ],
    )


def _reading_of_current() -> sa.ColumnElement[bool]:
    return sa.and_(
        readings.c.city == posts.c.city, readings.c.post == posts.c.id, readings.c.version == posts.c.version
    )


def _whole() -> sa.Select[*tuple[Any, ...]]:
    version = sa.and_(
        post_versions.c.city == posts.c.city,
        post_versions.c.post == posts.c.id,
        post_versions.c.version == posts.c.version,
    )
    return (
        sa.select(
            posts.c.id,
            post_versions.c.content,
            readings.c.content,
            copies.copy_of,
            stories.story,
            posts.c.copy_key,
            posts.c.first_seen_at,
            posts.c.gone_at,
        )
        .join_from(posts, post_versions, version)
        .join(readings, _reading_of_current())
    )


def _stored(
    row: sa.Row[*tuple[Any, ...]],
) -> Stored:
    _, post, reading, copy_of, story, copy_key, first_seen_at, gone_at = row
    read_back = replace(records.unpack(Reading, reading), copy_of=copy_of, story=story)
    return Stored(records.unpack(Post, post), read_back, copy_key, first_seen_at, gone_at)


def load(connection: sa.Connection, city: str, ids: Iterable[str]) -> dict[str, Stored]:
    """These posts by id, with their current versions and readings; unknown ones are left out."""
    found = {}
    for some in chunks(ids):
        for row in connection.execute(_whole().where(posts.c.city == city, posts.c.id.in_(some))):
            found[row[0]] = _stored(row)
    return found


def documents(connection: sa.Connection, city: str, ids: Iterable[str]) -> dict[str, Document]:
    """What an engine is given of these posts, by id; a post that is not there (any more) is left out."""
    return {id_: document_of(stored.post, stored.reading) for id_, stored in load(connection, city, ids).items()}


def stamps(connection: sa.Connection, city: str, ids: Iterable[str]) -> dict[str, Stamp]:
    """By id what changes when the document of a post does, without loading it; unknown ones are left out."""
    query = sa.select(posts.c.id, posts.c.version, readings.c.at, copies.copy_of, stories.story).join_from(
        posts, readings, _reading_of_current()
    )
    found = {}
    for some in chunks(ids):
        for id_, *stamp in connection.execute(query.where(posts.c.city == city, posts.c.id.in_(some))):
            found[id_] = tuple(stamp)
    return found


def last_id(connection: sa.Connection, city: str) -> str:
    """Where a pass over all posts ends, by id: what comes behind it meanwhile may never stop coming. "" for none."""
    return connection.scalar(sa.select(sa.func.max(posts.c.id)).where(posts.c.city == city)) or ""


def ids_between(
    connection: sa.Connection, city: str, last: str, end: str, limit: int, since: datetime | None = None
) -> list[str]:
    """The next ids of a pass: after `last`, up to `end`; of those published at `since` or later where it is given."""
    query = sa.select(posts.c.id).where(posts.c.city == city, posts.c.id > last, posts.c.id <= end)
    if since is not None:
        query = query.where(posts.c.published_at >= since)
    return list(connection.scalars(query.order_by(posts.c.id).limit(limit)))


def stream(connection: sa.Connection, city: str) -> Iterator[Stored]:
    """Every post of a city by id, a page in memory at a time."""
    query = _whole().where(posts.c.city == city).order_by(posts.c.id).limit(CHUNK)
    last = ""
    while rows := connection.execute(query.where(posts.c.id > last)).all():
        yield from map(_stored, rows)
        last = rows[-1][0]
