"""Topics told of later appeals must not fall below the floors that are pinned beside the corpus."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from search.topics.evaluate import evaluate
from search.topics.model import TopicModel
from search.topics.train import train
from tests.quality.topics import Appeals, read, repeated

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["topics"]


def test_words_that_had_several_reasons_are_missed_by_everybody() -> None:
    texts = ["Мусор!", "мусор", "МУСОР.", "снег", "снег", "яма"]
    appeals = Appeals(texts, [()] * 6, ["двор", "двор", "газон", "снег", "снег", "яма"], [""] * 6)
    found = repeated(appeals, ["газон", "газон", "газон", "снег", "снег", "снег"], 2)
    assert (found.texts, found.ours, found.foreseen) == (5, 3 / 5, 4 / 5)


@pytest.mark.real
def test_topics_stay_above_their_floors(real_data: Path) -> None:
    digest = hashlib.sha256((real_data / "appeals_spb" / "appeals.jsonl.gz").read_bytes()).hexdigest()
    assert digest == FLOORS["sha256"], "another corpus: measure again and pin its floors beside its digest"
    # A third of the history, so that it is learnt in a minute; `make quality` learns from all of it.
    earlier, later = read(real_data)
    model = TopicModel(train(earlier.tokens[::3], earlier.reasons[::3]))
    found = evaluate(later.reasons, [model.guess(tokens) for tokens in later.tokens])
    assert found.accuracy[0] >= FLOORS["third"]["accuracy"]
    assert found.macro_f1[0] >= FLOORS["third"]["macro_f1"]
    assert found.right_when_sure >= FLOORS["third"]["right_when_sure"]
