"""The query language: text into the tree of search/tree.py and back. docs/query.md is its reference."""

from collections.abc import Collection
from dataclasses import replace

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.field_names import CALLED, PLACE_FIELDS
from search.names import Names
from search.query_fields import field_in, joined
from search.query_hints import REMOVE, apart, place_hint
from search.query_lexer import Lexeme, Sort, lexemes
from search.query_show import show
from search.query_values import Known
from search.query_words import MAX_CLAUSES, clauses_in, phrase_of, word_of
from search.tree import And, At, Node, Not, Or, Phrase, Prefix, Query, Word

__all__ = ["MAX_CLAUSES", "MAX_DEPTH", "mend", "parse_query", "show"]

MAX_DEPTH = 16

PLACES = " ".join(f"{name}:" for name in PLACE_FIELDS)
_ENDS = (Sort.CLOSE, Sort.OR)


def parse_query(
    text: str,
    *,
    sources: Collection[str] | None = None,
    platforms: Collection[str] | None = None,
    names: Names | None = None,
) -> Query:
    """The query that `text` says. An empty text finds everything.

    With `sources` or `platforms` given, `source:` and `platform:` take no other value, with `names` no topic that the
    city has not. QueryError tells what is wrong, between which code points, and in `hint` what could stand there
    instead.
    """
    known = Known(sources, platforms, names)
    try:
        return _parse(text, known)
    except QueryError as error:
        if not _leads_on(text, error, known):
            error.hint = ""
        raise


def _parse(text: str, known: Known) -> Query:
    found = lexemes(text)
    if not found:
        return Query(text, None)
    parser = _Parser(text, found, known)
    root = parser.alternatives(0)
    rest = parser.peek()
    if rest is not None:
        raise _closed(rest)
    return Query(text, root)


def _leads_on(text: str, error: QueryError, known: Known) -> bool:
    """Whether the text with the hint in it asks for something and can be read, or has another error farther on."""
    mended = mend(text, error)
    if not error.hint or not mended.strip():
        return False
    try:
        _parse(mended, known)
    except QueryError as other:
        return other.text != error.text or other.start > error.start
    return True


def mend(text: str, error: QueryError) -> str:
    """The query with the hint of its error in place."""
    return f"{text[: error.start]}{error.hint}{text[error.end :]}"


class _Parser:
    """Recursive descent: OR of AND of NOT of a leaf or a bracket. The depth is bounded, so is the recursion."""

    def __init__(self, text: str, found: list[Lexeme], known: Known) -> None:
        self.text = text
        self.found = found
        self.known = known
        self.at = 0
        self.clauses = 0
        self.opened = 0

    def peek(self) -> Lexeme | None:
        return self.found[self.at] if self.at < len(self.found) else None

    def take(self) -> Lexeme:
        self.at += 1
        return self.found[self.at - 1]

    def alternatives(self, depth: int) -> Node:
        """`a OR b OR c`."""
        parts = [self.together(depth)]
        while (lexeme := self.peek()) is not None and lexeme.sort is Sort.OR:
            self.take()
            parts.append(self.together(depth))
        flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
        return flat[0] if len(flat) == 1 else Or(tuple(flat))

    def together(self, depth: int) -> Node:
        """`a b AND c`, with the place fields of this level as one place."""
        parts: list[Node] = []
        places: list[At] = []
        first_place = 0
        joins = False
        while (lexeme := self.peek()) is not None and lexeme.sort not in _ENDS:
            if lexeme.sort is Sort.AND:
                if joins or not (parts or places):
                    raise _lonely(lexeme, before=not joins, alone=len(self.found) == 1)
                joins = bool(self.take())
                continue
            joins = False
            if lexeme.sort is Sort.FIELD and lexeme.name in PLACE_FIELDS:
                first_place = first_place if places else len(parts)
                places.append(self.place_field())
            else:
                part = self.negated(depth)
                parts.extend(part.parts if isinstance(part, And) else (part,))
        if joins:
            raise _lonely(self.found[self.at - 1], before=False)
        if places:
            self.count(self.found[self.at - 1])
            parts.insert(first_place, joined(places))
        if not parts:
            raise self.missing()
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self, depth: int) -> Node:
        """`NOT a`, `-a`, or a leaf or bracket."""
        lexeme = self.take()
        if lexeme.sort is not Sort.NOT:
            return self.leaf(lexeme, depth)
        self.check_depth(lexeme, depth)
        follows = self.peek()
        if follows is None or follows.sort in (Sort.CLOSE, Sort.OR, Sort.AND):
            raise _lonely(lexeme, before=False, alone=len(self.found) == 1)
        return Not(self.negated(depth + 1))

    def leaf(self, lexeme: Lexeme, depth: int) -> Node:
        """One clause, or what stands in brackets."""
        if lexeme.sort is Sort.OPEN:
            self.check_depth(lexeme, depth)
            self.opened += 1
            inner = self.alternatives(depth + 1)
            self.close(lexeme)
            return inner
        if lexeme.sort is Sort.AT:
            self.count(lexeme)
            return self.one_place(lexeme)
        if lexeme.sort is Sort.FIELD:
            self.check_apart()
            self.count(lexeme)
            return field_in(self.text, self.found, self.at - 1, self.known)
        self.check_apart()
        node = phrase_of(lexeme) if lexeme.sort is Sort.PHRASE else word_of(lexeme)
        if isinstance(node, Word | Prefix | Phrase):
            self.count(lexeme, clauses_in(node))
        return node

    def check_apart(self) -> None:
        """QueryError where a blank stands inside of the lexeme just taken, or takes it from what it belongs to."""
        error = apart(self.text, self.found, self.at - 1, CALLED)
        if error:
            raise error

    def place_field(self) -> At:
        self.take()
        self.check_apart()
        leaf = field_in(self.text, self.found, self.at - 1, self.known)
        assert isinstance(leaf, At)
        return leaf

    def one_place(self, opening: Lexeme) -> At:
        """`at(street:… house:…)`, its opening bracket taken."""
        places: list[At] = []
        self.opened += 1
        while (lexeme := self.peek()) is not None and lexeme.sort is not Sort.CLOSE:
            if lexeme.sort is not Sort.FIELD or lexeme.name not in PLACE_FIELDS:
                raise QueryError(
                    Text(
                        f"в at(…) стоят только поля места: {PLACES}",
                        f"at(…) holds only fields of a place: {PLACES}",
                    ),
                    lexeme.start,
                    lexeme.end,
                    place_hint(lexeme, glued=self.found[self.at - 1].end == lexeme.start > opening.end),
                )
            places.append(self.place_field())
        end = self.close(opening)
        if not places:
            raise QueryError(
                Text(
                    "пустое at(): ждём хотя бы одно поле места", "empty at(): at least one field of a place is expected"
                ),
                opening.start,
                end,
                REMOVE,
            )
        place = joined(places)
        return replace(place, span=(opening.start, end))

    def close(self, opening: Lexeme) -> int:
        if self.peek() is None:
            raise QueryError(
                Text("скобка не закрыта: нужна )", "bracket not closed: ) is missing"),
                opening.start,
                len(self.text),
                f"{self.text[opening.start :]}{')' * self.opened}",
            )
        self.opened -= 1
        return self.take().end

    def check_depth(self, lexeme: Lexeme, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise QueryError(
                Text(f"вложенность больше {MAX_DEPTH}", f"nested deeper than {MAX_DEPTH}"), lexeme.start, lexeme.end
            )

    def count(self, lexeme: Lexeme, clauses: int = 1) -> None:
        self.clauses += clauses
        if self.clauses > MAX_CLAUSES:
            raise QueryError(
                Text(
                    f"в запросе больше {MAX_CLAUSES} условий: разбейте его на несколько",
                    f"more than {MAX_CLAUSES} clauses: make several queries of it",
                ),
                lexeme.start,
                lexeme.end,
            )

    def missing(self) -> QueryError:
        """Nothing stands where a clause must."""
        here = self.peek()
        before = self.found[self.at - 1] if self.at else None
        if here is not None and here.sort is Sort.CLOSE and before is not None and before.sort is Sort.OPEN:
            return QueryError(
                Text("пустые скобки: впишите условие или уберите их", "empty brackets: fill or remove them"),
                before.start,
                here.end,
                REMOVE,
            )
        if here is not None and here.sort is Sort.CLOSE and (before is None or before.sort is not Sort.OR):
            return _closed(here)
        if here is not None and here.sort is Sort.OR:
            return _lonely(here, before=True, alone=len(self.found) == 1)
        if before is not None and before.sort is Sort.OR:
            return _lonely(before, before=False)
        assert before is not None
        return QueryError(
            Text("скобка открыта, а условия в ней нет", "a bracket opened with nothing in it"),
            before.start,
            before.end,
            REMOVE,
        )


def _closed(lexeme: Lexeme) -> QueryError:
    said = Text("скобка закрыта, но не открыта", "a bracket closed that was not opened")
    return QueryError(said, lexeme.start, lexeme.end, REMOVE)


def _lonely(lexeme: Lexeme, *, before: bool, alone: bool = False) -> QueryError:
    """An operator without what it joins; `alone` where it is the whole query, and so probably a word."""
    word = lexeme.text
    ru, en = ("перед", "before") if before else ("после", "after")
    return QueryError(
        Text(
            f"{ru} {word} нет условия; как обычное слово его пишут маленькими буквами",
            f"nothing {en} {word}; as an ordinary word it is written in small letters",
        ),
        lexeme.start,
        lexeme.end,
        word.lower() if alone and word.isalpha() else REMOVE,
    )
