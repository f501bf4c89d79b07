"""What the linter says of a query, and how it walks over one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.gazetteer import Gazetteer
from search.query_lexer import Lexeme, lexemes
from search.reference import Context
from search.tree import And, At, Field, Node, Not, Or, Period, Phrase, Prefix, Query, Span, Word

Leaf = Word | Prefix | Phrase | Field | Period | At


class Level(StrEnum):
    """Refused: no saved search may be so, since each post would have to be asked. A warning is likely a mistake."""

    REFUSED = "refused"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about a query. `code` names its kind, `span` are code points of the query text, `hint` is what could
    stand there instead: a query that can be read; "" where nothing is known.
    """

    level: Level
    code: str
    span: Span
    text: Text
    hint: str = ""


@dataclass(frozen=True)
class Around:
    """What a query is held against; what is left empty is not looked at.

    `sources` are the city's sources with their platforms, `count` tells how many posts of the archive a query finds.
    """

    context: Context
    sources: Mapping[str, str] = field(default_factory=dict)
    gazetteer: Gazetteer | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    count: Callable[[Query], int] | None = None


def warning(code: str, span: Span, text: Text, hint: str = "") -> Remark:
    """Something that is likely a mistake."""
    return Remark(Level.WARNING, code, span, text, hint)


def leaves(node: Node | None) -> Iterator[Leaf]:
    """Every leaf below a node, in the order of the text."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case None:
            return
        case _:
            yield node


def words(node: Node | None) -> Iterator[Word | Prefix]:
    """Every word below a node, those of phrases too."""
    for leaf in leaves(node):
        if isinstance(leaf, Phrase):
            for slot in leaf.slots:
                yield from slot
        elif isinstance(leaf, Word | Prefix):
            yield leaf


def each_word(query: Query) -> list[Word | Prefix]:
    """The words of a query, each once: as it stands first."""
    found: dict[tuple[type, str], Word | Prefix] = {}
    for word in words(query.root):
        found.setdefault((type(word), word.text), word)
    return list(found.values())


def lexemes_of(query: Query) -> list[Lexeme]:
    """The lexemes of the text that a query was read from; none where the tree was not read from its text."""
    try:
        return lexemes(query.text)
    except QueryError:
        return []


def names_places(query: Query) -> bool:
    """Whether a gazetteer has anything to say of it."""
    return any(isinstance(leaf, At) for leaf in leaves(query.root))


def span_of(node: Node) -> Span:
    """From the first leaf of a node to its last."""
    spans = [leaf.span for leaf in leaves(node)]
    return min(start for start, _ in spans), max(end for _, end in spans)
