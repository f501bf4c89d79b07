"""Groups of copies: the original is the earliest by (published_at, id), whatever came first to us.

A copy's original is the earliest of the posts that have its very words, or a text that is near its own
(search/state/near.py): nearness is asked between the two, never through a third. Which post that is follows from the
posts' own rows and is looked up when a reading is read: a few seeks a post. Nothing is stored of it, so an original
that comes late, or is edited, costs no more than any other post; but an index and the saved searches know what is a
copy, so whoever writes posts tells them whose original changed.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from search.state import near
from search.state.chunks import CHUNK, chunks
from search.state.database import Database
from search.state.tables import near_copies, posts

_EARLIER = posts.alias("earlier")


def _earliest(column: str, city: sa.ColumnElement[str], key: sa.ColumnElement[str]) -> sa.Select[tuple[str]]:
    """The id or the time of the earliest post of a copy key."""
    same = sa.and_(_EARLIER.c.city == city, _EARLIER.c.copy_key == key)
    return sa.select(_EARLIER.c[column]).where(same).order_by(_EARLIER.c.published_at, _EARLIER.c.id).limit(1)


_ORIGINAL = _earliest("id", posts.c.city, posts.c.copy_key).correlate(posts).scalar_subquery()
_FIRST_ID, _FIRST_AT = (
    _earliest(column, near_copies.c.city, near_copies.c.near_key).correlate(near_copies).scalar_subquery()
    for column in ("id", "published_at")
)
# A text near another is near itself too: then this is the original, and there is none where this finds nothing.
_NEAR_ORIGINAL = (
    sa.select(_FIRST_ID)
    .where(near_copies.c.city == posts.c.city, near_copies.c.copy_key == posts.c.copy_key)
    .order_by(_FIRST_AT, _FIRST_ID)
    .limit(1)
    .correlate(posts)
    .scalar_subquery()
)

copy_of: sa.ColumnElement[str] = sa.case(
    (posts.c.copy_key == "", ""),
    else_=sa.func.coalesce(sa.func.nullif(sa.func.coalesce(_NEAR_ORIGINAL, _ORIGINAL), posts.c.id), ""),
).label("copy_of")
"""In a query of `posts`: the id of the original whose copy a post is, "" for an original and for a short text."""

_Originals = dict[str, tuple[datetime, str]]
_First = tuple[datetime, str] | None


@dataclass
class Watch:
    """What writing some posts changed. `originals` are those of their texts now, `others` the posts beside them that
    became an original or are none any more.
    """

    originals: _Originals = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def copy_of(self, copy_key: str, published_at: datetime, post: str) -> str:
        """The original whose copy a version is that was written, "" for an original and for a short text."""
        original = self.originals.get(copy_key)
        return original[1] if original and original[1] != post and original < (published_at, post) else ""


@contextmanager
def watched(
    connection: sa.Connection, city: str, ids: Collection[str], texts: Mapping[str, str] | None = None
) -> Iterator[Watch]:
    """Watch the groups of posts that are put or removed inside; `texts` are the folded texts that they get, by copy
    key. Those that are new are kept for comparison, those that no post has any more are forgotten.
    """
    watch = Watch()
    texts = texts or {}
    groups = {*texts, *_keys_of(connection, city, ids)} - {""}
    before = _originals(connection, city, groups)
    yield watch
    now = _originals(connection, city, groups)
    fresh = near.keep(connection, city, {key: text for key, text in texts.items() if key in now})
    around = near.neighbours(connection, city, groups)
    family = groups.union(*around.values())
    if family != groups:
        # Whether a neighbour's post is a copy is for the neighbour's neighbours to say.
        around = near.neighbours(connection, city, family)
        now |= _originals(connection, city, family.union(*around.values()) - groups)
    before = {**now, **dict.fromkeys(groups), **before}
    watch.originals = _standing(family, around, now)
    stood = _standing(family, {key: others - fresh for key, others in around.items() if key not in fresh}, before)
    watch.others = (_ids(stood, before) ^ _ids(watch.originals, now)) - set(ids)
    near.forget(connection, city, groups - now.keys())


def compare(database: Database, city: str) -> None:
    """Compare all texts of a city anew, as today's rules have it, a short transaction for every few hundred. What it
    changes no engine is told: the rebuild that follows tells it everything.
    """
    near.prepare(database, city)
    last = ""
    keys = sa.select(posts.c.copy_key).where(posts.c.city == city).order_by(posts.c.copy_key).distinct().limit(CHUNK)
    while True:
        with database.begin() as connection:
            some = connection.scalars(keys.where(posts.c.copy_key > last)).all()
            near.compare(connection, city, some)
        if not some:
            return
        last = some[-1]


def _standing(family: Iterable[str], around: Mapping[str, Collection[str]], first: Mapping[str, _First]) -> _Originals:
    """The original of each text, of the first posts of it and of those near it."""
    found: _Originals = {}
    for key in family:
        those = [post for other in around.get(key) or (key,) if (post := first.get(other))]
        if those:
            found[key] = min(those)
    return found


def _ids(originals: _Originals, first: Mapping[str, _First]) -> set[str]:
    """The posts that are originals themselves."""
    return {original[1] for key, original in originals.items() if original == first.get(key)}


def _keys_of(connection: sa.Connection, city: str, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(ids):
        here = sa.and_(posts.c.city == city, posts.c.id.in_(some))
        found |= set(connection.scalars(sa.select(posts.c.copy_key).where(here)))
    return found


def _originals(connection: sa.Connection, city: str, keys: Iterable[str]) -> dict[str, _First]:
    """The earliest post of each text that there is: two seeks each, however many copies it has."""
    asked = sa.func.json_each(json.dumps(list(keys))).table_valued("value")
    first_id, first_at = (
        _earliest(column, sa.literal(city), asked.c.value).correlate(asked).scalar_subquery()
        for column in ("id", "published_at")
    )
    rows = connection.execute(sa.select(asked.c.value, first_id, first_at))
    return {key: (published_at, post) for key, post, published_at in rows if post is not None}
