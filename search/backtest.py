"""What a saved search would have raised: the posts of the last days noticed again, in a state of its own.

The very code that notices live runs over them, each at the moment of its arrival, into a database that is thrown away:
nothing of the installation is written or locked, no ticket is made.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.ports import Keys
from crawler.model.rules import RuleKind
from search.document import Document, document_of
from search.engine import Engine
from search.finding import Finding
from search.indexed_monitor import IndexedMonitor
from search.names import names_of
from search.noticing import Noticing
from search.periods import moves
from search.query import parse_query
from search.reference import Context
from search.rules.alarms import Alarm, alarms_in
from search.rules.bench import Bench
from search.rules.hearing import Hearing
from search.rules.misses import Miss, nearest
from search.rules.series import LONG_AGO, Series, name_of
from search.rules.slots import WEEKS, hour_of
from search.rules.ticking import look_back
from search.rules.usual import Measure
from search.rules.watch import Watch
from search.state import archive
from search.state.archive import Stored
from search.state.chunks import chunks
from search.state.database import Database
from search.state.tables import incidents, matches, reports
from search.tree import And, Node, Not, Or, Period, Query

EXAMPLES = 10


@dataclass(slots=True)
class Day:
    """What a day of publication in the city's zone would have brought."""

    posts: int = 0
    reports: int = 0
    incidents: int = 0
    alarms: int = 0


@dataclass(frozen=True, slots=True)
class Backtested:
    """`days` are all days of the time, oldest first; `archive` is how many posts were published in it; `examples` are
    spread over the time; `overlap` is how many of the posts each saved search found too; `seconds` is CPU time.
    `alarms` are those of its rule by their beginning: the stretch, and the place, thread, author or new word. Where a
    rule of spikes has none, `nearest` says what came nearest; None where it counted nothing.
    """

    days: dict[date, Day]
    posts: int
    reports: int
    incidents: int
    archive: int
    examples: tuple[Stored, ...]
    overlap: dict[str, int]
    seconds: float
    alarms: tuple[Alarm, ...] = ()
    nearest: Miss | None = None


@dataclass
class Backtest:
    """Looks back over the posts of a city."""

    city: City
    database: Database
    engine: Engine
    keys: Keys
    now: datetime
    _days: dict[date, Day] = field(default_factory=dict, init=False)
    _since: datetime = field(default=LONG_AGO, init=False)

    def size(self, search: SavedSearch, days: int) -> int:
        """How many posts `run` would read and notice. QueryError for a query that cannot be read."""
        names = names_of(self.city)
        query = parse_query(search.query, names=names)
        return self.engine.count(_looked(search, query, days), Context(self.now, self.city.zone, names))

    def run(self, search: SavedSearch, days: int) -> Backtested:
        """What the search would have raised of what was published in the last `days` days. QueryError for a query that
        cannot be read.
        """
        started = time.process_time()
        names = names_of(self.city)
        query = parse_query(search.query, names=names)
        period = Period("since", f"-{days}d", (0, 0))
        today = self.now.astimezone(self.city.zone).date()
        self._days = {today - timedelta(days=back): Day() for back in range(days, -1, -1)}
        self._since = self.now - timedelta(days=days)
        context = Context(self.now, self.city.zone, names)
        found = list(Finding(self.engine, self.database, self.city.key).posts(_looked(search, query, days), context))
        with tempfile.TemporaryDirectory(prefix="otklik-backtest-") as folder:
            aside = Database.open(Path(folder) / "backtest.sqlite")
            try:
                fitting = self._notice(aside, search, query, found)
                fitting = [one for one in fitting if self._is_within(archive.published(one.post))]
                counted = self._count(aside, fitting)
                alarms = self._alarms(aside, search)
                missed = None if alarms else self._nearest(aside, search)
            finally:
                aside.close()
        return Backtested(
            self._days,
            len(fitting),
            *counted,
            self.engine.count(Query("", period), context),
            tuple(_spread(fitting)),
            self._overlap(search, [one.post.id for one in fitting]),
            time.process_time() - started,
            alarms,
            missed,
        )

    def _notice(self, aside: Database, search: SavedSearch, query: Query, found: Sequence[Stored]) -> list[Stored]:
        """Notice the posts in the order of their arrival; those that fit, oldest publication first."""
        monitor = IndexedMonitor(self.city.zone, names_of(self.city))
        monitor.register(search, query)
        images = replace(self.city.images, keep=False)
        city = replace(self.city, searches=(search,), images=images)
        with self.database.read() as connection:
            watch = Watch.of_archive(connection, self.city)
        series = [Series(search, LONG_AGO)] if search.rule.counts else []
        noticing = Noticing(city, monitor, self.keys, None, Hearing(city, monitor, series, watch))
        fitting: list[Stored] = []
        for at, batch in _arrivals(found):
            documents = {one.post.id: _document(one) for one in batch}
            heard = monitor.match_many(list(documents.values()), at)
            there = [one for one, matched in zip(batch, heard, strict=True) if matched]
            if there:
                fitting += there
                with aside.begin() as connection:
                    archive.put_current(connection, self.city.key, there)
                    if series:
                        # An alarm looks at what was said before it.
                        archive.store(connection, self.city.key, self.keys, there, at)
                    noticing.notice(connection, [documents[one.post.id] for one in there], at)
        for one in series:
            with aside.begin() as connection:
                look_back(connection, city, one, watch, self._since, self.now)
        return sorted(fitting, key=lambda one: (archive.published(one.post), one.post.id))

    def _count(self, aside: Database, fitting: Sequence[Stored]) -> tuple[int, int]:
        """Fill the days; how many reports and incidents there are."""
        first = sa.select(sa.func.min(reports.c.published_at)).join(incidents, incidents.c.id == reports.c.incident)
        opened = first.where(incidents.c.merged_into.is_(None)).group_by(incidents.c.id)
        with aside.read() as connection:
            said = [at for at in connection.scalars(sa.select(reports.c.published_at)) if self._is_within(at)]
            raised = [at for at in connection.scalars(opened) if self._is_within(at)]
        for name, moments in (
            ("posts", [archive.published(one.post) for one in fitting]),
            ("reports", said),
            ("incidents", raised),
        ):
            for day, count in Counter(at.astimezone(self.city.zone).date() for at in moments).items():
                setattr(self._days.setdefault(day, Day()), name, count)
        return len(said), len(raised)

    def _alarms(self, aside: Database, search: SavedSearch) -> tuple[Alarm, ...]:
        """The alarms of the time, counted on the days that they began."""
        if not search.rule.counts:
            return ()
        with aside.read() as connection:
            every = alarms_in(connection, self.city.key, name_of(search), [(self._since, self.now)])
        began = sorted((one for one in every if self._is_within(one.start_at)), key=lambda one: (one.span, one.key))
        for day, count in Counter(one.start_at.astimezone(self.city.zone).date() for one in began).items():
            self._days.setdefault(day, Day()).alarms = count
        return tuple(began)

    def _nearest(self, aside: Database, search: SavedSearch) -> Miss | None:
        if search.rule.kind is not RuleKind.SPIKE:
            return None
        series = Series(search, LONG_AGO)
        with self.database.read() as connection:
            watch = Watch.of_archive(connection, self.city)
        with aside.read() as connection:
            measure = Measure(search.rule, watch, self.city.zone, series.since)
            return nearest(Bench(connection, self.city.key, series, measure, hour_of(self.now)), self._since, self.now)

    def _is_within(self, at: datetime) -> bool:
        """Whether something is of the time that is shown: what rules compare with lies before."""
        return at >= self._since

    def _overlap(self, search: SavedSearch, ids: Sequence[str]) -> dict[str, int]:
        """How many of the posts other searches found as well, those that found most first."""
        shared: Counter[str] = Counter()
        table = matches.c
        with self.database.read() as connection:
            for some in chunks(ids):
                here = (table.city == self.city.key, table.post.in_(some), table.search != search.id)
                query = sa.select(table.search, sa.func.count(sa.distinct(table.post))).where(*here)
                shared.update({row[0]: row[1] for row in connection.execute(query.group_by(table.search))})
        return dict(shared.most_common())


def _days_before(search: SavedSearch) -> int:
    """So many days before the time are looked at for what is usual, and for a day in which nobody knows."""
    if not search.rule.counts:
        return 0
    return search.rule.within.days + 1 + (0 if search.rule.kind is RuleKind.FREQUENCY else 7 * WEEKS + 1)


def _looked(search: SavedSearch, query: Query, days: int) -> Query:
    """The posts to notice again: what counts back from the clock counts from each post's arrival, which the archive
    cannot be asked for.
    """
    looked = Period("since", f"-{days + _days_before(search)}d", (0, 0))
    return Query("", looked) if _counts_back(query.root) else _within(query, looked)


def _within(query: Query, period: Period) -> Query:
    return Query("", period if query.root is None else And((query.root, period)))


def _counts_back(node: Node | None) -> bool:
    match node:
        case Period():
            return moves(node)
        case And(parts) | Or(parts):
            return any(map(_counts_back, parts))
        case Not(part):
            return _counts_back(part)
    return False


def _arrivals(found: Iterable[Stored]) -> Iterator[tuple[datetime, list[Stored]]]:
    """The posts by the minute of their first arrival, with the end of that minute's last one."""
    ordered = sorted(found, key=lambda one: (one.first_seen_at, one.post.id))
    for _, group in groupby(ordered, key=lambda one: one.first_seen_at.replace(second=0, microsecond=0)):
        batch = list(group)
        yield batch[-1].first_seen_at, batch


def _document(one: Stored) -> Document:
    return document_of(one.post, one.reading)


def _spread(fitting: Sequence[Stored]) -> list[Stored]:
    """As many as are shown, from the oldest to the newest at even steps."""
    if len(fitting) <= EXAMPLES:
        return list(fitting)
    step = (len(fitting) - 1) / (EXAMPLES - 1)
    return [fitting[round(at * step)] for at in range(EXAMPLES)]
