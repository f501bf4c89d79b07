"""What stands beside found posts: the incidents that they are in, and how many others say the same."""

import json
from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from search.engine import Engine, Tally
from search.reference import Context
from search.state.chunks import chunks
from search.state.database import Database
from search.state.tables import incidents, posts, reports
from search.tree import Query

# One statement for all of them: put together for some hundred posts at a time it takes longer than it answers.
_ASKED = sa.func.json_each(sa.bindparam("posts")).table_valued("value")
_OF_POSTS = (
    sa.select(sa.func.count(sa.distinct(sa.func.coalesce(incidents.c.merged_into, incidents.c.id))))
    .select_from(_ASKED)
    .join(reports, sa.and_(reports.c.post == _ASKED.c.value, reports.c.city == sa.bindparam("city")))
    .join(incidents, incidents.c.id == reports.c.incident)
)
NEWEST = 2_000
"""Found posts whose incidents are counted: each is looked up, in a page that is to come at once."""


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


def incidents_found(database: Database, engine: Engine, city: str, query: Query, context: Context) -> Tally:
    """How many incidents have a post that is found. Of more than NEWEST posts the newest are looked at, which makes it
    at least so many.
    """
    page = engine.find(query, context, limit=NEWEST)
    ids = json.dumps([hit.post for hit in page.hits])
    with database.read() as connection:
        count = connection.scalar(_OF_POSTS, {"city": city, "posts": ids})
    return Tally(count or 0, exact=not page.next)


def copies(connection: sa.Connection, city: str, keys: Collection[str]) -> dict[str, int]:
    """How many posts have the text of each copy key."""
    query = sa.select(posts.c.copy_key, sa.func.count()).group_by(posts.c.copy_key)
    here = posts.c.city == city
    return {
        key: number
        for some in chunks(sorted(set(keys) - {""}))
        for key, number in connection.execute(query.where(here, posts.c.copy_key.in_(some)))
    }
