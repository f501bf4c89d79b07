"""The figures of places on labelled messages must not fall below the floors that are pinned beside the corpus."""

import hashlib
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.quality.places import Places, read_places, rows, score
from tests.quality.places_sets import DEV, TEST, ours

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["places"]


def _place(kind: str, start: int, end: int, name: object = "Ленина", houses: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"kind": kind, "start": start, "end": end, "name": name, "houses": list(houses)}


def _figures(gold: Places, found: Places) -> dict[tuple[str, bool], tuple[int, int, int]]:
    lines = score(gold, found, rounds=1)
    return {(one.group, one.exact): (one.counts.hits, one.counts.wrong, one.counts.missed) for one in lines}


def test_overlap_asks_for_a_shared_character_and_exact_for_name_and_houses() -> None:
    gold = {"1": [_place("house", 0, 9, houses=("5",))]}
    assert _figures(gold, {"1": [_place("street", 8, 12)]})["address", False] == (1, 0, 0)
    assert _figures(gold, {"1": [_place("street", 8, 12)]})["address", True] == (0, 1, 1)
    assert _figures(gold, {"1": [_place("street", 9, 12)]})["address", False] == (0, 1, 1)
    assert _figures(gold, {"1": [_place("house", 0, 9, "ленина", ("5",))]})["address", True] == (1, 0, 0)


def test_a_found_place_answers_once_and_intersections_match_either_way_round() -> None:
    twice = {"1": [_place("street", 0, 9), _place("street", 0, 9)]}
    assert _figures(twice, {"1": [_place("street", 0, 9)]})["address", True] == (1, 0, 1)
    crossed = {"1": [_place("intersection", 0, 9, ["Мира", "Ленина"])]}
    assert _figures(crossed, {"1": [_place("intersection", 0, 9, ["Ленина", "Мира"])]})["address", True] == (1, 0, 0)


def test_the_interval_holds_the_figure() -> None:
    chance = random.Random(1)
    gold = {str(n): [_place("street", 0, 9)] for n in range(200)}
    found: Mapping[str, Any] = {key: places if chance.random() < 0.7 else [] for key, places in gold.items()}
    line = next(one for one in score(gold, found) if one.group == "address" and one.exact)
    assert line.low < line.counts.f1 < line.high


def test_no_message_is_in_both_halves() -> None:
    seen, aside = ({row["text"].casefold() for row in rows(path)} for path in (DEV, TEST))
    assert len(seen) + len(aside) >= 200
    assert not seen & aside


def test_labels_quote_their_messages() -> None:
    for row in (*rows(DEV), *rows(TEST)):
        assert all(row["text"][place["start"] : place["end"]] == place["quote"] for place in row["places"])


def test_places_in_our_messages_stay_above_their_floors() -> None:
    _holds(TEST, "", FLOORS["own"])


@pytest.mark.real
def test_places_in_real_messages_stay_above_their_floors(real_data: Path) -> None:
    _holds(real_data / "incidents_perm" / "incidents.jsonl", FLOORS["home"], FLOORS["real"])


def _holds(path: Path, home: str, floors: Mapping[str, Any]) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == floors["sha256"], "another corpus: measure again and pin its floors beside its digest"
    below = [
        f"{line} is below its floor {floor}"
        for line in score(read_places(path), ours(path, home))
        for floor in [floors[line.group]["exact" if line.exact else "overlap"]]
        if line.counts.f1 < floor
    ]
    assert not below, "\n".join(below)
