"""The tables of an installation. Every city's row carries `city`; a post is (city, post id).

Times are stored by `Instant` as microseconds and come back aware and in UTC. JSON columns hold the records of
crawler/model as search/state/records.py writes them.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC time kept as whole microseconds since 1970: sorts and compares in every database alike."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Microseconds of an aware time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        delta = value.astimezone(UTC) - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """The aware time of stored microseconds."""
        return (
            None
            if value is None
            else datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)
        )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _number() -> sa.Column[int]:
    # SQLite gives a rowid only to INTEGER; PostgreSQL should have 64 bits.
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column("id", kind, primary_key=True, autoincrement=True)


installation = sa.Table(
    "installation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parent", sa.Text, nullable=False),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    # Hash of the folded text, "" where the text is too short to call two of them copies.
    sa.Column("copy_key", sa.Text, nullable=False),
    sa.Column("gone_at", Instant),
    # Holds all that is asked of it: the earliest of a group of copies is found without reading the posts.
    sa.Index("posts_by_copy", "city", "copy_key", "published_at", "id"),
    sa.Index("posts_by_source", "city", "source", "published_at"),
)

post_versions = sa.Table(
    "post_versions",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    # The whole Post without raw and without the author's personal data.
    sa.Column("content", sa.JSON, nullable=False),
)

payloads = sa.Table(
    "payloads",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    # Compressed, then sealed with the installation's key: what a platform answered holds names and ids.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

observations = sa.Table(
    "observations",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("views", sa.BigInteger),
    sa.Column("likes", sa.BigInteger),
    sa.Column("reposts", sa.BigInteger),
    sa.Column("comments", sa.BigInteger),
    sa.Column("present", sa.Boolean, nullable=False),
)

authors = sa.Table(
    "authors",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    # The platform's own id and the name shown there, sealed together.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

readings = sa.Table(
    "readings",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    # The whole Reading but for `copy_of`, which search/state/copies.py looks up.
    sa.Column("content", sa.JSON, nullable=False),
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
    _number(),
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
    _number(),
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
    _number(),
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
    _number(),
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

source_health = sa.Table(
    "source_health",
    metadata,
    _number(),
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

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

index_queue = sa.Table(
    "index_queue",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    # "put" reads the current version and reading when it is fed; "delete" takes the post out of the engine.
    sa.Column("action", sa.Text, nullable=False),
    sa.Index("queue_by_city", "city", "seq"),
    # A seq is never given twice, also after the queue was emptied: it is the external version in Elasticsearch.
    sqlite_autoincrement=True,
)
