"""Erasure: authors whose posts are refused from then on, and their posts found without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """A table of erased authors, an index of posts by author."""
    op.create_table(
        "erased_authors",
        sa.Column("city", sa.Text, primary_key=True),
        sa.Column("author", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_index("posts_by_author", "posts", ["city", "author"])
