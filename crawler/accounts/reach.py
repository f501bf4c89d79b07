"""Which cities a person may be given."""

import sqlalchemy as sa

from search.state.tables import checkpoints, incidents, searches


def known_cities(connection: sa.Connection) -> set[str]:
    """Keys of the cities that anything is kept of: searches, marks of sources or incidents."""
    tables = (searches, checkpoints, incidents)
    return {key for one in tables for key in connection.scalars(sa.select(one.c.city).distinct())}
