"""Stories: which pairs of texts are of one event."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.reports.held import Held, Line
from tests.quality.stories import f1, interval, judged, lines, of_ours, ours
from tests.quality.test_stories_floor import FLOORS


def report(real: Path | None) -> Iterator[Line]:
    """F1 as the product judges, beside the floors; by thresholds of other folds beside TF-IDF and datasketch."""
    sets = {"own": of_ours()}
    if real is not None:
        sets["real"] = judged(real)
    for name, pairs in sets.items():
        same = [pair.same for pair in pairs]
        told = [score >= pair.enough for score, pair in zip(ours(pairs), pairs, strict=True)]
        whose = "news judged by people" if name == "real" else "texts written by us"
        yield f"stories: {len(pairs)} pairs of {whose}, {sum(same)} of one event"
        figures = "  F1 {:.3f} [{:.3f}, {:.3f}]".format(*interval(told, same))
        yield Held(figures, f1(told, same), FLOORS[name]["f1"])
        yield from (f"    {line}" for line in lines(pairs))
