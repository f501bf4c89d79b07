"""The work on posts: saved searches, matches, incidents, reports, deliveries, events, acts of people, notes."""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

# Conditions of indexes: a statement is answered from such a one where it asks in the very same words.
IS_DECISION = "what IN ('closed', 'confirmed', 'not_ours', 'rejected')"
IS_EXACT = (
    "json_extract(place, '$.precision') IN ('house', 'intersection', 'landmark')"
    " AND json_extract(place, '$.lat') IS NOT NULL AND json_extract(place, '$.lon') IS NOT NULL"
)

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

# What people said of examples: whether a search is meant to find this post, by the version that they looked at.
examples = sa.Table(
    "examples",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("search", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("fits", sa.Boolean, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Index("examples_of_post", "city", "post"),
    sqlite_with_rowid=False,
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
    # Who works on it, "" nobody.
    sa.Column("assignee", sa.Text, nullable=False, server_default=""),
    # What people decided of it and Otklik leaves alone (search/acts.py, Decided).
    sa.Column("by_hand", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("rejected_for", sa.Text, nullable=False, server_default=""),
    # The latest act of a person on it, 0 for none: whoever saw an older one is told so.
    sa.Column("last_act", sa.Integer, nullable=False, server_default="0"),
    # Until when it is put off, if anybody did.
    sa.Column("snoozed_until", Instant),
    # What Otklik had understood before people corrected place or topic (search/correcting.py); NULL where nobody did.
    sa.Column("understood", sa.JSON(none_as_null=True)),
    sa.UniqueConstraint("city", "number"),
    sa.Index("incidents_aside", "city", sqlite_where=sa.text("snoozed_until IS NOT NULL")),
    sa.Index("incidents_by_group", "city", "group_key"),
    # What the queue sorts and counts by lies in it: thousands are open, and none of their rows is read for that.
    sa.Index("incidents_of_queue", "city", "state", "due_first", "due_resolved", "severity", "number", "assignee"),
    sa.Index("incidents_by_topic", "city", "topic", "state"),
    sa.Index("incidents_at_risk", "city", "state", sqlite_where=sa.text("risk = 1")),
    sa.Index("incidents_exact", "city", "state", "opened_at", sqlite_where=sa.text(IS_EXACT)),
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
    sa.Column("due_resolved", Instant),
    # Whether a person put it into its incident.
    sa.Column("placed", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("answered_at", Instant),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    # Of its post, also when that is gone.
    sa.Column("platform", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("city", "key"),
    # The reports of an incident in the order in which they are told, how many they are and from where, without their
    # rows.
    sa.Index("reports_of_incident", "incident", "fits", "published_at", "post", "city", "platform"),
    sa.Index("reports_of_post", "city", "post", "incident"),
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
    sa.Index("events_of_decisions", "incident", "what", "at", sqlite_where=sa.text(IS_DECISION)),
)

# What people did, with all that an undo needs: ids and values, no words of residents. A place that a person chose is an
# address of the gazetteer.
acts = sa.Table(
    "acts",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    # The act that undid it.
    sa.Column("undone_by", sa.Integer),
    # An act that people look at may be the last: its number is not given again.
    sqlite_autoincrement=True,
)

act_incidents = sa.Table(
    "act_incidents",
    metadata,
    sa.Column("incident", sa.Integer, primary_key=True),
    sa.Column("act", sa.Integer, primary_key=True),
    sqlite_with_rowid=False,
)

notes = sa.Table(
    "notes",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("incident", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Index("notes_by_incident", "incident"),
)
