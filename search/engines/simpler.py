"""A query as engines are asked it: every clause once, no AND in an AND, what is nested deeply ahead of what is not.

Both parsers, of FTS5 and of SQL, keep what stands ahead of a bracket on a stack of a hundred entries.
"""

from collections.abc import Hashable, Iterable, Iterator

from search.mapping import word_keys
from search.query_show import show
from search.tree import And, Node, Not, Or, Phrase, Prefix, Query, Word

_SHALLOW = 6
"""Up to this depth the order of the text stays: SQLite asks in that order."""


def simpler(root: Node) -> Node:
    """The same query: what fits one fits the other."""
    node = _once(root)
    return _deepest_first(node) if depth(node) > _SHALLOW else node


def depth(node: Node) -> int:
    """How many levels of AND, OR and NOT there are."""
    match node:
        case And(parts) | Or(parts):
            return 1 + max(map(depth, parts))
        case Not(part):
            return 1 + depth(part)
        case _:
            return 0


def _once(node: Node) -> Node:
    match node:
        case And(parts) | Or(parts):
            kept = list({_key(part): part for part in _flat(type(node), map(_once, parts))}.values())
            return type(node)(tuple(kept)) if len(kept) > 1 else kept[0]
        case Not(part):
            return Not(_once(part))
        case _:
            return node


def _flat(kind: type[And | Or], parts: Iterable[Node]) -> Iterator[Node]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


def _deepest_first(node: Node) -> Node:
    match node:
        case And(parts) | Or(parts):
            return type(node)(tuple(sorted(map(_deepest_first, parts), key=depth, reverse=True)))
        case Not(part):
            return Not(_deepest_first(part))
        case _:
            return node


def _key(node: Node) -> Hashable:
    """Equal for parts that ask for the same: spans do not count, nor which form of a word is written."""
    match node:
        case And(parts) | Or(parts):
            return type(node), frozenset(map(_key, parts))
        case Not(part):
            return Not, _key(part)
        case Word():
            return word_keys(node)
        case Prefix(text):
            return Prefix, text
        case Phrase(slots):
            near = (node.distance, node.ordered, node.sentence)
            return near, tuple(frozenset(map(_key, slot)) for slot in slots)
        case _:
            return show(Query("", node))
