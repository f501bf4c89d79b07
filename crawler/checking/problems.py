"""What is wrong in a city file: one record a problem, with everything a person needs to mend it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from crawler.model.city import City
from crawler.model.errors import OtklikError
from crawler.model.text import Text

NOTHING = Text("", "")
_SHOWN = 60


class Gravity(StrEnum):
    """Whether the city can run with it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a city file.

    `line` and `column` count from 1; 0 is unknown. `key` is the path inside the file (`source[gorod].every`), `found`
    what stands there, shortened and never a secret, `expected` what is allowed, `hint` what to do.
    """

    file: Path
    line: int
    key: str
    found: str
    expected: Text
    severity: Gravity = Gravity.ERROR
    hint: Text = NOTHING
    column: int = 0

    @property
    def is_error(self) -> bool:
        """Whether the city cannot run with it."""
        return self.severity is Gravity.ERROR

    def text(self) -> Text:
        """The whole problem as one line (a query with its position takes more)."""
        place, said = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else ""), self.said()
        return Text(f"{place}: {said.ru}", f"{place}: {said.en}")

    def said(self) -> Text:
        """What is wrong, without where."""
        key = f" {self.key}:" if self.key else ""
        sort = Text("ошибка", "error") if self.is_error else Text("предупреждение", "warning")
        found = Text(f" найдено {self.found};", f" found {self.found};") if self.found else NOTHING
        hint = Text(f". {self.hint.ru}" if self.hint.ru else "", f". {self.hint.en}" if self.hint.en else "")
        return Text(
            f"{sort.ru}:{key}{found.ru} {self.expected.ru}{hint.ru}",
            f"{sort.en}:{key}{found.en} {self.expected.en}{hint.en}",
        )

    def __str__(self) -> str:
        return str(self.text())

    def as_json(self) -> dict[str, str | int]:
        """The problem for machines, texts in the current locale."""
        return {
            "file": str(self.file),
            "line": self.line,
            "column": self.column,
            "key": self.key,
            "found": self.found,
            "expected": str(self.expected),
            "hint": str(self.hint),
            "severity": self.severity.value,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked city file: the city, or None when there is an error among the problems."""

    city: City | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the city from running."""
        return tuple(problem for problem in self.problems if problem.is_error)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that it can run with."""
        return tuple(problem for problem in self.problems if not problem.is_error)


class CityFileError(OtklikError):
    """A city file with errors; `problems` has them all, warnings too."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        errors = [problem.text() for problem in problems if problem.is_error]
        super().__init__(
            Text(
                "\n".join([f"Файл города {path} нельзя принять, ошибок: {len(errors)}", *(e.ru for e in errors)]),
                "\n".join([f"City file {path} cannot be taken, errors: {len(errors)}", *(e.en for e in errors)]),
            )
        )
        self.path = path
        self.problems = tuple(problems)


def shown(value: object) -> str:
    """A value as the file may have it, shortened to one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    written = f'"{value}"' if isinstance(value, str) else str(value)
    written = " ".join(written.split())
    return written if len(written) <= _SHOWN else written[: _SHOWN - 1] + "…"


def listed(names: Iterable[str]) -> str:
    """Names for a message, the first twelve of them."""
    names = list(names)
    return ", ".join(names[:12]) + (f", … ({len(names)})" if len(names) > 12 else "")


def did_you_mean(found: str, known: Iterable[str]) -> Text:
    """A hint with the name most like the one found, or nothing."""
    close = difflib.get_close_matches(found, list(known), n=1, cutoff=0.6)
    return Text(f"Может быть, «{close[0]}»?", f"Did you mean «{close[0]}»?") if close else NOTHING
