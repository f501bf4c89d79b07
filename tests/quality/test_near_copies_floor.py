"""Near-copies: floors on texts of ours and on real appeals."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.quality.near_copies import appeals, copies_of, distinct, our_texts, ours

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["near_copies"]
REAL_TEXTS = 1500


def _holds(texts: Sequence[str], floors: dict[str, float]) -> None:
    found = ours(texts, copies_of(texts))
    recall, precision = found.recall(), found.precision()
    assert sum(recall) / len(recall) >= floors["recall"]
    assert sum(precision) / len(precision) >= floors["precision"]


def test_spoilt_copies_of_our_texts_are_found() -> None:
    _holds(our_texts(), FLOORS["own"])


@pytest.mark.real
def test_spoilt_copies_of_real_appeals_are_found(real_data: Path) -> None:
    _holds(distinct(appeals(real_data), REAL_TEXTS), FLOORS["real"])
