"""What rules count, their alarms, and when sources were watched."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_WATCHED = """
INSERT INTO source_watch (city, source, since, until)
SELECT city, source, min(started_at), max(finished_at) FROM source_health
WHERE json_extract(outcomes, '$.broken') IS NULL GROUP BY city, source
"""


def upgrade() -> None:
    """Make the tables. What is known of crawls says since when their sources were watched."""
    _make("rule_hits", ("city", "series", "key", "post"), at=sa.BigInteger, source=sa.Text, fresh=sa.Boolean)
    op.create_index("rule_hits_by_time", "rule_hits", ["city", "series", "key", "at", "post"])
    op.create_index("rule_hits_by_post", "rule_hits", ["city", "post"])
    keys = ("city", "series", "key", "slot", "source")
    _make("rule_slots", keys, with_rowid=False, hits=sa.Integer, fresh=sa.Integer)
    _make("rule_terms", ("city", "series", "term", "at", "post"), fresh=sa.Boolean)
    op.create_index("rule_terms_by_post", "rule_terms", ["city", "post"])
    op.create_table(
        "rule_alarms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("city", "series", "search")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("start_at", "end_at", "raised_at")),
    )
    op.create_index("alarms_by_time", "rule_alarms", ["city", "series", "end_at"])
    _make("source_watch", ("city", "source", "since"), until=sa.BigInteger)
    op.execute(_WATCHED)


def _make(name: str, keys: tuple[str, ...], *, with_rowid: bool = True, **columns: Any) -> None:
    kinds = {"at": sa.BigInteger, "since": sa.BigInteger, "slot": sa.Integer}
    op.create_table(
        name,
        *(sa.Column(key, kinds.get(key, sa.Text), primary_key=True) for key in keys),
        *(sa.Column(column, kind, nullable=False) for column, kind in columns.items()),
        sqlite_with_rowid=with_rowid,
    )
