"""How good guesses of topics are, on lines that were not learnt from."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.topics.model import Guess

_ROUNDS = 200
_BINS = 10

Interval = tuple[float, float, float]
"""A figure and its 95 % bootstrap interval."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """`texts` are how many; `sure` is the share that is told, `right_when_sure` how many of these are right. `error` is
    the expected calibration error: how far confidence is from the share that is right, in ten bins.
    """

    texts: int
    accuracy: Interval
    macro_f1: Interval
    sure: float
    right_when_sure: float
    error: float


def evaluate(topics: Sequence[str], guesses: Sequence[Guess]) -> Evaluated:
    """Figures of guesses beside the true topics. ValueError where there are none."""
    if not topics:
        raise ValueError("no texts")
    told = [guess.topic for guess in guesses]
    hits = [topic == guess.topic for topic, guess in zip(topics, guesses, strict=True)]
    sure = [hit for hit, guess in zip(hits, guesses, strict=True) if guess.sure]
    return Evaluated(
        len(topics),
        _interval(topics, told, lambda true, said: sum(map(str.__eq__, true, said)) / len(true)),
        _interval(topics, told, macro_f1),
        len(sure) / len(hits),
        sum(sure) / len(sure) if sure else 0.0,
        calibration_error([guess.confidence for guess in guesses], hits),
    )


def macro_f1(topics: Sequence[str], told: Sequence[str]) -> float:
    """The mean of F1 over all topics that are true of some text or told of some."""
    hits = Counter(topic for topic, one in zip(topics, told, strict=True) if topic == one)
    true, said = Counter(topics), Counter(told)
    names = true.keys() | said.keys()
    return sum(2 * hits[name] / (true[name] + said[name]) for name in names) / len(names)


def calibration_error(confidences: Sequence[float], hits: Sequence[bool]) -> float:
    """The mean distance of confidence and share of hits in bins of confidence, weighed by their texts."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, hit in zip(confidences, hits, strict=True):
        bins.setdefault(min(int(confidence * _BINS), _BINS - 1), []).append((confidence, hit))
    return sum(abs(sum(one - hit for one, hit in inside)) for inside in bins.values()) / len(hits)


def _interval(
    topics: Sequence[str], told: Sequence[str], of: Callable[[Sequence[str], Sequence[str]], float]
) -> Interval:
    chance, size = random.Random(20), range(len(topics))  # noqa: S311 - draws samples
    drawn = []
    for _ in range(_ROUNDS):
        rows = chance.choices(size, k=len(size))
        drawn.append(of([topics[row] for row in rows], [told[row] for row in rows]))
    drawn.sort()
    return of(topics, told), drawn[round(0.025 * (_ROUNDS - 1))], drawn[round(0.975 * (_ROUNDS - 1))]
