"""Whether a post must have something for a query to fit it: without that, each post is asked about each such search.

Says of every tree what search/features.py finds for the monitor (tests/search/lint/test_required.py), without the
dictionary: every verb asks it of every saved search.
"""

from collections.abc import Iterator

from crawler.model.text import Text
from search.lint.remark import Level, Remark, leaves, span_of
from search.tree import And, Node, Not, Or, Period, Query, Span

EMPTY = "empty"
ONLY_TIME = "only-time"
_ADD = Text(
    "добавьте слово, фразу, место или поле, которое в публикации должно быть",
    "add a word, a phrase, a place or a field that a post must have",
)


def refusals(query: Query) -> Iterator[Remark]:
    """Why a query cannot be a saved search; nothing where it can."""
    if query.root is None:
        said = Text("пустой запрос ничего не ищет", "an empty query looks for nothing")
        yield _remark(EMPTY, (0, len(query.text)), said)
        return
    for node in _idle(query.root):
        here = Text("запрос", "the query") if node is query.root else Text("эта часть OR", "this part of the OR")
        if isinstance(node, Not) and isinstance(node.part, Not):
            twice = Text("двойное отрицание: уберите оба", "a double negation: remove both")
            yield Remark(Level.REFUSED, "double-not", span_of(node), twice)
        elif all(isinstance(leaf, Period) for leaf in leaves(node)):
            only = Text(f"{here.ru} ограничивает только время", f"{here.en} only limits the time")
            yield _remark(ONLY_TIME, span_of(node), only)
        else:
            excludes = Text(
                f"{here.ru} ничего не ищет, а только исключает", f"{here.en} looks for nothing and only excludes"
            )
            yield _remark("only-excludes", span_of(node), excludes)


def requires(node: Node) -> bool:
    """Whether a post that fits must have something that can be looked up."""
    match node:
        case And(parts):
            return any(map(requires, parts))
        case Or(parts):
            return all(map(requires, parts))
        case Not() | Period():
            return False
        case _:
            return True


def _idle(node: Node) -> Iterator[Node]:
    """The parts that are to blame: of an OR those without a requirement."""
    if requires(node):
        return
    if isinstance(node, Or):
        for part in node.parts:
            yield from _idle(part)
    else:
        yield node


def _remark(code: str, span: Span, why: Text) -> Remark:
    ru = f"{why.ru}: подойдёт почти каждая публикация; {_ADD.ru}"
    en = f"{why.en}: almost every post fits; {_ADD.en}"
    return Remark(Level.REFUSED, code, span, Text(ru, en))
