"""The counts of rules in the state: hits, slots and words, put right when a post comes, changes or goes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.rules import RuleKind
from search.document import Document
from search.rules.slots import hour_of, slot_of
from search.state.bulk import Rows
from search.state.chunks import chunks
from search.state.tables import posts as stored
from search.state.tables import rule_alarms, rule_hits, rule_slots, rule_terms

_MOST_TERMS = 200
_SHORTEST_TERM = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that is counted in a series under a key. `fresh` says whether it may raise an alarm where what is usual
    is asked for.
    """

    series: str
    key: str
    post: str
    at: datetime
    source: str
    fresh: bool


def kind_of(series: str) -> RuleKind:
    """The rule that a series is counted for."""
    return RuleKind(series.rpartition("#")[2].partition("-")[0])


def hits_of(connection: sa.Connection, city: str, posts: Iterable[str]) -> list[Hit]:
    """What is counted of these posts."""
    table = rule_hits.c
    columns = (table.series, table.key, table.post, table.at, table.source, table.fresh)
    found: list[Hit] = []
    for some in chunks(posts):
        query = sa.select(*columns).where(table.city == city, table.post.in_(some))
        found += [Hit(*row) for row in connection.execute(query)]
    return found


def terms_of(document: Document) -> list[str]:
    """The words of a post that can be news: lemma keys of letters, no part of a place's name."""
    spans = {field: _spans(document, field) for field in ("title", "text")}
    names = {
        token.lemma
        for token in document.tokens
        if any(start < token.end and token.start < end for start, end in spans[token.field])
    }
    words = dict.fromkeys(token.lemma for token in document.tokens if not token.whole)
    kept = [word for word in words if len(word) >= _SHORTEST_TERM and word.isalpha() and word not in names]
    return kept[:_MOST_TERMS]


def _spans(document: Document, field: str) -> list[tuple[int, int]]:
    return [(place.start, place.end) for place in document.places if place.field == field]


def put(connection: sa.Connection, city: str, hits: Sequence[Hit]) -> None:
    """Count these."""
    _HITS.insert(connection, [(city, one.series, one.key, one.post, one.at, one.source, one.fresh) for one in hits])
    _add_slots(connection, city, [one for one in hits if _has_slots(one)], 1)


def take(connection: sa.Connection, city: str, hits: Sequence[Hit]) -> None:
    """Count these no longer."""
    table = rule_hits.c
    for one in hits:
        mine = (table.city == city, table.series == one.series, table.key == one.key, table.post == one.post)
        connection.execute(sa.delete(rule_hits).where(*mine))
    _add_slots(connection, city, [one for one in hits if _has_slots(one)], -1)


def put_terms(connection: sa.Connection, city: str, uses: Sequence[tuple[Hit, str]]) -> None:
    """Count words of these posts."""
    _TERMS.insert(connection, [(city, one.series, term, one.at, one.post, one.fresh) for one, term in uses])
    _add_slots(connection, city, [replace(one, key=term) for one, term in uses], 1)


def take_terms(connection: sa.Connection, city: str, posts: Iterable[str]) -> list[Hit]:
    """Count the words of these posts no longer; which those were, each as the key of a hit."""
    table, gone = rule_terms.c, list[Hit]()
    for some in chunks(posts):
        mine = sa.and_(table.city == city, table.post.in_(some))
        query = sa.select(table.series, table.term, table.post, table.at, table.fresh).where(mine)
        gone += [Hit(series, term, post, at, "", fresh) for series, term, post, at, fresh in connection.execute(query)]
        connection.execute(sa.delete(rule_terms).where(mine))
    _add_slots(connection, city, gone, -1)
    return gone


def _has_slots(hit: Hit) -> bool:
    """Whether the rule of a hit's series looks at slots: the other one counts the hits themselves."""
    return kind_of(hit.series) is not RuleKind.FREQUENCY


def _slot(hit: Hit) -> tuple[str, str, int, str]:
    """Where a hit is counted: words by the hour, and whoever said them."""
    if kind_of(hit.series) is RuleKind.NEW_TERM:
        return hit.series, hit.key, hour_of(hit.at), ""
    return hit.series, hit.key, slot_of(hit.at), hit.source


def _add_slots(connection: sa.Connection, city: str, hits: Sequence[Hit], sign: int) -> None:
    table = rule_slots.c
    counts: Counter[tuple[str, str, int, str]] = Counter()
    fresh: Counter[tuple[str, str, int, str]] = Counter()
    for one in hits:
        where = _slot(one)
        counts[where] += sign
        fresh[where] += sign * one.fresh
    _SLOTS.insert(connection, [(city, *where, count, fresh[where]) for where, count in counts.items()])
    if sign < 0:
        # What was pruned already must not be owed. By the whole key: a series of words has a million rows.
        for series, key, slot, source in counts:
            here = (table.city == city, table.series == series, table.key == key, table.slot == slot)
            connection.execute(sa.delete(rule_slots).where(*here, table.source == source, table.hits <= 0))


def forget_posts(connection: sa.Connection, city: str, posts: Iterable[str]) -> None:
    """Take posts that are removed, and whose rows are still there, out of what rules know. Alarms of their time that
    none of their posts is left of go too: their key may be a word. Numbers of a whole search stay, they say nothing of
    anybody; those of a place, a thread or an author go with their posts.
    """
    hits = hits_of(connection, city, posts)
    when = {one.at for one in hits} | _published(connection, city, posts)
    table = rule_hits.c
    for some in chunks(one.post for one in hits):
        connection.execute(sa.delete(rule_hits).where(table.city == city, table.post.in_(some)))
    take_terms(connection, city, [one.post for one in hits])
    _add_slots(connection, city, [one for one in hits if one.key and _has_slots(one)], -1)
    _forget_alarms(connection, city, when)


def _published(connection: sa.Connection, city: str, posts: Iterable[str]) -> set[datetime]:
    found: set[datetime] = set()
    for some in chunks(posts):
        query = sa.select(stored.c.published_at).where(stored.c.city == city, stored.c.id.in_(some))
        found |= set(connection.scalars(query))
    return found


def _forget_alarms(connection: sa.Connection, city: str, when: Collection[datetime]) -> None:
    """Of every series: a post that an older query counted may have been counted anew since. Only those that had time of
    the posts: words are counted for some weeks, and an older alarm would go with any post.
    """
    if not when:
        return
    alarms, left = rule_alarms.c, []
    for table, key in ((rule_hits.c, rule_hits.c.key), (rule_terms.c, rule_terms.c.term)):
        inside = sa.and_(table.at >= alarms.start_at, table.at < alarms.end_at)
        left.append(sa.exists().where(table.city == city, table.series == alarms.series, key == alarms.key, inside))
    # A silence never had any.
    spoken = sa.and_(alarms.city == city, ~alarms.series.contains(f"#{RuleKind.FLATLINE.value}-"))
    near = sa.and_(alarms.start_at <= max(when), alarms.end_at > min(when))
    query = sa.select(alarms.id, alarms.start_at, alarms.end_at).where(spoken, near, ~sa.or_(*left))
    moments = sorted(when)
    silent = [row.id for row in connection.execute(query) if _any_in(moments, row.start_at, row.end_at)]
    for some in chunks(silent):
        connection.execute(sa.delete(rule_alarms).where(alarms.id.in_(some)))


def _any_in(moments: Sequence[datetime], start: datetime, end: datetime) -> bool:
    at = bisect_left(moments, start)
    return at < len(moments) and moments[at] < end


_HITS = Rows(sa.insert(rule_hits))
_TERMS = Rows(sa.insert(rule_terms))
_MORE = upsert(rule_slots)
_SLOTS = Rows(
    _MORE.on_conflict_do_update(
        index_elements=["city", "series", "key", "slot", "source"],
        set_={
            "hits": rule_slots.c.hits + _MORE.excluded.hits,
            "fresh": rule_slots.c.fresh + _MORE.excluded.fresh,
        },
    )
)
