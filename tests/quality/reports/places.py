"""Places in labelled messages, found without a gazetteer."""

import time
from collections.abc import Iterator
from pathlib import Path

from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer
from tests.quality.finding import found_in
from tests.quality.places import read_places, rows, score
from tests.quality.test_places_floor import FLOORS


def report(real: Path | None) -> Iterator[str]:
    """F1 by kind beside its floor, and the speed."""
    yield "places in labelled messages, no gazetteer"
    if real is None:
        yield "  not measured: no real data"
        return
    path = real / "incidents_perm" / "incidents.jsonl"
    finder = PlaceFinder(Gazetteer.empty(FLOORS["home"]), FLOORS["home"])
    texts = {str(row["n"]): row["text"] for row in rows(path)}
    for line in score(read_places(path), found_in(finder, texts)):
        yield f"  {line}, floor {FLOORS[line.group]['exact' if line.exact else 'overlap']:.3f}"
    started = time.process_time()
    found_in(finder, texts)
    yield f"  {len(texts) / (time.process_time() - started):.0f} messages a CPU-second, words seen before"
