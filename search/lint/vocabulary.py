"""Words that are neither in the dictionary nor, where it is at hand, in the archive; and what is like them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from crawler.model.text import Text
from search.lemmas import morph, surface_key
from search.lint.remark import Around, Remark, each_word, warning
from search.tree import Prefix, Query, Word

_MOST = 50
"""Unknown words of one query that are looked at: each costs a look into the archive and half a millisecond."""
_SURE, _LIKELY = 6, 1
"""Without an archive only a long word with a usual slip is told of: eight words of the starter searches are not in the
dictionary and one letter away from others (мусорка, автохлам, пазик …)."""
_TRIED = 12
"""Neighbours of an unknown word that the archive is asked for."""
_LONGEST = 40
"""Letters of a word that is looked for among its neighbours: no word of the dictionary is longer."""
_RUSSIAN = re.compile(r"[а-яё]+")
_LATIN = re.compile(r"[a-z]{3,}")
_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_VOWELS = "аеёиоуыэюяьъ"
# Letters that are written for each other because they sound alike.
_ALIKE = {
    frozenset(pair)
    for pair in ["оа", "еи", "ея", "ьъ", "зс", "дт", "бп", "гк", "вф", "жш", "шщ", "чщ", "иы", "ёо", "эе", "юу", "цс"]
}


def strangers(query: Query, around: Around) -> Iterator[Remark]:
    """The words that nobody knows, with the nearest known one."""
    unknown = (word for word in each_word(query) if not _is_known(word))
    for word in islice(unknown, _MOST):
        rank, near = (0, "") if isinstance(word, Prefix) else nearest(word.text)
        if around.count:
            if around.count(Query("", word)):
                continue
            near = _written(word, around.count) if isinstance(word, Word) else ""
            yield _remark(
                query, word, near, Text("нет ни в словаре, ни в архиве", "neither in the dictionary nor in the archive")
            )
        elif near and rank <= _LIKELY and len(word.text) >= _SURE:
            yield _remark(
                query, word, near, Text("нет в словаре, похоже на опечатку", "not in the dictionary, like a slip")
            )


def _is_known(word: Word | Prefix) -> bool:
    """Whether the dictionary has it, or has no say about such words: numbers, one letter, other alphabets."""
    if isinstance(word, Prefix):
        return not _RUSSIAN.fullmatch(word.text) or next(morph().iter_known_word_parses(word.text), None) is not None
    if _LATIN.fullmatch(word.text):
        return False
    if not _RUSSIAN.fullmatch(word.text) or len(word.text) == 1:
        return True
    return _in_dictionary(word.text)


def _in_dictionary(word: str) -> bool:
    """Also where the dictionary has it without its ё."""
    known = morph().word_is_known
    return bool(known(word) or ("ё" in word and known(surface_key(word))))


def _remark(query: Query, word: Word | Prefix, near: str, why: Text) -> Remark:
    raw = query.text[slice(*word.span)]
    hint = f"{'=' * (isinstance(word, Word) and word.exact)}{near}" if near else ""
    text = Text(f"«{word.text}»: {why.ru}", f"«{word.text}»: {why.en}")
    # A word in quotes of its own keeps them.
    return warning("never-occurs", word.span, text, f'"{hint}"' if hint and raw[:1] in '"«“„' else hint)


def nearest(word: str) -> tuple[int, str]:
    """The word of the dictionary that is one letter away by the likeliest slip, "" for none; 0 or 1 for usual slips."""
    return next(iter(_neighbours(word)), (0, ""))


def _neighbours(word: str) -> list[tuple[int, str]]:
    """The words of the dictionary that are one letter away, by the likeliest slip first."""
    if not _RUSSIAN.fullmatch(word) or not 3 <= len(word) <= _LONGEST:
        return []
    known = morph().word_is_known
    own = surface_key(word)
    return sorted({(rank, other) for rank, other in _one_away(word) if surface_key(other) != own and known(other)})


def _written(word: Word, count: Callable[[Query], int]) -> str:
    """The nearest word that the archive has, of the likeliest; where it has none of them the nearest of all."""
    near = [other for _, other in _neighbours(word.text)[:_TRIED]]
    return next((other for other in near if count(Query("", replace(word, text=other)))), near[0] if near else "")


def _one_away(word: str) -> Iterator[tuple[int, str]]:
    """Every spelling one letter away, the lowest number the likeliest slip."""
    for at, char in enumerate(word):
        before, after = word[:at], word[at + 1 :]
        yield (1 if after[:1] == char else 3), before + after
        if after and after[0] != char:
            yield 1, before + after[0] + char + after[1:]
        for letter in _LETTERS:
            if letter != char:
                yield _confusion(char, letter) + 2 * (not at), before + letter + after
            yield (1 if letter == char else 2), before + letter + word[at:]
    for letter in _LETTERS:
        yield 2, word + letter


def _confusion(char: str, letter: str) -> int:
    """How unlikely one letter is written for the other: vowels sound alike, then consonants, then keys are mistaken."""
    if frozenset((char, letter)) in _ALIKE:
        return 0 if char in _VOWELS else 1
    return 3 if char in _VOWELS and letter in _VOWELS else 4
