"""Why a rule of spikes raised nothing: the window of a time that came nearest to an alarm, in figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crawler.model.rules import Rule
from crawler.model.text import Text
from search.rules.bench import Bench
from search.rules.slots import DAY, HOUR, WEEKS, Band, Counts, begin_of, fresh_slots, slot_of
from search.rules.usual import CHANCE, Lack, Weighed, weighed
from search.state.tables import rule_slots

NOTHING_COUNTED = Text(
    "Ни одна из подходящих публикаций тревоги не поднимает: не в счёт первые сутки источника, пришедшее позже трёх "
    "суток, сказанное властью и то, о чём не известно, чьё оно (место, ветка, автор), если правило считает их порознь.",
    "None of the posts that match can raise an alarm: not counted are the first day of a source, what came three days "
    "late, what an authority writes, and what has no known place, thread or author where the rule counts by it.",
)
"""What is said where posts match and there is no window at all."""


@dataclass(frozen=True, slots=True)
class Miss:
    """The nearest window. `key` is the place, thread or author that it is of, "" for the whole search."""

    start_at: datetime
    end_at: datetime
    key: str
    rule: Rule
    weighed: Weighed

    @property
    def told(self) -> Text:
        """What it had, and what an alarm needs."""
        one, rule = self.weighed, self.rule
        assert one.lack is not None
        return _TOLD[one.lack].filled(
            posts=one.posts,
            compared=one.compared,
            least=rule.at_least,
            usual=_decimal(one.usual),
            ratio=_decimal(one.compared / one.usual) if one.usual else "",
            times=_decimal(rule.times),
            deviations=_decimal(one.deviations),
            needed=_decimal(CHANCE),
        )


def nearest(bench: Bench, since: datetime, until: datetime) -> Miss | None:
    """The window of a time that came nearest to a spike, where none was one; None where nothing was counted. A window
    ends with a slot that has a post, as the rule looks at them.
    """
    band = (slot_of(since), slot_of(until) + 1)
    best: tuple[tuple[int, float], int, str, Weighed] | None = None
    for key, posts in _keys(bench, band):
        if best and posts < bench.series.rule.at_least and best[0] >= (Lack.POSTS, posts):
            break  # no key that is left has as many in all
        for end, one in _windows(bench, key, band):
            if one.lack is not None and (best is None or _nearness(bench.series.rule, one) > best[0]):
                best = (_nearness(bench.series.rule, one), end, key, one)
    if best is None:
        return None
    _, end, key, one = best
    return Miss(begin_of(end - bench.measure.width), begin_of(end), key, bench.series.rule, one)


def _keys(bench: Bench, band: Band) -> Iterator[tuple[str, int]]:
    """The keys that have posts in a band, with how many, most first."""
    table, count = rule_slots.c, sa.func.sum(rule_slots.c.fresh)
    mine = (table.city == bench.city, table.series == bench.series.name, table.slot.between(band[0], band[1] - 1))
    query = sa.select(table.key, count).where(*mine, table.fresh > 0).group_by(table.key)
    yield from ((row[0], row[1]) for row in bench.connection.execute(query.order_by(count.desc(), table.key)).all())


def _windows(bench: Bench, key: str, band: Band) -> Iterator[tuple[int, Weighed]]:
    low = band[0] - bench.measure.width - (7 * WEEKS + 1) * DAY - 2 * HOUR
    counts = Counts(bench.connection, bench.city, bench.series.name, key, [(low, band[1])])
    for slot in fresh_slots(bench.connection, bench.city, bench.series.name, key, [band]):
        yield slot + 1, weighed(bench.measure, counts, slot + 1)


def _nearness(rule: Rule, one: Weighed) -> tuple[int, float]:
    """The farther the questions went that a window answered, and the better it answered the last, the nearer."""
    match one.lack:
        case Lack.POSTS:
            return Lack.POSTS, one.posts
        case Lack.COMPARED:
            return Lack.COMPARED, one.compared
        case Lack.FACTOR:
            return Lack.FACTOR, one.compared / (rule.times * one.usual)
        case _:
            return Lack.CHANCE, one.deviations


def _decimal(number: float) -> Text:
    shown = f"{number:.1f}"
    return Text(shown.replace(".", ","), shown)


_TOLD = {
    Lack.POSTS: Text("публикаций {posts}, а нужно не меньше {least}", "{posts} posts, at least {least} are needed"),
    Lack.COMPARED: Text(
        "публикаций {posts}, но сравнить не с чем: от источников, за которыми смотрят больше суток, {compared}, "
        "а нужно не меньше {least}",
        "{posts} posts, but nothing to compare them with: {compared} are of sources watched for more than a day, "
        "at least {least} are needed",
    ),
    Lack.FACTOR: Text(
        "публикаций {compared} при обычных {usual}: в {ratio} раза больше, а нужно в {times}",
        "{compared} posts where {usual} are usual: {ratio} times as many, {times} are needed",
    ),
    Lack.CHANCE: Text(
        "публикаций {compared} при обычных {usual}: так бывает и случайно, отклонений {deviations}, а нужно {needed}",
        "{compared} posts where {usual} are usual: chance brings that too, {deviations} deviations of {needed}",
    ),
}
