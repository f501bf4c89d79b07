"""Texts for people: Russian with English beside it, chosen by one switch for the whole process, or for one request of
the console where its reader chose another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_LOCALES = ("ru", "en")
_current = "ru"
_asked: ContextVar[str] = ContextVar("locale", default="")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; `str()` gives the one of the current locale."""

    ru: str
    en: str

    def __str__(self) -> str:
        return self.ru if current_locale() == "ru" else self.en

    def format(self, **values: object) -> str:
        """The text of the current locale with `values` put in."""
        return str(self).format(**values)

    def filled(self, **values: object) -> "Text":
        """Both texts with `values` put in, for an error that is shown later."""
        return Text(self.ru.format(**values), self.en.format(**values))


def set_locale(name: str) -> None:
    """Switch to "ru" or "en", also given as a POSIX locale such as en_GB.UTF-8; anything else stays Russian."""
    global _current
    _current = _known(name)


@contextmanager
def locale_of(name: str) -> Iterator[None]:
    """The same for what runs inside, in this thread or task and those that it starts; the process stays as it is."""
    token = _asked.set(_known(name))
    try:
        yield
    finally:
        _asked.reset(token)


def current_locale() -> str:
    """The locale that texts come out in: "ru" or "en"."""
    return _asked.get() or _current


def _known(name: str) -> str:
    short = name[:2].lower()
    return short if short in _LOCALES else "ru"
