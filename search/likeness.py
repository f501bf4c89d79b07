"""Near-copies: the comparison that decides. It depends on the two texts alone, so in whatever order they come, the same
pairs are near; which are compared at all is told by their sketches (search/sketches.py).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Indel, Levenshtein

from search.morphology import forms

WORDS = re.compile(r"[^\W_]+")
SHINGLE = 5
# A repost keeps more of a text than this, or it is another text that quotes it.
LEAST = 0.35
# So many letters a slip of the hand, and one more for every so many.
_SLIP_EVERY = 4
_NEGATIONS = frozenset({"не", "ни"})
_PARTICLE = 2
_DIGIT = re.compile(r"\d")
# Parts of speech and marks of OpenCorpora, and months whose forms a letter tells apart.
_TELLING = frozenset({"ADJF", "NUMR", "Anum", "Geox", "Surn", "Name", "Patr", "июнь", "июль", "май", "март"})


# A batch is folded by its step, and again where it is kept.
@lru_cache(maxsize=512)
def folded(title: str, text: str) -> str:
    """The words of a post with blanks between them, whatever their case, ё, punctuation and emoji."""
    return " ".join(WORDS.findall(f"{title} {text}".casefold().replace("ё", "е")))


def nearness(one: str, other: str) -> float:
    """Jaccard of the shingles of two folded texts that are near, 0 for others; symmetric.

    Near are texts of which one is the other with slips of the hand, and with words cut away or added at its ends. Where
    each has words of its own it is another text: «отключение на ул. Мира, дом 5» and «… дом 7».
    """
    short, long = sorted(sorted((one, other)), key=len)
    if _are_far(short, long):
        return 0.0
    more = [False, False]
    for part in _differences(short.split(), long.split()):
        added = _added(part)
        if added is None:
            return 0.0
        more = [more[side] or bool(added[side]) for side in (0, 1)]
    first, second = _set_of(one), _set_of(other)
    both = len(first & second)
    score = both / (len(first) + len(second) - both)
    return score if score >= LEAST and not all(more) else 0.0


def _are_far(one: str, other: str) -> bool:
    """Whether the words alone tell that two texts are not near: most that are compared are notices of one form."""
    first, second = _words_of(one), _words_of(other)
    mine, yours = first - second, second - first
    if min(len(mine), len(yours)) * 2 > min(len(first), len(second)):
        return True
    return any(map(_DIGIT.search, mine)) and any(map(_DIGIT.search, yours))


@lru_cache(maxsize=1024)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache(maxsize=256)
def _set_of(text: str) -> frozenset[str]:
    return frozenset([text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)])


class _Part(NamedTuple):
    """What stands between equal words of two texts, and whether it is at the start or the end of both; `beside` is
    the word of both that it touches there.
    """

    one: list[str]
    other: list[str]
    first: bool
    last: bool
    beside: str


_NONE: tuple[list[str], list[str]] = ([], [])


def _differences(one: list[str], other: list[str]) -> Iterator[_Part]:
    at = against = 0
    same = [code for code in Indel.opcodes(one, other) if code.tag == "equal"]
    spans = [(code.src_start, code.dest_start, code.src_end, code.dest_end) for code in same]
    for start, beside, end, beside_end in [*spans, (len(one), len(other), len(one), len(other))]:
        if start > at or beside > against:
            first, last = not at and not against, start == len(one) and beside == len(other)
            kept = one[start] if first and not last else one[at - 1]
            yield _Part(one[at:start], other[against:beside], first, last, kept)
        at, against = end, beside_end


def _added(part: _Part) -> tuple[list[str], list[str]] | None:
    """The words at the ends that each text has more; None where the difference makes them two texts."""
    one, other = part.one, part.other
    if not one or not other:
        words = one or other
        if part.first or part.last:
            return (one, other) if _may_go(words, part.beside, first=part.first) else None
        return _NONE if all(map(_is_particle, words)) and not _DIGIT.search(part.beside) else None
    if _is_slip("".join(one), "".join(other)):
        return _NONE
    if len(one) > len(other):
        more = _slip_and_more(other, one, part)
        return None if more is None else (more, [])
    more = _slip_and_more(one, other, part)
    return None if more is None else ([], more)


def _slip_and_more(short: list[str], long: list[str], part: _Part) -> list[str] | None:
    """The words that a text has more beside a slip at an end; None where there is no such slip."""
    size = len(short)
    if part.last and _begins(short, long[:size]) and _may_go(long[size:], long[size - 1], first=False):
        return long[size - 1 :]
    if (
        part.first
        and _is_slip("".join(short), "".join(long[-size:]))
        and _may_go(long[:-size], long[-size], first=True)
    ):
        return long[:-size]
    return None


def _begins(short: list[str], long: list[str]) -> bool:
    """Whether words are those of the other text, the last of them maybe cut short."""
    if _is_slip("".join(short), "".join(long)):
        return True
    same = short[:-1] == long[:-1] or _is_slip("".join(short[:-1]), "".join(long[:-1]))
    return same and long[-1].startswith(short[-1]) and not _DIGIT.search(long[-1])


def _may_go(words: list[str], beside: str, *, first: bool) -> bool:
    """Whether a text that has these words more at an end is the same text: not where they go on with the number that
    they touch, as «дом 5, 7», «дом 5, корпус 2» or «дом 5 а» does.
    """
    touching = words[-2:] if first else words[:2]
    goes_on = any(_DIGIT.search(word) or len(word) == 1 for word in touching[:1] + touching[-1:])
    return not (_DIGIT.search(beside) and goes_on)


def _is_particle(word: str) -> bool:
    return len(word) <= _PARTICLE and word not in _NEGATIONS and not _DIGIT.search(word)


def _is_slip(one: str, other: str) -> bool:
    """Whether a few letters are amiss: no digit, and not another name, month or number («июня», «июля»)."""
    if _DIGIT.search(one) or _DIGIT.search(other):
        return False
    # A letter alone may be that of a house: «дом 5 а» is not «дом 5 б».
    if min(len(one), len(other)) == 1 and one not in other and other not in one:
        return False
    most = 1 + min(len(one), len(other)) // _SLIP_EVERY
    return Levenshtein.distance(one, other, score_cutoff=most) <= most and not _are_names(one, other)


@lru_cache(maxsize=50_000)
def _are_names(one: str, other: str) -> bool:
    """Whether both are in the dictionary, words that tell one notice from another, and forms of different words."""
    first, second = ([form for form in forms(word) if form.known] for word in (one, other))
    if {form.lemma for form in first} & {form.lemma for form in second}:
        return False
    return any(_TELLING & {form.pos, form.lemma, *form.marks} for form in first) and any(
        _TELLING & {form.pos, form.lemma, *form.marks} for form in second
    )
