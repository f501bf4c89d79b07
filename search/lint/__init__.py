"""What is wrong with a query that can be read: what no saved search may be, and what is likely a mistake.

Every remark has a place in the text and, where one is known, what could stand there instead. Depth, clauses and length
are bounded by the parser, a star at the beginning is refused by it.
"""

from crawler.model.rules import Rule
from search.lint.never import contradictions
from search.lint.places import of_places
from search.lint.remark import Around, Level, Remark, names_places
from search.lint.required import EMPTY, ONLY_TIME, refusals
from search.lint.rules import of_rule
from search.lint.sources import of_sources, of_values
from search.lint.spelling import of_clauses, of_words
from search.lint.times import of_times
from search.lint.vocabulary import strangers
from search.reference import Context
from search.tree import Query

__all__ = [
    "EMPTY",
    "ONLY_TIME",
    "Around",
    "Context",
    "Level",
    "Remark",
    "at_a_glance",
    "lint",
    "names_places",
    "refusals",
]


def lint(query: Query, around: Around, rule: Rule = Rule()) -> tuple[Remark, ...]:
    """Everything there is to say of a query as `parse_query` read it, refusals first, then in the order of the text. Of
    a saved search its `rule` is looked at too.

    A word that is told of by its letters is not told of again as unknown. A text that shows a clause shows it as the
    tree has it: fields of a place that are joined, words in small letters.
    """
    found = [
        *_of_words(query, around),
        *of_clauses(query, around),
        *contradictions(query, around),
        *of_sources(query, around),
        *of_values(query, around),
        *of_places(query, around),
        *of_times(query),
        *of_rule(query, rule),
    ]
    return (*refusals(query), *sorted(dict.fromkeys(found), key=lambda one: one.span))


def at_a_glance(query: Query, around: Around) -> tuple[Remark, ...]:
    """What may be why somebody who looks once finds nothing: operators that are read as words, places that the
    gazetteer lacks. With `around.count`, for what found nothing: also words of the other layout and slips.
    """
    found = (*of_clauses(query, around), *of_places(query, around))
    told = [one for one in found if one.code in ("operator", "unknown-place")]
    told += _of_words(query, around) if around.count else []
    return tuple(sorted(dict.fromkeys(told), key=lambda one: one.span))


def _of_words(query: Query, around: Around) -> list[Remark]:
    typed = list(of_words(query, around))
    told = [one.span for one in typed]
    return typed + [one for one in strangers(query, around) if not any(_overlap(one.span, span) for span in told)]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
