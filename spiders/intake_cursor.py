"""Which files of an intake were read: by name, size, time and content, with what was wrong in each."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crawler.model.city import TableForm
from crawler.model.text import Text
from spiders.table_posts import Made
from spiders.table_rows import BadRow

SHOWN = 20
"""Wrong rows of a file that are remembered with their numbers; all are counted."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong in a row: its number, the column, and the problem in both languages."""

    row: int
    column: str
    ru: str
    en: str

    def __str__(self) -> str:
        return str(BadRow(self.row, self.column, Text(self.ru, self.en)))


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was read: up to row `at`, wholly if `done`. `failed` says why it could not be read at all, in both
    languages; it is tried again when it changes.
    """

    size: int = -1
    mtime: int = -1
    digest: str = ""
    at: int = 0
    done: bool = False
    lost: int = 0
    flawed: int = 0
    wrong: tuple[Wrong, ...] = ()
    failed: tuple[str, str] = ("", "")

    def is_same(self, size: int, mtime: int) -> bool:
        """Whether a file of that size and time (ns) is the one that was read."""
        return self.done and (self.size, self.mtime) == (size, mtime)

    def with_row(self, number: int, made: Made) -> "KnownFile":
        """After a row, with what was wrong in it."""
        wrong = [*self.wrong, *(Wrong(one.number, one.column, one.problem.ru, one.problem.en) for one in made.wrong)]
        lost = any(one.lost for one in made.wrong)
        return replace(
            self,
            at=number,
            lost=self.lost + lost,
            flawed=self.flawed + (bool(made.wrong) and not lost),
            wrong=tuple(wrong[:SHOWN]),
        )


@dataclass(frozen=True, slots=True)
class IntakeCursor:
    """The files by name, read by the form of that digest: by another one they are read again."""

    form: str = ""
    files: Mapping[str, KnownFile] = field(default_factory=dict)

    @classmethod
    def parse(cls, written: str, form: TableForm | None = None) -> "IntakeCursor":
        """What `str` wrote, nothing known where the form is another one. ValueError for anything else."""
        own = digest_of(form) if form else ""
        if not written:
            return cls(own)
        try:
            read = json.loads(written)
            if form and read["form"] != own:
                return cls(own)
            return cls(read["form"], {name: _file(values) for name, values in read["files"].items()})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a cursor of an intake: {error}") from error

    def __str__(self) -> str:
        return json.dumps({"form": self.form, "files": {name: asdict(one) for name, one in self.files.items()}})

    def known(self, name: str) -> KnownFile:
        """What is known of a file."""
        return self.files.get(name, KnownFile())

    def having(self, name: str, known: KnownFile) -> "IntakeCursor":
        """With that file."""
        return replace(self, files={**self.files, name: known})

    def only(self, names: Iterable[str]) -> "IntakeCursor":
        """Without the files that are not there any more."""
        there = set(names)
        return replace(self, files={name: one for name, one in self.files.items() if name in there})


def digest_of(form: TableForm) -> str:
    """Hash of everything that a form says."""
    return hashlib.blake2b(json.dumps(asdict(form), sort_keys=True).encode(), digest_size=8).hexdigest()


def _file(values: dict[str, Any]) -> KnownFile:
    wrong = tuple(Wrong(**one) for one in values.pop("wrong"))
    ru, en = values.pop("failed")
    return KnownFile(**values, wrong=wrong, failed=(ru, en))
