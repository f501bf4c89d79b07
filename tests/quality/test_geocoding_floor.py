"""Free text to the right building: the scorer, and its floor on real appeals."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from pipelines.toponyms import PlaceFinder
from search.gazetteer import load_gazetteer
from tests.quality.finding import found_in
from tests.quality.geocoding import metres, score
from tests.quality.places import rows

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["geocoding"]
GOLD = [{"id": n, "lat": "60.0", "lon": "30.0", "house_in_text": n != 4} for n in range(5)]


def _house(lat: float, confidence: float = 0.9, kind: str = "house") -> dict[str, object]:
    return {"kind": kind, "lat": lat, "lon": 30.0, "confidence": confidence}


def test_the_most_confident_house_counts_and_rows_without_a_house_do_not() -> None:
    found = {
        "0": [_house(60.0005)],
        "1": [_house(60.0, 0.5), _house(60.1, 0.9)],
        "2": [_house(60.0, kind="street")],
        "4": [_house(61.0)],
    }
    scored = score(GOLD, found)
    assert scored.total == 4
    assert (scored.near[0], scored.far[0], scored.none[0]) == (0.25, 0.25, 0.5)
    assert scored.near[1] <= 0.25 <= scored.near[2]


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() -> None:
    assert metres(60, 30, 61, 30) == pytest.approx(111_195, rel=1e-4)
    assert metres(60, 30, 60, 31) == pytest.approx(55_597, rel=1e-3)


@pytest.mark.real
def test_geocoding_stays_above_its_floor(real_data: Path) -> None:
    folder = real_data / "appeals_spb"
    mentions = folder / "address_mentions.jsonl"
    assert hashlib.sha256(mentions.read_bytes()).hexdigest() == FLOORS["sha256"], "another corpus: pin it anew"
    finder = PlaceFinder(load_gazetteer(folder / "buildings.csv", None, FLOORS["home"]), FLOORS["home"])
    gold = list(rows(mentions))
    scored = score(gold, found_in(finder, {str(row["id"]): row["text"] for row in gold}))
    assert scored.near[0] >= FLOORS["near"], str(scored)
    assert scored.far[0] <= FLOORS["far"], str(scored)
