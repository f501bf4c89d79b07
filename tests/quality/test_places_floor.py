"""The figures of places on labelled messages must not fall below the floors that are pinned beside the corpus."""

import hashlib
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer
from tests.quality.finding import found_in
from tests.quality.places import Places, read_places, rows, score

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


@pytest.mark.real
def test_places_stay_above_their_floors(real_data: Path) -> None:
    path = real_data / "incidents_perm" / "incidents.jsonl"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == FLOORS["sha256"], "another corpus: measure again and pin its floors beside its digest"
    finder = PlaceFinder(Gazetteer.empty(FLOORS["home"]), FLOORS["home"])
    gold = read_places(path)
    found = found_in(finder, {str(row["n"]): row["text"] for row in rows(path)})
    below = [
        f"{line} is below its floor {floor}"
        for line in score(gold, found)
        for floor in [FLOORS[line.group]["exact" if line.exact else "overlap"]]
        if line.counts.f1 < floor
    ]
    assert not below, "\n".join(below)
