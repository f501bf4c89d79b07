"""The running of an installation: its values, its tokens' calls, the health and the cursors of its sources."""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

source_health = sa.Table(
    "source_health",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("crawl", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant, nullable=False),
    sa.Column("published", sa.Integer, nullable=False),
    sa.Column("outcomes", sa.JSON, nullable=False),
    sa.Column("gaps", sa.Integer, nullable=False),
    # Seconds between publication and arrival, median of this crawl's new posts.
    sa.Column("lag", sa.Float),
    sa.Column("errors", sa.JSON, nullable=False),
    sa.Column("quota", sa.JSON, nullable=False),
    sa.Index("health_by_source", "city", "source", "finished_at"),
)

# What the crawls of a day came to: rows of source_health are the last thousand only.
source_days = sa.Table(
    "source_days",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    # Of the city's calendar, as 2026-03-02.
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("crawls", sa.Integer, nullable=False),
    # Those of them that could not read the source.
    sa.Column("failed", sa.Integer, nullable=False),
    # Posts that it is known to have and that were not seen: at the end of the last crawl, and the most of any.
    sa.Column("missed", sa.Integer, nullable=False),
    sa.Column("missed_most", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

# Tokens belong to the installation: cities share them. `token` is a keyed hash, never the token.
token_calls = sa.Table(
    "token_calls",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, primary_key=True),
    # The platform's own, as 2026-03-02.
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("method", sa.Text, primary_key=True),
    sa.Column("calls", sa.Integer, nullable=False),
)

token_paces = sa.Table(
    "token_paces",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, primary_key=True),
    # Seconds since 1970 by the machine's clock: when the next call may be sent.
    sa.Column("free_at", sa.Float, nullable=False),
)

token_rests = sa.Table(
    "token_rests",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, primary_key=True),
    # "" for every method.
    sa.Column("method", sa.Text, primary_key=True),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("until", Instant, nullable=False),
)

# The newest pages of articles that crawls read, the latest reading of each: what their site usually gives.
article_reads = sa.Table(
    "article_reads",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    # Marks of the texts (crawler/model/articles.py), "" where the page gave none.
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("dated", sa.Boolean, nullable=False),
    sa.Index("article_reads_by_source", "city", "source", "post", unique=True),
)

# Alarms that are on.
article_drifts = sa.Table(
    "article_drifts",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    # The share of pages that gave the part before.
    sa.Column("usual", sa.Float, nullable=False),
)
