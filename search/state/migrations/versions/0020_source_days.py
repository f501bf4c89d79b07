"""What the crawls of a day came to, by source: what a source is known to have and nobody saw."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the table. It fills with the crawls that come: those before said too little of their day."""
    op.create_table(
        "source_days",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "source", "day")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("crawls", "failed", "missed", "missed_most")),
        sqlite_with_rowid=False,
    )
