"""The frozen tree of a query: what query.py parses into, and what the reference matcher and every engine read.

Every leaf keeps the span of the query text it came from (code points), so that a reason can show its clause.
"""

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Word:
    """One word: any form of any of its lexemes, or with `exact` this very form."""

    text: str
    span: Span
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words whose surface form starts with `text` (three letters or more)."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words near each other. Each slot is one word or its alternatives `(a|b)`.

    `distance` is how many other words may stand between all of them together; `ordered` keeps their order;
    `sentence` asks for one sentence instead of a distance.
    """

    slots: tuple[tuple[Word | Prefix, ...], ...]
    span: Span
    distance: int = 0
    ordered: bool = True
    sentence: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A property of the post: source, platform, kind, author (or its role), topic (or a group), act, lang, has, is."""

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Period:
    """`since`, `until` (publication), `seen` (arrival) or `when` (what is told of): a day, a time, or hours from the
    clock, as written.
    """

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Houses:
    """House numbers asked for: from `first` to `last` (equal for one). `suffix` None takes every suffix."""

    first: int
    last: int
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class At:
    """One and the same place that fits every part that is not empty.

    `street` is a normal form of search/street_key.py; `place` is a name of any kind, `near` is (lat, lon, metres),
    `polygon` the name of a polygon of the city.
    """

    span: Span
    street: str = ""
    house: Houses | None = None
    district: str = ""
    settlement: str = ""
    place: str = ""
    near: tuple[float, float, float] | None = None
    polygon: str = ""


@dataclass(frozen=True, slots=True)
class And:
    """Every part fits."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part fits."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not fit."""

    part: "Node"


Node = Word | Prefix | Phrase | Field | Period | At | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: the text as given and its tree. `root` None finds everything (an empty query)."""

    text: str
    root: Node | None
