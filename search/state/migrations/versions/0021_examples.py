"""What people said of examples of a saved search: that it is meant to find them, or not."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "examples",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "search", "post")),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("fits", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("examples_of_post", "examples", ["city", "post"])
