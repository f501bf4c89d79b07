"""How many forms of words of complaints find each other: `python -m tests.quality.word_forms`.

Every form of a word, as a query, is asked of a text that holds another form. Forms are those of the dictionary of
pymorphy3, participles and gerunds of a verb included, each also as it is written without ё.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymorphy3

from search.analysis import analyze, query_lemmas

WORDS = Path(__file__).with_name("complaint_words.txt")
PARTS = {"nouns": {"NOUN"}, "adjectives": {"ADJF"}, "verbs": {"INFN"}}


@dataclass(frozen=True, slots=True)
class Found:
    """Of one word: how many pairs of forms there are, how many find each other, and some that do not."""

    word: str
    pairs: int
    found: int
    lost: tuple[tuple[str, str], ...]


def words() -> Iterator[tuple[str, str]]:
    """(part of the list, word) of every word of the list."""
    part = ""
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            part = line.removeprefix("#").strip()
        elif part in PARTS:
            yield from ((part, word) for word in line.split())


def forms_of(morph: pymorphy3.MorphAnalyzer, part: str, word: str) -> list[str]:
    """The forms of the lexeme that has this dictionary form and part of speech."""
    parses = [parse for parse in morph.parse(word) if parse.normal_form == word and parse.tag.POS in PARTS[part]]
    if not parses:
        raise ValueError(f"{word}: not a dictionary form among {part}")
    spelled = {form.word for form in parses[0].lexeme}
    return sorted(spelled | {form.replace("ё", "е") for form in spelled})


def measure() -> list[Found]:
    """What every word of the list gives."""
    morph = pymorphy3.MorphAnalyzer()
    results = []
    for part, word in words():
        forms = forms_of(morph, part, word)
        keys = {form: {token.lemma for token in analyze("", form)} for form in forms}
        lost = [(asked, held) for asked in forms for held in forms if keys[held].isdisjoint(query_lemmas(asked))]
        results.append(Found(word, len(forms) ** 2, len(forms) ** 2 - len(lost), tuple(lost[:3])))
    return results


def share(results: list[Found]) -> float:
    """The share of pairs that find each other, every word counting the same."""
    return sum(one.found / one.pairs for one in results) / len(results)


def interval(results: list[Found]) -> tuple[float, float]:
    """The 95 % bootstrap interval of `share` over words."""
    chance = random.Random(1)
    shares = sorted(share(chance.choices(results, k=len(results))) for _ in range(1000))
    return shares[25], shares[974]


def lines(results: list[Found]) -> Iterator[str]:
    """The figure, its interval and what is lost."""
    low, high = interval(results)
    pairs = sum(one.pairs for one in results)
    yield f"{len(results)} words, {pairs} pairs of forms"
    yield f"find each other: {share(results):.4%} (95 % interval {low:.4%} to {high:.4%})"
    for one in results:
        if one.lost:
            yield f"{one.word}: {one.pairs - one.found} of {one.pairs} lost, such as {one.lost}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines(measure()))
