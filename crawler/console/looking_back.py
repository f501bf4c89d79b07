"""A draft of a saved search looked back with: what it would have raised, beside the version that is active."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from crawler.console.archive import Line, lines_of
from crawler.console.asked import Asked
from crawler.model.city import SavedSearch
from crawler.model.errors import OtklikError
from crawler.model.rules import RuleKind
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search import saving
from search.backtest import Backtest, Backtested
from search.engine import Order
from search.query import parse_query
from search.rules.misses import NOTHING_COUNTED
from search.tree import And, Node, Not, Period, Query

SPANS = (7, 30, 90)
MOST = 5_000
"""Posts that are noticed again: a millisecond or two each, in the process whose pages others read meanwhile."""
EXAMPLES = 10
BUSY = Text(
    "Идёт другая проверка на прошлом: подождите минуту и повторите. Черновик на месте.",
    "Another back-test is running: wait a minute and try again. The draft is in its place.",
)
TOO_MANY = Text(
    "Пришлось бы разобрать заново {count} публикаций за {days} дн., проверяем до {most}: сузьте запрос или возьмите "
    "меньше дней.",
    "{count} posts of {days} days would have to be read again, up to {most} are: narrow the query, or take fewer days.",
)
_LOOKING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: incidents of the draft and of the active version, as heights of a picture."""

    day: date
    count: int
    height: float
    before: float | None


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What the draft would have raised, and the active version (None where there is none, or it is the same)."""

    days: int
    counts_spikes: bool
    draft: Backtested
    before: Backtested | None
    bars: tuple[Bar, ...]
    came: int
    went: int
    examples: tuple[Line, ...]
    gone: tuple[Line, ...]
    names: dict[str, str]

    @property
    def nothing_counted(self) -> Text | None:
        """Why a draft of spikes has neither alarm nor near miss, though posts match."""
        nothing = not self.draft.alarms and self.draft.nearest is None
        return NOTHING_COUNTED if self.counts_spikes and nothing and self.draft.posts else None

    @property
    def overlap(self) -> list[tuple[str, str, int]]:
        """Other searches that found the same: id, name, how many of the posts."""
        return [(key, self.names.get(key, key), count) for key, count in list(self.draft.overlap.items())[:8]]


def look_back(asked: Asked, draft: SavedSearch, active: SavedSearch | None, days: int) -> LookedBack:
    """Look back with a draft that can be read. OtklikError when another is under way, or it would take too long."""
    desk = asked.desk
    query = parse_query(draft.query, platforms=PLATFORMS, names=desk.names)
    changed = active is not None and (active.query, active.rule) != (draft.query, draft.rule)
    others = [active] if active is not None and changed else []
    count = max(_test(asked).size(one, days) for one in [draft, *others])
    if count > MOST:
        raise OtklikError(TOO_MANY.filled(days=days, count=count, most=MOST))
    if not _LOOKING.acquire(blocking=False):
        raise OtklikError(BUSY)
    try:
        found = _run(asked, draft, days)
        before = _run(asked, active, days) if active is not None and changed else None
    finally:
        _LOOKING.release()
    came = went = 0
    gone: tuple[Line, ...] = ()
    examples = _first(asked, query, _since(days, query.root))
    if before is not None and active is not None:
        old = parse_query(active.query, platforms=PLATFORMS, names=desk.names)
        fresh, lost = _but(days, query, old), _but(days, old, query)
        came, went = (desk.engine.count(one, desk.context()) for one in (fresh, lost))
        examples = _first(asked, query, fresh) if came else examples
        gone = _first(asked, old, lost)
    with desk.database.read() as connection:
        names = {one.search.id: one.search.name for one in saving.current(connection, desk.city)}
    return LookedBack(
        days, draft.rule.kind is RuleKind.SPIKE, found, before, _bars(found, before), came, went, examples, gone, names
    )


def _test(asked: Asked) -> Backtest:
    desk = asked.desk
    return Backtest(desk.city, desk.database, desk.engine, desk.keys, asked.now)


def _run(asked: Asked, search: SavedSearch, days: int) -> Backtested:
    return _test(asked).run(replace(search, id=search.id or "new:"), days)


def _since(days: int, *roots: Node | None) -> Query:
    return Query("", And((*(root for root in roots if root is not None), Period("since", f"-{days}d", (0, 0)))))


def _but(days: int, query: Query, other: Query) -> Query:
    """What one finds and the other does not."""
    return _since(days, query.root, *([Not(other.root)] if other.root is not None else []))


def _first(asked: Asked, words: Query, query: Query) -> tuple[Line, ...]:
    page = asked.desk.engine.find(query, asked.desk.context(), limit=EXAMPLES, order=Order.NEWEST)
    return lines_of(asked, words, [hit.post for hit in page.hits])


def _bars(found: Backtested, before: Backtested | None) -> tuple[Bar, ...]:
    counts: Sequence[int] = [one.incidents for one in found.days.values()]
    others = [one.incidents for one in before.days.values()] if before else []
    most = max([*counts, *others, 1])
    return tuple(
        Bar(
            day,
            one.incidents,
            round(96 * one.incidents / most, 1),
            round(96 * old / most, 1) if old is not None else None,
        )
        for (day, one), old in zip(
            found.days.items(),
            [before.days[day].incidents if day in before.days else 0 for day in found.days]
            if before
            else [None] * len(counts),
            strict=True,
        )
    )
