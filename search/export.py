"""Tables of posts for people and machines: JSON lines, CSV and XLSX, written row by row, no cell ever a formula.

An author is the pseudonym; what an export says of a post is what the index and the console say of it.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, closing
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TextIO
from zoneinfo import ZoneInfo

from crawler.model.items import Place
from search.export_words import COLUMNS, heads, worded
from search.state.archive import Stored

MOST_CELL = 32_767
"""Characters that a cell of XLSX may have; a longer text is cut there and counted."""
MOST_ROWS = 1_048_576
"""Rows of a sheet, its heading included; the rest goes into further sheets."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# XML has no place for these; Excel calls a file that holds one damaged.
_FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], "\ufffd")

Row = Mapping[str, Any]


class Writer(Protocol):
    """Takes rows one by one. `cut` is how many texts it had to cut short."""

    cut: int

    def write(self, row: Row) -> None:
        """Add a row with the keys of COLUMNS."""
        ...

    def close(self) -> None:
        """Finish what is written."""
        ...


def row_of(stored: Stored, zone: ZoneInfo) -> Row:
    """A post as a row, its time in the city's zone and its first place of the finest kind there is."""
    post, reading = stored.post, stored.reading
    place = _best(reading.places)
    return {
        "id": post.id,
        "published_at": post.published_at.astimezone(zone) if post.published_at else None,
        "precision": post.precision.value,
        "platform": post.platform,
        "source": post.source,
        "kind": post.kind.value,
        "author": post.author.key if post.author else "",
        "title": post.title,
        "text": post.text,
        "url": post.url,
        "parent": post.parent,
        "copy_of": reading.copy_of,
        "story": reading.story,
        "topic": reading.topic,
        "place": _spelt(place) if place else "",
        "district": place.district if place else "",
        "settlement": place.settlement if place else "",
        "lat": place.lat if place else None,
        "lon": place.lon if place else None,
    }


def _best(places: Iterable[Place]) -> Place | None:
    order = ("house", "intersection", "landmark", "street", "district", "settlement")
    return min(places, key=lambda place: order.index(place.kind), default=None)


def _spelt(place: Place) -> str:
    name = " / ".join(place.name)
    houses = ", ".join(map(str, place.houses))
    return ", ".join(part for part in (f"{place.type} {name}".strip(), houses) if part)


class JsonLines:
    """One JSON object a line, UTF-8."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.cut = 0

    def write(self, row: Row) -> None:
        """Add a line."""
        plain = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()}
        self._stream.write(json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n")

    def close(self) -> None:
        """Hand everything on; the stream belongs to the caller."""
        self._stream.flush()


class Csv:
    """CSV as spreadsheets of this country open it by a double click: `;`, a byte order mark, Windows line ends.

    A text that a spreadsheet would take for a formula is led by an apostrophe (OWASP, CSV injection).
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rows = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        self.cut = 0
        stream.write("\ufeff")
        self._rows.writerow(heads())

    def write(self, row: Row) -> None:
        """Add a line."""
        self._rows.writerow([_csv_cell(worded(name, row[name])) for name in COLUMNS])

    def close(self) -> None:
        """Hand everything on; the stream belongs to the caller."""
        self._stream.flush()


def _csv_cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if not isinstance(value, str):
        return value
    text = value.translate(_FORBIDDEN)
    return f"'{text}" if text.startswith(_FORMULA) else text


class Xlsx:
    """A workbook, written to `path` when it is closed. Every text is a text: no cell is a formula or a link."""

    def __init__(self, path: Path) -> None:
        from openpyxl import Workbook  # a fifth of a second: only for those who need it

        self._book = Workbook(write_only=True)
        self._path = path
        self._rows = MOST_ROWS
        self.cut = 0

    def write(self, row: Row) -> None:
        """Add a row, on a further sheet where this one is full."""
        if self._rows >= MOST_ROWS:
            self._sheet = self._book.create_sheet(f"{len(self._book.sheetnames) + 1}")
            self._sheet.append(heads())
            self._rows = 1
        self._sheet.append([self._cell(worded(name, row[name])) for name in COLUMNS])
        self._rows += 1

    def close(self) -> None:
        """Write the file. A workbook without a row has its heading."""
        if not self._book.sheetnames:
            self._book.create_sheet("1").append(heads())
        self._book.save(self._path)

    def _cell(self, value: object) -> object:
        from openpyxl.cell import WriteOnlyCell

        if isinstance(value, datetime):
            return value.replace(tzinfo=None)  # a workbook knows no zones
        if not isinstance(value, str):
            return value
        text = value.translate(_FORBIDDEN)
        if len(text) > MOST_CELL:
            self.cut += 1
            text = text[: MOST_CELL - 1] + "…"
        cell = WriteOnlyCell(self._sheet, value="")
        # Set by its type, not guessed: openpyxl takes what begins with = for a formula.
        cell.data_type = "s"
        cell._value = text  # noqa: SLF001 - the setter would guess
        return cell


def _text(make: Callable[[TextIO], Writer]) -> Callable[[Path], AbstractContextManager[Writer]]:
    def opened(path: Path) -> AbstractContextManager[Writer]:
        return _TextFile(path, make)

    return opened


class _TextFile(AbstractContextManager[Writer]):
    """A text file that is there whole or, after a failure, up to where it came."""

    def __init__(self, path: Path, make: Callable[[TextIO], Writer]) -> None:
        self._stream: TextIO = io.TextIOWrapper(path.open("wb"), encoding="utf-8", newline="")
        self._writer = make(self._stream)

    def __enter__(self) -> Writer:
        return self._writer

    def __exit__(self, *_: object) -> None:
        with self._stream:
            self._writer.close()


def _workbook(path: Path) -> AbstractContextManager[Writer]:
    return closing(Xlsx(path))


FORMATS: dict[str, Callable[[Path], AbstractContextManager[Writer]]] = {
    "jsonl": _text(JsonLines),
    "csv": _text(Csv),
    "xlsx": _workbook,
}
"""What an export can be, by the ending of its file."""
