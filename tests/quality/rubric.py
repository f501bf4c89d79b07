"""The default rubric of topics, measured on sentences that we wrote and on real appeals.

`rubric_test.jsonl` was written before the first query of the rubric was asked and is not tuned on: what we think
people write, so its figures are those of the authors' own language. `topic` is "" of talk that has none. The reasons of
real appeals are another rubric than ours: `rubric_reasons.json` says which of our groups a reason may be told as, by a
digest of the reason's name, since the names are not ours to keep. Reasons without a counterpart are left out.
"""

import gzip
import hashlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.checking import check_city
from crawler.environment import CHECKOUT
from search.analysis import Token, analyze
from search.topics.model import Guess
from search.topics.rubric import RubricModel, rubric_model
from tests.quality.places import rows

HERE = Path(__file__).parent
TEST = HERE / "rubric_test.jsonl"
REASONS = HERE / "rubric_reasons.json"
EVERY = 20
"""Of real appeals one in so many is measured: others were looked at while the queries were made."""
FIRST = 10
ROUNDS = 1000

Interval = tuple[float, float, float]
"""A share and its 95 % bootstrap interval."""
Case = tuple[tuple[Token, ...], frozenset[str]]
"""The tokens of a text and the groups that it may be told as; none for talk."""


@dataclass(frozen=True, slots=True)
class Scored:
    """`group` is the share of texts whose group is the likeliest, `sure` of those that are told as anything,
    `right_when_sure` of these that are told rightly, `talk` how many of the texts without a topic are told as one.
    """

    texts: int
    group: Interval
    sure: float
    right_when_sure: Interval
    talk: tuple[int, int]


@cache
def model() -> RubricModel:
    """The default rubric, as the demo town has it."""
    city = check_city(CHECKOUT / "cities" / "tikhoozersk.toml", warnings=False).city
    assert city is not None
    return rubric_model(city.rubric)


def own() -> tuple[list[Case], list[str]]:
    """Our sentences with the groups of their topics, and their topics."""
    groups = {topic.name: topic.group for topic in model().topics}
    texts = list(rows(TEST))
    cases = [(analyze("", row["text"]), frozenset({groups[row["topic"]]} if row["topic"] else ())) for row in texts]
    return cases, [row["topic"] for row in texts]


def real(folder: Path) -> list[Case]:
    """The appeals that are measured, with the groups that their reasons may be told as."""
    groups = json.loads(REASONS.read_text(encoding="utf-8"))
    with gzip.open(folder / "appeals_spb" / "appeals.jsonl.gz", "rt", encoding="utf-8") as lines:
        appeals = [json.loads(line) for line in list(lines)[FIRST::EVERY]]
    return [
        (analyze("", appeal["messages"][0]["text"]), frozenset(groups[digest]))
        for appeal in appeals
        if (digest := hashlib.sha256(appeal["reason"].encode()).hexdigest()[:12]) in groups
    ]


def score(cases: Sequence[Case]) -> Scored:
    """Figures of the rubric on texts."""
    groups = {name: topic.group for topic in model().topics for name in (topic.name, topic.group)}
    told = [(model().guess(tokens), wanted) for tokens, wanted in cases]

    def right(guess: Guess, wanted: frozenset[str]) -> bool:
        return groups.get(guess.topic, "") in wanted

    spoken = [(guess, right(guess, wanted)) for guess, wanted in told if wanted]
    sure = [hit for guess, hit in spoken if guess.sure]
    talk = [guess.sure for guess, wanted in told if not wanted]
    return Scored(
        len(spoken),
        _share([hit for _, hit in spoken]),
        len(sure) / len(spoken),
        _share(sure),
        (sum(talk), len(talk)),
    )


def topics_right(cases: Sequence[Case], topics: Sequence[str]) -> float:
    """The share of texts whose very topic is the likeliest, of those that have one."""
    hits = [model().guess(tokens).topic == topic for (tokens, _), topic in zip(cases, topics, strict=True) if topic]
    return sum(hits) / len(hits)


def cost(cases: Sequence[Case]) -> float:
    """Microseconds of CPU a text, from its tokens."""
    started = time.process_time()
    for tokens, _ in cases:
        model().guess(tokens)
    return 1e6 * (time.process_time() - started) / len(cases)


def _share(hits: Sequence[bool]) -> Interval:
    chance = random.Random(20)
    drawn = sorted(sum(chance.choices(hits, k=len(hits))) / len(hits) for _ in range(ROUNDS))
    return sum(hits) / len(hits), drawn[round(0.025 * (ROUNDS - 1))], drawn[round(0.975 * (ROUNDS - 1))]
