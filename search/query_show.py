"""The tree of a query as text that parses into the same tree."""

import re

from search.street_key import spelt_key
from search.tree import And, At, Field, Houses, Node, Not, Or, Period, Phrase, Prefix, Query, Word

_BARE = re.compile(r"[\w.:/+@-]+")
_QUOTES = (('"', '"'), ("«", "»"), ("“", "”"), ("„", "“”"))


def show(query: Query) -> str:
    """The query in one canonical spelling; `parse_query(show(query))` has the same tree but for its spans."""
    return _node(query.root) if query.root is not None else ""


def _node(node: Node) -> str:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case And(parts):
            return " ".join(_inside(part, Or) for part in parts)
        case Or(parts):
            return " OR ".join(_node(part) for part in parts)
        case Not(part):
            return f"-{_inside(part, And, Or)}"
        case Word() | Prefix():
            return _word(node)
        case Phrase():
            return _phrase(node)
        case Field(name, value) | Period(name, value):
            return f"{name}:{shown_value(value)}"
        case At():
            return _at(node)


def _inside(part: Node, *loose: type[Node]) -> str:
    return f"({_node(part)})" if isinstance(part, loose) else _node(part)


def _word(word: Word | Prefix) -> str:
    if isinstance(word, Prefix):
        return f"{word.text}*"
    return f"={word.text}" if word.exact else word.text


def _phrase(phrase: Phrase) -> str:
    slots = (
        _word(slot[0]) if len(slot) == 1 else f"({'|'.join(_word(word) for word in slot)})" for slot in phrase.slots
    )
    if phrase.sentence:
        tail = "~s"
    elif phrase.ordered:
        tail = f"~>{phrase.distance}" if phrase.distance else ""
    else:
        tail = f"~{phrase.distance}"
    return f'"{" ".join(slots)}"{tail}'


def shown_value(value: str) -> str:
    """A value of a field as it is written: in quotes where it has blanks or signs."""
    if _BARE.fullmatch(value):
        return value
    opening, closing = next((pair for pair in _QUOTES if not set(pair[1]) & set(value)), _QUOTES[0])
    return f"{opening}{value}{closing[0]}"


def _at(at: At) -> str:
    parts = [
        f"{name}:{shown_value(value)}"
        for name, value in (
            ("street", spelt_key(at.street)),
            ("house", _houses(at.house) if at.house else ""),
            ("district", at.district),
            ("settlement", at.settlement),
            ("place", at.place),
            ("in", at.polygon),
        )
        if value
    ]
    if at.near:
        parts.append("near:{},{},{}m".format(*map(_number, at.near)))
    return f"at({' '.join(parts)})"


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _houses(asked: Houses) -> str:
    if asked.first != asked.last:
        return f"{asked.first}-{asked.last}"
    return f"{asked.first}{asked.suffix or ''}"
