"""Incidents whose place or topic people corrected: what Otklik had understood before."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the column; nothing is corrected."""
    op.add_column("incidents", sa.Column("understood", sa.JSON(none_as_null=True)))
