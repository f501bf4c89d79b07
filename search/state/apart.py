"""What people decided against what Otklik put together: that a post is no copy, that two are not of one story.

A decision is a row until it is taken back. Whatever reads posts anew asks for it, so it outlives edits, new readings
and a new index; it goes with its posts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from search.state.chunks import chunks
from search.state.tables import apart

COPY, STORY = "copy", "story"


@dataclass(frozen=True, slots=True)
class Decision:
    """COPY: `post` stands by itself, whatever its words; `other` is "". STORY: it is not of the story of `other`."""

    what: str
    post: str
    other: str
    at: datetime
    who: str
    why: str


def keep(connection: sa.Connection, city: str, decision: Decision) -> bool:
    """Keep a decision; False where it stands already."""
    values = {name: getattr(decision, name) for name in ("what", "post", "other", "at", "who", "why")}
    done = connection.execute(upsert(apart).on_conflict_do_nothing(), {"city": city, **values})
    return done.rowcount == 1


def take_back(connection: sa.Connection, city: str, what: str, post: str, other: str) -> bool:
    """Take a decision back, for a story whichever of the two was named first; False where there is none."""
    both = sa.or_(
        sa.and_(apart.c.post == post, apart.c.other == other), sa.and_(apart.c.post == other, apart.c.other == post)
    )
    here = sa.and_(apart.c.city == city, apart.c.what == what, both)
    return connection.execute(sa.delete(apart).where(here)).rowcount > 0


def listed(connection: sa.Connection, city: str) -> list[Decision]:
    """Every decision that stands, the latest first."""
    query = sa.select(apart).where(apart.c.city == city).order_by(apart.c.at.desc(), apart.c.post, apart.c.other)
    return [
        Decision(row.what, row.post, row.other, row.at, row.who, row.why) for row in connection.execute(query).all()
    ]


def alone(connection: sa.Connection, city: str, ids: Iterable[str]) -> set[str]:
    """Those of the posts that are no copies by decision."""
    found: set[str] = set()
    for some in chunks(ids):
        here = sa.and_(apart.c.city == city, apart.c.what == COPY, apart.c.post.in_(some))
        found.update(connection.scalars(sa.select(apart.c.post).where(here)))
    return found


def pairs(connection: sa.Connection, city: str) -> dict[str, set[str]]:
    """Of each post those of whose story it is not."""
    found: dict[str, set[str]] = {}
    here = sa.and_(apart.c.city == city, apart.c.what == STORY)
    for one, other in connection.execute(sa.select(apart.c.post, apart.c.other).where(here)):
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def forget(connection: sa.Connection, city: str, ids: Iterable[str]) -> None:
    """Forget what was decided of posts that go."""
    for some in chunks(ids):
        named = sa.or_(apart.c.post.in_(some), apart.c.other.in_(some))
        connection.execute(sa.delete(apart).where(apart.c.city == city, named))
