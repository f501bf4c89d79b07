"""Near-copies: sketches of another make, and the files that hold them made ready."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the table. Texts are sketched anew when their city's next post comes (search/state/bands.py)."""
    op.create_table(
        "copy_indexes",
        sa.Column("city", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("UPDATE copy_texts SET bands = x''")
