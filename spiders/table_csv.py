"""Rows of CSV files as Russian offices write them: UTF-8 or windows-1251, `;` `,` or tab, line breaks in quotes."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from crawler.model.city import TableForm
from crawler.model.text import Text
from spiders.table_rows import MOST_COLUMNS, MOST_ROWS, BadRow, Rows, UnreadableError, find_columns, is_blank

LONGEST_ROW = 1_000_000
"""Characters of a row, its line breaks counted: as many as a post's text may have."""
MOST_LINES = 2_000
"""Lines of a row; more are a quote that was never closed."""
DELIMITERS = (";", ",", "\t")
_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_TOO_LONG = Text("длиннее миллиона знаков", "longer than a million characters")
_UNCLOSED = Text("кавычка открыта и не закрыта", "a quote was opened and never closed")
_BROKEN = Text("строка не разбирается как CSV", "cannot be taken apart as CSV")


def csv_rows(stream: BinaryIO, form: TableForm) -> Rows:
    """Every row below the heading, in bounded memory. UnreadableError when the columns are not there."""
    csv.field_size_limit(2 * LONGEST_ROW)
    encoding = form.encoding or encoding_of(stream)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    delimiter = form.delimiter or _delimiter_of(text, form)
    text.seek(0)
    records = _records(_lines(text), delimiter)
    headings: Sequence[str] | None = None
    if form.header:
        headings = _heading(records, form.header)
    found = find_columns(form, headings)
    for number, record in records:
        if number > MOST_ROWS + form.header:
            yield BadRow(number, "", Text("дальше не прочитано: слишком много строк", "too many rows: not read on"))
            return
        if isinstance(record, Text):
            yield BadRow(number, "", record)
        elif not is_blank(record):
            yield found.row(number, record[:MOST_COLUMNS])


def encoding_of(stream: BinaryIO) -> str:
    """UTF-8 where the bytes are that (a stray byte in a hundred letters allowed), else windows-1251. A mark at the
    beginning says it all.
    """
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    wrong = right = 0
    while chunk := stream.read(_CHUNK):
        decoded = decoder.decode(chunk)
        bad = decoded.count("\ufffd")
        wrong += bad
        right += len(decoded.encode("utf-8", "replace")) - len(decoded) - 2 * bad
    stream.seek(0)
    return "utf-8" if wrong * 100 <= right else "windows-1251"


def _delimiter_of(text: io.TextIOWrapper, form: TableForm) -> str:
    """The one that finds the mapped columns; else the one that the first row has most of."""
    best, score = DELIMITERS[0], (-1, -1)
    for delimiter in DELIMITERS:
        text.seek(0)
        try:
            record = _heading(_records(_lines(text), delimiter), form.header or 1)
        except UnreadableError:
            continue
        try:
            find_columns(form, record if form.header else None)
            fits = 1
        except UnreadableError:
            fits = 0
        if (fits, len(record)) > score:
            best, score = delimiter, (fits, len(record))
    return best


def _heading(records: Iterator[tuple[int, list[str] | Text]], number: int) -> list[str]:
    for at, record in records:
        if at == number and not isinstance(record, Text):
            return record[:MOST_COLUMNS]
        if at >= number:
            break
    raise UnreadableError("columns", Text("нет строки заголовка", "there is no row of headings"))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines with their ends; one that is too long is cut so that its record is refused, and its rest is let go."""
    while line := text.readline(LONGEST_ROW + 2):
        part = line
        while len(part) == LONGEST_ROW + 2 and part[-1] not in "\r\n":
            part = text.readline(LONGEST_ROW + 2)
        yield line


class _Feed:
    """Lines for one record; remembers them, so that after a quote that is never closed reading goes on at the next."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.ended = False
        self.too_long = False

    def begin(self) -> Iterator[str]:
        self.taken, self.ended, self.too_long = [], False, False
        size = 0
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                self.ended = True
                return
            self.taken.append(line)
            size += len(line)
            if size > LONGEST_ROW or len(self.taken) > MOST_LINES:
                self.too_long = True
                return
            yield line

    def back(self) -> None:
        """Give all lines but the first again."""
        self._again.extendleft(reversed(self.taken[1:]))


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | Text]]:
    """Records with their numbers from 1; in place of one that cannot be read, why."""
    feed = _Feed(lines)
    number = 0
    while True:
        number += 1
        # A reader of its own for each record: csv asks for a line more only inside quotes.
        reader = csv.reader(feed.begin(), delimiter=delimiter)
        problem: Text | None = None
        record: list[str] = []
        try:
            record = next(reader)
        except StopIteration:
            if not feed.taken:
                return
        except csv.Error:
            problem = _BROKEN
        if feed.too_long:
            problem = _TOO_LONG if len(feed.taken) == 1 else _UNCLOSED
        elif feed.ended:
            problem = _UNCLOSED
        if problem is None:
            yield number, record
        else:
            feed.back()
            yield number, problem
