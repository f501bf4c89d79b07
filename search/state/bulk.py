"""Many rows through one statement without what SQLAlchemy does for every row: it costs a post more than SQLite does."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import Insert


class Rows:
    """An INSERT of whole rows, with or without ON CONFLICT. Values come as tuples in the table's order, without the
    number that the database counts up.
    """

    def __init__(self, statement: Insert) -> None:
        self._statement = statement
        table = statement.table
        assert isinstance(table, sa.Table)
        self._columns = [column for column in table.columns if column is not table.autoincrement_column]
        self._values = itemgetter(*[column.key for column in self._columns])
        self._sql = ""
        self._coders: list[Callable[[Any], Any] | None] = []

    def insert(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert the rows; values are turned into those of the database as by the columns' types."""
        if not rows:
            return
        if not self._sql:
            self._compile(connection.dialect)
        columns = [
            values if coder is None else [coder(value) for value in values]
            for coder, values in zip(self._coders, zip(*rows, strict=True), strict=True)
        ]
        connection.exec_driver_sql(self._sql, list(zip(*columns, strict=True)))

    def insert_named(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows whose values are given by the names of their columns: every column's, and no other's."""
        self.insert(connection, [self._values(row) for row in rows])

    def _compile(self, dialect: sa.Dialect) -> None:
        names = [column.key for column in self._columns]
        compiled = self._statement.compile(dialect=dialect, column_keys=names)
        assert compiled.positiontup == names
        self._coders = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in self._columns]
        self._sql = str(compiled)


def kept_rows(connection: sa.Connection, query: sa.Select[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query as the database has them: times are microseconds, JSON is text or bytes, truth is 0 or 1."""
    with connection.execute(query) as result:
        assert result.cursor is not None
        return list(result.cursor.fetchall())


def upserting(insert: Any, *keys: str, kept: Sequence[str] = (), newer: str = "") -> Rows:
    """An insert that replaces the row of the same keys, but for the columns `kept`; with `newer`, only where its
    value is not below the stored one.
    """
    changes = {
        column.name: insert.excluded[column.name] for column in insert.table.c if column.name not in {*keys, *kept}
    }
    where = insert.excluded[newer] >= insert.table.c[newer] if newer else None
    return Rows(insert.on_conflict_do_update(index_elements=list(keys), set_=changes, where=where))
