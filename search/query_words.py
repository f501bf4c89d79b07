"""Words and phrases of a query as leaves of the tree."""

import re
from itertools import islice
from math import prod

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.analysis import GAP, groups, surface_key
from search.query_hints import REMOVE
from search.query_lexer import Lexeme
from search.tree import Phrase, Prefix, Span, Word

Slot = tuple[Word | Prefix, ...]

MAX_CLAUSES = 1024
MAX_DISTANCE = GAP // 2
MAX_EXPANSIONS = 32
MAX_UNORDERED = 8
MIN_PREFIX = 3

_NO_WORD = Text(
    "здесь нет ни слова, ни числа: уберите или возьмите другое",
    "neither a word nor a number here: remove it or write another",
)
_INSIDE = re.compile(r"\(([^()|]*\|[^()]*)\)|[^\s()]+")
_TAIL = re.compile(r"~(>?)(\d{1,4})|~(s)")


def word_of(lexeme: Lexeme) -> Word | Prefix | Phrase:
    """A word, `=form` or `prefix*`; several words written without a blank between them are a phrase."""
    sign = re.search(r"[~^]", lexeme.text)
    if sign:
        raise QueryError(
            Text(
                f'{sign[0]} ставится только после фразы в кавычках: "нет воды"~5',
                f'{sign[0]} stands only after a phrase in quotes: "no water"~5',
            ),
            lexeme.start + sign.start(),
            lexeme.end,
            REMOVE if re.fullmatch(r"[~^][\d.]*", lexeme.text[sign.start() :]) else "",
        )
    slots = _slots(lexeme.text, lexeme.inner, alone=True)
    if not slots:
        raise QueryError(_NO_WORD, lexeme.start, lexeme.end, REMOVE)
    if len(slots) == 1:
        return slots[0]
    return Phrase(tuple((slot,) for slot in slots), (lexeme.start, lexeme.end))


def phrase_of(lexeme: Lexeme) -> Word | Prefix | Phrase:
    """What stands in quotes, with its distance; a phrase of one word is that word."""
    slots: list[Slot] = []
    for match in islice(_INSIDE.finditer(lexeme.text), MAX_CLAUSES + 1):
        start = lexeme.inner + match.start()
        if match[1] is not None:
            slots.append(_alternatives(match[1], start + 1))
        else:
            slots.extend((slot,) for slot in _slots(match[0], start, alone=False))
    span = (lexeme.start, lexeme.end)
    if not slots:
        raise QueryError(Text("во фразе нет слов", "a phrase without words"), *span, REMOVE)
    ordered, distance, sentence = _nearness(lexeme, len(slots))
    expansions = prod(len(slot) for slot in slots)
    if expansions > MAX_EXPANSIONS:
        raise QueryError(
            Text(
                f"во фразе {expansions} сочетаний вариантов, можно не больше {MAX_EXPANSIONS}: разбейте её через OR",
                f"the phrase has {expansions} combinations of alternatives, at most {MAX_EXPANSIONS}: split it by OR",
            ),
            *span,
        )
    if len(slots) == 1:
        return slots[0][0] if len(slots[0]) == 1 else Phrase(tuple(slots), span)
    return Phrase(tuple(slots), span, distance, ordered, sentence)


def _nearness(lexeme: Lexeme, words: int) -> tuple[bool, int, bool]:
    """(ordered, distance, same sentence) of a phrase of so many words."""
    if not lexeme.tail:
        return True, 0, False
    where = (lexeme.end - len(lexeme.tail), lexeme.end)
    match = _TAIL.fullmatch(lexeme.tail)
    if match is None:
        raise QueryError(
            Text(
                "после ~ ждём число слов (~5), число слов в этом порядке (~>5) или s (одно предложение)",
                "after ~ comes a number of words (~5), of words in this order (~>5), or s (one sentence)",
            ),
            *where,
            # The Russian «с» of a sentence; an order that was asked for stays.
            "~s" if lexeme.tail in ("~с", "~S", "~С") else ("~>5" if lexeme.tail.startswith("~>") else "~5"),
        )
    ordered, distance, sentence = bool(match[1]), int(match[2] or 0), bool(match[3])
    if distance > MAX_DISTANCE:
        raise QueryError(
            Text(f"расстояние не больше {MAX_DISTANCE} слов", f"a distance is at most {MAX_DISTANCE} words"),
            *where,
            f"~{match[1]}{MAX_DISTANCE}",
        )
    if not ordered and words > MAX_UNORDERED:
        raise QueryError(
            Text(
                f"в любом порядке — не больше {MAX_UNORDERED} слов; с порядком (~>) сколько угодно",
                f"in any order at most {MAX_UNORDERED} words; in order (~>) as many as you like",
            ),
            *where,
            f"~>{distance or 5}",
        )
    return ordered, distance, sentence


def _alternatives(text: str, start: int) -> Slot:
    found: list[Word | Prefix] = []
    for match in re.finditer(r"[^|]*", text):
        if match.start() and text[match.start() - 1] != "|":
            continue
        here = (start + match.start(), start + match.end())
        slots = [
            slot
            for word in re.finditer(r"\S+", match[0])
            for slot in _slots(word[0], here[0] + word.start(), alone=False)
        ]
        if len(slots) != 1:
            raise QueryError(
                Text("между | ждём по одному слову: (свет|вода)", "one word between the bars: (light|water)"), *here
            )
        found.append(slots[0])
    return tuple(found)


def _slots(chunk: str, start: int, *, alone: bool) -> list[Word | Prefix]:
    """The words of a chunk without blanks. `alone` keeps `=форма` and `prefix*` with a hyphen whole."""
    exact = chunk.startswith("=")
    body, offset = (chunk[1:], start + 1) if exact else (chunk, start)
    span = (start, start + len(chunk))
    star = body.find("*")
    if star >= 0:
        _check_star(body, star, span, exact=exact)
        body = body[:-1]
    # What is more than a query may have is not read to its end.
    found = list(islice(groups(body), MAX_CLAUSES + 1))
    if (exact or star >= 0) and alone and len(found) == 1:
        spelled = [(found[0].whole.text, span)]
    else:
        spelled = [(part.text, (offset + part.start, offset + part.end)) for group in found for part in group.parts]
    if exact and not spelled:
        raise QueryError(Text("после = ждём слово вплотную: =ямы", "a word right after = is expected: =ямы"), *span)
    if star < 0:
        return [Word(text, place, exact) for text, place in spelled]
    if not spelled or found[-1].whole.end != len(body) or len(spelled[-1][0]) < MIN_PREFIX:
        raise QueryError(
            Text("перед * нужны хотя бы три буквы: водо*", "at least three letters stand before *: water*"), *span
        )
    last, place = spelled[-1]
    words = [Word(text, where) for text, where in spelled[:-1]]
    return [*words, Prefix(surface_key(last), (place[0], span[1]))]


def _check_star(body: str, star: int, span: Span, *, exact: bool) -> None:
    if exact:
        raise QueryError(
            Text("= и * вместе не пишутся: форма либо точная, либо начало слова", "= and * exclude each other"),
            *span,
            body,
        )
    if star != len(body) - 1:
        # A star ahead of the word belongs to its end; behind one in the middle the rest is left open anyway.
        bare = body.lstrip("*").partition("*")[0]
        raise QueryError(
            Text(
                "звёздочка ставится только в конце слова: водо*",
                "a star stands only at the end of a word: water*",
            ),
            *span,
            f"{bare}*" if len(bare) >= MIN_PREFIX else "",
        )


def clauses_in(node: Word | Prefix | Phrase) -> int:
    """How many clauses a leaf counts as: its words, or the combinations of their alternatives where those are more."""
    if not isinstance(node, Phrase):
        return 1
    sizes = [len(slot) for slot in node.slots]
    return max(sum(sizes), prod(sizes))
