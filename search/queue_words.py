"""Words that somebody looks for among the titles of incidents: an address as people write it is found as well."""

from collections.abc import Sequence

import sqlalchemy as sa

from search.state.tables import incidents
from search.street_key import full_type

_MOST = 8
_AROUND = '.,;:()«»"„“”'


def found_by(text: str) -> list[sa.ColumnElement[bool]]:
    """What an incident has to be for these words to find it."""
    return [*map(_in_title, telling_words(text)), *map(_of_kind, kinds_asked(text))]


def telling_words(text: str) -> list[str]:
    """The words that a title has to have. The type of a street is left out beside its name, since a title may have
    another spelling or none.

    >>> telling_words("ул. Речная, 18"), telling_words("Набережная, 3"), telling_words("наб.")
    (['Речная', '18'], ['Набережная', '3'], ['набережная'])
    """
    words = _words(text)
    if _has_name(words):
        words = [word for word in words if not full_type(word)]
    return [_spelt(word) for word in words[:_MOST]]


def kinds_asked(text: str) -> list[str]:
    """The types of streets that are written beside a name; «дорога» is more often the trouble itself.

    >>> kinds_asked("пер. Речной, 18"), kinds_asked("Набережная, 3")
    (['переулок'], [])
    """
    words = _words(text)
    kinds = dict.fromkeys(map(full_type, words[:_MOST] if _has_name(words) else ()))
    return [kind for kind in kinds if kind not in ("", "дорога")]


def _words(text: str) -> list[str]:
    return [word.strip(_AROUND) or word for word in text.split()]


def _has_name(words: Sequence[str]) -> bool:
    return any(word[0].isalpha() and not full_type(word) for word in words)


def _spelt(word: str) -> str:
    kind = full_type(word)
    return kind if kind and kind != word.casefold() else word


def _of_kind(kind: str) -> sa.ColumnElement[bool]:
    """Whether the street of an incident is of that type, or of one that nobody told."""
    key = incidents.c.place["street_key"].as_string()
    return sa.or_(key.is_(None), *(key.like(f"%/{one}{end}") for one in (kind, "") for end in ("", "|%")))


def _in_title(word: str) -> sa.ColumnElement[bool]:
    """Whether a title has the word, a number as a whole: 18 is not in 180. lower() of SQLite knows Latin letters only:
    a Russian word is tried in the cases that there are; «е» and «ё» are any letter.
    """
    if word[0].isdigit():
        letters = "".join(_either(char) for char in word)
        behind = "[^0-9]*" if word[-1].isdigit() else "*"
        return (" " + incidents.c.title + " ").op("GLOB")(f"*[^0-9]{letters}{behind}")
    kinds = sorted({word, word.lower(), word.capitalize(), word.upper()})
    return sa.or_(*(incidents.c.title.like(f"%{_pattern(kind)}%", escape="/") for kind in kinds))


def _either(char: str) -> str:
    """A sign of a pattern of GLOB, a letter in either case."""
    return f"[{char.lower()}{char.upper()}]" if char.isalpha() or char in "*?[" else char


def _pattern(word: str) -> str:
    for char in "/%_":
        word = word.replace(char, f"/{char}")
    return "".join("_" if char in "еёЕЁ" else char for char in word)
