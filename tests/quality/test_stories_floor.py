"""Stories: floors on pairs of texts of ours and on pairs of news that people judged."""

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.quality.stories import OWN, Pair, f1, interval, judged, of_ours, ours

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["stories"]


def _f1(pairs: Sequence[Pair]) -> float:
    told = [score >= pair.enough for score, pair in zip(ours(pairs), pairs, strict=True)]
    return f1(told, [pair.same for pair in pairs])


def test_figures_of_a_few_answers() -> None:
    assert f1([True, True, False], [True, False, False]) == 2 / 3
    assert f1([False], [False]) == 0
    assert interval([True, False], [True, False])[0] == 1


def test_texts_of_ours_of_one_event_are_told_from_others() -> None:
    assert hashlib.sha256(OWN.read_bytes()).hexdigest() == FLOORS["own"]["sha256"], "another set: pin its floor anew"
    assert _f1(of_ours()) >= FLOORS["own"]["f1"]


@pytest.mark.real
def test_news_judged_by_people_are_told_from_others(real_data: Path) -> None:
    assert _f1(judged(real_data)) >= FLOORS["real"]["f1"]
