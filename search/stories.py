"""Stories: whether two texts tell of the same event, in whatever words. Of the texts alone, so order never matters.

A profile is what a text speaks of: its lemmas, names and numbers above nouns above other words, the title and the first
sentences above the rest. Likeness is the cosine of two profiles (Salton's vector space) without document frequencies,
which would make a judgement depend on what else came first; nothing where what they are of differs (occasions.py).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple
from zlib import crc32

import numpy as np

from search import occasions
from search.analysis import Token
from search.morphology import forms
from search.occasions import Occasion, differ, occasion_of

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
    """The words of a text as hashes, heaviest first, each with its part of a unit vector, from 0 to 65,535; and what it
    is of.
    """

    hashes: tuple[int, ...]
    shares: tuple[int, ...]
    occasion: Occasion = Occasion()

    def packed(self) -> bytes:
        """As the state keeps it: six bytes a word, then the occasion."""
        words = np.array(self.hashes, "<u4").tobytes() + np.array(self.shares, "<u2").tobytes()
        return words + self.occasion.packed()


def unpacked(content: bytes) -> Profile:
    """The profile that was packed; one of an even length was packed before there were occasions."""
    occasion, tail = occasions.unpacked(content) if len(content) % 2 else (Occasion(), 0)
    count = (len(content) - tail) // 6
    hashes, shares = np.frombuffer(content, "<u4", count), np.frombuffer(content, "<u2", count, 4 * count)
    return Profile(tuple(hashes.tolist()), tuple(shares.tolist()), occasion)


def profile_of(title: str, text: str, tokens: tuple[Token, ...]) -> Profile | None:
    """What a text speaks of; None where it says too little to tell one event from another."""
    tokens = tokens[:_MOST_TOKENS]
    kinds = _kinds(title, text, tokens)
    weights = _weights(title, tokens, kinds)
    if len(weights) < FEWEST:
        return None
    heaviest = sorted(weights.items(), key=lambda word: (-word[1], word[0]))[:_MOST]
    length = sqrt(sum(weight * weight for _, weight in heaviest))
    return Profile(
        tuple(_hash(lemma) for lemma, _ in heaviest),
        tuple(int(_UNIT * weight / length) for _, weight in heaviest),
        occasion_of(title, text, tokens, [kind == _NAME for kind in kinds], _hash),
    )


def likeness(one: Profile, other: Profile) -> float:
    """Cosine of two profiles, 0 to 1, 0 where they are of two events; symmetric."""
    if differ(one.occasion, other.occasion):
        return 0.0
    first, second = (dict(zip(each.hashes, each.shares, strict=True)) for each in (one, other))
    return sum([first[word] * second[word] for word in first.keys() & second.keys()]) / _UNIT**2


def likenesses(profiles: Sequence[Profile], pairs: Sequence[tuple[int, int]]) -> list[float]:
    """The likeness of each of these pairs of profiles, named by their places: many at once cost less. Of what is not
    ALIKE by its words it is not asked whether it differs in what it is of.
    """
    from scipy.sparse import csr_matrix  # a quarter of a second: only where texts are compared

    words, columns = np.unique([word for one in profiles for word in one.hashes], return_inverse=True)
    shares = np.array([share for one in profiles for share in one.shares], np.int64)
    ends = np.cumsum([0, *(len(one.hashes) for one in profiles)])
    matrix = csr_matrix((shares, columns, ends), (len(profiles), len(words)))
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    products = matrix[first].multiply(matrix[second]).sum(axis=1)
    scores = (np.asarray(products).ravel() / _UNIT**2).tolist()
    # Most are of two events by their words already.
    return [
        0.0 if score >= ALIKE and differ(profiles[one].occasion, profiles[other].occasion) else score
        for (one, other), score in zip(pairs, scores, strict=True)
    ]


def shared_words(one: tuple[str, str, tuple[Token, ...]], other: tuple[str, str, tuple[Token, ...]]) -> list[str]:
    """The lemmas that two texts (title, text, tokens) have in common, those first that make them most alike."""
    first, second = (_weights(title, tokens, _kinds(title, text, tokens)) for title, text, tokens in (one, other))
    return sorted(first.keys() & second.keys(), key=lambda lemma: (-first[lemma] * second[lemma], lemma))


def _weights(title: str, tokens: tuple[Token, ...], token_kinds: Sequence[float]) -> dict[str, float]:
    told: dict[str, float] = {}
    kinds: dict[str, float] = {}
    for (_, lemma, _, _, _, sentence, field), weight in zip(tokens, token_kinds, strict=False):
        leads = field == "title" or (not title and not sentence)
        if weight:
            told[lemma] = told.get(lemma, 0.0) + (_LEAD if leads else 1 / (1 + _FADING * sentence))
            kinds[lemma] = max(weight, kinds.get(lemma, 0.0))
    return {lemma: sqrt(often) * kinds[lemma] for lemma, often in told.items()}


def _kinds(title: str, text: str, tokens: tuple[Token, ...]) -> list[float]:
    """What each of the tokens that are looked at weighs by its kind, _NAME for names and numbers."""
    kinds = []
    before = -1
    for _, lemma, start, _, _, sentence, field in tokens[:_MOST_TOKENS]:
        weight = _weight_of(lemma)
        # A capital letter tells a name, but at the start of a sentence.
        if weight and weight < _NAME and sentence == before and (title if field == "title" else text)[start].isupper():
            weight = _NAME
        kinds.append(weight)
        before = sentence
    return kinds


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
