"""The work on posts: saved searches, matches, incidents, reports, deliveries, events."""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

searches = sa.Table(
    "searches",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("loaded_at", Instant, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

matches = sa.Table(
    "matches",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("search", sa.Text, primary_key=True),
    sa.Column("search_version", sa.Integer, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("place_key", sa.Text, primary_key=True),
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("matches_by_post", "city", "post"),
)

incidents = sa.Table(
    "incidents",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    # Counted from 1 in every city: what people call the incident by.
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("place", sa.JSON),
    sa.Column("group_key", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("executor", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("due_first", Instant),
    sa.Column("due_resolved", Instant),
    sa.Column("repeat_of", sa.Integer),
    sa.Column("merged_into", sa.Integer),
    sa.Column("risk", sa.Boolean, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    # The latest publication among its reports: the window is counted from here.
    sa.Column("last_report_at", Instant, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.UniqueConstraint("city", "number"),
    sa.Index("incidents_by_group", "city", "group_key"),
    sa.Index("incidents_by_state", "city", "state"),
)

reports = sa.Table(
    "reports",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    # post id, topic group, place key: a report once.
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("incident", sa.Integer, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("topic_group", sa.Text, nullable=False),
    sa.Column("place_key", sa.Text, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("fits", sa.Boolean, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
    sa.Column("due_first", Instant),
    sa.Column("answered_at", Instant),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("city", "key"),
    sa.Index("reports_by_incident", "incident"),
    sa.Index("reports_by_post", "city", "post"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("incident", sa.Integer, nullable=False),
    sa.Column("destination", sa.Text, nullable=False),
    # What the ticket system can be asked by: unique in the world.
    sa.Column("key", sa.Text, nullable=False, unique=True),
    # The incident's change that the destination should know, and the one that it knows.
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("sent_sequence", sa.Integer, nullable=False),
    sa.Column("payload_digest", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("city", "incident", "destination"),
    sa.Index("deliveries_due", "city", "state", "next_at"),
)

events = sa.Table(
    "events",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("incident", sa.Integer),
    sa.Column("subjects", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Index("events_by_incident", "incident"),
)
