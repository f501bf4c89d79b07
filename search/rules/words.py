"""New words: said in a window by many posts and hardly ever in the four weeks before.

A word counts by itself, not by its share: when ten times as many write as usual, what they always write is not new.
Words are counted by hours, in rule_slots under the word as the key, and all posts under "".
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from crawler.model.rules import Rule
from search.rules.bench import Bench, Judgement
from search.rules.slots import DAY, HOUR, WEEKS, Band, Counts, fresh_slots, hour_of, merged, slots_in, times_of
from search.state.chunks import chunks
from search.state.tables import rule_alarms, rule_slots

BACKGROUND = 7 * WEEKS * DAY
"""Words of so many slots before a window are no news in it."""
THICK = 10
"""So many times `at_least` the posts of a background must be, or every word of them would be new."""


def width_of(rule: Rule) -> int:
    """The window in slots, whole hours."""
    return -(-slots_in(rule.within) // HOUR) * HOUR


def is_new(rule: Rule, uses: Counts, posts: Counts, end: int) -> bool:
    """Whether a word is new in the window that ends before slot `end`, by its uses and by all posts."""
    start = end - width_of(rule)
    now = uses.fresh(start, end)
    if now < rule.at_least or now < rule.times * uses.hits(start - BACKGROUND, start):
        return False
    return posts.hits(start - BACKGROUND, start) >= THICK * rule.at_least


def new_term(bench: Bench, key: str, moments: Sequence[datetime]) -> Judgement:
    """A word (the key) that at least `at_least` posts of a window have, `times` as many as the four weeks before, where
    these have posts enough to tell. Windows end with an hour in which the word is said.
    """
    rule, width = bench.series.rule, width_of(bench.series.rule)
    ends = _ends_changed(moments, width)
    holds: list[Band] = []
    for low, high in merged([(low - width, high + width) for low, high in ends]):
        slots = fresh_slots(bench.connection, bench.city, bench.series.name, key, [(low, high)])
        if not slots:
            continue
        band = (low - width - BACKGROUND, high + HOUR)
        uses, posts = bench.counts(key, band), bench.counts("", band)
        holds += [(slot + HOUR - width, slot + HOUR) for slot in slots if is_new(rule, uses, posts, slot + HOUR)]
    return Judgement(times_of((low - width, high + HOUR) for low, high in ends), times_of(holds))


def _ends_changed(moments: Iterable[datetime], width: int) -> list[Band]:
    """The hours that windows end with which have one of these moments in them or in their background."""
    return merged([(hour, hour + width + BACKGROUND) for hour in map(hour_of, moments)])


def words_to_judge(bench: Bench, changed: Mapping[str, list[datetime]]) -> dict[str, list[datetime]]:
    """Of words that came or went those that can be new, or were, each with the moments; and those of other posts that
    can be new now. Under "" stand the moments at which posts came or went.
    """
    if not changed:
        return {}
    table = rule_alarms.c
    mine = (table.city == bench.city, table.series == bench.series.name)
    raised = set(bench.connection.scalars(sa.select(table.key).where(*mine).distinct()))
    ends = _ends_changed([at for moments in changed.values() for at in moments], width_of(bench.series.rule))
    often = _can_be_new(bench, ends, changed.keys())
    found = {word: list(at) for word, at in changed.items() if word in often or word in raised}
    came = changed.get("", [])
    for word in _stirred(bench, came):
        found[word] = [*found.get(word, []), *came]
    return found


def _can_be_new(bench: Bench, ends: Sequence[Band], words: Iterable[str]) -> set[str]:
    """Those of these words that are said often enough somewhere in these hours; of what came in order, as most does,
    without the words that are said all the time.
    """
    rule, width = bench.series.rule, width_of(bench.series.rule)
    low, high = ends[0][0] - width, ends[-1][1] + HOUR
    # Where all came within an hour, and nothing later, one look at the window and its background is enough.
    last = ends[0][0] + HOUR if len(ends) == 1 and ends[0][1] - ends[0][0] == width + BACKGROUND else None
    table = rule_slots.c
    columns: list[sa.ColumnElement[int]] = [sa.func.sum(table.fresh)]
    if last is not None:
        before = table.slot.between(last - width - BACKGROUND, last - width - 1)
        columns += [sa.func.sum(sa.case((before, table.hits), else_=0)), sa.func.max(table.slot)]
        columns[0] = sa.func.sum(sa.case((table.slot >= last - width, table.fresh), else_=0))
        low = last - width - BACKGROUND
    mine = (table.city == bench.city, table.series == bench.series.name, table.slot >= low, table.slot < high)
    found = set()
    for some in chunks(words):
        query = sa.select(table.key, *columns).where(*mine, table.key.in_(some)).group_by(table.key)
        for word, now, *rest in bench.connection.execute(query.having(columns[0] >= rule.at_least)):
            if not rest or rest[1] >= (last or 0) or now >= rule.times * rest[0]:
                found.add(word)
    return found - {""}


def _stirred(bench: Bench, came: Sequence[datetime]) -> set[str]:
    """The words that posts of these moments can make new, or new no longer, which they do not have: where their coming
    or going made a background thick or thin. Only late posts do, in a series of few.
    """
    rule, width = bench.series.rule, width_of(bench.series.rule)
    thick, found = THICK * rule.at_least, set[str]()
    for low, high in merged([(hour + width, hour + width + BACKGROUND) for hour in map(hour_of, came)]):
        slots = fresh_slots(bench.connection, bench.city, bench.series.name, "", [(low, high)])
        if not slots:
            continue
        posts = bench.counts("", (low - width - BACKGROUND, high + HOUR))
        starts = [slot + HOUR - width for slot in slots]
        sizes = [posts.hits(start - BACKGROUND, start) for start in starts]
        if any(thick - len(came) <= size < thick + len(came) for size in sizes):
            found |= _frequent(bench, low - width, high)
    return found


def _frequent(bench: Bench, low: int, high: int) -> set[str]:
    """The words that are said often enough in a stretch to be new anywhere in it."""
    table = rule_slots.c
    mine = (table.city == bench.city, table.series == bench.series.name, table.slot >= low, table.slot < high)
    query = sa.select(table.key).where(*mine, table.key != "").group_by(table.key)
    return set(bench.connection.scalars(query.having(sa.func.sum(table.fresh) >= bench.series.rule.at_least)))
