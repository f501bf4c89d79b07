"""Whether a query makes sense as a saved search: it asks for something, and something can be it."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from crawler.model.text import Text
from search.periods import resolve
from search.query import show
from search.tree import And, Node, Not, Or, Period, Query


def doubts(query: Query, now: datetime, zone: ZoneInfo) -> Iterator[Text]:
    """What the query probably does not mean."""
    if query.root is None or not _asks(query.root, wanted=True):
        yield Text(
            "запрос ничего не ищет, а только исключает: подойдёт почти каждое сообщение",
            "the query looks for nothing and only excludes: almost every post will fit",
        )
    if query.root is not None and _is_impossible(query.root, now, zone):
        yield Text(
            "запросу не подойдёт ни одно сообщение: условия исключают друг друга или время ещё не настало",
            "no post can fit the query: its conditions exclude each other or its time is yet to come",
        )


def _asks(node: Node, *, wanted: bool) -> bool:
    """Whether a post must have something in order that the node fits (`wanted`), or does not."""
    match node:
        case Not(part):
            return _asks(part, wanted=not wanted)
        case And(parts) | Or(parts):
            every = isinstance(node, Or) is wanted
            return (all if every else any)(_asks(part, wanted=wanted) for part in parts)
        case _:
            return wanted


def _is_impossible(node: Node, now: datetime, zone: ZoneInfo) -> bool:
    if isinstance(node, Or):
        return all(_is_impossible(part, now, zone) for part in node.parts)
    parts = node.parts if isinstance(node, And) else (node,)
    asked = {show(Query("", part)) for part in parts if not isinstance(part, Not)}
    excluded = {
        show(Query("", each))
        for part in parts
        if isinstance(part, Not)
        for each in (part.part.parts if isinstance(part.part, Or) else (part.part,))
    }
    # An arrival may be later than any publication: they limit each other in nothing.
    arrived, published = [
        [part for part in parts if isinstance(part, Period) and (part.name == "seen") is seen] for seen in (True, False)
    ]
    if asked & excluded or _is_no_time(arrived, now, zone) or _is_no_time(published, now, zone):
        return True
    return isinstance(node, And) and any(_is_impossible(part, now, zone) for part in parts)


def _is_no_time(periods: list[Period], now: datetime, zone: ZoneInfo) -> bool:
    """Whether the periods begin in the future, or after they end."""
    bounds = [resolve(period, now, zone) for period in periods]
    first = max((begin for begin, _ in bounds if begin), default=None)
    last = min((end for _, end in bounds if end), default=now)
    return first is not None and first > min(last, now)
