"""Where each rule holds: when matches came or went, what time that may have changed and where the rule holds in it now.

A rule is a function in RULES of where its counts lie, a key and the moments of what came or went. It reads as much of
the counts as these can have changed, and no more when a thousand others lie beside them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.model.rules import RuleKind
from search.rules.bench import Bench, Judgement
from search.rules.slots import DAY, HOUR, WEEKS, Band, Counts, fresh_slots, merged, slot_of, times_of, weeks_before
from search.rules.spans import INSTANT, Span, chained, union
from search.rules.usual import is_flat, is_spike
from search.rules.words import new_term
from search.state.tables import rule_hits


def frequency(bench: Bench, key: str, moments: Sequence[datetime]) -> Judgement:
    """`at_least` posts within `within`, however the window lies. Whether a post is one of so many is decided by as many
    neighbours to each side: what lies beyond is not read.
    """
    rule = bench.series.rule
    region: list[Span] = []
    holds: list[Span] = []
    for first, last in chained(moments, rule.within):
        before, between, after = _neighbours(bench, key, first, last)
        near = rule.at_least - 1
        low = before[near - 1] if len(before) >= near else first - rule.within
        high = after[near - 1] if len(after) >= near else last + rule.within
        region.append((max(low, first - rule.within), min(high, last + rule.within) + INSTANT))
        holds += _crowded([*reversed(before), *between, *after], rule.at_least, rule.within)
    return Judgement(union(region), union(holds))


def _neighbours(
    bench: Bench, key: str, first: datetime, last: datetime
) -> tuple[list[datetime], list[datetime], list[datetime]]:
    """The moments before `first`, nearest first; those from `first` to `last`; those after `last`."""
    table, rule = rule_hits.c, bench.series.rule
    mine = sa.select(table.at).where(table.city == bench.city, table.series == bench.series.name, table.key == key)
    most, reach = 2 * (rule.at_least - 1), 2 * rule.within
    before = mine.where(table.at < first, table.at >= first - reach).order_by(table.at.desc()).limit(most)
    between = mine.where(table.at.between(first, last)).order_by(table.at)
    after = mine.where(table.at > last, table.at <= last + reach).order_by(table.at).limit(most)
    one, two, three = (list(bench.connection.scalars(query)) for query in (before, between, after))
    return one, two, three


def _crowded(moments: Sequence[datetime], many: int, within: timedelta) -> list[Span]:
    """The stretches from the first to the last of so many moments within a span."""
    pairs = zip(moments, moments[many - 1 :], strict=False)
    return union((first, last + INSTANT) for first, last in pairs if last - first <= within)


def spike(bench: Bench, key: str, moments: Sequence[datetime]) -> Judgement:
    """Far more than is usual in a window that ends with a slot that has a post (search/rules/usual.py)."""
    width, zone = bench.measure.width, bench.measure.zone
    changed = sorted({slot_of(at) for at in moments})
    ends = _ends_changed(changed, width + DAY, bench)
    slots = fresh_slots(bench.connection, bench.city, bench.series.name, key, _widened(ends, width))
    holds: list[Band] = []
    for group in _grouped(slots, width + DAY):
        low, high = group[0] - width, group[-1] + 1
        start = low - width - DAY
        weeks = [(weeks_before(start, zone, week) - 2 * HOUR, weeks_before(high, zone, week) + HOUR) for week in _WEEKS]
        bands = [(start, high), *weeks]
        counts = Counts(bench.connection, bench.city, bench.series.name, key, bands)
        holds += [(slot + 1 - width, slot + 1) for slot in group if is_spike(bench.measure, counts, slot + 1)]
    return Judgement(times_of([(low - width, high) for low, high in ends]), times_of(holds))


_WEEKS = range(1, WEEKS + 1)


def _ends_changed(changed: Sequence[int], later: int, bench: Bench) -> list[Band]:
    """The slots that windows end with which look at a changed slot, up to `later` after it, now or in one of the weeks
    after: an hour more to both sides, for clocks that were changed in between.
    """
    bands = [(slot, slot + later + 1) for slot in changed]
    for slot in changed:
        for week in _WEEKS:
            then = weeks_before(slot, bench.measure.zone, -week)
            bands.append((then - HOUR, then + later + HOUR + 1))
    return merged(bands)


def _widened(ends: Sequence[Band], width: int) -> list[Band]:
    """With the ends of all other windows that reach into theirs: whether a moment lies in an alarm, these decide."""
    return merged([(low - width, high + width) for low, high in ends])


def _grouped(slots: Sequence[int], gap: int) -> list[list[int]]:
    groups: list[list[int]] = []
    for slot in slots:
        if groups and slot - groups[-1][-1] <= gap:
            groups[-1].append(slot)
        else:
            groups.append([slot])
    return groups


def flatline(bench: Bench, key: str, moments: Sequence[datetime]) -> Judgement:
    """Nothing in a window that ends with a full hour where something is usual, for late posts that come into it."""
    changed = sorted({slot_of(at) for at in moments})
    ends = _ends_changed(changed, bench.measure.width, bench)
    return silence(bench, key, ends)


def silence(bench: Bench, key: str, ends: Sequence[Band]) -> Judgement:
    """Where windows that end in these slots have nothing; not beyond what the clock has reached, nor before the search
    was counted for the weeks that it needs.
    """
    width, zone = bench.measure.width, bench.measure.zone
    first = slot_of(bench.series.since)
    known = merged([(max(low, first), min(high, bench.until + 1)) for low, high in ends])
    holds: list[Band] = []
    for low, high in merged([(max(low - width, first), min(high + width, bench.until + 1)) for low, high in known]):
        weeks = [
            (weeks_before(low - width, zone, week) - HOUR, weeks_before(high, zone, week) + HOUR) for week in _WEEKS
        ]
        counts = Counts(bench.connection, bench.city, bench.series.name, key, [(low - width, high), *weeks])
        hours = range(-(-low // HOUR) * HOUR, high, HOUR)
        holds += [(end - width, end) for end in hours if is_flat(bench.measure, counts, end)]
    return Judgement(times_of([(low - width, high) for low, high in known]), times_of(holds))


RULES: dict[RuleKind, Callable[[Bench, str, Sequence[datetime]], Judgement]] = {
    RuleKind.FREQUENCY: frequency,
    RuleKind.SPIKE: spike,
    RuleKind.FLATLINE: flatline,
    RuleKind.NEW_TERM: new_term,
}
