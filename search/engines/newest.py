"""Pages of the embedded engine, the newest first: a document's number begins with its second of publication."""

import sqlite3
from collections.abc import Iterator

from search.engine import Hit, Order, Page
from search.engines.plan import SECOND, Plan
from search.engines.token import Place, write


def newest(raw: sqlite3.Connection, planned: Plan, prefix: str, start: Place | None, limit: int) -> Page:
    """The page after `start`."""
    source, parameters = planned.source(prefix)
    number = planned.number
    if start:
        source += f" AND {number} < ?"
        parameters = [*parameters, (start.published // 1_000_000 + 1) * SECOND]
    rows = raw.execute(f"SELECT p.document, p.published, p.post, p.version {source} ORDER BY {number} DESC", parameters)
    found = list(_first(rows, start, limit + 1))
    hits = tuple(Hit(post, version) for _, post, version in found[:limit])
    more = write(Place(-found[limit - 1][0], found[limit - 1][1]), Order.NEWEST) if len(found) > limit else ""
    return Page(hits, more)


def _first(rows: sqlite3.Cursor, start: Place | None, wanted: int) -> Iterator[tuple[int, str, int]]:
    """The first rows after `start` by (publication, newest first; post): rows come ordered by second only."""
    second: list[tuple[int, str, int]] = []
    current, given = None, 0

    def ordered() -> list[tuple[int, str, int]]:
        beyond = [row for row in second if start is None or row[:2] > (-start.published, start.post)]
        return sorted(beyond)[: wanted - given]

    for document, published, post, version in rows:
        if document // SECOND != current:
            batch = ordered()
            yield from batch
            given += len(batch)
            if given >= wanted:
                rows.close()
                return
            current, second = document // SECOND, []
        second.append((-published, post, version))
    yield from ordered()
