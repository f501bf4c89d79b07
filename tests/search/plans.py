"""How SQLite answers what a piece of code asks: the statements it sent and their plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from search.state.database import Database

Asked = list[tuple[str, Any]]


@contextmanager
def queries() -> Iterator[Asked]:
    """The statements that reach any database of this process while the block runs."""
    asked: Asked = []

    def keep(_c: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:
        asked.append((statement, parameters[0] if many else parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)


def plans_of(database: Database, asked: Asked, table: str) -> list[str]:
    """Each step of the plans of the statements on a table: «SEARCH deliveries USING INDEX … (city=? AND state=?)»."""
    steps: list[str] = []
    with database.read() as connection:
        for statement, parameters in asked:
            if statement.split()[0] in ("SELECT", "UPDATE", "DELETE") and table in statement:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                steps += [row[3] for row in rows if table in row[3]]
    return steps
