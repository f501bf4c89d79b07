"""Statistics for the planner: they are written after every migration (search/state/statistics.py)."""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Nothing of its own: there is a version that has them, and older files get them."""
