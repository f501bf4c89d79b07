"""Near-copies, on real appeals and on texts written by us, spoilt as people spoil what they repost."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.acts import share
from tests.quality.near_copies import appeals, copies_of, distinct, lines, our_texts, ours, theirs
from tests.quality.reports.held import Held, Line
from tests.quality.test_near_copies_floor import FLOORS, REAL_TEXTS


def report(real: Path | None) -> Iterator[Line]:
    """Recall by kind, precision and cost beside the floors, and datasketch on the same texts."""
    sets = {"texts written by us": our_texts()}
    if real is not None:
        sets["real appeals"] = distinct(appeals(real), REAL_TEXTS)
    for name, texts in sets.items():
        copies = copies_of(texts)
        yield f"near-copies: {len(copies)} spoilt copies of {len(texts)} {name}"
        floors = FLOORS["real" if name == "real appeals" else "own"]
        found = ours(texts, copies)
        yield from (f"  {line}" for line in lines(found, share))
        for figure, told in (("recall", found.recall()), ("precision", found.precision())):
            yield Held(f"  {figure} of all {len(told)}", sum(told) / len(told), floors[figure])
        rivals = theirs(texts, copies)
        yield from (f"    datasketch, {line}" for line in (lines(rivals, share) if rivals else ()))
