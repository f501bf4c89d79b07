"""What an engine refuses stands apart from what waits: looking for one among the other read the whole queue."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and move what is refused."""
    op.create_table(
        "index_refused",
        sa.Column("city", sa.Text, primary_key=True),
        sa.Column("post", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.execute(
        "INSERT INTO index_refused (city, post, reason) "
        "SELECT city, post, max(substr(action, 9)) FROM index_queue WHERE action LIKE 'refused %' GROUP BY city, post"
    )
    op.execute("DELETE FROM index_queue WHERE action LIKE 'refused %'")
    # Marks of rebuilds had another form; a rebuild that was under way has to begin again anyway.
    op.execute("DELETE FROM installation WHERE name LIKE 'reindex:%'")
