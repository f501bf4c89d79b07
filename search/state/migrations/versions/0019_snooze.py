"""Incidents that people put off: until when, and an index of the few that are."""

import sqlalchemy as sa
from alembic import op

from search.state.tables.base import Instant

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the time; nothing is put off."""
    op.add_column("incidents", sa.Column("snoozed_until", Instant))
    op.create_index("incidents_aside", "incidents", ["city"], sqlite_where=sa.text("snoozed_until IS NOT NULL"))
