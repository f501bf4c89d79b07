"""What the state knows of images: which are wanted, and what became of each under one word.

Functions on a connection inside the caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from crawler.model.city import ImageRules
from crawler.model.items import Post
from search.images.fate import Fate
from search.state.chunks import chunks
from search.state.tables import images, post_versions

MOST_TRIES = 20
"""With the waits between them (search/images/keeper.py) about three days."""
_PHOTO = "photo"


# A fresh address may bring these; what was too large or no image stays so under any.
_UNFETCHED = (Fate.WAITING, Fate.GONE, Fate.FAILED)


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a post. `digest` names the kept copy (search/images/album.py), a JPEG of so many bytes and pixels; it
    is "" and the rest 0 where none is kept.
    """

    post: str
    state: Fate
    digest: str
    size: int
    width: int
    height: int
    error: str


def want(
    connection: sa.Connection, city: str, versions: Iterable[tuple[str, int]], rules: ImageRules, at: datetime
) -> None:
    """Queue the photos of these stored post versions (post, version) that are not known yet. Of a post no more than
    `rules` say are fetched, later versions included; the rest is counted as over the number.
    """
    found = _photos(connection, city, versions) if rules.keep else {}
    known = _known(connection, city, found)
    rows = []
    for post, photos in found.items():
        there = known.get(post, {})
        taken = sum(state != Fate.OVER_NUMBER for state in there.values())
        place = len(there)
        for key, url in photos.items():
            if key not in there:
                state = Fate.WAITING if taken < rules.most_per_post else Fate.OVER_NUMBER
                rows.append(_row(city, post, key, url, place, state, at))
                taken += state is Fate.WAITING
                place += 1
    if rows:
        connection.execute(images.insert(), rows)


def _photos(connection: sa.Connection, city: str, versions: Iterable[tuple[str, int]]) -> Mapping[str, dict[str, str]]:
    """The photos with an address by post, each key with its address."""
    numbers: dict[str, set[int]] = {}
    for post, version in versions:
        numbers.setdefault(post, set()).add(version)
    table = post_versions.c
    query = sa.select(table.post, table.version, table.content["media"]).where(table.city == city)
    found: dict[str, dict[str, str]] = {}
    for some in chunks(numbers):
        for post, version, media in connection.execute(query.where(table.post.in_(some)).order_by(table.version)):
            if version in numbers[post]:
                # A field that has its default is not in the stored value (search/state/records.py).
                shown = [(one.get("kind"), one.get("key", ""), one.get("url", "")) for one in media or ()]
                found.setdefault(post, {}).update(_addresses(shown))
    return {post: photos for post, photos in found.items() if photos}


def _addresses(media: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    return {key or url: url for kind, key, url in media if kind == _PHOTO and url}


def _known(connection: sa.Connection, city: str, posts: Iterable[str]) -> Mapping[str, dict[str, Fate]]:
    """The states of the images that posts have, by post and key."""
    known: dict[str, dict[str, Fate]] = {}
    for some in chunks(posts):
        here = sa.and_(images.c.city == city, images.c.post.in_(some))
        for post, key, state in connection.execute(sa.select(images.c.post, images.c.key, images.c.state).where(here)):
            known.setdefault(post, {})[key] = Fate(state)
    return known


def _row(city: str, post: str, key: str, url: str, place: int, state: Fate, at: datetime) -> dict[str, Any]:
    return {
        "city": city,
        "post": post,
        "key": key,
        "place": place,
        "url": url,
        "host": host_of(url),
        "state": state.value,
        "digest": "",
        "size": 0,
        "width": 0,
        "height": 0,
        "attempts": 0,
        "next_at": at,
        "last_error": "",
        "at": at,
        "settled_at": at if state is Fate.OVER_NUMBER else None,
    }


def host_of(url: str) -> str:
    """`host:port` of an address as it is written, "" of what is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def refresh(connection: sa.Connection, city: str, seen: Sequence[Post], at: datetime) -> None:
    """Posts were seen again: their images that are not fetched yet get the addresses that they have now."""
    fresh = {post.id: _addresses((one.kind, one.key, one.url) for one in post.media) for post in seen if post.media}
    table = images.c
    waiting = sa.and_(
        table.city == city, table.state.in_([fate.value for fate in _UNFETCHED]), table.attempts < MOST_TRIES
    )
    query = sa.select(table.id, table.post, table.key, table.url, table.state, table.next_at)
    for some in chunks(fresh):
        for row in connection.execute(query.where(waiting, table.post.in_(some))).all():
            url = fresh[row.post].get(row.key, row.url)
            if url != row.url:
                again = row.next_at if row.state == Fate.WAITING else at
                values = {"url": url, "host": host_of(url), "state": Fate.WAITING.value, "next_at": again}
                connection.execute(images.update().where(table.id == row.id).values(**values, settled_at=None))


def images_of(connection: sa.Connection, city: str, post: str) -> tuple[Image, ...]:
    """The images of a post in its order, whatever became of them."""
    return images_of_posts(connection, city, [post]).get(post, ())


def images_of_posts(connection: sa.Connection, city: str, posts: Iterable[str]) -> dict[str, tuple[Image, ...]]:
    """The images of posts, each post's in its order; a post without any is left out."""
    table = images.c
    names = (table.post, table.state, table.digest, table.size, table.width, table.height, table.last_error)
    query = sa.select(*names).where(table.city == city).order_by(table.place)
    found: dict[str, tuple[Image, ...]] = {}
    for some in chunks(posts):
        for post, state, *rest in connection.execute(query.where(table.post.in_(some))):
            found[post] = (*found.get(post, ()), Image(post, Fate(state), *rest))
    return found


def erase(connection: sa.Connection, city: str, posts: Iterable[str]) -> int:
    """Forget the images of these posts; how many were kept. The files go with `sweep` (search/images/album.py) after
    the commit: what died in between is swept by the next drain.
    """
    kept = 0
    for some in chunks(posts):
        here = sa.and_(images.c.city == city, images.c.post.in_(some))
        counted = sa.select(sa.func.count()).where(here, images.c.state == Fate.KEPT.value)
        kept += connection.scalar(counted) or 0
        connection.execute(images.delete().where(here))
    return kept


def referenced(connection: sa.Connection, city: str, digests: Iterable[str]) -> set[str]:
    """Those of the files that an image is kept in."""
    found: set[str] = set()
    for some in chunks(digests):
        here = sa.and_(images.c.city == city, images.c.digest.in_(some))
        found.update(connection.scalars(sa.select(images.c.digest).where(here)))
    return found


def counts(connection: sa.Connection, city: str) -> dict[str, int]:
    """How many images there are of every fate."""
    query = sa.select(images.c.state, sa.func.count()).where(images.c.city == city).group_by(images.c.state)
    return {state: count for state, count in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy


def stored_bytes(connection: sa.Connection, city: str) -> int:
    """How many bytes the kept images of a city take, one that several posts show counted once."""
    once = sa.select(images.c.digest, images.c.size).where(images.c.city == city, images.c.digest != "").distinct()
    return connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(once.subquery().c.size), 0))) or 0
