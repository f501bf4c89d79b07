"""Finding a topic by what people say: words of its name and group, of the queries of its searches and of its rubric."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from crawler.model.city import City
from crawler.model.errors import QueryError
from search.analysis import query_lemmas
from search.lemmas import surface_key
from search.query import parse_query
from search.tree import And, Node, Or, Phrase, Prefix, Word

_NAME, _GROUP, _HINT, _QUERY = 8, 4, 2, 1
"""What a typed word is worth by where it is found."""
_WORD = re.compile(r"[^\W_]+")
_FEWEST = 2
"""Letters of a word that is begun: one letter begins too many."""


def find_topics(city: City, topics: Sequence[str], typed: str) -> list[str]:
    """Those of the topics that have every typed word, its forms and its beginning too, the best first; where none has
    all of them, those that have any.
    """
    words = [one.casefold() for one in _WORD.findall(typed)[:10] if len(one) >= _FEWEST]
    searches: dict[str, list[str]] = {}
    for search in city.searches:
        searches.setdefault(search.topic, []).append(search.query)
    rubric = {topic.name: topic for topic in city.rubric}
    scored: list[tuple[int, int, int, str]] = []
    for place, name in enumerate(topics):
        told = rubric.get(name)
        places = (
            (_NAME, _lemmas_of((name,))),
            (_GROUP, _lemmas_of((city.group_of(name),))),
            (_HINT, _lemmas_of(told.hints if told else ())),
            (_QUERY, _lemmas_asked((*searches.get(name, ()), *(told.queries if told else ())))),
        )
        worth = [next((weight for weight, lemmas in places if _has(lemmas, word)), 0) for word in words]
        if any(worth):
            scored.append((-sum(map(bool, worth)), -sum(worth), place, name))
    scored.sort()
    return [name for missing, _, _, name in scored if missing == scored[0][0]]


def _has(lemmas: frozenset[str], word: str) -> bool:
    meant = query_lemmas(word)
    return not lemmas.isdisjoint(meant) or any(one.startswith(surface_key(word)) for one in lemmas)


@lru_cache(1 << 12)
def _lemmas_of(texts: tuple[str, ...]) -> frozenset[str]:
    """The words of plain texts: as they are begun, and in any form."""
    words = [surface_key(word.casefold()) for text in texts for word in _WORD.findall(text)]
    return frozenset(words).union(*(query_lemmas(word) for word in words))


@lru_cache(1 << 12)
def _lemmas_asked(queries: tuple[str, ...]) -> frozenset[str]:
    """The words that queries ask for, without those that they exclude."""
    return _lemmas_of(tuple(word for query in queries for word in _words_of(query)))


def _words_of(query: str) -> list[str]:
    try:
        return list(_asked(parse_query(query).root))
    except QueryError:
        return []  # the doctor tells it; the topic is still found by its name


def _asked(node: Node | None) -> Iterator[str]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _asked(part)
        case Phrase(slots=slots):
            yield from _texts(word for slot in slots for word in slot)
        case Word() | Prefix():
            yield from _texts([node])
        case _:
            return


def _texts(words: Iterable[Word | Prefix]) -> Iterator[str]:
    for word in words:
        yield word.text
