"""Stories: what posts tell of, which of them are alike, and which story each is of."""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

# Posts that say enough to tell one event from another.
story_texts = sa.Table(
    "story_texts",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    # Of the publication, and in which stretch of days it lies.
    sa.Column("at", Instant, nullable=False),
    sa.Column("slot", sa.Integer, nullable=False),
    # Whether it is news: an article, or what an authority or a medium wrote.
    sa.Column("news", sa.Boolean, nullable=False),
    # What it tells of (search/stories.py).
    sa.Column("profile", sa.LargeBinary, nullable=False),
    sa.Index("story_texts_by_post", "city", "post", unique=True),
    sa.Index("story_texts_by_slot", "city", "slot"),
    # A number is never given twice: what a process has read of this table it does not read again.
    sqlite_autoincrement=True,
)

# Posts that tell of the same, both ways.
story_links = sa.Table(
    "story_links",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("other", sa.Text, primary_key=True),
    # Cosine of their profiles.
    sa.Column("score", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

# A story is called by its first post, which has no row here.
story_members = sa.Table(
    "story_members",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("story", sa.Text, nullable=False),
    # When the first post was published.
    sa.Column("since", Instant, nullable=False),
    # The earlier post of the story that it is most like, and how much.
    sa.Column("follows", sa.Text, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Index("story_members_by_story", "city", "story"),
    sqlite_with_rowid=False,
)

# What people decided against what Otklik put together: it holds until they take it back.
apart = sa.Table(
    "apart",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    # "copy": the post is nobody's copy and nobody is its; "story": it is not of the story that `other` is of.
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    # "" for a copy.
    sa.Column("other", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
