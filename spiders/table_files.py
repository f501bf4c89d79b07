"""Opening a table, in the reader's process: no link, pipe or device, nothing too large, its format by its content.

`open_table` and `next_rows` are called through a Reader (spiders/reading.py) that reads one table and is ended then.
"""

import json
import os
import stat
from itertools import islice
from typing import BinaryIO

from crawler.model.city import TableForm
from crawler.model.text import Text
from spiders.table_csv import csv_rows
from spiders.table_rows import MOST_ROWS, BadRow, Cell, Row, Rows, UnreadableError, fold, interrupted
from spiders.table_workbook import workbook_rows

MOST_BYTES = 256 << 20
"""Of a file."""
LONGEST_LINE = 1 << 20
"""Bytes of a JSON line."""
FORMATS = ("csv", "xlsx", "jsonl")
_START = 4096
_OLE = b"\xd0\xcf\x11\xe0"
_opened: list[Rows] = []


def open_table(path: str, form: TableForm, format_: str = "") -> None:
    """Open a table for `next_rows`. `format_` is one of FORMATS, "" to find it out. UnreadableError says why not."""
    stream = open_plainly(path)
    rows = _rows(stream, form, format_)
    _opened[:] = [rows]


def next_rows(count: int) -> list[Row | BadRow]:
    """The next rows of the table that was opened; fewer than `count` at its end. UnreadableError, also in the midst."""
    if not _opened:
        # The process that opened it was ended between two calls; this is another one.
        raise interrupted()
    try:
        return list(islice(_opened[0], count))
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:
        # A part that does not unpack, an entity, a tag that is not closed: the library's own errors are many.
        broken = Text("файл повреждён: {what}", "the file is damaged: {what}")
        raise UnreadableError("damaged", broken.filled(what=type(error).__name__)) from error


def open_plainly(path: str) -> BinaryIO:
    """A regular file, never through a link of that name, never waiting for another side."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        cannot = Text("не открывается: {why}", "cannot be opened: {why}")
        raise UnreadableError("not opened", cannot.filled(why=error.strerror)) from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise UnreadableError("not a file", Text("это не обычный файл", "this is not a regular file"))
    if status.st_size > MOST_BYTES:
        os.close(handle)
        raise UnreadableError("too large", Text("файл больше 256 МБ", "the file has more than 256 MB"))
    return os.fdopen(handle, "rb")


def _rows(stream: BinaryIO, form: TableForm, format_: str) -> Rows:
    kind = format_ or format_of(stream)
    if kind == "xlsx":
        return workbook_rows(stream, form)
    return json_rows(stream, form) if kind == "jsonl" else csv_rows(stream, form)


def format_of(stream: BinaryIO) -> str:
    """What a file is, by how it begins, whatever it is called."""
    start = stream.read(_START)
    stream.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith(_OLE):
        old = Text(
            "старый формат XLS или книга под паролем: сохраните как XLSX без пароля",
            "an old XLS or a workbook under a password: save it as XLSX without one",
        )
        raise UnreadableError("format", old)
    if not start.strip():
        raise UnreadableError("empty", Text("файл пуст", "the file is empty"))
    if not start.startswith((b"\xff\xfe", b"\xfe\xff")) and start.count(0) > len(start) // 10:
        raise UnreadableError("format", Text("это не таблица: двоичный файл", "this is no table: a binary file"))
    return "jsonl" if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


def json_rows(stream: BinaryIO, form: TableForm) -> Rows:
    """A row for each line, its keys in place of headings. A key that a line lacks is empty."""
    number = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        if number > MOST_ROWS:
            yield BadRow(number, "", Text("дальше не прочитано: слишком много строк", "too many rows: not read on"))
            return
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)
            yield BadRow(number, "", Text("длиннее 1 МБ", "longer than 1 MB"))
        elif raw.strip():
            yield _json_row(raw, number, form)


def _json_row(raw: bytes, number: int, form: TableForm) -> Row | BadRow:
    try:
        values = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return BadRow(number, "", Text("не JSON", "not JSON"))
    if not isinstance(values, dict):
        return BadRow(number, "", Text("нужен объект JSON", "a JSON object is needed"))
    folded = {fold(key): value for key, value in values.items()}
    cells: dict[str, tuple[Cell, ...]] = {}
    for field, columns in form.columns.items():
        got = [folded.get(fold(column)) for column in columns]
        for column, value in zip(columns, got, strict=True):
            if value is not None and not isinstance(value, str | int | float):
                return BadRow(number, str(column), Text("ожидается строка или число", "a string or number is expected"))
        cells[field] = tuple(got)
    return Row(number, cells)
