"""What the crawls of each day came to, by source: kept at a crawl's end, read by the page of sources."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from search.state.health import SourceHealth
from search.state.tables import source_days

KEPT = timedelta(days=60)
_TABLE = source_days.c


@dataclass(frozen=True, slots=True)
class SourceDay:
    """A day of a source: its crawls, those that could not read it, the posts that it is known to have and that were
    not seen: at the end of the day's last crawl that could read it, and the most of any.
    """

    crawls: int
    failed: int
    missed: int
    missed_most: int

    @property
    def is_known(self) -> bool:
        """Whether a crawl of the day could read the source."""
        return self.crawls > self.failed


def note(connection: sa.Connection, health: SourceHealth, zone: ZoneInfo) -> None:
    """A crawl has ended. Days past their time go."""
    day = _day(health.finished_at, zone)
    failed = bool(health.outcomes.get("broken"))
    missed = 0 if failed else health.gaps
    here = {"city": health.city, "source": health.source, "day": day.isoformat()}
    row = upsert(source_days).values(**here, crawls=1, failed=int(failed), missed=missed, missed_most=missed)
    changes: dict[str, object] = {"crawls": _TABLE.crawls + 1}
    # Who could not read knows of nothing: what was known before stands.
    changes |= {"failed": _TABLE.failed + 1} if failed else {"missed": missed}
    if not failed:
        changes["missed_most"] = sa.func.max(_TABLE.missed_most, missed)
    connection.execute(row.on_conflict_do_update(index_elements=list(here), set_=changes))
    past = (_TABLE.city == health.city, _TABLE.source == health.source, _TABLE.day < (day - KEPT).isoformat())
    connection.execute(sa.delete(source_days).where(*past))


def days_of(connection: sa.Connection, city: str, first: date, last: date) -> dict[tuple[str, date], SourceDay]:
    """The days of all sources of a city, by source and day."""
    here = (_TABLE.city == city, _TABLE.day >= first.isoformat(), _TABLE.day <= last.isoformat())
    rows = connection.execute(sa.select(source_days).where(*here))
    return {
        (row.source, date.fromisoformat(row.day)): SourceDay(row.crawls, row.failed, row.missed, row.missed_most)
        for row in rows
    }


def open_before(connection: sa.Connection, city: str, first: date) -> dict[str, int]:
    """What each source was missing before a day: at the end of its latest day before that on which it could be read."""
    known = (_TABLE.city == city, _TABLE.day < first.isoformat(), _TABLE.crawls > _TABLE.failed)
    rows = connection.execute(sa.select(_TABLE.source, _TABLE.missed).where(*known).order_by(_TABLE.day))
    return {row.source: row.missed for row in rows}


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
