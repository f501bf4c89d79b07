"""The queue between the state and a remote engine: what waits, and what the engine refuses."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from search.state.chunks import chunks
from search.state.tables import index_queue as table
from search.state.tables import index_refused, posts

PUT = "put"
DELETE = "delete"
_CHUNK = 500


class Row(NamedTuple):
    """A change that waits."""

    seq: int
    post: str
    action: str


def waiting(connection: sa.Connection, city: str) -> int:
    """How many changes wait for the engine; during a rebuild also those that wait for the new index."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.city == city)) or 0


def refused(connection: sa.Connection, city: str) -> list[tuple[str, str]]:
    """The posts that the engine refuses as they are, with its reasons. A rebuild tries them again."""
    found = sa.select(index_refused.c.post, index_refused.c.reason).where(index_refused.c.city == city)
    return [(post, reason) for post, reason in connection.execute(found.order_by(index_refused.c.post))]


def enqueue(connection: sa.Connection, city: str, posts: Sequence[str], action: str) -> None:
    """Let changes wait, in order."""
    if posts:
        connection.execute(sa.insert(table), [{"city": city, "post": post, "action": action} for post in posts])


def next_seq(connection: sa.Connection, city: str) -> int:
    """A seq above every one given before, without a row that waits."""
    made = connection.execute(sa.insert(table).values(city=city, post="", action=PUT).returning(table.c.seq))
    seq = int(made.scalar_one())
    remove(connection, [seq])
    return seq


def rows_after(connection: sa.Connection, city: str, seq: int, limit: int) -> list[Row]:
    """The first changes that wait behind `seq`, in order."""
    found = connection.execute(
        sa.select(table.c.seq, table.c.post, table.c.action)
        .where(table.c.city == city, table.c.seq > seq)
        .order_by(table.c.seq)
        .limit(limit)
    )
    return [Row(*row) for row in found]


def first_seen(connection: sa.Connection, city: str, ids: Sequence[str]) -> dict[str, datetime]:
    """When the first versions of these posts came; those that are not there are left out."""
    found: dict[str, datetime] = {}
    for some in chunks(ids):
        here = sa.and_(posts.c.city == city, posts.c.id.in_(some))
        rows = connection.execute(sa.select(posts.c.id, posts.c.first_seen_at).where(here))
        found.update((row.id, row.first_seen_at) for row in rows)
    return found


def remove(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Take rows out of the queue."""
    for start in range(0, len(seqs), _CHUNK):
        connection.execute(sa.delete(table).where(table.c.seq.in_(seqs[start : start + _CHUNK])))


def refuse(connection: sa.Connection, city: str, reasons: Iterable[tuple[str, str]]) -> None:
    """Keep (post, reason) as refused, in place of earlier reasons."""
    rows = [{"city": city, "post": post, "reason": reason} for post, reason in reasons]
    forgive(connection, city, [row["post"] for row in rows])
    if rows:
        connection.execute(sa.insert(index_refused), rows)


def forgive(connection: sa.Connection, city: str, posts: Sequence[str]) -> None:
    """Forget that these posts were refused."""
    for start in range(0, len(posts), _CHUNK):
        some = posts[start : start + _CHUNK]
        here = (index_refused.c.city == city) & index_refused.c.post.in_(some)
        connection.execute(sa.delete(index_refused).where(here))
