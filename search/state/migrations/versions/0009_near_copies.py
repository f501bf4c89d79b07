"""Near-copies: the sketches of texts, and which are near which."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables. Posts that are stored already are compared by `otklik reindex`."""
    op.create_table(
        "copy_texts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("copy_key", sa.Text, nullable=False),
        sa.Column("bands", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("copy_texts_by_key", "copy_texts", ["city", "copy_key"], unique=True)
    op.create_table(
        "near_copies",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "copy_key", "near_key")),
        sa.Column("score", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("near_copies_back", "near_copies", ["city", "near_key"])
