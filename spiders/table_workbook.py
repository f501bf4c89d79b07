"""Rows of XLSX workbooks: values only. Formulas, macros, links to other files and pictures are never looked at."""

import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO

from crawler.model.city import TableForm
from crawler.model.text import Text
from spiders.table_rows import MOST_COLUMNS, MOST_ROWS, BadRow, Cell, Rows, UnreadableError, find_columns, is_blank

MOST_UNPACKED = 1 << 30
"""Bytes of all parts of a workbook, unpacked: a sheet of a million rows has some 300 MB."""
MOST_PARTS = 10_000


def workbook_rows(stream: BinaryIO, form: TableForm) -> Rows:
    """Every row below the heading that is not blank. UnreadableError for what is no workbook, or has no such sheet or
    columns.
    """
    _check_archive(stream)
    sheet = _sheet(stream, form)
    # What a sheet says of its own size is often wrong, and may be a lie.
    sheet.reset_dimensions()
    headings: Sequence[Cell] | None = None
    if form.header:
        at = form.header
        heads = sheet.iter_rows(min_row=at, max_row=at, max_col=MOST_COLUMNS, values_only=True)
        headings = next(iter(heads), ())
        if is_blank(headings):
            raise UnreadableError("columns", Text("нет строки заголовка: лист пуст", "no row of headings: it is empty"))
    found = find_columns(form, headings)
    first, last = form.header + 1, form.header + MOST_ROWS + 1
    rows = sheet.iter_rows(min_row=first, max_row=last, max_col=found.width, values_only=True)
    for number, cells in enumerate(rows, first):
        if number == last:
            yield BadRow(number, "", Text("дальше не прочитано: слишком много строк", "too many rows: not read on"))
        elif not is_blank(cells):
            yield found.row(number, cells)


def _check_archive(stream: BinaryIO) -> None:
    """Refuse a bomb by what its directory says; zipfile holds every part to that."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableError("damaged", _damaged()) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        much = Text("книга распаковывается больше чем в 1 ГБ", "the workbook unpacks to more than 1 GB")
        raise UnreadableError("too large", much)
    if "[Content_Types].xml" not in names:
        raise UnreadableError("format", Text("архив, а не книга XLSX", "an archive, not an XLSX workbook"))
    stream.seek(0)


def _sheet(stream: BinaryIO, form: TableForm) -> Any:
    from openpyxl import load_workbook

    try:
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:
        # Whatever a damaged or hostile workbook makes of a library: it is not read.
        raise UnreadableError("damaged", _damaged()) from error
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if form.sheet and form.sheet not in sheets:
        known = ", ".join(f"«{name}»" for name in list(sheets)[:12])
        missing = Text("нет листа «{s}»; есть: {k}", "no sheet «{s}»; there are: {k}")
        raise UnreadableError("sheet", missing.filled(s=form.sheet, k=known or "—"))
    if not sheets:
        raise UnreadableError("sheet", Text("в книге нет ни одного листа", "the workbook has no sheet"))
    return sheets[form.sheet] if form.sheet else next(iter(sheets.values()))


def _damaged() -> Text:
    return Text(
        "книга XLSX повреждена или записана не до конца; откройте её в Excel и сохраните заново",
        "a damaged or unfinished XLSX workbook; open it in a spreadsheet and save it again",
    )
