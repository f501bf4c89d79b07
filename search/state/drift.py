"""Pages of articles read of every source, and the alarms that they raise. Functions on a connection."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from crawler.model.articles import ArticleRead, Part
from search.drift import KEPT, given, is_over, lost
from search.state.tables import article_drifts, article_reads

USUAL_AFTER = timedelta(days=30)
"""An alarm ends after this at the latest: what the operator has seen for a month is how the site is now."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Drift:
    """An alarm: since when a source's articles are without a part, the share that had it before, how many of the
    newest pages have it, and the address of the newest one that has not.
    """

    source: str
    part: Part
    since: datetime
    usual: float
    have: int
    of: int
    example: str


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm that begins, or ends."""

    part: Part
    begins: bool


def note(connection: sa.Connection, city: str, source: str, at: datetime, reads: Sequence[ArticleRead]) -> list[Change]:
    """Keep what pages a crawl read, the latest reading of each article; the alarms that begin or end with it.

    Page by page: however many a crawl reads, what is usual is that of before they changed.
    """
    if not reads:
        return []
    kept = _kept(connection, city, source)
    alarms = _alarms(connection, city, source)
    before = set(alarms)
    for read in reads:
        kept.pop(read.post, None)
        kept[read.post] = _Kept(at, read)
        if len(kept) > KEPT:
            kept.pop(next(iter(kept)))
        kept = _look([*kept.values()], alarms, at)
    _write(connection, city, source, kept, alarms)
    ended = [Change(part, begins=False) for part in before - alarms.keys()]
    return [*(Change(part, begins=True) for part in alarms.keys() - before), *ended]


def _look(kept: "list[_Kept]", alarms: "dict[Part, _Alarm]", now: datetime) -> "dict[str, _Kept]":
    """Begin and end alarms, in place; the pages that are still to be compared with."""
    reads = [one.read for one in kept]
    for part in Part:
        alarm = alarms.get(part)
        if alarm is None:
            if loss := lost(reads, part):
                alarms[part] = _Alarm(kept[-loss.back].at, loss.usual)
        elif is_over(reads, part, alarm.usual):
            del alarms[part]
        elif now - alarm.since >= USUAL_AFTER:
            kept = [one for one in kept if one.at >= alarm.since]
            del alarms[part]
    return {one.read.post: one for one in kept}


def current(connection: sa.Connection, city: str) -> Iterator[Drift]:
    """The alarms of a city's sources."""
    table = article_drifts.c
    for source in connection.scalars(
        sa.select(table.source).where(table.city == city).distinct().order_by(table.source)
    ):
        reads = [one.read for one in _kept(connection, city, source).values()]
        for part, alarm in sorted(_alarms(connection, city, source).items()):
            had = given(reads, part)
            without = [read.url for read, has in zip(reads, had, strict=True) if not has]
            newest = had[-_SHOWN:]
            yield Drift(
                source, part, alarm.since, alarm.usual, sum(newest), len(newest), without[-1] if without else ""
            )


def sources(connection: sa.Connection, city: str) -> list[str]:
    """The sources whose articles are watched."""
    table = article_reads.c
    return list(connection.scalars(sa.select(table.source).where(table.city == city).distinct().order_by(table.source)))


class _Kept(NamedTuple):
    at: datetime
    read: ArticleRead


class _Alarm(NamedTuple):
    since: datetime
    usual: float


def _kept(connection: sa.Connection, city: str, source: str) -> dict[str, _Kept]:
    """The pages kept of a source by post, the latest reading last."""
    table = article_reads.c
    query = sa.select(article_reads).where(table.city == city, table.source == source).order_by(table.id)
    rows = connection.execute(query)
    return {row.post: _Kept(row.at, ArticleRead(row.post, row.url, row.body, row.title, row.dated)) for row in rows}


def _alarms(connection: sa.Connection, city: str, source: str) -> dict[Part, _Alarm]:
    table = article_drifts.c
    rows = connection.execute(sa.select(article_drifts).where(table.city == city, table.source == source))
    return {Part(row.part): _Alarm(row.since, row.usual) for row in rows}


def _write(
    connection: sa.Connection, city: str, source: str, kept: dict[str, _Kept], alarms: dict[Part, _Alarm]
) -> None:
    mine = {"city": city, "source": source}
    for table in (article_reads, article_drifts):
        connection.execute(sa.delete(table).where(table.c.city == city, table.c.source == source))
    connection.execute(sa.insert(article_reads), [{**mine, "at": one.at, **asdict(one.read)} for one in kept.values()])
    if alarms:
        rows = [{**mine, "part": part.value, **alarm._asdict()} for part, alarm in alarms.items()]
        connection.execute(sa.insert(article_drifts), rows)
