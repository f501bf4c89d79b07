"""Groups of exact copies: the original is the earliest by (published_at, id), whatever came first to us.

Which post that is follows from the posts' own rows and is looked up when a reading is read: one seek in `posts_by_copy`
a post. Nothing is stored of it, so an original that comes late, or is edited, costs no more than any other post.
"""

import sqlalchemy as sa

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
