"""Stories: what posts tell of, which tell of the same event, and which post each follows."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables. Posts that are stored already are compared by `otklik reindex`."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "story_texts",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("news", sa.Boolean, nullable=False),
        sa.Column("profile", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("story_texts_by_post", "story_texts", ["city", "post"], unique=True)
    op.create_index("story_texts_by_slot", "story_texts", ["city", "slot"])
    op.create_table(
        "story_links",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "post", "other")),
        sa.Column("score", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "story_members",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("city", "post")),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("follows", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("story_members_by_story", "story_members", ["city", "story"])
