"""A process that feeds a city's index from the queue until nothing waits: `STATE CITY URL`. Tests kill it."""

import sys
from collections.abc import Sequence

import sqlalchemy as sa

from search.document import Document
from search.engine import open_engine
from search.feeder import Feeder
from search.state.database import Database
from search.state.tables import posts
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.test_engine import post


def main(state: str, city: str, url: str) -> None:
    def load(connection: sa.Connection, ids: Sequence[str]) -> list[Document]:
        found = connection.execute(
            sa.select(posts.c.id, posts.c.version).where(posts.c.city == city, posts.c.id.in_(ids))
        )
        return [post(int(row.id[1:]), version=row.version, hours=int(row.id[1:])) for row in found]

    database = Database.open(state)
    engine = open_engine(url, city, database, NoSecrets())
    Feeder(city, database, engine, load).drain(60)
    engine.close()
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
