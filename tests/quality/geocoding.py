"""Scores coordinates found in free text: python -m tests.quality.geocoding MENTIONS.jsonl FOUND.jsonl

Only appeals that name street and house outright count. The most confident house with coordinates is compared with the
official address: within 100 m, farther than 1 km, or not answered.
"""

import math
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.quality.places import read_places, rows

NEAR = 100.0
FAR = 1000.0
RADIUS = 6_371_000.0


@dataclass(frozen=True, slots=True)
class Geocoded:
    """Shares of the appeals, each with its 95 % bootstrap interval: within 100 m, beyond 1 km, without an answer."""

    total: int
    near: tuple[float, float, float]
    far: tuple[float, float, float]
    none: tuple[float, float, float]

    def __str__(self) -> str:
        near, far, none = (
            f"{share:.3f} [{low:.3f}, {high:.3f}]" for share, low, high in (self.near, self.far, self.none)
        )
        return f"{self.total} appeals: within 100 m {near}, farther than 1 km {far}, no house found {none}"


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance of two points of one city, on a plane."""
    x = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return RADIUS * math.hypot(x, math.radians(other_lat - lat))


def distance(row: Mapping[str, Any], places: Sequence[Mapping[str, Any]]) -> float | None:
    """Metres from the official address to the most confident house; None where none was found."""
    houses = [place for place in places if place.get("lat") is not None and place.get("kind") == "house"]
    if not houses:
        return None
    best = max(houses, key=lambda place: place.get("confidence") or 0)
    return metres(best["lat"], best["lon"], float(row["lat"]), float(row["lon"]))


def score(gold: Sequence[Mapping[str, Any]], found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Geocoded:
    """The shares over the rows with `house_in_text`."""
    distances = [distance(row, found.get(str(row["id"]), ())) for row in gold if row["house_in_text"]]
    near = [one is not None and one <= NEAR for one in distances]
    far = [one is not None and one > FAR for one in distances]
    return Geocoded(len(distances), _share(near), _share(far), _share([one is None for one in distances]))


def _share(hits: Sequence[bool], rounds: int = 1000) -> tuple[float, float, float]:
    if not hits:
        return 0.0, 0.0, 0.0
    chance = random.Random(20)
    drawn = sorted(sum(chance.choices(hits, k=len(hits))) / len(hits) for _ in range(rounds))
    return sum(hits) / len(hits), drawn[int(0.025 * (rounds - 1))], drawn[int(0.975 * (rounds - 1))]


def main(gold_path: str, found_path: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{score(list(rows(Path(gold_path))), read_places(Path(found_path)))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
