"""Times of day that stand beside a period instead of in it."""

from collections.abc import Iterator
from itertools import pairwise

from crawler.model.text import Text
from search.lint.remark import Remark, lexemes_of, warning
from search.periods import check_period
from search.query_hints import valued
from search.query_lexer import Sort
from search.tree import Query

_PERIODS = ("since", "until", "seen", "when")


def of_times(query: Query) -> Iterator[Remark]:
    """«since:2026-01-31 12:30» is the whole day and the phrase 12 30: a time stands in quotes with its day."""
    for day, time in pairwise(lexemes_of(query)):
        unquoted = day.inner + len(day.text) == day.end
        apart = day.sort is Sort.FIELD and day.name in _PERIODS and unquoted and time.sort is Sort.WORD
        if apart and _is_period(day.name, f"{day.text} {time.text}"):
            said = Text(
                f"{time.text} здесь слово, а не время: день и время берутся в кавычки вместе",
                f"{time.text} is a word here and no time: day and time stand in quotes together",
            )
            yield warning("time-apart", (day.start, time.end), said, valued(day.name, f"{day.text} {time.text}"))


def _is_period(name: str, value: str) -> bool:
    try:
        check_period(name, value)
    except ValueError:
        return False
    return True
