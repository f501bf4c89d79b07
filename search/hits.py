"""What stands beside found posts: the incidents that they are in, and how many others say the same."""

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from search.state.chunks import chunks
from search.state.tables import incidents, posts, reports


def incidents_of_posts(connection: sa.Connection, city: str, ids: Collection[str]) -> dict[str, tuple[int, ...]]:
    """The numbers of the incidents that these posts have reports in, lowest first; of a merged one that of the
    incident that it went into.
    """
    into = incidents.alias("into")
    number = sa.func.coalesce(into.c.number, incidents.c.number)
    query = (
        sa.select(reports.c.post, number)
        .distinct()
        .join(incidents, incidents.c.id == reports.c.incident)
        .join(into, into.c.id == incidents.c.merged_into, isouter=True)
        .order_by(number)
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for some in chunks(ids):
        for post, one in connection.execute(query.where(reports.c.city == city, reports.c.post.in_(some))):
            found[post].append(one)
    return {post: tuple(some) for post, some in found.items()}


def copies(connection: sa.Connection, city: str, keys: Collection[str]) -> dict[str, int]:
    """How many posts have the text of each copy key."""
    query = sa.select(posts.c.copy_key, sa.func.count()).group_by(posts.c.copy_key)
    here = posts.c.city == city
    return {
        key: number
        for some in chunks(sorted(set(keys) - {""}))
        for key, number in connection.execute(query.where(here, posts.c.copy_key.in_(some)))
    }
