"""Which post one answers outside of any thread: the answered one may tell which of several places is meant."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column and its index. Of what is stored already nothing is known until it comes again."""
    op.add_column("posts", sa.Column("answers", sa.Text, nullable=False, server_default=""))
    op.create_index("posts_by_answers", "posts", ["city", "answers"])
