"""Learning a model of topics from lines of text and topic.

The last part of the lines, in their order, is held out first: what is chosen there (how much rare topics are lifted,
how sharp probabilities are, what is too unsure to tell) is chosen for later lines than those that were learnt from.
Then everything is learnt. The same lines give the same model. Logit adjustment: Menon et al. 2021, arXiv:2007.07314;
temperature: Guo et al. 2017, arXiv:1706.04599; Adam: Kingma and Ba 2015, arXiv:1412.6980.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from search.analysis import Token
from search.topics.evaluate import macro_f1
from search.topics.features import Word, pairs, pieces, words_of
from search.topics.model import Floats, Weights, calibrated

HELD_OUT = 0.15
FEWEST_TEXTS = 20
HIDDEN = 256
MOST_FEATURES = 60_000
FEWEST_USES = 3
_PASSES = 20
_FEWEST_STEPS = 400
"""Of a short history: passes enough that anything is learnt."""
_BATCH = 512
_RATE = 3e-3
_DROPPED, _DROPPED_FEATURES = 0.5, 0.2
_SMOOTHING = 0.1
_LIFTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
_SHARPNESSES = tuple(round(0.5 + 0.1 * step, 1) for step in range(26))
_SURE = 0.5
"""What is told as a topic is right more often than not."""


@dataclass(frozen=True)
class Lesson:
    """Texts as a matrix (texts × features, rows of length one) with the number of each one's topic."""

    matrix: Any
    numbers: npt.NDArray[np.int64]


def train(texts: Sequence[Sequence[Token]], topics: Sequence[str], seed: int = 1) -> Weights:
    """What is learnt from texts by their tokens, oldest first, and their topics. ValueError for fewer than two topics
    or twenty texts.
    """
    names = tuple(sorted(set(topics)))
    if len(names) < 2 or len(topics) < FEWEST_TEXTS:
        raise ValueError(f"{len(topics)} texts of {len(names)} topics")
    words = [words_of(tokens) for tokens in texts]
    cut = max(1, round(len(words) * (1 - HELD_OUT)))
    trial = _learnt(words[:cut], topics[:cut], seed)
    scores = scores_of(trial, words[cut:])
    lift, sharpness = _chosen(trial, scores, topics[cut:], topics[:cut])
    whole = _learnt(words, topics, seed)
    return replace(whole, offset=_offset(whole.topics, topics, lift), sharpness=sharpness)


def _learnt(words: Sequence[Sequence[Word]], topics: Sequence[str], seed: int) -> Weights:
    names = tuple(sorted(set(topics)))
    number_of = {name: number for number, name in enumerate(names)}
    numbers = np.array([number_of[topic] for topic in topics])
    features, rarity = _features(words)
    matrix = _matrix(words, features, rarity)
    inner, inner_bias, outer, outer_bias = _fitted(Lesson(matrix, numbers), len(names), seed)
    weighed = (inner * rarity[:, None]).astype(np.float16)
    none = np.zeros(len(names), np.float32)
    return Weights(names, features, rarity, weighed, inner_bias, outer, outer_bias, none, 1.0, _SURE)


def _of_text(words: Sequence[Word]) -> Iterator[str]:
    for word in dict.fromkeys(words):
        yield from pieces(word)
    yield from pairs(words)


def _features(words: Sequence[Sequence[Word]]) -> tuple[tuple[str, ...], Floats]:
    """The features that are kept, those of most texts first, with how rare each is (inverse document frequency)."""
    uses: Counter[str] = Counter()
    for text in words:
        uses.update(set(_of_text(text)))
    kept = sorted((one for one, count in uses.items() if count >= FEWEST_USES), key=lambda one: (-uses[one], one))
    kept = kept[:MOST_FEATURES]
    rarity = np.log((1 + len(words)) / (1 + np.array([uses[one] for one in kept], np.float64))) + 1
    return tuple(kept), rarity.astype(np.float32)


def _matrix(words: Sequence[Sequence[Word]], features: Sequence[str], rarity: Floats) -> Any:
    """Texts × features. A feature counts as often as words of the text give it; a text has the length one by the sum of
    its words' and pairs' squares, which a model can add up word by word.
    """
    from scipy.sparse import csr_matrix

    rows = {feature: row for row, feature in enumerate(features)}
    squares = rarity.astype(np.float64) ** 2
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in words:
        counts: Counter[int] = Counter(row for one in _of_text(text) if (row := rows.get(one)) is not None)
        size = sum(squares[row] * count for row, count in counts.items()) ** 0.5
        columns += counts
        values += [float(rarity[row]) * count / size for row, count in counts.items()]
        ends.append(len(columns))
    shape = (len(words), len(features))
    return csr_matrix((np.array(values, np.float32), np.array(columns, np.int32), np.array(ends)), shape)


class _Adam:
    """Steps of one array; of the rows that a batch touched where they are given."""

    def __init__(self, values: Floats) -> None:
        self.values = values
        self._mean = np.zeros_like(values)
        self._square = np.zeros_like(values)

    def step(self, gradient: Floats, rate: float, rows: Any = slice(None)) -> None:
        """Move against the gradient, which is spent."""
        mean, square = self._mean[rows].copy(), self._square[rows].copy()
        mean *= np.float32(0.9)
        mean += np.float32(0.1) * gradient
        self._mean[rows] = mean
        gradient *= gradient
        gradient *= np.float32(0.001)
        square *= np.float32(0.999)
        square += gradient
        self._square[rows] = square
        np.sqrt(square, out=square)
        square += np.float32(1e-8)
        mean *= np.float32(-rate)
        mean /= square
        self.values[rows] += mean


def _fitted(lesson: Lesson, topics: int, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Inner weights and bias, outer weights and bias."""
    chance = np.random.default_rng(seed)
    texts, features = lesson.matrix.shape
    inner = _Adam(chance.standard_normal((features, HIDDEN), np.float32) * np.float32(0.05))
    inner_bias = _Adam(np.zeros(HIDDEN, np.float32))
    outer = _Adam(chance.standard_normal((HIDDEN, topics), np.float32) * np.float32(HIDDEN**-0.5))
    outer_bias = _Adam(np.zeros(topics, np.float32))
    a_pass = -(-texts // _BATCH)
    passes, done = max(_PASSES, -(-_FEWEST_STEPS // a_pass)), 0
    for _ in range(passes):
        order = chance.permutation(texts)
        for start in range(0, texts, _BATCH):
            some = order[start : start + _BATCH]
            batch, seen = _narrowed(_thinned(lesson.matrix[some], chance))
            before = batch @ inner.values[seen] + inner_bias.values
            open_ = (before > 0) * (chance.random(before.shape, np.float32) >= _DROPPED) / np.float32(1 - _DROPPED)
            hidden = (before * open_).astype(np.float32)
            wrong = _wrong(hidden @ outer.values + outer_bias.values, lesson.numbers[some])
            back = ((wrong @ outer.values.T) * open_).astype(np.float32)
            done += 1
            # The rate falls to a tenth; the roots even out that Adam's means begin at nothing.
            rate = _RATE * (1 - 0.9 * done / (passes * a_pass)) * (1 - 0.999**done) ** 0.5 / (1 - 0.9**done)
            inner.step(batch.T @ back, rate, seen)
            inner_bias.step(back.sum(axis=0), rate)
            outer.step(hidden.T @ wrong, rate)
            outer_bias.step(wrong.sum(axis=0), rate)
    return inner.values, inner_bias.values, outer.values, outer_bias.values


def _thinned(batch: Any, chance: np.random.Generator) -> Any:
    """The batch without some of its features, so that none is relied on alone."""
    kept = chance.random(len(batch.data), np.float32) >= _DROPPED_FEATURES
    batch.data = (batch.data * kept / np.float32(1 - _DROPPED_FEATURES)).astype(np.float32)
    return batch


def _narrowed(batch: Any) -> tuple[Any, npt.NDArray[np.intp]]:
    """The batch with the columns alone that it has anything in, and which these are: products cost a third."""
    from scipy.sparse import csr_matrix

    texts, features = batch.shape
    has = np.zeros(features, bool)
    has[batch.indices] = True
    seen = np.flatnonzero(has)
    place = np.zeros(features, np.int32)
    place[seen] = np.arange(len(seen), dtype=np.int32)
    return csr_matrix((batch.data, place[batch.indices], batch.indptr), (texts, len(seen))), seen


def _wrong(scores: Floats, numbers: npt.NDArray[np.int64]) -> Floats:
    """The gradient of the smoothed cross entropy by the scores."""
    topics = scores.shape[1]
    gradient = calibrated(scores, np.zeros(topics, np.float32), 1.0) - np.float32(_SMOOTHING / topics)
    gradient[np.arange(len(numbers)), numbers] -= np.float32(1 - _SMOOTHING)
    mean: Floats = gradient / np.float32(len(numbers))
    return mean


def scores_of(weights: Weights, words: Sequence[Sequence[Word]]) -> Floats:
    """The scores of many texts at once."""
    matrix = _matrix(words, weights.features, weights.rarity)
    inner = weights.inner.astype(np.float32) / weights.rarity[:, None]
    scores: Floats = np.maximum(matrix @ inner + weights.inner_bias, 0) @ weights.outer + weights.outer_bias
    return scores


def _offset(names: Sequence[str], topics: Sequence[str], lift: float) -> Floats:
    """What lifts rare topics: learnt scores hold how often each topic is, and errors on rare ones weigh more."""
    counts = Counter(topics)
    shares = np.array([counts[name] / len(topics) for name in names])
    lifted: Floats = (-lift * np.log(shares)).astype(np.float32)
    return lifted


def _chosen(trial: Weights, scores: Floats, held_out: Sequence[str], topics: Sequence[str]) -> tuple[float, float]:
    """The lift with the best sum of accuracy and macro-F1, and then the sharpness with the likeliest answers."""
    best, lift = -1.0, 0.0
    for one in _LIFTS:
        told = [trial.topics[at] for at in (scores + _offset(trial.topics, topics, one)).argmax(axis=1)]
        right = sum(a == b for a, b in zip(told, held_out, strict=True)) / len(told)
        if (sum_ := right + macro_f1(held_out, told)) > best:
            best, lift = sum_, one
    offset = _offset(trial.topics, topics, lift)
    known = {name: number for number, name in enumerate(trial.topics)}
    rows = [row for row, topic in enumerate(held_out) if topic in known]
    numbers = [known[held_out[row]] for row in rows]

    def unlikely(sharpness: float) -> float:
        given = calibrated(scores[rows], offset, sharpness)[np.arange(len(rows)), numbers]
        return float(-np.log(np.maximum(given, 1e-9)).sum())

    return lift, min(_SHARPNESSES, key=unlikely) if rows else 1.0
