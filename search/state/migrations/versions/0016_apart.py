"""What people decided of posts that Otklik put together: they are apart."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "apart",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "what", "post", "other")),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "why")),
        sqlite_with_rowid=False,
    )
