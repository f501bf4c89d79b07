"""Removal: everything that the state holds of posts goes, in the caller's transaction. Nothing here leaves a mark."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

import sqlalchemy as sa

from search import examples
from search.document import Document
from search.rules.tally import forget_posts
from search.state import apart, archive, copies, stories
from search.state.chunks import chunks
from search.state.tables import (
    article_reads,
    authors,
    images,
    index_queue,
    index_refused,
    matches,
    observations,
    payloads,
    post_versions,
    posts,
    readings,
)


class Projection(Protocol):
    """What keeps the index in step (search/feeder.py)."""

    def removed(self, connection: sa.Connection, posts: Sequence[str]) -> None:
        """These posts must not be found any more."""
        ...

    def changed(self, connection: sa.Connection, documents: Sequence[Document]) -> None:
        """These are the current documents of their posts now."""
        ...


_OF_A_POST = {
    "versions": post_versions,
    "payloads": payloads,
    "readings": readings,
    "observations": observations,
    "matches": matches,
    "images": images,
    "article_reads": article_reads,
}


def remove_posts(connection: sa.Connection, city: str, ids: Collection[str], projection: Projection) -> Counter[str]:
    """Take posts out with all their rows but reports, out of the index too, and the identities of authors of whom
    nothing is left.

    How many rows of each kind went. Changes that wait for the index go too: why an engine refused a post can quote it.
    The earliest of the copies that a post leaves is the original from now on, and the next post of a story that it
    began begins it; that raises nothing. Files of images go
    with `sweep` (search/images/album.py) after the commit.
    """
    with copies.watched(connection, city, ids) as watch:
        removed = _remove(connection, city, ids)
    touched = watch.others | stories.forget(connection, city, ids)
    apart.forget(connection, city, ids)
    examples.forget(connection, city, ids)
    projection.removed(connection, list(ids))
    projection.changed(connection, list(archive.documents(connection, city, sorted(touched)).values()))
    return removed


def _remove(connection: sa.Connection, city: str, ids: Iterable[str]) -> Counter[str]:
    removed: Counter[str] = Counter()
    for some in chunks(ids):
        here = sa.and_(posts.c.city == city, posts.c.id.in_(some))
        wrote = set(connection.scalars(sa.select(posts.c.author).where(here).distinct())) - {""}
        for name, table in _OF_A_POST.items():
            mine = sa.and_(table.c.city == city, table.c.post.in_(some))
            removed[name] += connection.execute(sa.delete(table).where(mine)).rowcount
        forget_posts(connection, city, some)
        for waiting in (index_queue, index_refused):
            queued = sa.and_(waiting.c.city == city, waiting.c.post.in_(some))
            connection.execute(sa.delete(waiting).where(queued))
        removed["posts"] += connection.execute(sa.delete(posts).where(here)).rowcount
        removed["authors"] += remove_authors(connection, city, wrote)
    return removed


def remove_authors(connection: sa.Connection, city: str, keys: Iterable[str]) -> int:
    """Forget who these authors are, where no post of theirs is left; how many."""
    gone = 0
    for some in chunks(keys):
        here = sa.and_(posts.c.city == city, posts.c.author.in_(some))
        left = set(connection.scalars(sa.select(posts.c.author).where(here).distinct()))
        mine = sa.and_(authors.c.city == city, authors.c.key.in_([key for key in some if key not in left]))
        gone += connection.execute(sa.delete(authors).where(mine)).rowcount
    return gone


def remove_payloads(connection: sa.Connection, city: str, ids: Iterable[str]) -> int:
    """Forget what the platform answered for these posts; how many answers."""
    gone = 0
    for some in chunks(ids):
        mine = sa.and_(payloads.c.city == city, payloads.c.post.in_(some))
        gone += connection.execute(sa.delete(payloads).where(mine)).rowcount
    return gone
