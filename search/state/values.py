"""The installation's own values, by name: marks that outlive a process."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from search.state.tables import installation as table

DEMO_MARK = "demo"
"""Has the key of the invented town where `otklik demo` made the installation."""


def value_of(connection: sa.Connection, name: str) -> str | None:
    """The value of that name, None when there is none."""
    return connection.scalar(sa.select(table.c.value).where(table.c.name == name))


def values_under(connection: sa.Connection, prefix: str) -> list[str]:
    """The values whose names begin so."""
    return list(connection.scalars(sa.select(table.c.value).where(table.c.name.startswith(prefix, autoescape=True))))


def keep_value(connection: sa.Connection, name: str, value: str | None) -> None:
    """Keep a value under a name, or forget it (None)."""
    if value is None:
        connection.execute(sa.delete(table).where(table.c.name == name))
        return
    row = upsert(table).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
