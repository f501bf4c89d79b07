"""The running of an installation: its own values, the health and the cursors of its sources."""

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

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
