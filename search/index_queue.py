"""The queue between the state and a remote engine: what waits, what is refused, and the mark of a rebuild."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from search.state.tables import index_queue as table
from search.state.tables import installation

PUT = "put"
DELETE = "delete"
REFUSED = "refused "
"""What the action of a row begins with whose post the engine will not take as it is; the reason follows."""

_CHUNK = 500


class Row(NamedTuple):
    """A change that waits."""

    seq: int
    post: str
    action: str


def waiting(connection: sa.Connection, city: str) -> int:
    """How many changes wait for the engine; during a rebuild also those that wait for the new index."""
    condition = (table.c.city == city) & table.c.action.in_((PUT, DELETE))
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0)


def refused(connection: sa.Connection, city: str) -> list[tuple[str, str]]:
    """The posts that the engine refuses as they are, with its reasons. A rebuild tries them again."""
    rows = connection.execute(sa.select(table.c.post, table.c.action).where(_is_refused(city)).order_by(table.c.seq))
    return [(post, action.removeprefix(REFUSED)) for post, action in rows]


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
        .where(table.c.city == city, table.c.seq > seq, table.c.action.in_((PUT, DELETE)))
        .order_by(table.c.seq)
        .limit(limit)
    )
    return [Row(*row) for row in found]


def remove(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Take rows out of the queue."""
    for start in range(0, len(seqs), _CHUNK):
        connection.execute(sa.delete(table).where(table.c.seq.in_(seqs[start : start + _CHUNK])))


def refuse(connection: sa.Connection, city: str, reasons: Iterable[tuple[str, str]]) -> None:
    """Keep (post, reason) as refused, in place of earlier reasons."""
    rows = [{"city": city, "post": post, "action": REFUSED + reason} for post, reason in reasons]
    forgive(connection, city, [row["post"] for row in rows])
    if rows:
        connection.execute(sa.insert(table), rows)


def forgive(connection: sa.Connection, city: str, posts: Sequence[str]) -> None:
    """Forget that these posts were refused."""
    for start in range(0, len(posts), _CHUNK):
        some = posts[start : start + _CHUNK]
        connection.execute(sa.delete(table).where(_is_refused(city), table.c.post.in_(some)))


def _is_refused(city: str) -> sa.ColumnElement[bool]:
    return (table.c.city == city) & table.c.action.startswith(REFUSED)


def rebuilt_from(connection: sa.Connection, city: str) -> int | None:
    """The seq from which a rebuild under way needs every change kept; None when there is none."""
    value = connection.scalar(sa.select(installation.c.value).where(installation.c.name == _mark(city)))
    return None if value is None else int(value)


def mark_rebuild(connection: sa.Connection, city: str, seq: int | None) -> None:
    """Note that a rebuild needs every change from `seq` on kept; None: it has ended."""
    connection.execute(sa.delete(installation).where(installation.c.name == _mark(city)))
    if seq is not None:
        connection.execute(sa.insert(installation).values(name=_mark(city), value=str(seq)))


def _mark(city: str) -> str:
    return f"reindex:{city}"
