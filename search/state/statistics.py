"""What SQLite's planner is told of the state's indexes, before there is anything that it could count.

Without it the planner takes a city for ten rows. It then reads all rows of the city in an index that has every column
asked for, rather than seek those of some posts in another: dearer with every post that is stored.
"""

import sqlalchemy as sa

# https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table: how many rows there are, and how many share the first
# column, the first two, and so on. Only that a city has nearly all of them matters.
_ROWS = 1_000_000
_ALIKE = 10
# Of a city with thousands of incidents nearly all share one of eight states.
_OF_A_STATE = 100_000
_INDEXES = """
SELECT t.name, i.name, i."unique", count(*), t.name = 'incidents' AND max(c.seqno = 1 AND c.name = 'state')
FROM sqlite_schema AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
WHERE t.type = 'table' GROUP BY t.name, i.name, i."unique"
HAVING max(CASE WHEN c.seqno = 0 THEN c.name END) = 'city'
"""


def tell_planner(connection: sa.Connection) -> None:
    """Write what is said of every index that starts with the city, in place of what was. This connection heeds it at
    once, others that are opened later.
    """
    # Makes the table of statistics and reads no index.
    connection.exec_driver_sql("ANALYZE sqlite_schema")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table, index, unique, columns, by_state in connection.exec_driver_sql(_INDEXES).all():
        alike = [_ROWS, *[_ALIKE] * (columns - 1)]
        if by_state:
            alike[1] = _OF_A_STATE
        if unique:
            alike[-1] = 1
        said = " ".join(map(str, [_ROWS, *alike]))
        connection.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, said))
    connection.exec_driver_sql("ANALYZE sqlite_schema")
