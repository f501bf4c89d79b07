"""A query as SQL of the embedded engine: exact in every clause.

What FTS5 can say exactly (words, prefixes, phrases of one field side by side, AND, OR, AND NOT) becomes one MATCH;
properties, periods and at() become conditions; every other phrase asks FTS5 for posts that have its words near each
other and the reference matcher, as an SQL function, whether they stand as the phrase says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from search.engines.match import any_of, around, match_of, together, told
from search.engines.placed import Placed
from search.engines.points import FUNCTION
from search.engines.simpler import simpler
from search.engines.tables import bits
from search.engines.verifier import Verifier
from search.mapping import (
    HAPPENS,
    PUBLISHED,
    SEEN,
    Asked,
    asked,
    micros,
    period_field,
)
from search.periods import resolve
from search.properties import MANY, property_of, values_of
from search.reference import Context
from search.tree import And, At, Field, Node, Not, Or, Period, Phrase, Prefix, Query, Word

SECOND = 1 << 20
"""Numbers of documents in one second of publication: a document's number is its second times this, plus a counter."""

_NOTHING = "0"
_ALL = "1"


@dataclass(slots=True)
class Plan:
    """SQL over the tables of one index: a MATCH over `w` (words) that drives, "" for none, and what else must hold.

    `number` is what names a document in the conditions: the number in `w` where it drives, else in `p` (posts).
    `reads_posts` says that a condition reads more of `p`.
    """

    match: str
    condition: str
    parameters: list[object]
    checks: list[Callable[[Any], bool | str]]
    reads_posts: bool

    @property
    def number(self) -> str:
        """The column of the document's number that drives."""
        return _number(self.match)

    @property
    def is_everything(self) -> bool:
        """Whether every post is found."""
        return not self.match and self.condition == _ALL

    def source(self, prefix: str, *, posts: bool = True) -> tuple[str, list[object]]:
        """FROM and WHERE with their parameters. Without `posts` only the number can be had of what is found."""
        posts = posts or self.reads_posts
        if not self.match:
            # A row of the other table is a fifteenth of one of posts.
            return f"FROM {prefix}_{'posts' if posts else 'valued'} p WHERE {self.condition}", self.parameters
        # CROSS JOIN keeps SQLite from driving by posts: FTS5 gives its rows in the order of documents' numbers.
        joined = f" CROSS JOIN {prefix}_posts p ON p.document = w.rowid" if posts else ""
        return (
            f"FROM {prefix}_words w{joined} WHERE {prefix}_words MATCH ? AND {self.condition}",
            [self.match, *self.parameters],
        )


def plan(query: Query, context: Context, prefix: str) -> Plan:
    """The plan of a query over the tables named `prefix_…`."""
    if query.root is None:
        return Plan("", _ALL, [], [], reads_posts=False)
    root = simpler(query.root)
    parts = root.parts if isinstance(root, And) else (root,)
    wanted, unwanted, others = told(parts)
    phrases: list[Phrase] = []
    rest: list[Node] = []
    for part in others:
        if isinstance(part, Phrase) and (text := around(part)) is not None:
            wanted.append(text)
            phrases.append(part)
        else:
            rest.append(part)
    match = together(wanted, unwanted) if wanted else ""
    writer = _Writer(context, prefix, _number(match))
    conditions = [writer.condition(part) for part in (rest if match else parts)]
    conditions += [writer.verified(phrase) for phrase in (phrases if match else ())]
    return Plan(match, writer.all_of(conditions), writer.parameters, writer.checks, writer.reads_posts)


def _number(match: str) -> str:
    return "w.rowid" if match else "p.document"


@dataclass(slots=True)
class _Writer:
    context: Context
    prefix: str
    number: str
    parameters: list[object] = field(default_factory=list)
    checks: list[Callable[[Any], bool | str]] = field(default_factory=list)
    reads_posts: bool = False

    def condition(self, node: Node) -> str:  # noqa: PLR0911 - one line for each kind of node
        """SQL that holds exactly for the posts `p` that fit. Parameters are added in the order of the text."""
        text = match_of(node)
        if text is not None:
            return self._matching(text)
        match node:
            case Phrase():
                return self._phrase(node)
            case Field():
                return self._property(node)
            case Period():
                return self._period(node)
            case At():
                return self._at(asked(node, self.context.names))
            case And(parts):
                return self._all(parts)
            case Or(parts):
                return self._some(parts)
            case Not(part):
                return f"NOT {self.condition(part)}"
            case Word() | Prefix():
                return _NOTHING

    def _all(self, parts: Sequence[Node]) -> str:
        """What FTS5 can say of the parts as one MATCH: each is a list of documents made before the first row."""
        wanted, unwanted, rest = told(parts)
        if wanted:
            conditions = [self._matching(together(wanted, unwanted))]
        else:
            conditions = [f"NOT {self._matching(text)}" for text in [any_of(unwanted)] if text]
        return self.all_of([*conditions, *map(self.condition, rest)])

    def _some(self, parts: Sequence[Node]) -> str:
        wanted, unwanted, rest = told(parts)
        conditions = [self._matching(text) for text in [any_of(wanted)] if text]
        if unwanted:
            conditions.append(f"NOT {self._matching(together(unwanted, []))}")
        return self._any_of([*conditions, *map(self.condition, rest)])

    def all_of(self, conditions: list[str]) -> str:
        return _balanced(conditions, "AND") if conditions else _ALL

    def _any_of(self, conditions: list[str]) -> str:
        return _balanced(conditions, "OR") if conditions else _NOTHING

    def _matching(self, text: str) -> str:
        self.parameters.append(text)
        words = f"{self.prefix}_words"
        return self._among(f"SELECT rowid FROM {words} WHERE {words} MATCH ?")  # noqa: S608 - names of ours

    def _among(self, documents: str) -> str:
        # The plus keeps SQLite from driving a MATCH by these: it would lose the order and run once for each.
        sign = "+" if self.number == "w.rowid" else ""
        return f"{sign}{self.number} IN ({documents})"

    def _phrase(self, phrase: Phrase) -> str:
        candidates = around(phrase)
        if candidates is None:
            return _NOTHING
        # CASE, since AND promises no order, and the function should see only posts that have every word.
        return f"CASE WHEN {self._matching(candidates)} THEN {self.verified(phrase)} ELSE 0 END"

    def verified(self, phrase: Phrase) -> str:
        """The reference matcher's word on a phrase."""
        self.checks.append(Verifier(phrase))
        stream = f"(SELECT stream FROM {self.prefix}_streams WHERE document = {self.number})"  # noqa: S608
        return f"{FUNCTION}({len(self.checks) - 1}, {stream})"

    def _property(self, asked_for: Field) -> str:
        name = property_of(asked_for)
        self.reads_posts = True
        if name in MANY:
            self.parameters.append(bits(name, [asked_for.value]))
            return f"p.{name} & ? <> 0"
        values = values_of(asked_for, self.context.names)
        self.parameters += sorted(values)
        among = f"p.{name} IN ({', '.join('?' * len(values))})"
        # `<> ''` is what the partial index is made for.
        return f"(p.{name} <> '' AND {among})" if name in ("author", "story") else among

    def _period(self, period: Period) -> str:
        first, last = resolve(period, self.context.now, self.context.zone)
        field = period_field(period)
        if field == HAPPENS:
            assert first
            assert last
            self.parameters += [micros(first), micros(last)]
            return self._among(f"SELECT document FROM {self.prefix}_{HAPPENS} WHERE last >= ? AND first <= ?")  # noqa: S608
        if field == SEEN:
            assert first
            self.parameters.append(micros(first))
            self.reads_posts = True
            return f"p.{SEEN} >= ?"
        conditions: list[str] = []
        for bound, sign in ((first, ">="), (last, "<=")):
            if bound is not None:
                at = micros(bound)
                edge = at // 1_000_000 * SECOND + (SECOND - 1 if sign == "<=" else 0)
                self.parameters.append(edge)
                if at % 1_000_000 == (999_999 if sign == "<=" else 0):
                    # Whole seconds, as of days and minutes: the number says it all.
                    conditions.append(f"{self.number} {sign} ?")
                    continue
                conditions.append(f"({self.number} {sign} ? AND p.{PUBLISHED} {sign} ?)")
                self.parameters.append(at)
                self.reads_posts = True
        return self.all_of(conditions)

    def _at(self, at: Asked) -> str:
        where = Placed(self.prefix, self.parameters, self.checks).where(at)
        return self._among(f"SELECT document FROM {self.prefix}_places WHERE {where}")  # noqa: S608


def _balanced(conditions: list[str], word: str) -> str:
    """The conditions joined as a balanced tree: SQLite takes expressions a thousand deep, a query has more clauses."""
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return f"({_balanced(conditions[:half], word)} {word} {_balanced(conditions[half:], word)})"
