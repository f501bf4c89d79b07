"""Places in labelled messages, found without a gazetteer."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.places import read_places, score
from tests.quality.places_sets import DEV, TEST, ours, speed, theirs
from tests.quality.reports.held import Held, Line
from tests.quality.test_places_floor import FLOORS


def report(real: Path | None) -> Iterator[Line]:
    """F1 by kind beside its floor, Natasha on the same messages, and the speed."""
    yield from _of("messages written by us, read while the rules were made", DEV, "", "")
    yield from _of("messages written by us, put aside", TEST, "", "own")
    if real is None:
        yield "  not measured on real messages: no real data"
        return
    incidents = real / "incidents_perm" / "incidents.jsonl"
    yield from _of("real messages", incidents, FLOORS["home"], "real")
    yield f"  {speed(incidents, FLOORS['home'])}"


def _of(what: str, path: Path, home: str, floors: str) -> Iterator[Line]:
    gold = read_places(path)
    yield f"places in {len(gold)} {what}, no gazetteer"
    for line in score(gold, ours(path, home)):
        mode = "exact" if line.exact else "overlap"
        yield Held(f"  {line}", line.counts.f1, FLOORS[floors][line.group][mode]) if floors else f"  {line}"
    other = theirs(path)
    if other:
        compared = (line for line in score(gold, other[0]) if not line.exact and line.group != "landmark")
        yield from (f"    natasha, {line}" for line in compared)
        yield f"    natasha, {1 / other[1]:.0f} messages a CPU-second"
