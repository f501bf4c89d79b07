"""Words that somebody looks for among the titles of incidents: an address as people write it is found as well."""

import sqlalchemy as sa

from search.state.tables import incidents
from search.street_key import full_type

_MOST = 8
_AROUND = '.,;:()«»"„“”'


def telling_words(text: str) -> list[str]:
    """The words that a title has to have. The type of a street is left out beside its name, since a title may have
    another spelling or none.

    >>> telling_words("ул. Речная, 18"), telling_words("Набережная, 3"), telling_words("наб.")
    (['Речная', '18'], ['Набережная', '3'], ['набережная'])
    """
    words = [word.strip(_AROUND) or word for word in text.split()]
    if any(word[0].isalpha() and not full_type(word) for word in words):
        words = [word for word in words if not full_type(word)]
    return [_spelt(word) for word in words[:_MOST]]


def _spelt(word: str) -> str:
    kind = full_type(word)
    return kind if kind and kind != word.casefold() else word


def in_title(word: str) -> sa.ColumnElement[bool]:
    """Whether a title has the word. lower() of SQLite knows Latin letters only: a Russian word is tried in the cases
    that there are; «е» and «ё» are any letter.
    """
    kinds = sorted({word, word.lower(), word.capitalize(), word.upper()})
    return sa.or_(*(incidents.c.title.like(f"%{_pattern(kind)}%", escape="/") for kind in kinds))


def _pattern(word: str) -> str:
    for char in "/%_":
        word = word.replace(char, f"/{char}")
    return "".join("_" if char in "еёЕЁ" else char for char in word)
