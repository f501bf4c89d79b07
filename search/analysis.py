"""Russian tokens and index keys: the one definition for the index, the query, the monitor and the places.

Title, text and their sentences are one stream. Between them lie `GAP` positions that nothing stands on, more than the
widest distance a query may ask for, so that no phrase crosses a border. A hyphenated word is kept and split: the parts
take one position each, the whole shares the position of its first part, never takes part in a phrase and is there for
exact forms and prefixes. House numbers like 29/2 and 12к1 are one token.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from search.lemmas import LONGEST, lemma_key, query_lemmas, spelling, surface_key

__all__ = [
    "GAP",
    "Group",
    "Spelled",
    "Token",
    "analyze",
    "groups",
    "lemma_key",
    "name_key",
    "query_lemmas",
    "spelling",
    "surface_key",
]

GAP = 100
"""Positions left empty between sentences."""

_LETTER = r"[^\W_]"
_INSIDE = "\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f"
_RUN = rf"{_LETTER}+(?:[{_INSIDE}]+{_LETTER}+)*[{_INSIDE}]*"
_HYPHEN = "[-\u2010\u2011]"
_CHUNK = re.compile(rf"{_RUN}(?:[-\u2010\u2011/]{_RUN})*")
_ITEM = rf"(?:(?=\d){_RUN}(?:/(?=\d){_RUN})*|{_RUN})"
_GROUP = re.compile(rf"{_ITEM}(?:{_HYPHEN}{_ITEM})*")
_PART = re.compile(_ITEM)

_LONGEST_KEPT = 64
_SPACE = re.compile(r"\s")
_LINE = re.compile("[\n\u2028\u2029]")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# A full stop after these belongs to the word, whatever follows.
_SHORT = _words(
    "ул д г гор к корп стр лит кв р-н р-он обл пос дер им мкр мкрн м-н ш наб бул б-р бульв туп пр пр-т пр-кт просп"
    " пер пл п с ст тел эт под пом соор вл уч напр см св гр ред о-в пгт снт жк тц ост"
)
# After these it belongs to the word unless a capital letter follows.
_OFTEN_SHORT = _words("руб коп тыс млн млрд др т-д т-п год гг вв мин час сек куб км чел шт проч")


class Token(NamedTuple):
    """A word of a post: its keys, code points `start` to `end` of its field, position and sentence in the stream."""

    surface: str
    lemma: str
    start: int
    end: int
    position: int
    sentence: int
    field: str

    @property
    def whole(self) -> bool:
        """A hyphenated word as a whole, beside its parts."""
        return "-" in self.surface


class Spelled(NamedTuple):
    """One word as a person wrote it, in one spelling with ё kept, and its code points."""

    text: str
    start: int
    end: int


class Group(NamedTuple):
    """A hyphenated word and its parts, or a plain word: one part, the same as the whole."""

    whole: Spelled
    parts: tuple[Spelled, ...]


class _Piece(NamedTuple):
    """A token inside a run of letters, digits, hyphens and slashes, counted from the start of the run."""

    surface: str
    lemma: str
    start: int
    end: int
    step: int


def groups(text: str) -> Iterator[Group]:
    """The words of any text, a query's too, in the spelling from which the keys are made."""
    for found in _GROUP.finditer(text):
        start = found.start()
        parts = tuple(
            Spelled(spelling(part[0]), start + part.start(), start + part.end()) for part in _PART.finditer(found[0])
        )
        whole = "-".join(part.text for part in parts)[:LONGEST].rstrip("-")
        yield Group(Spelled(whole, start, found.end()), parts)


def analyze(title: str, text: str) -> tuple[Token, ...]:
    """The tokens of a post in the order of the stream: title, then text; a whole before its parts."""
    tokens = _stream(title, "title", 0, 0)
    if not tokens:
        return tuple(_stream(text, "text", 0, 0))
    tokens += _stream(text, "text", tokens[-1].position + 1 + GAP, tokens[-1].sentence + 1)
    return tuple(tokens)


def _stream(content: str, field: str, position: int, sentence: int) -> list[Token]:
    """The tokens of one field. The hot loop of the way: plain words take the short branch."""
    tokens: list[Token] = []
    add, new, kind = tokens.append, tuple.__new__, Token  # half the time of calling Token(…)
    end, before = 0, ""
    for match in _CHUNK.finditer(content):
        start, stop = match.span()
        if before and (start - end > 1 or content[end] != " "):
            between = content[end:start]
            if between != ", " and _ends_sentence(between, before, content[start]):
                position += GAP
                sentence += 1
        before, end = content[start:stop], stop
        pieces, width = _pieces(before) if stop - start <= _LONGEST_KEPT else _split(before)
        if len(pieces) == 1:
            add(new(kind, (pieces[0][0], pieces[0][1], start, stop, position, sentence, field)))
        else:
            for surface, lemma, left, right, step in pieces:
                add(new(kind, (surface, lemma, start + left, start + right, position + step, sentence, field)))
        position += width
    return tokens


def _split(raw: str) -> tuple[tuple[_Piece, ...], int]:
    """The pieces of a run and the number of positions they take."""
    pieces: list[_Piece] = []
    width = 0
    for whole, parts in groups(raw):
        if "-" in whole.text:
            pieces.append(_piece(whole, width))
        pieces.extend(_piece(part, width + step) for step, part in enumerate(parts))
        width += len(parts)
    return tuple(pieces), width


def _piece(word: Spelled, step: int) -> _Piece:
    return _Piece(intern(surface_key(word.text)), lemma_key(word.text), word.start, word.end, step)


_pieces = lru_cache(1 << 16)(_split)


def _ends_sentence(between: str, before: str, after: str) -> bool:
    """Whether `between`, which stands after the run `before` and ahead of the letter `after`, ends a sentence."""
    if _LINE.search(between) and (len(_LINE.findall(between)) > 1 or between.strip() or not after.islower()):
        return not _is_short(before, after) or "." not in between
    if not (_SPACE.search(between) or after.isupper()):
        return False
    if "!" in between or "?" in between or "…" in between or ".." in between:
        return True
    return "." in between and not _is_short(before, after)


def _is_short(before: str, after: str) -> bool:
    small = before.lower()
    if small in _SHORT or (len(small) == 1 and small.isalpha()):
        return True
    return after.islower() and (small in _OFTEN_SHORT or small[-1].isdigit())


_AHEAD = _words(
    "город г гор поселок пос п пгт рп село с деревня дер д станица ст хутор х аул поселение сп гп го мо"
    " муниципальный муниципальное городской городское сельский сельское район р-н р-он округ микрорайон мкр мкрн"
    " м-н образование административный"
)
_BEHIND = _words("район р-н р-он округ микрорайон мкр мкрн м-н поселение")
_NAME_WORD = re.compile(rf"{_RUN}(?:{_HYPHEN}{_RUN})*")


@lru_cache(1 << 14)
def name_key(name: str) -> str:
    """The normal form under which names of districts and settlements compare; "" where there is no word.

    Small letters, ё = е, hyphens as blanks, words of kind away («район», «г.» ahead of the name; «район», «округ»
    behind it, so that «Красное Село» stays whole), the rest as lemmas: «Луговое», «Луговом районе» are one.
    """
    words = [spelling(found[0]) for found in _NAME_WORD.finditer(name)]
    while len(words) > 1 and _is_kind(words[-1], _BEHIND):
        words.pop()
    while len(words) > 1 and _is_kind(words[0], _AHEAD):
        words.pop(0)
    parts = [part for word in words for part in word.split("-") if part]
    return " ".join(_settled(part) for part in parts)


def _is_kind(word: str, kinds: frozenset[str]) -> bool:
    return surface_key(word) in kinds or lemma_key(word) in kinds


def _settled(word: str) -> str:
    """The lemma of the lemma, until it stays: a key of a key is the key itself."""
    seen: list[str] = []
    key = lemma_key(word)
    while key not in seen:
        seen.append(key)
        key = lemma_key(key)
    return min(seen[seen.index(key) :])
