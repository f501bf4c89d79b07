"""Word forms for names of places: what pymorphy3 knows of a word, cached, and adjectives brought to the nominative."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from search.lemmas import morph

_READABLE = re.compile(r"[а-яёa-z0-9-]+", re.IGNORECASE)


class Form(NamedTuple):
    """One reading of a word: lemma, part of speech, case, number, gender and the other marks of OpenCorpora."""

    lemma: str
    pos: str
    case: str
    number: str
    gender: str
    marks: frozenset[str]
    known: bool


@lru_cache(maxsize=100_000)
def forms(word: str) -> tuple[Form, ...]:
    """Every reading of a word, likeliest first, at least one. The case of letters does not matter."""
    if not _READABLE.fullmatch(word):
        # pymorphy3 asks Unicode for the name of every letter and raises where there is none («𗀀»).
        return (Form(word.lower(), "", "", "", "", frozenset(), False),)
    parses = morph().parse(word)
    known = bool(parses[0].is_known)  # of the word, whatever the reading
    return tuple(Form(parse.normal_form, *_grammar(parse.tag), known) for parse in parses)


@lru_cache(maxsize=10_000)
def _grammar(tag: Any) -> tuple[str, str, str, str, frozenset[str]]:
    """Part of speech, case, number, gender and marks; the dictionary has some thousands of tags."""
    return (
        str(tag.POS or ""),
        str(tag.case or ""),
        str(tag.number or ""),
        str(tag.gender or ""),
        frozenset(tag.grammemes),
    )


def feminine(lemma: str) -> str:
    """The feminine nominative of an adjective given in the masculine: «советский» → «советская»."""
    stem, ending = lemma[:-2], lemma[-2:]
    soft = ending == "ий" and stem[-1:] not in "гкхжчшщ"
    return stem + ("яя" if soft else "ая")


def neuter(lemma: str) -> str:
    """The neuter nominative of an adjective given in the masculine: «московский» → «московское»."""
    stem, ending = lemma[:-2], lemma[-2:]
    soft = ending == "ий" and stem[-1:] not in "гкх"
    return stem + ("ее" if soft else "ое")


_ENDINGS = {
    "f": ("ая", "яя", "ой", "ей", "ую", "юю", "ою"),
    "m": ("ый", "ий", "ой", "ому", "ему", "ом", "ем", "ым", "им"),
    "n": ("ое", "ее", "ому", "ему", "ом", "ем", "ым", "им"),
}


@lru_cache(maxsize=50_000)
def adjective(word: str, gender: str = "") -> str:
    """The nominative singular of an adjective in that gender ("f", "m", "n"), in small letters; "" for other words.

    Without a gender the ending decides, and «-ой» is taken for the feminine: «на Лесной». Names of women («Крупской»)
    and genitives in «-ого» («Островского») are not adjectives here: on maps they stay as they are.
    """
    low = word.casefold()
    if not gender:
        gender = next((one for one, endings in _ENDINGS.items() if low.endswith(endings)), "")
    if not gender or not low.endswith(_ENDINGS[gender]):
        return ""
    readings = forms(low)
    lemmas = sorted(form.lemma for form in readings if form.pos == "ADJF" and "Anph" not in form.marks)
    # «заводской» before «заводский»: every form must come to one of two spellings.
    lemmas = sorted((lemma for lemma in lemmas if lemma[-2:] in ("ой", "ый", "ий")), key=lambda one: one[-2:] != "ой")
    if not lemmas or (readings[0].pos == "NOUN" and "Surn" in readings[0].marks):
        return ""
    if not readings[0].known and low.endswith(("иной", "овой", "евой")):
        return ""  # an unknown word of this shape is a woman's surname: «Барамзиной»
    if gender == "m":
        return lemmas[0]
    return feminine(lemmas[0]) if gender == "f" else neuter(lemmas[0])
