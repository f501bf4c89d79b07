"""A query cut into lexemes: brackets, operators, phrases, fields and words, each with its code points."""

import re
from dataclasses import dataclass
from enum import Enum

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.field_names import PLACE_FIELDS, RUSSIAN, field_called


def _named(*fields: str) -> str:
    """A pattern of every name of these fields."""
    return "|".join([*fields, *(name for name, field in RUSSIAN.items() if field in fields)])


class Sort(Enum):
    """What a lexeme is."""

    OPEN = "("
    CLOSE = ")"
    AT = "at("
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    PHRASE = "phrase"
    FIELD = "field"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a query. `text` is its content: of a phrase what stands in the quotes, of a field its value.

    `inner` is where the content starts; `name` is the field's name, `called` how it is written; `tail` what follows a
    phrase (`~5`).
    """

    sort: Sort
    text: str
    start: int
    end: int
    inner: int = 0
    name: str = ""
    tail: str = ""
    called: str = ""


MAX_LENGTH = 20_000
MAX_LEXEMES = 5 * 1024
"""A thousand clauses with an OR, a minus and brackets at each."""
_QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“”", "”": "”"}
_BLANK = re.compile("[\\s,;\uff0c\uff1b\u3001\u00ad\u200b-\u200f\u2060\ufeff]+")
# Signs of the language in the full-width forms of East Asian keyboards → as they are written here.
_WIDE = {chr(ord(sign) + 0xFEE0): sign for sign in '()":=*~|-!&+'}
# The commas of a point belong to it, a longitude may be below zero.
_CHUNK = re.compile(
    rf'(?i:{_named("near")}):[\w.,+-]+|(?:(?!&&)[^\s()"«»“”„,;|\uff0c\uff1b\u3001{re.escape("".join(_WIDE))}]|(?<=\d),(?=\d))+'
)
_OTHER_QUOTE = re.compile('["»”“\uff02]')
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_SINGLE = "'`‘’‚‛‹"
_SINGLE_CLOSED = re.compile(rf"[{_SINGLE}]([^\"«»“”„]{{1,200}}?)['`‘’‛›](?!\w)")
_AT_APART = re.compile(rf"at\s*\((?=\s*(?:{_named(*PLACE_FIELDS)}):)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]+")
_NAME = re.compile(r"([^\W\d_]+):")
_TAIL = re.compile(r"~>?[^\W_]*")
_OPERATORS = {"AND": Sort.AND, "OR": Sort.OR, "NOT": Sort.NOT}
# Other query languages' signs → (what to write instead, why).
_FOREIGN = {
    "&&": ("AND", Text("«и» пишется AND или просто пробелом", "“and” is written AND, or just a blank")),
    "&": ("AND", Text("«и» пишется AND или просто пробелом", "“and” is written AND, or just a blank")),
    "||": ("OR", Text("«или» пишется OR", "“or” is written OR")),
    "|": ("OR", Text("«или» вне фразы пишется OR", "“or” outside a phrase is written OR")),
    "!": ("-", Text("«не» пишется NOT или минусом", "“not” is written NOT or as a minus")),
    "+": (
        " ",
        Text("плюс не нужен: слова рядом обязательны все", "no plus is needed: words side by side are all required"),
    ),
}
_FOREIGN_START = re.compile(r"&&?|\|\|?|!(?=[\w\"«“„(])|\+(?=[\w\"«“„(])")


def lexemes(text: str) -> list[Lexeme]:
    """The lexemes of a query in order. QueryError where none can be read, or more is written than any query needs."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            Text(
                f"запрос длиннее {MAX_LENGTH} знаков: разбейте его на несколько",
                f"a query of more than {MAX_LENGTH} characters: make several queries of it",
            ),
            MAX_LENGTH,
            MAX_LENGTH + 1,
        )
    half = _SURROGATE.search(text)
    if half:
        raise QueryError(
            Text("половина знака: такого нет ни в одном тексте", "half of a character, which no text has"),
            *half.span(),
            " ",
        )
    found: list[Lexeme] = []
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank:
            at = blank.end()
            continue
        lexeme = _lexeme(text, at)
        found.append(lexeme)
        if len(found) > MAX_LEXEMES:
            raise QueryError(
                Text(
                    f"в запросе больше {MAX_LEXEMES} слов и знаков: разбейте его на несколько",
                    f"more than {MAX_LEXEMES} words and signs: make several queries of it",
                ),
                at,
                lexeme.end,
            )
        at = lexeme.end
    return found


def _lexeme(text: str, at: int) -> Lexeme:
    sign = text[at]
    if sign == "(":
        return Lexeme(Sort.OPEN, sign, at, at + 1)
    if sign == ")":
        return Lexeme(Sort.CLOSE, sign, at, at + 1)
    if sign in _QUOTES:
        return _phrase(text, at)
    if sign == "-":
        return _minus(text, at)
    _refuse_signs(text, at)
    return _chunk(text, at)


def _refuse_signs(text: str, at: int) -> None:
    """QueryError for a sign that is read differently elsewhere, or that only looks like one of the language."""
    sign, follows = text[at], text[at + 1 : at + 2]
    if sign == "»":
        raise QueryError(
            Text("закрывающая кавычка » без открывающей", "closing quote » without an opening one"), at, at + 1, " "
        )
    if sign in _WIDE:
        raise QueryError(
            Text(f"знак {sign} пишется {_WIDE[sign]}", f"{sign} is written {_WIDE[sign]}"), at, at + 1, _WIDE[sign]
        )
    if sign in _DASHES and follows and (follows.isalnum() or follows in '=("«“„'):
        raise QueryError(
            Text(f"минус пишется знаком -, а не {sign}; тире от слова отделяет пробел", f"a minus is -, not {sign}"),
            at,
            at + 1,
            "-",
        )
    single = _SINGLE_CLOSED.match(text, at)
    if single:
        raise QueryError(
            Text("фраза берётся в двойные кавычки", "a phrase stands in double quotes"),
            *single.span(),
            f'"{single[1]}"',
        )
    foreign = _FOREIGN_START.match(text, at)
    if foreign:
        hint, why = _FOREIGN[foreign[0]]
        if hint.isalpha():
            before, after = text[at - 1 : at], text[foreign.end() : foreign.end() + 1]
            hint = f"{' ' * bool(before.strip())}{hint}{' ' * bool(after.strip())}"
        raise QueryError(why, at, foreign.end(), hint)


def _minus(text: str, at: int) -> Lexeme:
    follows = text[at + 1 : at + 2]
    if not follows or follows == ")" or _BLANK.match(follows):
        raise QueryError(
            Text(
                "после минуса нет слова: минус пишется вплотную к тому, чего быть не должно",
                "no word after the minus: it is written right before what must not be there",
            ),
            at,
            at + 1,
            " ",
        )
    return Lexeme(Sort.NOT, "-", at, at + 1)


def _quoted(text: str, at: int) -> int:
    """Where the quote that closes the one at `at` stands."""
    closing = _QUOTES[text[at]]
    for place in range(at + 1, len(text)):
        if text[place] in closing:
            return place
    other = _OTHER_QUOTE.search(text, at + 1)
    end, content = (other.end(), text[at : other.start()]) if other else (len(text), text[at:])
    raise QueryError(
        Text(f"кавычка не закрыта: нужна {closing[0]}", f"quote not closed: {closing[0]} is missing"),
        at,
        end,
        content + closing[0],
    )


def _phrase(text: str, at: int) -> Lexeme:
    close = _quoted(text, at)
    tail = _TAIL.match(text, close + 1)
    end = tail.end() if tail else close + 1
    return Lexeme(Sort.PHRASE, text[at + 1 : close], at, end, inner=at + 1, tail=tail[0] if tail else "")


def _chunk(text: str, at: int) -> Lexeme:
    match = _CHUNK.match(text, at)
    if match is None:
        raise QueryError(Text(f"лишний знак {text[at]}", f"stray {text[at]}"), at, at + 1)
    chunk, end = match[0], match.end()
    if chunk in _OPERATORS:
        return Lexeme(_OPERATORS[chunk], chunk, at, end)
    if chunk == "at" and text[end : end + 1] == "(":
        return Lexeme(Sort.AT, "at(", at, end + 1)
    place = _AT_APART.match(text, at)
    if place:
        raise QueryError(
            Text("at( пишется слитно, маленькими буквами", "at( is written in one piece, in small letters"),
            *place.span(),
            "at(",
        )
    name = _NAME.match(chunk)
    if name is None:
        return Lexeme(Sort.WORD, chunk, at, end, inner=at)
    inner, called = at + name.end(), name[1]
    field = field_called(called)
    if inner == end and text[end : end + 1] in tuple(_QUOTES):
        close = _quoted(text, end)
        return Lexeme(Sort.FIELD, text[end + 1 : close], at, close + 1, inner=end + 1, name=field, called=called)
    return Lexeme(Sort.FIELD, text[inner:end], at, end, inner=inner, name=field, called=called)
