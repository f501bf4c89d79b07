"""Every post that a query finds, page after page, read back from the state: what search and export share."""

from collections.abc import Iterator
from dataclasses import dataclass

from search.engine import Engine, Order
from search.reference import Context
from search.state import archive
from search.state.archive import Stored
from search.state.database import Database
from search.tree import Query

PAGE = 200


@dataclass
class Finding:
    """One look through the archive of a city. `gone` counts hits that were erased between the index and the state."""

    engine: Engine
    database: Database
    city: str
    order: Order = Order.NEWEST
    gone: int = 0

    def posts(self, query: Query, context: Context, limit: int | None = None) -> Iterator[Stored]:
        """The posts in order, a page in memory at a time; at most `limit` hits are looked at."""
        after = ""
        left = limit
        while left is None or left > 0:
            some = PAGE if left is None else min(PAGE, left)
            page = self.engine.find(query, context, after=after, limit=some, order=self.order)
            with self.database.read() as connection:
                found = archive.load(connection, self.city, [hit.post for hit in page.hits])
            for hit in page.hits:
                if hit.post in found:
                    yield found[hit.post]
                else:
                    self.gone += 1
            left = None if left is None else left - len(page.hits)
            after = page.next
            if not after:
                return
