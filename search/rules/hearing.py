"""Hearing: what a batch of posts means to the searches that have a rule — counts, alarms, and the reports of alarms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.rules import By, RuleKind
from search.address import place_keys
from search.document import Document
from search.monitor import Found, Monitor
from search.reference import EVERYTHING, Context
from search.rules import tally
from search.rules.alarms import Alarm, alarms_in, settle
from search.rules.bench import Bench
from search.rules.judging import RULES
from search.rules.series import LONG_AGO, Series
from search.rules.spans import INSTANT, Span, minus
from search.rules.tally import Hit
from search.rules.ticking import ticked
from search.rules.usual import GROWN, Measure
from search.rules.watch import Watch, crawled_sources
from search.rules.words import words_to_judge
from search.state import archive, watched
from search.state.chunks import chunks
from search.state.tables import posts, rule_hits, rule_terms
from search.wanted import Wanted, alarm_key, finest, place_alone

LATE = timedelta(days=3)
"""What comes later than this after its publication raises no spike and no new word: it is no news any more."""


@dataclass
class Heard:
    """The posts whose reports of rules are to be looked at, with their documents; and the reports that they make."""

    documents: dict[str, Document] = field(default_factory=dict)
    wanted: dict[str, list[Wanted]] = field(default_factory=dict)


class Hearing:
    """The rules of one city's saved searches. `watch` is when sources were watched (None: as the state has it at each
    batch); where it is given, time is looked back on and nothing comes too late.
    """

    def __init__(self, city: City, monitor: Monitor, series: Sequence[Series], watch: Watch | None = None) -> None:
        self.city = city
        self.monitor = monitor
        self.watch = watch
        self.series = {one.name: one for one in series}
        self._by_search = {one.search.id: one for one in series}
        self._homes = {source.key: source.home for source in city.sources}
        self._crawled = crawled_sources(city)

    def hear(
        self,
        connection: sa.Connection,
        batch: Sequence[Document],
        found: Mapping[str, Sequence[Found]],
        at: datetime,
    ) -> Heard:
        """Count the batch, and bring alarms in line with the counts. `found` are the searches that fit each post."""
        if not self.series:
            return Heard()
        until = ticked(connection, self.city.key)
        old = defaultdict(set)
        for hit in tally.hits_of(connection, self.city.key, [document.id for document in batch]):
            old[hit.post].add(hit)
        counted = [document for document in batch if old[document.id] or any(map(self._of, found[document.id]))]
        if not counted:
            return Heard()
        watch = self._watching(connection, counted, at)
        new = self._hits(connection, counted, found, watch)
        changed = self._count(connection, counted, old, new)
        spans = self._judge(connection, changed, watch, until, at)
        touched = {document.id: document for document in counted}
        others = self._posts_in(connection, spans) - touched.keys()
        touched |= archive.documents(connection, self.city.key, others)
        return Heard(touched, self._reports(connection, touched, found, at))

    def _of(self, found: Found) -> Series | None:
        return self._by_search.get(found.search.id)

    def _watching(self, connection: sa.Connection, counted: Sequence[Document], at: datetime) -> Watch:
        """When sources were watched; one that nobody crawls is watched from its first post on."""
        if self.watch:
            return self.watch
        watch = Watch.of(connection, self.city)
        given = {document.source for document in counted} - self._crawled
        unknown = sorted(source for source in given if watch.first(source) is None)
        for source in unknown:
            watched.note(connection, self.city.key, source, at, at)
        return Watch.of(connection, self.city) if unknown else watch

    def _hits(
        self, connection: sa.Connection, counted: Sequence[Document], found: Mapping[str, Sequence[Found]], watch: Watch
    ) -> dict[str, dict[Hit, Document]]:
        """What each post is counted as now."""
        columns = (posts.c.id, posts.c.thread, posts.c.first_seen_at)
        rows: dict[str, sa.Row[Any]] = {}
        for some in chunks(document.id for document in counted):
            here = sa.and_(posts.c.city == self.city.key, posts.c.id.in_(some))
            rows |= {row.id: row for row in connection.execute(sa.select(*columns).where(here))}
        hits: dict[str, dict[Hit, Document]] = {}
        for document in counted:
            mine = hits[document.id] = {}
            for one in found[document.id]:
                series = self._of(one)
                # A report is what a resident says; silence is told of whoever speaks.
                if series is None or (document.official and series.kind is not RuleKind.FLATLINE):
                    continue
                row = rows[document.id]
                fresh = self._is_fresh(series, document, row.first_seen_at, watch)
                for key in self._keys(series, document, one, row.thread):
                    when = document.published_at
                    mine[Hit(series.name, key, document.id, when, document.source, fresh)] = document
        return hits

    def _is_fresh(self, series: Series, document: Document, seen_at: datetime, watch: Watch) -> bool:
        if series.kind is RuleKind.FREQUENCY:
            return True
        first = watch.first(document.source)
        if first is None or document.published_at < max(first, series.since) + GROWN:
            return False
        return self.watch is not None or seen_at - document.published_at <= LATE

    def _keys(self, series: Series, document: Document, found: Found, thread: str) -> list[str]:
        """What the post is counted under; nothing where its place or author is not known."""
        match series.rule.by:
            case By.ALL:
                return [""]
            case By.PLACE:
                home = self._home(document)
                bound = finest([document.places[index] for index in found.match.places])
                keys = [key for place in bound for key in place_keys(place, home)]
                keys = list(dict.fromkeys(keys)) or [place_alone(document.places, home)[0]]
            case By.THREAD:
                keys = [thread or document.id]
            case By.AUTHOR:
                keys = [document.author]
        return [key for key in keys if key]

    def _explained(self, search: SavedSearch, document: Document, at: datetime) -> Found:
        """Why a search fits a post that was counted before. One that counts back from the clock may fit it no longer,
        one that cannot be read any more is not asked: the post is one of the alarm all the same.
        """
        try:
            found = self.monitor.explain(search.id, document, at)
        except KeyError:
            found = None
        return found or Found(search, EVERYTHING, document, Context(at, self.city.zone))

    def _home(self, document: Document) -> str:
        return self._homes.get(document.source, "") or self.city.home

    def _count(
        self,
        connection: sa.Connection,
        counted: Sequence[Document],
        old: Mapping[str, set[Hit]],
        new: Mapping[str, Mapping[Hit, Document]],
    ) -> dict[tuple[str, str], list[datetime]]:
        """Bring the counts in line; the moments at which anything came or went, by series and key."""
        gone = [hit for document in counted for hit in old[document.id] - new[document.id].keys()]
        come = [hit for document in counted for hit in new[document.id].keys() - old[document.id]]
        tally.take(connection, self.city.key, gone)
        tally.put(connection, self.city.key, come)
        changed: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        for hit in [*gone, *come]:
            changed[hit.series, hit.key].append(hit.at)
        self._count_terms(connection, counted, old, new, changed)
        return changed

    def _count_terms(
        self,
        connection: sa.Connection,
        counted: Sequence[Document],
        old: Mapping[str, set[Hit]],
        new: Mapping[str, Mapping[Hit, Document]],
        changed: defaultdict[tuple[str, str], list[datetime]],
    ) -> None:
        """The same for words, also where the post is counted as before and says something else now."""
        before = [document.id for document in counted if any(map(_has_words, old[document.id]))]
        gone = tally.take_terms(connection, self.city.key, before)
        uses: list[tuple[Hit, str]] = []
        for document in counted:
            now = [hit for hit in new[document.id] if _has_words(hit)]
            terms = tally.terms_of(document) if now else []
            uses += [(hit, term) for hit in now for term in terms]
        tally.put_terms(connection, self.city.key, uses)
        for hit in gone:
            changed[hit.series, hit.key].append(hit.at)
        for hit, term in uses:
            changed[hit.series, term].append(hit.at)

    def _judge(
        self,
        connection: sa.Connection,
        changed: Mapping[tuple[str, str], list[datetime]],
        watch: Watch,
        until: int,
        at: datetime,
    ) -> dict[tuple[str, str], list[Span]]:
        """Let the rules look at what changed; where there is an alarm now and was none, or the other way round."""
        spans: dict[tuple[str, str], list[Span]] = {}
        for name, series in self.series.items():
            mine = {key: moments for (of, key), moments in changed.items() if of == name}
            measure = Measure(series.rule, watch, self.city.zone, series.since)
            bench = Bench(connection, self.city.key, series, measure, until)
            if series.kind is RuleKind.NEW_TERM:
                mine = words_to_judge(bench, mine)
            for key, moments in sorted(mine.items()):
                judged = RULES[series.kind](bench, key, moments)
                if series.kind is not RuleKind.FREQUENCY:
                    # What was raised before a pause cannot be judged any more, and stands.
                    judged = judged._replace(region=minus(judged.region, [(LONG_AGO, series.since)]))
                if different := settle(connection, self.city.key, series, key, judged, at):
                    spans[name, key] = different
        return spans

    def _posts_in(self, connection: sa.Connection, spans: Mapping[tuple[str, str], Sequence[Span]]) -> set[str]:
        """The posts that are counted in these stretches."""
        found: set[str] = set()
        for (name, key), stretches in spans.items():
            table: Any = rule_hits
            named = rule_hits.c.key == key
            if tally.kind_of(name) is RuleKind.NEW_TERM:
                table, named = rule_terms, rule_terms.c.term == key
            for start, end in stretches:
                inside = (table.c.city == self.city.key, table.c.series == name, named, table.c.at >= start)
                found.update(connection.scalars(sa.select(table.c.post).where(*inside, table.c.at < end)))
        return found

    def _reports(
        self,
        connection: sa.Connection,
        touched: Mapping[str, Document],
        found: Mapping[str, Sequence[Found]],
        at: datetime,
    ) -> dict[str, list[Wanted]]:
        """The reports that these posts make now: one for each search and key that has an alarm when they were said."""
        reports: defaultdict[str, list[Wanted]] = defaultdict(list)
        by_series: defaultdict[str, list[Hit]] = defaultdict(list)
        for hit in tally.hits_of(connection, self.city.key, touched):
            by_series[hit.series].append(hit)
        for name, hits in sorted(by_series.items()):
            series = self.series.get(name)
            if series is None:
                continue
            alarms = alarms_in(connection, self.city.key, name, [(hit.at, hit.at + INSTANT) for hit in hits])
            terms = self._terms(connection, name, hits) if alarms and series.kind is RuleKind.NEW_TERM else {}
            for hit in hits:
                keys = terms.get(hit.post, set()) if series.kind is RuleKind.NEW_TERM else {hit.key}
                over = [one for one in alarms if one.key in keys and one.start_at <= hit.at < one.end_at]
                if over:
                    document = touched[hit.post]
                    reports[hit.post].append(self._wanted(series, hit, document, found.get(hit.post, ()), over, at))
        return reports

    def _terms(self, connection: sa.Connection, series: str, hits: Iterable[Hit]) -> dict[str, set[str]]:
        """The words that are counted of posts."""
        terms: defaultdict[str, set[str]] = defaultdict(set)
        table = rule_terms.c
        for some in chunks(hit.post for hit in hits):
            mine = (table.city == self.city.key, table.series == series, table.post.in_(some))
            for row in connection.execute(sa.select(table.post, table.term).where(*mine)):
                terms[row.post].add(row.term)
        return terms

    def _wanted(
        self,
        series: Series,
        hit: Hit,
        document: Document,
        found: Sequence[Found],
        alarms: Sequence[Alarm],
        at: datetime,
    ) -> Wanted:
        search = series.search
        why = next((one for one in found if one.search.id == search.id), None) or self._explained(search, document, at)
        home = self._home(document)
        place = None
        if series.rule.by is By.PLACE:
            place = next((one for one in document.places if hit.key in place_keys(one, home)), None)
        span = (min(one.start_at for one in alarms), max(one.end_at for one in alarms))
        return Wanted(self.city.group_of(search.topic), alarm_key(search.id, hit.key), place, [why], span)


def _has_words(hit: Hit) -> bool:
    return tally.kind_of(hit.series) is RuleKind.NEW_TERM
