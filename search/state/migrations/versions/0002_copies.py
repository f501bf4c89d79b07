"""Which post is the original of a copy is looked up, not stored."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop what was stored of it."""
    op.drop_column("readings", "copy_of")
