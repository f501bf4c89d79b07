"""The plain matcher: what a query means for one document. The oracle of the monitor and of every engine.

Clear rather than quick, yet everything that does not depend on the document is worked out once, in `compile_query`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from search.clauses import MAX_REASONS, Context, Leaf, Part, Reason, is_within, leaf_of
from search.document import Document
from search.tree import And, Node, Not, Or, Query

__all__ = [
    "EVERYTHING",
    "MAX_REASONS",
    "Compiled",
    "Context",
    "Match",
    "Reason",
    "compile_query",
    "is_within",
    "match",
]


@dataclass(frozen=True, slots=True)
class Match:
    """Why a document fits, and which of its places (indexes) the positive at() clauses are bound to."""

    why: tuple[Reason, ...]
    places: tuple[int, ...]


class Compiled:
    """A query ready to be asked of many documents."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._root = None if query.root is None else _compile(query.root)

    def fits(self, document: Document, context: Context) -> bool:
        """Whether the document fits, without the reasons."""
        return self._root is None or self._root.fits(document, context)

    def match(self, document: Document, context: Context) -> Match | None:
        """The reasons, or None. An empty query fits everything, without a reason."""
        return self.why(document, context) if self.fits(document, context) else None

    def why(self, document: Document, context: Context) -> Match:
        """The reasons; asked only of a document that fits."""
        if self._root is None:
            return Match((), ())
        reasons: dict[Reason, None] = {}
        places: set[int] = set()
        for leaf in self._root.fitting(document, context):
            places.update(leaf.bound(document, context))
            reasons.update(dict.fromkeys(leaf.reasons(document, context)))
        return Match(tuple(reasons), tuple(sorted(places)))


EVERYTHING = Compiled(Query("", None))
"""The query that fits whatever there is, without a reason."""


def compile_query(query: Query) -> Compiled:
    """The query with its words expanded. Kept for the last thousand queries."""
    return _compiled(query)


@lru_cache(1024)
def _compiled(query: Query) -> Compiled:
    return Compiled(query)


def match(query: Query, document: Document, context: Context) -> Match | None:
    """Why the document fits the query, or None."""
    return compile_query(query).match(document, context)


class _And(Part):
    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    def fits(self, document: Document, context: Context) -> bool:
        return all(part.fits(document, context) for part in self.parts)

    def fitting(self, document: Document, context: Context) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.fitting(document, context)


class _Or(_And):
    def fits(self, document: Document, context: Context) -> bool:
        return any(part.fits(document, context) for part in self.parts)

    def fitting(self, document: Document, context: Context) -> Iterator[Leaf]:
        for part in self.parts:
            if part.fits(document, context):
                yield from part.fitting(document, context)


class _Not(Part):
    def __init__(self, part: Part) -> None:
        self.part = part

    def fits(self, document: Document, context: Context) -> bool:
        return not self.part.fits(document, context)

    def fitting(self, document: Document, context: Context) -> Iterator[Leaf]:  # noqa: ARG002 - absence has no place
        return iter(())


def _compile(node: Node) -> Part:
    match node:
        case And(parts):
            return _And([_compile(part) for part in parts])
        case Or(parts):
            return _Or([_compile(part) for part in parts])
        case Not(part):
            return _Not(_compile(part))
        case _:
            return leaf_of(node)
