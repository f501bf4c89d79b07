"""A table read in a process of its own, chunk by chunk, with its CPU time and memory bounded."""

from collections.abc import Iterator
from typing import Self

from crawler.fetching.reading import Reader, ReaderDiedError, ReaderKilledError, SlowPageError
from crawler.model.city import TableForm
from crawler.model.text import Text
from spiders.table_files import next_rows, open_table
from spiders.table_rows import BadRow, Row, UnreadableError, interrupted

CHUNK = 500
"""Rows handed over at once."""
MOST_SECONDS = 60.0
"""CPU time to open a table, or to read one chunk: a workbook of a million different texts takes some 20 s to open."""
MOST_MEMORY = 1 << 30
"""Bytes that reading may hold: a workbook keeps all its different texts in memory."""


class TableReader:
    """One table; `chunk` blocks. Use it as a context manager."""

    def __init__(self, path: str, form: TableForm, format_: str = "") -> None:
        self._reader = Reader(MOST_SECONDS, MOST_MEMORY)
        self._opening: tuple[str, TableForm, str] | None = (path, form, format_)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def chunk(self) -> list[Row | BadRow]:
        """The next rows, none at the end. UnreadableError says what is wrong with the file."""
        try:
            if self._opening:
                self._reader.call(open_table, *self._opening)
                self._opening = None
            return self._reader.call(next_rows, CHUNK)
        except SlowPageError as error:
            slow = Text("читается больше минуты: это не обычная таблица", "it takes over a minute: no honest table")
            raise UnreadableError("too slow", slow) from error
        except ReaderKilledError as error:
            raise interrupted() from error
        except (MemoryError, ReaderDiedError) as error:
            large = Text("не помещается в 1 ГБ памяти: разделите файл", "does not fit into 1 GB of memory: split it")
            raise UnreadableError("too large", large) from error

    def __iter__(self) -> Iterator[list[Row | BadRow]]:
        while rows := self.chunk():
            yield rows
