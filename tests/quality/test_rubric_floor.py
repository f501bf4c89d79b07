"""Groups told by the default rubric must not fall below the floors that are pinned beside the texts."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.quality.rubric import REASONS, TEST, own, real, score

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["rubric"]


def test_our_sentences_stay_above_their_floors() -> None:
    digest = hashlib.sha256(TEST.read_bytes()).hexdigest()
    assert digest == FLOORS["own"]["sha256"], "other texts: measure again and pin their floors beside their digest"
    scored = score(own()[0])
    assert scored.group[0] >= FLOORS["own"]["group"]
    assert scored.right_when_sure[0] >= FLOORS["own"]["right_when_sure"]
    assert scored.talk[0] <= FLOORS["own"]["talk"]


@pytest.mark.real
def test_real_appeals_stay_above_their_floors(real_data: Path) -> None:
    digest = hashlib.sha256(REASONS.read_bytes()).hexdigest()
    assert digest == FLOORS["real"]["sha256"], "another mapping: measure again and pin its floors beside its digest"
    scored = score(real(real_data))
    assert scored.group[0] >= FLOORS["real"]["group"]
    assert scored.right_when_sure[0] >= FLOORS["real"]["right_when_sure"]
