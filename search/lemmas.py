"""The keys of a word: its spelling, its surface key, its lemma key, and the lemma keys that a query word expands to.

pymorphy3 chooses the lemma on the real spelling, ё included, and ё becomes е afterwards: «сёл» is a form of «село»
and «сел» first of all one of «сесть».
"""

import re
import unicodedata
from functools import cache, lru_cache
from sys import intern
from typing import Any

LONGEST = 100
"""Code points of a key; the rest of a longer word is cut off, in a text and in a query alike."""

_KEPT = 1 << 16
"""Entries of the caches of a process: a few tens of megabytes, and the words of some hundred thousand posts."""

_LONGEST_RUSSIAN = 40
_PLAIN = re.compile(r"[0-9a-zа-яё]+")
_RUSSIAN = re.compile(r"[а-яё]+(?:-[а-яё]+)*")
_CYRILLIC = re.compile(r"[а-яёА-ЯЁ]")
_LATIN = re.compile(r"[a-zA-Z]")
LOOK_ALIKES = str.maketrans("aceopxykmtABCEHKMOPTXY", "асеорхукмтАВСЕНКМОРТХУ")
"""Latin letters that look like Cyrillic ones: inside a Cyrillic word a slip of the keyboard layout or a way around a
filter, beside the number of a house the same letter.
"""
_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-", "\u0450": "е", "\u045d": "и"})


@cache
def morph() -> Any:
    """The one dictionary of the process: 0.2 s and some tens of megabytes, loaded at the first Russian word."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


def spelling(word: str) -> str:
    """`word` in small letters and one Unicode form, without soft hyphens, zero-width characters and stress marks.

    ё stays. Hyphens and slashes inside stay, everything else that is neither letter nor digit goes.
    """
    small = word.casefold()
    if _PLAIN.fullmatch(small) and not (_LATIN.search(small) and _CYRILLIC.search(small)):
        return small[:LONGEST]
    visible = "".join(char for char in word if unicodedata.category(char) != "Cf")
    # Composed first, so that й and ё written as a letter with a mark stay letters; marks that are left are stress.
    composed = unicodedata.normalize("NFC", visible).translate(_HYPHENS)
    bare = "".join(char for char in composed if char.isalnum() or char in "-/")
    if _CYRILLIC.search(bare):
        bare = bare.translate(LOOK_ALIKES)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", bare).casefold()).translate(_HYPHENS)
    kept = "".join(char for char in folded if char.isalnum() or char in "-/")
    if _CYRILLIC.search(kept):
        # Latin letters that only now are plain ones.
        kept = kept.translate(LOOK_ALIKES)
    # A key that is cut off ends as a word does, so that a query that shows it is read as the same key.
    return (kept or small)[:LONGEST].rstrip("-/")


def surface_key(spelled: str) -> str:
    """The key of this very form: the spelling with ё = е."""
    return spelled.replace("ё", "е")


@lru_cache(_KEPT)
def lemma_key(spelled: str) -> str:
    """The key of the lemma that pymorphy3 puts first for this spelling; the surface key of a word not Russian.

    Equal keys are one object: posts and searches meet by them, and what is itself is sooner found to be equal.
    """
    return intern(surface_key(_first_lemma(spelled) if _is_russian(spelled) else spelled))


@lru_cache(_KEPT // 8)
def query_lemmas(word: str) -> frozenset[str]:
    """The lemma keys under which any form of any lexeme of `word` stands in the index: usually one to three."""
    spelled = spelling(word)
    if not _is_russian(spelled):
        return frozenset({surface_key(spelled)})
    keys = {lemma_key(spelled)}
    for forms in _lexemes(spelled):
        keys |= _keys_of(forms)
    return frozenset(keys)


@lru_cache(_KEPT // 32)
def _keys_of(forms: frozenset[str]) -> frozenset[str]:
    """The lemma keys of all forms of a lexeme, each also as it is written without ё."""
    spellings = forms | {surface_key(form) for form in forms}
    return frozenset(map(lemma_key, spellings))


def _is_russian(spelled: str) -> bool:
    return len(spelled) <= _LONGEST_RUSSIAN and _RUSSIAN.fullmatch(spelled) is not None


def _first_lemma(spelled: str) -> str:
    """`morph.parse(spelled)[0].normal_form`, without tags and probabilities where all readings share one lemma."""
    analyzer = morph()
    dictionary = analyzer.dictionary
    lemmas = {
        dictionary.build_normal_form(paradigm, index, found)
        for found, readings in dictionary.words.similar_items(spelled, analyzer.char_substitutes)
        for paradigm, index in readings
    }
    if len(lemmas) == 1:
        return str(lemmas.pop())
    return str(analyzer.parse(spelled)[0].normal_form)


def _lexemes(spelled: str) -> set[frozenset[str]]:
    """The forms of every lexeme that the word may belong to; of a word that pymorphy3 does not know, of its guesses."""
    return {frozenset(form.word for form in parse.lexeme) for parse in morph().parse(spelled)}
