"""Stories: which pairs of texts are told to be of one event, of news that people judged and of texts written by us."""

import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from search.analysis import analyze
from search.likeness import folded
from search.stories import ALIKE, STRONG, likeness, profile_of
from tests.quality.near_copies import minhash
from tests.quality.places import rows
from tests.quality.rivals import rival

OWN = Path(__file__).parent / "stories_own.jsonl"
ROUNDS = 2000
FOLDS = 10
Text = tuple[str, str]


class Pair(NamedTuple):
    """Two texts (title, text), whether they are of one event, and how alike ours have to be."""

    one: Text
    other: Text
    same: bool
    enough: float = ALIKE


def judged(real: Path) -> list[Pair]:
    """The pairs of news that people judged."""
    lines = (real / "near_duplicates" / "news_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        Pair((row["first_title"], row["first_text"]), (row["second_title"], row["second_text"]), row["same"])
        for row in map(json.loads, lines)
    ]


def of_ours() -> list[Pair]:
    """Every two of our texts of which one is news at least."""
    return [
        Pair(
            (one["title"], one["text"]),
            (other["title"], other["text"]),
            one["event"] == other["event"],
            ALIKE if one["role"] == other["role"] else STRONG,
        )
        for one, other in itertools.combinations(rows(OWN), 2)
        if "news" in (one["role"], other["role"])
    ]


def ours(pairs: Sequence[Pair]) -> list[float]:
    """The likeness of each pair, 0 where a text says too little."""
    profiles = {text: profile_of(*text, analyze(*text)) for pair in pairs for text in pair[:2]}
    scores = []
    for one, other, _, _ in pairs:
        first, second = profiles[one], profiles[other]
        scores.append(likeness(first, second) if first and second else 0.0)
    return scores


def tfidf(pairs: Sequence[Pair]) -> list[float] | None:
    """scikit-learn: cosine of TF-IDF of words, learnt on these texts; None without it."""
    module: Any = rival("sklearn.feature_extraction.text")
    if module is None:
        return None
    texts = list(dict.fromkeys(" ".join(text) for pair in pairs for text in pair[:2]))
    matrix = module.TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    at = {text: place for place, text in enumerate(texts)}
    return [float((matrix[at[" ".join(one)]] @ matrix[at[" ".join(other)]].T).sum()) for one, other, _, _ in pairs]


def jaccard(pairs: Sequence[Pair]) -> list[float] | None:
    """datasketch: Jaccard of MinHash of letters in fives; None without it."""
    datasketch: Any = rival("datasketch")
    if datasketch is None:
        return None
    made = {text: minhash(datasketch, folded(*text)) for pair in pairs for text in pair[:2]}
    return [float(made[one].jaccard(made[other])) for one, other, _, _ in pairs]


def f1(told: Sequence[bool], same: Sequence[bool]) -> float:
    """F1 of the pairs that are told to be of one event."""
    right = sum(one and other for one, other in zip(told, same, strict=True))
    return 2 * right / ((sum(told) + sum(same)) or 1)


def interval(told: Sequence[bool], same: Sequence[bool]) -> tuple[float, float, float]:
    """F1 and its bootstrap interval of 95 %."""
    chance = random.Random(20)
    both = list(zip(told, same, strict=True))
    drawn = sorted(f1(*zip(*chance.choices(both, k=len(both)), strict=True)) for _ in range(ROUNDS))
    return f1(told, same), drawn[ROUNDS // 40], drawn[-ROUNDS // 40]


def by_folds(scores: Sequence[float], same: Sequence[bool]) -> list[bool]:
    """What each tenth of the pairs is told by the threshold that is best for the others."""
    order = random.Random(20).sample(range(len(scores)), len(scores))
    told = [False] * len(scores)
    for fold in range(FOLDS):
        aside = set(order[fold::FOLDS])
        learnt = [(scores[at], same[at]) for at in order if at not in aside]
        threshold = max(sorted({score for score, _ in learnt}), key=_of(learnt))
        for at in aside:
            told[at] = scores[at] >= threshold
    return told


def _of(learnt: Sequence[tuple[float, bool]]) -> Callable[[float], float]:
    return lambda threshold: f1([score >= threshold for score, _ in learnt], [same for _, same in learnt])


def lines(pairs: Sequence[Pair]) -> Iterator[str]:
    """Ours and the rivals with thresholds chosen on other folds."""
    same = [pair.same for pair in pairs]
    found = {"otklik": ours(pairs), "TF-IDF of scikit-learn": tfidf(pairs), "datasketch": jaccard(pairs)}
    for name, scores in found.items():
        if scores is not None:
            yield "{}, threshold of other folds: F1 {:.3f} [{:.3f}, {:.3f}]".format(
                name, *interval(by_folds(scores, same), same)
            )
