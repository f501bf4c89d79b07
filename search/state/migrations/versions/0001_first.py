"""The tables of the first version."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _column(kind: type[sa.types.TypeEngine[Any]], *names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind(), nullable=null) for name in names]


def _number(name: str) -> sa.Column[int]:
    # SQLite gives a rowid only to INTEGER.
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, primary_key=True, autoincrement=True)


def upgrade() -> None:
    """Make every table."""
    _posts()
    _sources()
    _noticing()
    _handing_over()


def _posts() -> None:
    op.create_table(
        "posts",
        *_column(sa.Text, "city", "id", "source", "platform", "kind", "parent", "thread", "author"),
        *_column(sa.BigInteger, "published_at", "first_seen_at"),
        *_column(sa.Integer, "version"),
        *_column(sa.Text, "digest", "copy_key"),
        *_column(sa.BigInteger, "gone_at", null=True),
        sa.PrimaryKeyConstraint("city", "id"),
    )
    op.create_index("posts_by_copy", "posts", ["city", "copy_key", "published_at", "id"])
    op.create_index("posts_by_source", "posts", ["city", "source", "published_at"])
    op.create_table(
        "post_versions",
        *_column(sa.Text, "city", "post"),
        *_column(sa.Integer, "version"),
        *_column(sa.Text, "digest"),
        *_column(sa.BigInteger, "seen_at"),
        *_column(sa.JSON, "content"),
        sa.PrimaryKeyConstraint("city", "post", "version"),
    )
    op.create_table(
        "payloads",
        *_column(sa.Text, "city", "post"),
        *_column(sa.Integer, "version"),
        *_column(sa.LargeBinary, "sealed"),
        sa.PrimaryKeyConstraint("city", "post", "version"),
    )
    op.create_table(
        "observations",
        *_column(sa.Text, "city", "post"),
        *_column(sa.BigInteger, "at"),
        *_column(sa.BigInteger, "views", "likes", "reposts", "comments", null=True),
        *_column(sa.Boolean, "present"),
        sa.PrimaryKeyConstraint("city", "post"),
    )
    op.create_table(
        "authors",
        *_column(sa.Text, "city", "key", "platform", "role"),
        *_column(sa.LargeBinary, "sealed"),
        sa.PrimaryKeyConstraint("city", "key"),
    )
    op.create_table(
        "readings",
        *_column(sa.Text, "city", "post"),
        *_column(sa.Integer, "version"),
        *_column(sa.BigInteger, "at"),
        *_column(sa.Text, "copy_of"),
        *_column(sa.JSON, "content"),
        sa.PrimaryKeyConstraint("city", "post", "version"),
    )


def _sources() -> None:
    op.create_table(
        "installation",
        *_column(sa.Text, "name", "value"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "source_health",
        _number("id"),
        *_column(sa.Text, "city", "source", "crawl"),
        *_column(sa.BigInteger, "started_at", "finished_at"),
        *_column(sa.Integer, "published"),
        *_column(sa.JSON, "outcomes"),
        *_column(sa.Integer, "gaps"),
        *_column(sa.Float, "lag", null=True),
        *_column(sa.JSON, "errors", "quota"),
    )
    op.create_index("health_by_source", "source_health", ["city", "source", "finished_at"])
    op.create_table(
        "checkpoints",
        *_column(sa.Text, "city", "source", "cursor"),
        *_column(sa.BigInteger, "at"),
        sa.PrimaryKeyConstraint("city", "source"),
    )
    op.create_table(
        "tombstones",
        *_column(sa.Text, "city", "post"),
        *_column(sa.BigInteger, "at"),
        *_column(sa.Text, "why"),
        sa.PrimaryKeyConstraint("city", "post"),
    )
    op.create_table(
        "index_queue",
        _number("seq"),
        *_column(sa.Text, "city", "post", "action"),
        sqlite_autoincrement=True,
    )
    op.create_index("queue_by_city", "index_queue", ["city", "seq"])


def _noticing() -> None:
    op.create_table(
        "searches",
        *_column(sa.Text, "city", "id"),
        *_column(sa.Integer, "version"),
        *_column(sa.Text, "digest"),
        *_column(sa.JSON, "content"),
        *_column(sa.BigInteger, "loaded_at"),
        *_column(sa.Text, "state"),
        sa.PrimaryKeyConstraint("city", "id", "version"),
    )
    op.create_table(
        "matches",
        *_column(sa.Text, "city", "search"),
        *_column(sa.Integer, "search_version"),
        *_column(sa.Text, "post"),
        *_column(sa.Integer, "version"),
        *_column(sa.Text, "place_key"),
        *_column(sa.JSON, "why"),
        *_column(sa.BigInteger, "at"),
        sa.PrimaryKeyConstraint("city", "search", "search_version", "post", "version", "place_key"),
    )
    op.create_index("matches_by_post", "matches", ["city", "post"])
    op.create_table(
        "incidents",
        _number("id"),
        *_column(sa.Text, "city"),
        *_column(sa.Integer, "number"),
        *_column(sa.Text, "title"),
        *_column(sa.JSON, "place", null=True),
        *_column(sa.Text, "group_key", "topic", "severity", "state", "executor", "route", "policy"),
        *_column(sa.BigInteger, "due_first", "due_resolved", null=True),
        *_column(sa.Integer, "repeat_of", "merged_into", null=True),
        *_column(sa.Boolean, "risk"),
        *_column(sa.BigInteger, "opened_at", "last_report_at"),
        *_column(sa.Integer, "sequence"),
        sa.UniqueConstraint("city", "number"),
    )
    op.create_index("incidents_by_group", "incidents", ["city", "group_key"])
    op.create_index("incidents_by_state", "incidents", ["city", "state"])
    op.create_table(
        "reports",
        _number("id"),
        *_column(sa.Text, "city", "key"),
        *_column(sa.Integer, "incident"),
        *_column(sa.Text, "post"),
        *_column(sa.Integer, "version"),
        *_column(sa.Text, "topic_group", "place_key"),
        *_column(sa.JSON, "reasons"),
        *_column(sa.Boolean, "fits"),
        *_column(sa.BigInteger, "published_at"),
        *_column(sa.BigInteger, "due_first", "answered_at", null=True),
        *_column(sa.Text, "answer", "state"),
        *_column(sa.BigInteger, "at"),
        sa.UniqueConstraint("city", "key"),
    )
    op.create_index("reports_by_incident", "reports", ["incident"])
    op.create_index("reports_by_post", "reports", ["city", "post"])


def _handing_over() -> None:
    op.create_table(
        "deliveries",
        _number("id"),
        *_column(sa.Text, "city"),
        *_column(sa.Integer, "incident"),
        *_column(sa.Text, "destination", "key"),
        *_column(sa.Integer, "sequence", "sent_sequence"),
        *_column(sa.Text, "payload_digest", "external_id"),
        *_column(sa.Integer, "attempts"),
        *_column(sa.Text, "state"),
        *_column(sa.BigInteger, "next_at"),
        *_column(sa.Text, "last_error"),
        *_column(sa.BigInteger, "created_at"),
        sa.UniqueConstraint("city", "incident", "destination"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("deliveries_due", "deliveries", ["city", "state", "next_at"])
    op.create_table(
        "events",
        _number("id"),
        *_column(sa.Text, "city"),
        *_column(sa.BigInteger, "at"),
        *_column(sa.Text, "who", "what"),
        *_column(sa.Integer, "incident", null=True),
        *_column(sa.JSON, "subjects"),
        *_column(sa.Text, "reason", "digest"),
    )
    op.create_index("events_by_incident", "events", ["incident"])
