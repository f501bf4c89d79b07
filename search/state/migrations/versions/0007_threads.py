"""The posts of a thread found without reading the others: each of its re-visits asks which of them are gone."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """An index of posts by thread."""
    op.create_index("posts_by_thread", "posts", ["city", "thread"])
