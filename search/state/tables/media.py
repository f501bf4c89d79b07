"""Images of posts that became reports: which are wanted, which are kept, and what became of the others."""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

images = sa.Table(
    "images",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    # What stays the same between fetches: addresses of platforms are signed anew with every one.
    sa.Column("key", sa.Text, nullable=False),
    # The order in which the post shows them.
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    # One word of search/images/fate.py.
    sa.Column("state", sa.Text, nullable=False),
    # The name of the file of a kept image, "" before.
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    # When it was queued, and when it came to what it is.
    sa.Column("at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    sa.UniqueConstraint("city", "post", "key"),
    sa.Index("images_due", "city", "state", "next_at"),
    sa.Index("images_by_digest", "city", "digest"),
)
