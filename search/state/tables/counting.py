"""What rules count (search/rules/): matches by time, by slots of five minutes and by words; alarms; when sources were
watched. A `series` is what is counted of one saved search, `key` the place, thread or author that is counted apart.
"""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

rule_hits = sa.Table(
    "rule_hits",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    # Of the publication.
    sa.Column("at", Instant, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    # Whether it may raise an alarm where what is usual is asked for: no backfill, nothing of a source that is new.
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Index("rule_hits_by_time", "city", "series", "key", "at", "post"),
    sa.Index("rule_hits_by_post", "city", "post"),
)

# Numbers of whole searches outlive the posts, or retention would make every week look busier than the last. A word, a
# place or an author is a key too: those go with their posts.
rule_slots = sa.Table(
    "rule_slots",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    # Five minutes, counted from 1970.
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("hits", sa.Integer, nullable=False),
    sa.Column("fresh", sa.Integer, nullable=False),
    # The row lies in its key: a sum over a month reads nothing beside.
    sqlite_with_rowid=False,
)

# A word of a post is that post's: it goes with it.
rule_terms = sa.Table(
    "rule_terms",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("term", sa.Text, primary_key=True),
    sa.Column("at", Instant, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Index("rule_terms_by_post", "city", "post"),
)

rule_alarms = sa.Table(
    "rule_alarms",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("series", sa.Text, nullable=False),
    sa.Column("search", sa.Text, nullable=False),
    # The version that raised it.
    sa.Column("version", sa.Integer, nullable=False),
    # The place, thread or author, or the new word.
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("start_at", Instant, nullable=False),
    sa.Column("end_at", Instant, nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Index("alarms_by_time", "city", "series", "end_at"),
)

# When crawls could read a source: from the first to the last of crawls less than an hour apart.
source_watch = sa.Table(
    "source_watch",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("since", Instant, primary_key=True),
    sa.Column("until", Instant, nullable=False),
)
