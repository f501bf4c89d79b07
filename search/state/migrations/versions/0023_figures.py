"""What the report and the map count lies in indexes, and a report knows the platform of its post."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_DECISIONS = "what IN ('closed', 'confirmed', 'not_ours', 'rejected')"
_EXACT = (
    "json_extract(place, '$.precision') IN ('house', 'intersection', 'landmark')"
    " AND json_extract(place, '$.lat') IS NOT NULL AND json_extract(place, '$.lon') IS NOT NULL"
)


def upgrade() -> None:
    """Of reports whose post is gone already no platform is known."""
    op.add_column("reports", sa.Column("platform", sa.Text, nullable=False, server_default=""))
    of_post = "SELECT platform FROM posts WHERE posts.city = reports.city AND posts.id = reports.post"
    op.execute(f"UPDATE reports SET platform = coalesce(({of_post}), '')")  # noqa: S608
    op.drop_index("reports_of_incident", "reports")
    op.create_index("reports_of_incident", "reports", ["incident", "fits", "published_at", "post", "city", "platform"])
    op.create_index("events_of_decisions", "events", ["incident", "what", "at"], sqlite_where=sa.text(_DECISIONS))
    op.create_index("posts_by_time", "posts", ["city", "published_at"])
    op.create_index("incidents_exact", "incidents", ["city", "state", "opened_at"], sqlite_where=sa.text(_EXACT))
