"""Acts of speech: the scorer, and the floors on texts of ours and on real incidents."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from crawler.model.items import Act
from tests.quality.acts import DEV, TEST, pairs_of, score, share, told
from tests.quality.places import rows

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["acts"]
WANTED = frozenset({Act.COMPLAINT, Act.QUESTION, Act.PROPOSAL})


def test_figures_of_a_few_answers() -> None:
    scored = score([("talk", "talk"), ("talk", "advert"), ("advert", "advert"), ("thanks", "")])
    assert scored.acts["talk"][0] == pytest.approx(2 / 3)
    assert scored.acts["advert"][0] == pytest.approx(2 / 3)
    assert scored.acts["thanks"][0] == scored.acts["complaint"][0] == 0
    assert scored.macro[0] == pytest.approx(4 / 3 / 6)
    assert scored.macro[1] <= scored.macro[0] <= scored.macro[2]


def test_no_text_is_in_both_halves() -> None:
    seen, aside = ({row["text"].casefold() for row in rows(path)} for path in (DEV, TEST))
    assert len(seen) + len(aside) >= 500
    assert not seen & aside


def test_acts_of_our_texts_stay_above_their_floors() -> None:
    assert hashlib.sha256(TEST.read_bytes()).hexdigest() == FLOORS["sha256"], "another set: pin its floors anew"
    scored = score(pairs_of(TEST))
    below = [act for act, (f1, _, _) in scored.acts.items() if f1 < FLOORS["f1"][act]]
    assert not below, "\n".join(scored.lines())
    assert scored.macro[0] >= FLOORS["macro"]


@pytest.mark.real
def test_few_real_incidents_are_told_as_anything_else(real_data: Path) -> None:
    acts = told(list(rows(real_data / "incidents_perm" / "incidents.jsonl")), "Пермь")
    assert share([act in WANTED for act in acts])[0] >= FLOORS["incidents"]
