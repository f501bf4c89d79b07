"""Groups of exact copies: the original is the earliest by (published_at, id), whatever came first to us.

Which post that is follows from the posts' own rows and is looked up when a reading is read: one seek in `posts_by_copy`
a post. Nothing is stored of it, so an original that comes late, or is edited, costs no more than any other post; but an
index and the saved searches know what is a copy, so whoever writes posts tells them whose original changed.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from search.state.chunks import chunks
from search.state.tables import posts

_EARLIER = posts.alias("earlier")
_ORIGINAL = (
    sa.select(_EARLIER.c.id)
    .where(_EARLIER.c.city == posts.c.city, _EARLIER.c.copy_key == posts.c.copy_key)
    .order_by(_EARLIER.c.published_at, _EARLIER.c.id)
    .limit(1)
    .correlate(posts)
    .scalar_subquery()
)

copy_of: sa.ColumnElement[str] = sa.case(
    (posts.c.copy_key == "", ""), else_=sa.func.coalesce(sa.func.nullif(_ORIGINAL, posts.c.id), "")
).label("copy_of")
"""In a query of `posts`: the id of the original whose copy a post is, "" for an original and for a short text."""

_Originals = dict[str, tuple[datetime, str]]


@dataclass
class Watch:
    """What writing some posts changed. `originals` are those of their groups now, `others` the posts beside them that
    became an original or are none any more.
    """

    originals: _Originals = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def copy_of(self, copy_key: str, published_at: datetime, post: str) -> str:
        """The original whose copy a version is that was written, "" for an original and for a short text."""
        original = self.originals.get(copy_key)
        return original[1] if original and original[1] != post and original < (published_at, post) else ""


@contextmanager
def watched(connection: sa.Connection, city: str, ids: Collection[str], keys: Collection[str] = ()) -> Iterator[Watch]:
    """Watch the groups of posts that are put or removed inside; `keys` are the copy keys that they get."""
    watch = Watch()
    groups = {*keys, *_keys_of(connection, city, ids)} - {""}
    before = _originals(connection, city, groups)
    yield watch
    now = watch.originals = _originals(connection, city, groups)
    changed = {key for key in groups if before.get(key) != now.get(key)}
    watch.others = {known[key][1] for known in (before, now) for key in changed & known.keys()} - set(ids)


def _keys_of(connection: sa.Connection, city: str, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(ids):
        here = sa.and_(posts.c.city == city, posts.c.id.in_(some))
        found |= set(connection.scalars(sa.select(posts.c.copy_key).where(here)))
    return found


def _originals(connection: sa.Connection, city: str, keys: Iterable[str]) -> _Originals:
    """The original of each group that there is: two seeks each, however many copies it has."""
    asked = sa.func.json_each(json.dumps(list(keys))).table_valued("value")
    first_id, first_at = (
        sa.select(column)
        .where(_EARLIER.c.city == city, _EARLIER.c.copy_key == asked.c.value)
        .order_by(_EARLIER.c.published_at, _EARLIER.c.id)
        .limit(1)
        .correlate(asked)
        .scalar_subquery()
        for column in (_EARLIER.c.id, _EARLIER.c.published_at)
    )
    rows = connection.execute(sa.select(asked.c.value, first_id, first_at))
    return {key: (published_at, post) for key, post, published_at in rows if post is not None}
