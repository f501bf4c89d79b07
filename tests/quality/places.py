"""Scores found places against labelled ones: python -m tests.quality.places GOLD.jsonl FOUND.jsonl

Two places overlap when their spans share a character and their kinds are of one group; they are equal when their names
and houses are, too (case, ё and hyphens aside). One found place answers one labelled place.
"""

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Places = Mapping[str, Sequence[Mapping[str, Any]]]

GROUPS: dict[str, frozenset[str]] = {
    "address": frozenset({"street", "house", "intersection"}),
    "settlement": frozenset({"settlement"}),
    "district": frozenset({"district"}),
    "landmark": frozenset({"landmark"}),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Places answered, given in excess, and not found."""

    hits: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of given places that are right."""
        return self.hits / (self.hits + self.wrong or 1)

    @property
    def recall(self) -> float:
        """The share of labelled places that are found."""
        return self.hits / (self.hits + self.missed or 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1)


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the report: the figures of a group and the 95 % bootstrap interval of F1 over messages."""

    group: str
    exact: bool
    counts: Counts
    low: float
    high: float

    def __str__(self) -> str:
        figures = f"P {self.counts.precision:.3f} R {self.counts.recall:.3f} F1 {self.counts.f1:.3f}"
        mode = "exact  " if self.exact else "overlap"
        of = self.counts.hits + self.counts.missed
        return f"{self.group:10s} {mode} {figures} [{self.low:.3f}, {self.high:.3f}] of {of}"


def score(gold: Places, found: Places, rounds: int = 1000) -> list[Score]:
    """Overlap and exact figures of every group, with intervals from `rounds` resamplings of the messages."""
    return [
        _scored(group, exact, [_compare(gold[key], found.get(key, ()), kinds, exact=exact) for key in gold], rounds)
        for group, kinds in GROUPS.items()
        for exact in (False, True)
    ]


def _scored(group: str, exact: bool, messages: list[Counts], rounds: int) -> Score:
    chance = random.Random(20)
    telling = [one for one in messages if one.hits or one.wrong or one.missed]
    drawn = sorted(_total(chance.choices(telling, k=len(telling))).f1 for _ in range(rounds if telling else 0)) or [0.0]
    low, high = drawn[int(0.025 * (len(drawn) - 1))], drawn[int(0.975 * (len(drawn) - 1))]
    return Score(group, exact, _total(messages), low, high)


def _total(messages: list[Counts]) -> Counts:
    columns = (
        sum(one.hits for one in messages),
        sum(one.wrong for one in messages),
        sum(one.missed for one in messages),
    )
    return Counts(*columns)


def _compare(
    labelled: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]], kinds: frozenset[str], *, exact: bool
) -> Counts:
    wanted = [place for place in labelled if place["kind"] in kinds]
    left = [place for place in given if place["kind"] in kinds]
    hits = 0
    for place in wanted:
        answer = next((other for other in left if _is_same(place, other, exact=exact)), None)
        if answer is not None:
            left.remove(answer)
            hits += 1
    return Counts(hits, len(left), len(wanted) - hits)


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any], *, exact: bool) -> bool:
    (start, end), (other_start, other_end) = _span(one), _span(other)
    if max(start, other_start) >= min(end, other_end):
        return False
    return not exact or (_names(one) == _names(other) and _houses(one) == _houses(other))


def _span(place: Mapping[str, Any]) -> tuple[int, int]:
    start = int(place["start"])
    return start, int(place.get("end", start + len(place.get("quote", ""))))


def _fold(value: object) -> str:
    return " ".join(str(value).casefold().replace("ё", "е").replace("-", " ").split())


def _names(place: Mapping[str, Any]) -> list[str]:
    name = place.get("name")
    return sorted(_fold(part) for part in (name if isinstance(name, list | tuple) else [name]))


def _houses(place: Mapping[str, Any]) -> list[str]:
    return sorted(_fold(house).replace(" ", "") for house in place.get("houses") or [])


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def read_places(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The places of a file by id (or n)."""
    return {str(row.get("id", row.get("n"))): row["places"] for row in rows(path)}


def main(gold_path: str, found_path: str) -> None:
    """Print one line a group and mode."""
    gold, found = read_places(Path(gold_path)), read_places(Path(found_path))
    sys.stdout.write(f"{len(gold)} messages, {len(gold.keys() - found.keys())} without an answer\n")
    sys.stdout.writelines(f"{line}\n" for line in score(gold, found))


if __name__ == "__main__":
    main(*sys.argv[1:])
