"""What is read of a table: its rows as far as the city file maps them, columns by heading, letter or number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crawler.model.city import TableForm
from crawler.model.text import Text

Cell = str | int | float | bool | datetime | date | time | timedelta | None

MOST_COLUMNS = 1_000
"""Columns that are looked at; what stands further to the right is not read."""
MOST_ROWS = 1_048_576
"""Rows of a file that are read: as many as a sheet of a workbook has."""
_SHOWN_HEADINGS = 30
_LETTERS = re.compile(r"[A-Z]{1,3}")
_CYRILLIC = str.maketrans("АВЕКМНОРСТХУ", "ABEKMHOPCTXY")


class UnreadableError(Exception):
    """A file that cannot be read at all: one word for the count, and what is wrong with it."""

    def __init__(self, word: str, problem: Text) -> None:
        super().__init__(word, problem)
        self.word = word
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem)


def interrupted() -> UnreadableError:
    """The reader's process was ended from outside: nothing is wrong with the file."""
    return UnreadableError("interrupted", Text("чтение прервано: повторите его", "reading was cut off: try it again"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number as spreadsheets count it, with the cells that make each field."""

    number: int
    cells: Mapping[str, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong in a row: the column ("" for the whole row) and the problem, which quotes nothing of the row:
    rows hold personal data. `lost` says that the row did not become a post; else only this value was left out.
    """

    number: int
    column: str
    problem: Text
    lost: bool = True

    def __str__(self) -> str:
        where = Text("строка {n}", "row {n}").format(n=self.number) + (f", {self.column}" if self.column else "")
        return f"{where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Found:
    """Where the columns of each field stand, from 0."""

    fields: Mapping[str, tuple[int, ...]]

    @property
    def width(self) -> int:
        """How many columns must be read."""
        return 1 + max(at for places in self.fields.values() for at in places)

    def row(self, number: int, cells: Sequence[Cell]) -> Row:
        """The mapped cells of a row; what it is too short for is empty."""
        got = {
            field: tuple(cells[at] if at < len(cells) else None for at in places)
            for field, places in self.fields.items()
        }
        return Row(number, got)


def fold(heading: object) -> str:
    """A heading as it is compared: case, ё and white space mean nothing."""
    return " ".join(str(heading).replace("\ufeff", "").replace("\xa0", " ").split()).casefold().replace("ё", "е")


def find_columns(form: TableForm, headings: Sequence[Cell] | None) -> Found:
    """The columns that the form names among the headings (None: the table has none). UnreadableError when a heading is
    not there or is there twice: a renamed column must not silently lose what it holds.
    """
    folded = [fold(heading) if heading is not None else "" for heading in headings or ()]
    return Found(
        {field: tuple(_find(column, folded, headings) for column in columns) for field, columns in form.columns.items()}
    )


def _find(column: str | int, folded: Sequence[str], headings: Sequence[Cell] | None) -> int:
    if isinstance(column, int):
        return column - 1
    same = [at for at, heading in enumerate(folded) if heading == fold(column)]
    if len(same) == 1:
        return same[0]
    if same:
        places = ", ".join(letter_of(at) for at in same)
        twice = Text("столбец «{c}» есть несколько раз ({p}): назовите его буквой", "«{c}» stands at {p}: use a letter")
        raise UnreadableError("columns", twice.filled(c=column, p=places))
    at = number_of(column)
    if at is not None:
        return at
    known = ", ".join(f"«{heading}»" for heading in (headings or ())[:_SHOWN_HEADINGS] if heading not in (None, ""))
    missing = Text("нет столбца «{c}»; есть: {k}", "no column «{c}»; there are: {k}")
    raise UnreadableError("columns", missing.filled(c=column, k=known[:500] or "—"))


def number_of(letters: str) -> int | None:
    """The column of its letters, from 0; None for what cannot be letters. Russian look-alikes are taken."""
    latin = letters.translate(_CYRILLIC)
    if not _LETTERS.fullmatch(latin):
        return None
    number = 0
    for letter in latin:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if number <= MOST_COLUMNS else None


def letter_of(at: int) -> str:
    """The letters of a column counted from 0."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def is_blank(cells: Sequence[Cell]) -> bool:
    """Whether there is nothing in a row."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


Rows = Iterator[Row | BadRow]
