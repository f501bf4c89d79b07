"""What the embedded engine finds, the newest first: a document's number begins with its second of publication."""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from search.engine import Hit, Order, Page
from search.engines.plan import SECOND, Plan
from search.engines.stream import Stored
from search.engines.token import Place, write


class Row(NamedTuple):
    """A post found. Rows compare as the newest come: by publication, then by post."""

    older: int
    post: str
    version: int
    stream: Stored

    @property
    def place(self) -> Place:
        """Where it stands among the newest."""
        return Place(-self.older, self.post)

    @property
    def hit(self) -> Hit:
        """What is given of it."""
        return Hit(self.post, self.version)


class Rows:
    """The posts that a plan finds in one index; of those that came with a later batch of changes than `batch`, none.

    Without `streams` a row has none.
    """

    def __init__(
        self, raw: sqlite3.Connection, planned: Plan, prefix: str, *, batch: int | None = None, streams: bool = False
    ) -> None:
        self._raw = raw
        self._source, self._parameters = planned.source(prefix)
        self._number = planned.number
        if batch is not None:
            self._source += " AND p.arrived <= ?"
            self._parameters = [*self._parameters, batch]
        stream = f"(SELECT stream FROM {prefix}_streams WHERE document = p.document)" if streams else "''"  # noqa: S608
        self._columns = f"p.document, p.published, p.post, p.version, {stream}"

    def first(self, limit: int, after: Place | None = None) -> list[Row]:
        """The newest behind `after`."""
        return list(islice(self._rows(after, None), limit))

    def down_to(self, edge: Place | None) -> list[Row]:
        """All that are not older than this; all where there is no such."""
        return list(self._rows(None, edge))

    def _rows(self, after: Place | None, edge: Place | None) -> Iterator[Row]:
        for second in self._seconds(after, edge):
            for row in sorted(second):
                beyond = after is None or (row.older, row.post) > (-after.published, after.post)
                if beyond and (edge is None or (row.older, row.post) <= (-edge.published, edge.post)):
                    yield row

    def _seconds(self, after: Place | None, edge: Place | None) -> Iterator[list[Row]]:
        """The rows of each second, the latest second first: within one they come in no order."""
        source, parameters = self._source, list(self._parameters)
        for place, sign, more in ((after, "<", 1), (edge, ">=", 0)):
            if place:
                source += f" AND {self._number} {sign} ?"
                parameters.append((place.published // 1_000_000 + more) * SECOND)
        rows = self._raw.execute(f"SELECT {self._columns} {source} ORDER BY {self._number} DESC", parameters)
        second: list[Row] = []
        current = None
        try:
            for document, published, post, version, stream in rows:
                if document // SECOND != current:
                    yield second
                    current, second = document // SECOND, []
                second.append(Row(-published, post, version, stream))
            yield second
        finally:
            rows.close()


def newest(rows: Rows, after: Place | None, limit: int) -> Page:
    """The page after this place."""
    found = rows.first(limit + 1, after)
    more = write(found[limit - 1].place, Order.NEWEST) if len(found) > limit else ""
    return Page(tuple(row.hit for row in found[:limit]), more)
