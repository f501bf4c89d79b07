"""Noticing: what a batch of posts means to the saved searches — matches, reports, incidents — in record's transaction.

Every row is idempotent by key: noticing the same post again changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SourceRole
from crawler.model.ports import Keys
from search.acts import Hand
from search.address import place_keys
from search.arrivals import Arrival
from search.document import Document
from search.grouping import Grouping
from search.hand import Spoken, fold_in, is_by_hand, registered, wanted_by
from search.images import rows as images
from search.monitor import Found, Monitor
from search.reviewing import OF_INCIDENT, Review
from search.rules.hearing import Heard, Hearing
from search.state.bulk import Rows
from search.state.chunks import chunks
from search.state.tables import incidents, matches, posts, reports
from search.subjects import subject_of
from search.taking_back import note_registered
from search.wanted import Wanted, is_of_alarm, report_key, wanted, why_of

_MATCHES = Rows(sa.insert(matches))


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a batch brought: new matches, new reports, reports that no longer fit, new incidents."""

    matches: int = 0
    reports: int = 0
    withdrawn: int = 0
    incidents: int = 0

    def __add__(self, other: "Noticed") -> "Noticed":
        return Noticed(
            self.matches + other.matches,
            self.reports + other.reports,
            self.withdrawn + other.withdrawn,
            self.incidents + other.incidents,
        )


class Noticing:
    """Asks the monitor about new, changed and re-read posts of one city, and keeps what follows."""

    def __init__(
        self,
        city: City,
        monitor: Monitor,
        keys: Keys,
        spoken: Mapping[str, Spoken] | None = None,
        hearing: Hearing | None = None,
    ) -> None:
        """`spoken` is what a person registers now, by post; `hearing` counts the matches of searches with a rule."""
        self.city = city
        self.hearing = hearing or Hearing(city, monitor, ())
        self.spoken = dict(spoken or {})
        self.monitor = monitor
        self.keys = keys
        self._sources = {source.key: source for source in city.sources}

    def notice(self, connection: sa.Connection, documents: Sequence[Document], at: datetime) -> Noticed:
        """Write matches, reports, incidents, deliveries and events of the batch. The posts' rows are there already."""
        total = Noticed()
        for batch in _rounds(documents):
            total += self._notice(connection, batch, at)
        return total

    def _notice(self, connection: sa.Connection, batch: Sequence[Document], at: datetime) -> Noticed:
        found = dict(zip([one.id for one in batch], self.monitor.match_many(batch, at), strict=True))
        heard = self.hearing.hear(connection, batch, found, at)
        known = self._known(connection, {*found, *heard.documents})
        told = known.keys() | self.spoken.keys()
        touched = [document for document in batch if found[document.id] or document.id in told]
        if not touched and not heard.documents:
            return Noticed()
        fresh = self._match(connection, touched, found, at)
        threads = self._threads(connection, {*heard.documents, *(document.id for document in touched)})
        review = Review(connection, self.city, self.keys, at)
        arrivals: list[Arrival] = []
        reported: dict[str, int] = {}
        for document, mine, now in self._said(touched, found, known, heard):
            said = [self._arrival(document, threads, one) for one in now]
            if said:
                reported[document.id] = document.version
            arrivals += review.compare(document, mine, {one.key: one for one in said})
        review.flush()
        grouping = Grouping(connection, self.city, self.keys, at)
        grouping.join(arrivals)
        grouping.flush()
        self._tell(connection, [document.id for document in touched], known, at)
        # Of every version that fits, also where its report is known already: an edit may add photos.
        images.want(connection, self.city.key, list(reported.items()), self.city.images, at)
        return Noticed(fresh, len(arrivals), review.withdrawn, grouping.opened)

    def _said(
        self,
        touched: Sequence[Document],
        found: Mapping[str, Sequence[Found]],
        known: Mapping[str, Mapping[str, list[sa.Row[Any]]]],
        heard: Heard,
    ) -> Iterator[tuple[Document, Mapping[str, list[sa.Row[Any]]], list[Wanted]]]:
        """Each post with the reports it has and those it makes now: by itself, then in the alarms of rules."""
        for document in touched:
            # A report is what a resident says: an authority's notice or answer is found, and raises nothing.
            alone = [] if document.official else [one for one in found[document.id] if not one.search.rule.counts]
            mine = _of_alarms(known.get(document.id, {}), False)
            by_hand = self._by_hand(document, mine)
            subject, home = subject_of(self.city, document, mine.values()), self._home(document)
            now = wanted(self.city, document, alone, home, subject, [one.group for one in by_hand])
            for one in by_hand:
                fold_in(now, one, document.id, mine)
            yield document, mine, list(now.values())
        for document in heard.documents.values():
            mine = _of_alarms(known.get(document.id, {}), True)
            yield document, mine, heard.wanted.get(document.id, [])

    def _by_hand(self, document: Document, known: Mapping[str, list[sa.Row[Any]]]) -> list[Wanted]:
        """What people registered of a post: before, and now."""
        said = {(one.group, one.place_key): one for one in registered(self.city, document, known.values())}
        if spoken := self.spoken.get(document.id):
            one = wanted_by(self.city, document, spoken, self._home(document))
            said.setdefault((one.group, one.place_key), one)
        return list(said.values())

    def _tell(
        self,
        connection: sa.Connection,
        posts_: Sequence[str],
        known: Mapping[str, dict[str, list[sa.Row[Any]]]],
        at: datetime,
    ) -> None:
        """Write down who registered what is registered now for the first time."""
        turns = [turns for post in posts_ for turns in known.get(post, {}).values()]
        before = {row.id for rows in turns for row in rows if is_by_hand(row)}
        here = sa.and_(
            reports.c.city == self.city.key, reports.c.post.in_([post for post in posts_ if post in self.spoken])
        )
        for row in connection.execute(sa.select(reports).where(here).order_by(reports.c.id)).all():
            if is_by_hand(row) and row.id not in before:
                spoken = self.spoken[row.post]
                hand = Hand(connection, self.city, self.keys, at, spoken.by)
                note_registered(hand, row.post, row.incident, call=spoken.call)

    def _known(self, connection: sa.Connection, ids: Collection[str]) -> Mapping[str, dict[str, list[sa.Row[Any]]]]:
        """The reports that posts have already with what their incidents are, by post and the key of the first turn,
        the turns in order.
        """
        known: defaultdict[str, dict[str, list[sa.Row[Any]]]] = defaultdict(dict)
        theirs = [incidents.c[name].label(f"incident_{name}") for name in OF_INCIDENT]
        joined = reports.join(incidents, incidents.c.id == reports.c.incident)
        query = sa.select(reports, *theirs).select_from(joined).order_by(reports.c.id)
        for some in chunks(ids):
            here = sa.and_(reports.c.city == self.city.key, reports.c.post.in_(some))
            for row in connection.execute(query.where(here)):
                key = report_key(row.post, Wanted(row.topic_group, row.place_key, None))
                known[row.post].setdefault(key, []).append(row)
        return known

    def _threads(self, connection: sa.Connection, ids: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in chunks(ids):
            here = sa.and_(posts.c.city == self.city.key, posts.c.id.in_(some))
            found |= {
                row.id: row.thread for row in connection.execute(sa.select(posts.c.id, posts.c.thread).where(here))
            }
        return found

    def _match(
        self,
        connection: sa.Connection,
        touched: Sequence[Document],
        found: Mapping[str, Sequence[Found]],
        at: datetime,
    ) -> int:
        """Write the matches that are not there yet; how many those are."""
        rows = [row for document in touched for one in found[document.id] for row in self._rows(document, one, at)]
        names = ("search", "search_version", "post", "version", "place_key")
        here = sa.and_(matches.c.city == self.city.key, matches.c.post.in_([document.id for document in touched]))
        there = {tuple(row) for row in connection.execute(sa.select(*(matches.c[name] for name in names)).where(here))}
        fresh = [row for row in rows if tuple(row[name] for name in names) not in there]
        _MATCHES.insert_named(connection, fresh)
        return len(fresh)

    def _rows(self, document: Document, found: Found, at: datetime) -> list[dict[str, Any]]:
        """One match a bound place, one without a place where none is bound."""
        home = self._home(document)
        bound = [key for index in found.match.places for key in place_keys(document.places[index], home)]
        return [
            {
                "city": self.city.key,
                "search": found.search.id,
                "search_version": found.search.version,
                "post": document.id,
                "version": document.version,
                "place_key": key,
                "why": why_of(found.match),
                "at": at,
            }
            for key in dict.fromkeys(bound or [""])
        ]

    def _arrival(self, document: Document, threads: Mapping[str, str], report: Wanted) -> Arrival:
        source = self._sources.get(document.source)
        return Arrival(
            key=report_key(document.id, report),
            wanted=report,
            post=document.id,
            version=document.version,
            thread=threads.get(document.id, ""),
            author=document.author,
            # Given posts need no source in the city file: they are an intake.
            channels=(document.source, document.platform, (source.role if source else SourceRole.INTAKE).value),
            published_at=document.published_at,
        )

    def _home(self, document: Document) -> str:
        source = self._sources.get(document.source)
        return (source.home if source else "") or self.city.home


def _of_alarms(known: Mapping[str, list[sa.Row[Any]]], alarms: bool) -> dict[str, list[sa.Row[Any]]]:
    """The known reports of a post that are of alarms, or the others."""
    return {key: turns for key, turns in known.items() if is_of_alarm(turns[-1].place_key) is alarms}


def _rounds(documents: Sequence[Document]) -> list[list[Document]]:
    """The documents, oldest publication first; further versions of a post come in later rounds, in their order."""
    rounds: list[list[Document]] = []
    seen: Counter[str] = Counter()
    for document in sorted(documents, key=lambda document: document.version):
        if seen[document.id] == len(rounds):
            rounds.append([])
        rounds[seen[document.id]].append(document)
        seen[document.id] += 1
    return [sorted(one, key=lambda document: (document.published_at, document.id)) for one in rounds]
