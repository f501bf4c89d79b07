"""Parts of a query that no post can fit: asked for and excluded at once, two values of what has one, no time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.model.text import Text
from search.lemmas import lemma_key
from search.lint.remark import Around, Leaf, Remark, leaves, span_of, warning
from search.mapping import word_keys
from search.periods import resolve
from search.properties import MANY, property_of, values_of
from search.query_show import show
from search.tree import And, Field, Node, Not, Or, Period, Phrase, Prefix, Query, Span, Word

_MOST_LEAVES = 256
"""Above it pairs are not compared: a person does not write so, and a list has no contradictions."""


@dataclass(frozen=True)
class _Facts:
    """What a post that fits has and has not, of a level of the query and those around it."""

    asked: tuple[Leaf, ...] = ()
    excluded: tuple[Leaf, ...] = ()


@dataclass(frozen=True)
class _Clash:
    span: Span
    text: Text


def contradictions(query: Query, around: Around) -> Iterator[Remark]:
    """The parts that no post can fit: the query as a whole, else those of an OR or under a NOT."""
    if query.root is None or sum(1 for _ in leaves(query.root)) > _MOST_LEAVES:
        return
    search = _Search(around)
    clash = search.clash(query.root, _Facts())
    if clash:
        said = Text(
            f"запросу не подойдёт ни одна публикация: {clash.text.ru}", f"no post can fit the query: {clash.text.en}"
        )
        yield warning("never-true", clash.span, said)
        return
    for part, clash in search.dead(query.root, _Facts()):
        said = Text(
            f"этой части не подойдёт ни одна публикация: {clash.text.ru}", f"no post can fit this part: {clash.text.en}"
        )
        yield warning("never-true", span_of(part), said)


class _Search:
    def __init__(self, around: Around) -> None:
        self.around = around

    def clash(self, node: Node, facts: _Facts) -> _Clash | None:
        """Why no post fits the node where the facts hold; None where one may."""
        match node:
            case And(parts):
                grown = _with(facts, parts)
                return self._between(grown) or _first(self.clash(part, grown) for part in parts if _is_deep(part))
            case Or(parts):
                found = [self.clash(part, facts) for part in parts]
                return found[0] if all(found) else None
            case Not(part) if _is_deep(part):
                return None
            case _:
                return self._between(_with(facts, (node,)))

    def dead(self, node: Node, facts: _Facts) -> Iterator[tuple[Node, _Clash]]:
        """The largest parts below the node that no post fits."""
        match node:
            case And(parts) | Or(parts):
                grown = _with(facts, parts) if isinstance(node, And) else facts
                inner = [part for part in parts if isinstance(node, Or) or _is_deep(part)]
            case Not(part):
                grown, inner = _Facts(), [part]
            case _:
                return
        for part in inner:
            clash = self.clash(part, grown)
            if clash:
                yield part, clash
            else:
                yield from self.dead(part, grown)

    def _between(self, facts: _Facts) -> _Clash | None:
        for one in facts.asked:
            for other in facts.excluded:
                if _implies(one, other):
                    return _pair(one, other, Text("нужно и исключено сразу", "asked for and excluded at once"))
        return self._of_properties([leaf for leaf in facts.asked if isinstance(leaf, Field)]) or self._of_time(
            [leaf for leaf in facts.asked if isinstance(leaf, Period)]
        )

    def _of_properties(self, fields: Sequence[Field]) -> _Clash | None:
        first: dict[str, Field] = {}
        names = self.around.context.names
        for one in fields:
            name = property_of(one)
            other = first.setdefault(name, one)
            if name not in MANY and not values_of(one, names) & values_of(other, names):
                said = Text(
                    f"у публикации одно значение {one.name}:; или — через OR",
                    f"a post has one {one.name}:; alternatives go with OR",
                )
                return _pair(other, one, said)
        source, platform = first.get("source"), first.get("platform")
        if source and platform:
            own = self.around.sources.get(source.value, platform.value)
            if own != platform.value:
                said = Text(f"источник {source.value} с площадки {own}", f"the source {source.value} is of {own}")
                return _pair(source, platform, said)
        return None

    def _of_time(self, periods: Sequence[Period]) -> _Clash | None:
        """Periods that begin in the future or after they end. Arrival is not publication, and events may be ahead."""
        now = self.around.context.now
        for some in ([one for one in periods if one.name in names] for names in (("since", "until"), ("seen",))):
            bounds = [(one, *resolve(one, now, self.around.context.zone)) for one in some]
            begins = [(begin, one) for one, begin, _ in bounds if begin]
            ends = [(end, one) for one, _, end in bounds if end]
            if not begins:
                continue
            first, opening = max(begins, key=lambda pair: pair[0])
            if first > now:
                return _Clash(opening.span, Text("это время ещё не настало", "that time is yet to come"))
            if ends:
                last, closing = min(ends, key=lambda pair: pair[0])
                if first > last:
                    return _pair(opening, closing, Text("начало позже конца", "it begins after its end"))
        return None


def _is_deep(node: Node) -> bool:
    return isinstance(node, And | Or) or (isinstance(node, Not) and not isinstance(node.part, Leaf))


def _with(facts: _Facts, parts: Sequence[Node]) -> _Facts:
    """The facts and those that the parts of an AND add."""
    asked = [part for part in parts if isinstance(part, Leaf)]
    excluded: list[Leaf] = []
    for part in parts:
        if isinstance(part, Not):
            inner = part.part.parts if isinstance(part.part, Or) else (part.part,)
            excluded += [one for one in inner if isinstance(one, Leaf)]
    return _Facts((*facts.asked, *asked), (*facts.excluded, *excluded))


def _first(found: Iterator[_Clash | None]) -> _Clash | None:
    return next((one for one in found if one), None)


def _pair(one: Leaf, other: Leaf, why: Text) -> _Clash:
    first, second = (show(Query("", leaf)) for leaf in (one, other))
    told = Text(f"{first} и {second}: {why.ru}", f"{first} and {second}: {why.en}")
    if first == second:
        told = Text(f"{first}: {why.ru}", f"{first}: {why.en}")
    return _Clash((min(one.span[0], other.span[0]), max(one.span[1], other.span[1])), told)


def _implies(one: Leaf, other: Leaf) -> bool:
    """Whether every post that fits the one fits the other; False where it cannot be told at a glance."""
    if isinstance(other, Word | Prefix):
        if isinstance(one, Phrase):
            return any(all(_implies(word, other) for word in slot) for slot in one.slots)
        if isinstance(one, Prefix):
            return isinstance(other, Prefix) and one.text.startswith(other.text)
        if isinstance(one, Word):
            return _covers(other, one)
    return show(Query("", one)) == show(Query("", other))


def _covers(wider: Word | Prefix, word: Word) -> bool:
    """Whether every text with the word has the wider one."""
    field, keys = word_keys(word)
    if not keys:
        return False
    if isinstance(wider, Prefix):
        return word.exact and all(key.startswith(wider.text) for key in keys)
    asked, every = word_keys(wider)
    if word.exact and not wider.exact:
        # A form with е may be one of ё, which may have another lemma.
        return "е" not in keys[0] and lemma_key(keys[0]) in every
    return field == asked and set(keys) <= set(every)
