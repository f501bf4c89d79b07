"""What people do with incidents: who works on one, what was decided by hand, acts that can be undone, notes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# The deadline of a report was not kept: that of its incident is the earliest of its reports'.
_DUE = "UPDATE reports SET due_resolved = (SELECT due_resolved FROM incidents WHERE incidents.id = reports.incident)"


def upgrade() -> None:
    """Add columns and make the tables. What was done before cannot be undone: nothing is known of what stood there."""
    op.add_column("incidents", sa.Column("assignee", sa.Text, nullable=False, server_default=""))
    op.add_column("incidents", sa.Column("by_hand", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("incidents", sa.Column("rejected_for", sa.Text, nullable=False, server_default=""))
    op.add_column("incidents", sa.Column("last_act", sa.Integer, nullable=False, server_default="0"))
    op.add_column("reports", sa.Column("due_resolved", sa.BigInteger))
    op.add_column("reports", sa.Column("placed", sa.Boolean, nullable=False, server_default="0"))
    op.execute(_DUE)
    op.create_table(
        "acts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "kind", "detail")),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("undone_by", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "act_incidents",
        sa.Column("incident", sa.Integer, primary_key=True),
        sa.Column("act", sa.Integer, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("incident", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "text")),
        sa.Column("removed", sa.Boolean, nullable=False),
    )
    op.create_index("notes_by_incident", "notes", ["incident"])
