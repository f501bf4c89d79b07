"""Whether the forms of a word find each other."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.test_word_forms import FLOOR
from tests.quality.word_forms import lines


def report(_: Path | None) -> Iterator[str]:
    """The share of pairs of forms that find each other."""
    yield f"forms of words of complaints (floor {FLOOR:.0%})"
    yield from (f"  {line}" for line in lines())
