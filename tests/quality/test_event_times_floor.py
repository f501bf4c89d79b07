"""Times of events: the scorer, and the floors on texts of ours that were put aside."""

import hashlib
import tomllib
from pathlib import Path

from tests.quality.event_times import DEV, TEST, expected, ours, rows, score

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["event_times"]


def test_figures_of_a_few_answers() -> None:
    one, moved, later = (0, 5, None, None, "day"), (1, 5, None, None, "day"), (9, 12, None, None, "day")
    assert score([([one], [one])]) == (1, 1)
    assert score([([one], [moved])]) == (0, 1)
    assert score([([one, later], [moved])]) == (0, 2 / 3)
    assert score([([], [one]), ([one], [])]) == (0, 0)


def test_no_text_is_in_both_halves() -> None:
    seen, aside = ({row["text"].casefold() for row in rows(path)} for path in (DEV, TEST))
    assert len(seen) + len(aside) >= 60
    assert not seen & aside


def test_times_of_our_texts_stay_above_their_floors() -> None:
    assert hashlib.sha256(TEST.read_bytes()).hexdigest() == FLOORS["sha256"], "another set: pin its floors anew"
    found = score([(expected(row), ours(row)) for row in rows(TEST)])
    assert found.exact >= FLOORS["exact"]
    assert found.overlap >= FLOORS["overlap"]
    assert score([(expected(row), ours(row)) for row in rows(DEV)]).exact == FLOORS["worked_on"]
