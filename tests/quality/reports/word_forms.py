"""Whether the forms of a word find each other."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.reports.held import Held, Line
from tests.quality.test_word_forms import FLOOR
from tests.quality.word_forms import lines, measure, share


def report(_: Path | None) -> Iterator[Line]:
    """The share of pairs of forms that find each other."""
    yield "forms of words of complaints"
    results = measure()
    yield from (f"  {line}" for line in lines(results))
    yield Held(f"  pairs that find each other {share(results):.4f}", share(results), FLOOR)
