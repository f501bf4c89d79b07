"""A model of topics, asked about posts: a network of one hidden layer over the sum of what the words of a post give.

What a word gives is worked out once and kept; a post of forty words is forty look-ups, a sum and two small products.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from search.analysis import Token
from search.topics.features import MOST_WORDS, Word, pairs, pieces, words_of

Floats = npt.NDArray[np.float32]
_KEPT_WORDS = 1 << 14
_MOST_ASKED = 100


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest topic of a text and the probability that it is right. `sure` says whether it is worth telling."""

    topic: str
    confidence: float
    sure: bool


class Teller(Protocol):
    """Tells the topics of texts: a model that a city taught, or a rubric. For several threads too."""

    def guess(self, tokens: Sequence[Token]) -> Guess:
        """The topic of a text by its tokens."""
        ...

    def why(self, tokens: Sequence[Token], topic: str) -> list[str]:
        """The words that tell the topic, the most telling first; none where it does not know the topic."""
        ...


@dataclass(frozen=True)
class Weights:
    """What was learnt. `inner` has a row a feature and a column a hidden unit, its rows weighed by `rarity` already;
    `outer` a row a hidden unit and a column a topic. `offset` is added to the scores, which are then multiplied by
    `sharpness`: so calibrated, a probability is the share of such guesses that are right. Below `least` none is sure.
    """

    topics: tuple[str, ...]
    features: tuple[str, ...]
    rarity: Floats
    inner: npt.NDArray[Any]
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats
    offset: Floats
    sharpness: float
    least: float


class TopicModel:
    """Guesses topics, for several threads too."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._rows: Mapping[str, int] = {feature: row for row, feature in enumerate(weights.features)}
        self._rarity = weights.rarity**2
        self._given = lru_cache(_KEPT_WORDS)(self._of_word)

    def guess(self, tokens: Sequence[Token]) -> Guess:
        """The topic of a text by its tokens; of one without any known word the one that is most often."""
        probabilities = self.probabilities(tokens)
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        return Guess(self.weights.topics[best], confidence, confidence >= self.weights.least)

    def why(self, tokens: Sequence[Token], topic: str, most: int = 3) -> list[str]:
        """The words without which the topic would be likely least, the most telling first; none of an unknown topic."""
        if topic not in self.weights.topics:
            return []
        number, words = self.weights.topics.index(topic), dict.fromkeys(token[0] for token in tokens[:MOST_WORDS])
        whole = float(self.probabilities(tokens)[number])
        lost = {
            word: whole - float(self.probabilities([token for token in tokens if token[0] != word])[number])
            for word in list(words)[:_MOST_ASKED]
        }
        telling = [word for word, loss in lost.items() if loss > 0]
        return sorted(telling, key=lambda word: -lost[word])[:most]

    def probabilities(self, tokens: Sequence[Token]) -> Floats:
        """The probability of each topic, in the order of `weights.topics`."""
        return calibrated(self.scores(tokens), self.weights.offset, self.weights.sharpness)

    def scores(self, tokens: Sequence[Token]) -> Floats:
        """The score of each topic before it is calibrated."""
        words, weights = words_of(tokens), self.weights
        given = [self._given(word) for word in dict.fromkeys(words)]
        rows = [row for pair in pairs(words) if (row := self._rows.get(pair)) is not None]
        size = sum(norm for _, norm in given) + (float(self._rarity[rows].sum()) if rows else 0.0)
        if not size:
            hidden = weights.inner_bias
        else:
            total = np.add.reduce([vector for vector, _ in given]) if given else np.float32(0)
            if rows:
                total = total + weights.inner[rows].sum(axis=0, dtype=np.float32)
            hidden = total / np.float32(size**0.5) + weights.inner_bias
        scores: Floats = np.maximum(hidden, 0) @ weights.outer + weights.outer_bias
        return scores

    def _of_word(self, word: Word) -> tuple[Floats, float]:
        """What the pieces of a word give together, and their share in the size of a text."""
        rows = [row for piece in pieces(word) if (row := self._rows.get(piece)) is not None]
        vector: Floats = self.weights.inner[rows].sum(axis=0, dtype=np.float32)
        return vector, float(self._rarity[rows].sum())


def calibrated(scores: Floats, offset: Floats, sharpness: float) -> Floats:
    """Probabilities of scores, a row or many."""
    shifted = (scores + offset) * np.float32(sharpness)
    powers = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    whole: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return whole
