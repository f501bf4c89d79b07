"""Indexes that hold what the console reads of thousands of incidents and reports, so that their rows are left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Put the wider indexes in the place of the narrow ones."""
    for index, table in (
        ("incidents_by_state", "incidents"),
        ("reports_by_incident", "reports"),
        ("reports_by_post", "reports"),
    ):
        op.drop_index(index, table, if_exists=True)
    columns = ["city", "state", "due_first", "due_resolved", "severity", "number", "assignee"]
    op.create_index("incidents_of_queue", "incidents", columns)
    op.create_index("incidents_by_topic", "incidents", ["city", "topic", "state"])
    op.create_index("incidents_at_risk", "incidents", ["city", "state"], sqlite_where=sa.text("risk = 1"))
    op.create_index("reports_of_incident", "reports", ["incident", "fits", "published_at", "post", "city"])
    op.create_index("reports_of_post", "reports", ["city", "post", "incident"])
