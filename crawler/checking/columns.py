"""What a source of tables says: where the files lie, how the tables are laid out, which column is what."""

from pathlib import Path

from crawler.checking.problems import Gravity, did_you_mean, listed, shown
from crawler.checking.table import Table
from crawler.model.city import Source, TableForm
from crawler.model.text import Text
from spiders.intake_folder import split_address
from spiders.table_posts import FIELDS
from spiders.table_rows import MOST_COLUMNS, number_of

_ENCODINGS = ("utf-8", "windows-1251")
_DELIMITERS = {";": ";", ",": ",", "tab": "\t"}
_LAST_HEADER = 1_000
_LONE = ("lat", "lon")
_NO_HEADINGS = Text(
    "при header = 0 заголовков нет: назовите букву или номер столбца",
    "with header = 0 there are no headings: name a letter or a number",
)


def read_path(table: Table) -> str:
    """`address` of a source of tables: a folder, a file or a pattern of files, from the city file; "" where none is."""
    value = table.raw("address")
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        table.problem(
            "address",
            Text(
                'ожидается папка, файл или образец имён, например "intake/pos" или "intake/pos/*.xlsx"',
                'a folder, a file or a pattern is expected, such as "intake/pos" or "intake/pos/*.xlsx"',
            ),
        )
        return ""
    path = (table.document.path.parent / value.strip()).absolute()
    if any(set("*?[") & set(part) for part in path.parent.parts):
        table.problem(
            "address", Text("образец может быть только в имени файла", "only the name of a file may be a pattern")
        )
    return str(path)


def read_form(table: Table, *, needed: bool) -> TableForm | None:
    """`[source.columns]` and `[source.table]`; a problem where they are and no tables are read."""
    if not needed:
        for key in ("columns", "table"):
            if key in table.values:
                table.known.add(key)
                table.problem(key, Text('только для platform = "intake"', 'only for platform = "intake"'), found="")
        return None
    inner = table.table("table")
    header = inner.whole("header", 1, 0, _LAST_HEADER)
    form = TableForm(
        columns=_read_columns(table, headless=header == 0),
        header=1 if header is None else header,
        sheet=inner.text("sheet"),
        encoding=inner.one_of("encoding", _ENCODINGS),
        delimiter=_DELIMITERS.get(inner.one_of("delimiter", _DELIMITERS), ""),
    )
    inner.finish()
    return form


def _read_columns(table: Table, *, headless: bool) -> dict[str, tuple[str | int, ...]]:
    inner = table.table("columns")
    columns: dict[str, tuple[str | int, ...]] = {}
    for field in inner.values:
        if field not in FIELDS:
            inner.known.add(field)
            known = ", ".join(FIELDS)
            inner.problem(
                field,
                Text(f"такого поля нет, можно: {known}", f"there is no such field, allowed: {known}"),
                found="",
                hint=did_you_mean(field, FIELDS),
            )
        elif named := _read_names(inner, field, headless=headless):
            columns[field] = named
    if "text" not in inner.values and "title" not in inner.values:
        table.problem(
            "columns",
            Text(
                'нужна таблица [source.columns] хотя бы с text = "столбец"',
                'a table [source.columns] is needed with at least text = "column"',
            ),
            found="",
        )
    for one, other in (_LONE, _LONE[::-1]):
        if one in columns and other not in columns:
            inner.problem(one, Text(f"нужен и {other}", f"{other} is needed too"))
    return columns


def _read_names(inner: Table, field: str, *, headless: bool) -> tuple[str | int, ...]:
    """The columns of a field: one, or several that are put together."""
    value = inner.raw(field)
    names = value if isinstance(value, list) else [value]
    expected = Text(
        f"ожидается заголовок столбца, его буква или номер от 1 до {MOST_COLUMNS}, или список таких",
        f"a heading, a letter or a number from 1 to {MOST_COLUMNS} of a column is expected, or a list of them",
    )
    if field in _LONE and len(names) > 1:
        inner.problem(field, Text("ожидается один столбец", "one column is expected"))
        return ()
    kept: list[str | int] = []
    for index, name in enumerate(names):
        where = index if isinstance(value, list) else None
        if isinstance(name, int) and not isinstance(name, bool) and 1 <= name <= MOST_COLUMNS:
            kept.append(name)
        elif not isinstance(name, str) or not name.strip():
            inner.problem(field, expected, found=shown(name), index=where)
        elif headless and number_of(name.strip()) is None:
            inner.problem(field, _NO_HEADINGS, found=shown(name), index=where)
        else:
            kept.append(name.strip())
    if not names:
        inner.problem(field, expected)
    return tuple(kept)


def check_folder(table: Table, source: Source) -> None:
    """Note a folder that is not there. A share may be away for an hour: the other sources can be read."""
    folder = split_address(source.address)[0] if source.address else Path()
    if not folder.is_dir():
        known = listed(sorted(one.name for one in folder.parent.glob("*/"))) if folder.parent.is_dir() else ""
        table.problem(
            "address",
            Text(f"нет папки {folder}", f"there is no folder {folder}"),
            found="",
            hint=Text(f"Создайте её; рядом есть: {known or '—'}", f"Make it; beside it there are: {known or '—'}"),
            severity=Gravity.WARNING,
        )
