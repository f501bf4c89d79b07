"""Texts for people: Russian with English beside it, chosen by one switch for the whole process."""

from dataclasses import dataclass

_LOCALES = ("ru", "en")
_current = "ru"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages; `str()` gives the one of the current locale."""

    ru: str
    en: str

    def __str__(self) -> str:
        return self.ru if _current == "ru" else self.en

    def format(self, **values: object) -> str:
        """The text of the current locale with `values` put in."""
        return str(self).format(**values)

    def filled(self, **values: object) -> "Text":
        """Both texts with `values` put in, for an error that is shown later."""
        return Text(self.ru.format(**values), self.en.format(**values))


def set_locale(name: str) -> None:
    """Switch to "ru" or "en", also given as a POSIX locale such as en_GB.UTF-8; anything else stays Russian."""
    global _current
    short = name[:2].lower()
    _current = short if short in _LOCALES else "ru"


def current_locale() -> str:
    """The locale that texts come out in: "ru" or "en"."""
    return _current
