"""The voices of an incident: its reports with where each was said and by whom, as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.items import Kind
from search.hits import copies
from search.images.fate import Fate
from search.images.rows import Image
from search.incidents import Report
from search.state.chunks import chunks
from search.state.tables import posts

_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Voice:
    """A report with what the row of its post says. `author` is the beginning of a pseudonym, "" for none; `images` are
    those that are kept; `copies` counts later posts with the same text; `gone_at` is when the post was found missing.
    """

    report: Report
    platform: str
    source: str
    kind: Kind | None
    author: str
    copies: int
    gone_at: datetime | None
    images: tuple[Image, ...]


def voices_of(
    connection: sa.Connection, city: City, heard: Sequence[Report], images: Mapping[str, Sequence[Image]]
) -> tuple[Voice, ...]:
    """The voices of reports, in their order, with the images of their posts: both as search.incidents.show has them."""
    known = _posts(connection, city, [report.post for report in heard])
    alike = copies(connection, city.key, {row.copy_key for row in known.values()})
    return tuple(_voice(report, known.get(report.post), images.get(report.post, ()), alike) for report in heard)


def _voice(report: Report, row: sa.Row[Any] | None, images: Sequence[Image], alike: dict[str, int]) -> Voice:
    if row is None:
        return Voice(report, "", "", None, "", 0, None, ())
    kept = tuple(image for image in images if image.state is Fate.KEPT)
    return Voice(
        report,
        row.platform,
        row.source,
        Kind(row.kind),
        row.author[:_LETTERS],
        max(0, alike.get(row.copy_key, 1) - 1),
        row.gone_at,
        kept,
    )


def _posts(connection: sa.Connection, city: City, ids: Sequence[str]) -> dict[str, sa.Row[Any]]:
    query = sa.select(posts).where(posts.c.city == city.key)
    return {row.id: row for some in chunks(ids) for row in connection.execute(query.where(posts.c.id.in_(some)))}
