"""Stories: whether two texts tell of the same event, in whatever words. Of the texts alone, so order never matters.

A profile is what a text speaks of: its lemmas, names and numbers above nouns above other words, the title and the first
sentences above the rest. Likeness is the cosine of two profiles (Salton's vector space) without document frequencies,
which would make a judgement depend on what else came first.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple
from zlib import crc32

import numpy as np

from search.analysis import Token
from search.morphology import forms

ALIKE = 0.5
"""Two news texts that are so alike are of one story."""
STRONG = 0.6
"""What a resident wrote has to be so alike to a news text."""
FEWEST = 12
"""A text with fewer words that say something tells no story: «Нет воды!»."""
_MOST = 96
_MOST_TOKENS = 600
_NAME, _NOUN, _OTHER = 3.0, 1.5, 1.0
_LEAD = 5.0
_FADING = 0.25
_FUNCTION = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ", "PRED"})
_NAMES = frozenset({"Geox", "Surn", "Name", "Patr", "Orgn", "Trad"})
_DIGIT = re.compile(r"\d")
_UNIT = 65_535


class Profile(NamedTuple):
    """The words of a text as hashes, heaviest first, each with its part of a unit vector, from 0 to 65,535."""

    hashes: tuple[int, ...]
    shares: tuple[int, ...]

    def packed(self) -> bytes:
        """As the state keeps it: six bytes a word."""
        return np.array(self.hashes, "<u4").tobytes() + np.array(self.shares, "<u2").tobytes()


def unpacked(content: bytes) -> Profile:
    """The profile that was packed."""
    count = len(content) // 6
    hashes, shares = np.frombuffer(content, "<u4", count), np.frombuffer(content, "<u2", count, 4 * count)
    return Profile(tuple(hashes.tolist()), tuple(shares.tolist()))


def profile_of(title: str, text: str, tokens: tuple[Token, ...]) -> Profile | None:
    """What a text speaks of; None where it says too little to tell one event from another."""
    weights = _weights(title, text, tokens)
    if len(weights) < FEWEST:
        return None
    heaviest = sorted(weights.items(), key=lambda word: (-word[1], word[0]))[:_MOST]
    length = sqrt(sum(weight * weight for _, weight in heaviest))
    return Profile(
        tuple(_hash(lemma) for lemma, _ in heaviest), tuple(int(_UNIT * weight / length) for _, weight in heaviest)
    )


def likeness(one: Profile, other: Profile) -> float:
    """Cosine of two profiles, 0 to 1; symmetric."""
    first, second = dict(zip(*one, strict=True)), dict(zip(*other, strict=True))
    return sum([first[word] * second[word] for word in first.keys() & second.keys()]) / _UNIT**2


def likenesses(profiles: Sequence[Profile], pairs: Sequence[tuple[int, int]]) -> list[float]:
    """The likeness of each of these pairs of profiles, named by their places: many at once cost less."""
    from scipy.sparse import csr_matrix  # a quarter of a second: only where texts are compared

    words, columns = np.unique([word for one in profiles for word in one.hashes], return_inverse=True)
    shares = np.array([share for one in profiles for share in one.shares], np.int64)
    ends = np.cumsum([0, *(len(one.hashes) for one in profiles)])
    matrix = csr_matrix((shares, columns, ends), (len(profiles), len(words)))
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    products = matrix[first].multiply(matrix[second]).sum(axis=1)
    return [product / _UNIT**2 for product in np.asarray(products).ravel().tolist()]


def shared_words(one: tuple[str, str, tuple[Token, ...]], other: tuple[str, str, tuple[Token, ...]]) -> list[str]:
    """The lemmas that two texts (title, text, tokens) have in common, those first that make them most alike."""
    first, second = _weights(*one), _weights(*other)
    return sorted(first.keys() & second.keys(), key=lambda lemma: (-first[lemma] * second[lemma], lemma))


def _weights(title: str, text: str, tokens: tuple[Token, ...]) -> dict[str, float]:
    told: dict[str, float] = {}
    kinds: dict[str, float] = {}
    before = -1
    for _, lemma, start, _, _, sentence, field in tokens[:_MOST_TOKENS]:
        weight = _weight_of(lemma)
        # A capital letter tells a name, but at the start of a sentence.
        if weight and weight < _NAME and sentence == before and (title if field == "title" else text)[start].isupper():
            weight = _NAME
        leads = field == "title" or (not title and not sentence)
        before = sentence
        if weight:
            told[lemma] = told.get(lemma, 0.0) + (_LEAD if leads else 1 / (1 + _FADING * sentence))
            kinds[lemma] = max(weight, kinds.get(lemma, 0.0))
    return {lemma: sqrt(often) * kinds[lemma] for lemma, often in told.items()}


@lru_cache(1 << 16)
def _weight_of(lemma: str) -> float:
    if _DIGIT.search(lemma):
        return _NAME
    form = forms(lemma)[0]
    if form.pos in _FUNCTION:
        return 0.0
    if not form.known or _NAMES & form.marks:
        return _NAME
    return _NOUN if form.pos == "NOUN" else _OTHER


@lru_cache(1 << 16)
def _hash(lemma: str) -> int:
    return crc32(lemma.encode("utf-8", "surrogatepass"))
