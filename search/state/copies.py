"""Groups of exact copies: the original is the earliest by (published_at, id), whatever came first to us."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from search.state.chunks import chunks
from search.state.tables import posts, readings


def originals(connection: sa.Connection, city: str, copy_keys: Iterable[str]) -> dict[str, str]:
    """The id of the earliest current post of every group that has one, by copy key."""
    found: dict[str, str] = {}
    for asked in chunks(copy_keys):
        # Most texts are new: a look into the index alone tells which are not.
        there = sa.select(posts.c.copy_key).where(posts.c.city == city, posts.c.copy_key.in_(asked)).distinct()
        some = list(connection.scalars(there))
        if not some:
            continue
        here = sa.and_(posts.c.city == city, posts.c.copy_key.in_(some))
        earliest = (
            sa.select(posts.c.copy_key, sa.func.min(posts.c.published_at).label("at"))
            .where(here)
            .group_by(posts.c.copy_key)
            .subquery()
        )
        group = sa.and_(
            posts.c.city == city, posts.c.copy_key == earliest.c.copy_key, posts.c.published_at == earliest.c.at
        )
        query = sa.select(posts.c.copy_key, sa.func.min(posts.c.id)).join(earliest, group).group_by(posts.c.copy_key)
        found.update((key, id_) for key, id_ in connection.execute(query))
    return found


def regroup(connection: sa.Connection, city: str, originals_now: dict[str, str], apart: Collection[str]) -> list[str]:
    """Make `copy_of` right in the current readings of these groups, posts `apart` left out; the ids it changed."""
    changed: list[dict[str, object]] = []
    for some in chunks(originals_now):
        current = sa.and_(
            readings.c.city == posts.c.city, readings.c.post == posts.c.id, readings.c.version == posts.c.version
        )
        query = (
            sa.select(posts.c.id, posts.c.version, posts.c.copy_key, readings.c.copy_of)
            .join(readings, current)
            .where(posts.c.city == city, posts.c.copy_key.in_(some))
        )
        for id_, version, key, copy_of in connection.execute(query):
            original = originals_now[key] if originals_now[key] != id_ else ""
            if copy_of != original and id_ not in apart:
                changed.append({"of_post": id_, "of_version": version, "original": original})
    if changed:
        here = sa.and_(
            readings.c.city == city,
            readings.c.post == sa.bindparam("of_post"),
            readings.c.version == sa.bindparam("of_version"),
        )
        connection.execute(sa.update(readings).where(here).values(copy_of=sa.bindparam("original")), changed)
    return [str(row["of_post"]) for row in changed]
