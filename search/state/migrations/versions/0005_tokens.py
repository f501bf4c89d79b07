"""The calls of tokens by day, their turns in time, and what they rest from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Make the three tables of the ledger."""
    op.create_table(
        "token_calls",
        *_text("platform", "token", "day", "method"),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "token", "day", "method"),
    )
    op.create_table(
        "token_paces",
        *_text("platform", "token"),
        sa.Column("free_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "token"),
    )
    op.create_table(
        "token_rests",
        *_text("platform", "token", "method", "why"),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "token", "method"),
    )
