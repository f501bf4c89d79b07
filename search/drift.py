"""When a site's articles suddenly lose their body, title or date: a pure function of the pages read, the latest last.

An alarm begins when far fewer of the newest pages give a part than of those before, by more than chance; it ends when
the newest give it as usual. What is usual is that of the time before the alarm.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from crawler.model.articles import ArticleRead, Part

NEWEST = 5
"""So many pages at least are looked at, and all of an alarm's end depends on them."""
_WINDOWS = (NEWEST, 10, 20)
KEPT = 120
"""Pages of a source that are kept: the newest, and what is usual."""
_FEWEST_BEFORE = 10
_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Loss:
    """A part that is lost: the first of the pages kept that is without it, counted from their end, and the share that
    had it before.
    """

    part: Part
    back: int
    usual: float


def given(reads: Sequence[ArticleRead], part: Part) -> list[bool]:
    """Which of the pages gave a part. A body or a title that another article has too is not its own."""
    if part is Part.DATE:
        return [read.dated for read in reads]
    marks = [read.body if part is Part.BODY else read.title for read in reads]
    times = Counter(marks)
    return [bool(mark) and times[mark] == 1 for mark in marks]


def lost(reads: Sequence[ArticleRead], part: Part) -> Loss | None:
    """The loss that the newest pages show, None if they show none."""
    had = given(reads, part)
    for size in _WINDOWS:
        before, newest = had[:-size], had[-size:]
        if len(before) < _FEWEST_BEFORE:
            break
        # By Laplace: ten pages of ten are not certainty.
        usual = (sum(before) + 1) / (len(before) + 2)
        few = 2 * sum(newest) <= usual * size and 2 * sum(had[-NEWEST:]) <= usual * NEWEST
        if few and _at_most(sum(newest), size, usual) < _CHANCE:
            return Loss(part, size - newest.index(False), sum(before) / len(before))
    return None


def is_over(reads: Sequence[ArticleRead], part: Part, usual: float) -> bool:
    """Whether the newest pages give a part as usual again."""
    return sum(given(reads, part)[-NEWEST:]) >= round(NEWEST * usual)


def _at_most(hits: int, of: int, share: float) -> float:
    """How likely so few hits are by chance."""
    return sum(comb(of, count) * share**count * (1 - share) ** (of - count) for count in range(hits + 1))
