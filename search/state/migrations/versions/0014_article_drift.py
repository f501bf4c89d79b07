"""Articles: what their pages gave, and alarms of sites that changed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables. What is usual is learnt from the next crawls."""
    op.create_table(
        "article_reads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("city", "source", "post")),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "body", "title")),
        sa.Column("dated", sa.Boolean, nullable=False),
    )
    op.create_index("article_reads_by_source", "article_reads", ["city", "source", "post"], unique=True)
    op.create_table(
        "article_drifts",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "source", "part")),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("usual", sa.Float, nullable=False),
    )
