"""Whether a document fits a query, as quick functions: what the monitor asks of the searches that its index leads to.

Each node of the tree becomes a closure over what does not depend on the document. It says what the reference matcher
says (tests/search/test_checks.py): places and the rarer phrases are asked of that itself.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from search.analysis import query_lemmas, surface_key
from search.document import Document
from search.periods import resolve
from search.properties import property_check
from search.reference import Compiled, Context, is_within
from search.tree import And, At, Field, Node, Not, Or, Period, Phrase, Prefix, Query, Word

Check = Callable[[Document, Context], bool]


def check_of(query: Query) -> Check:
    """The function that tells whether a document fits at a clock."""
    return _everything if query.root is None else _check(query.root)


def _everything(document: Document, context: Context) -> bool:  # noqa: ARG001 - one shape for every check
    return True


def _check(node: Node) -> Check:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case Word():
            return _exact(node.text) if node.exact else _any_lemma(query_lemmas(node.text))
        case Prefix(text):
            return lambda document, context: bool(document.surfaces_from(text))  # noqa: ARG005
        case Phrase():
            return _phrase(node)
        case Field():
            has = property_check(node)
            return lambda document, context: has(document, context.names)
        case Period():
            return lambda document, context: _within(node, document, context)
        case And(parts):
            return _all(parts)
        case Or(parts):
            return _any(parts)
        case Not(part):
            inner = _check(part)
            return lambda document, context: not inner(document, context)
        case At():
            return Compiled(Query("", node)).fits


def _exact(text: str) -> Check:
    key = surface_key(text)
    return lambda document, context: key in document.surface_set  # noqa: ARG005


def _any_lemma(keys: frozenset[str]) -> Check:
    if len(keys) == 1:
        (key,) = keys
        return lambda document, context: key in document.lemma_set  # noqa: ARG005
    return lambda document, context: not keys.isdisjoint(document.lemma_set)  # noqa: ARG005


def _all(parts: Sequence[Node]) -> Check:
    """Every part. The cheap ones first: phrases, places and brackets cost more than words."""
    checks = tuple(_check(part) for part in sorted(parts, key=_is_dear))
    if len(checks) == 2:
        one, other = checks
        return lambda document, context: one(document, context) and other(document, context)

    def fits(document: Document, context: Context) -> bool:
        for check in checks:  # noqa: SIM110 - a generator would cost more than a word does
            if not check(document, context):
                return False
        return True

    return fits


def _any(parts: Sequence[Node]) -> Check:
    """One part at least. Words that may stand in any form are one look."""
    words = [part for part in parts if isinstance(part, Word) and not part.exact]
    plain = [_any_lemma(frozenset().union(*(query_lemmas(word.text) for word in words)))] if words else []
    rest = [part for part in parts if not (isinstance(part, Word) and not part.exact)]
    checks = (*plain, *(_check(part) for part in sorted(rest, key=_is_dear)))
    if len(checks) == 1:
        return checks[0]

    def fits(document: Document, context: Context) -> bool:
        for check in checks:  # noqa: SIM110
            if check(document, context):
                return True
        return False

    return fits


def _is_dear(node: Node) -> bool:
    return not isinstance(node, Word | Field | Prefix)


def _phrase(phrase: Phrase) -> Check:
    """Two words in any form, as most phrases are, by their positions alone."""
    keys = [_lemmas_of(slot) for slot in phrase.slots]
    if len(keys) != 2 or None in keys or phrase.sentence:
        return Compiled(Query("", phrase)).fits
    one, other = (tuple(sorted(key)) for key in keys if key)
    reach, ordered = phrase.distance + 1, phrase.ordered

    def fits(document: Document, context: Context) -> bool:  # noqa: ARG001
        places = document.positions
        for key in one:
            for start in places.get(key, ()):
                for next_key in other:
                    for at in places.get(next_key, ()):
                        far = at - start
                        if 0 < far <= reach or (not ordered and -reach <= far < 0):
                            return True
        return False

    return fits


def _lemmas_of(slot: Sequence[Word | Prefix]) -> frozenset[str] | None:
    """The lemma keys of which one must stand there; None where it takes prefixes or exact words."""
    keys = [query_lemmas(word.text) for word in slot if isinstance(word, Word) and not word.exact]
    return frozenset().union(*keys) if len(keys) == len(slot) else None


def _within(period: Period, document: Document, context: Context) -> bool:
    return is_within(period, document, *_resolved(period.name, period.value, context.now, context.zone))


@lru_cache(4096)
def _resolved(name: str, value: str, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    return resolve(Period(name, value, (0, 0)), now, zone)
