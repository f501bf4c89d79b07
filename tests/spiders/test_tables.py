"""Tables: what csv and openpyxl write comes back, and what is hostile costs neither memory nor the other rows."""

import csv
import io
import os
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.city import TableForm
from crawler.model.items import TimePrecision
from spiders.table_cells import identity, moment_of, text_of
from spiders.table_csv import csv_rows, encoding_of
from spiders.table_files import json_rows
from spiders.table_reader import TableReader
from spiders.table_rows import BadRow, Cell, Row, UnreadableError, letter_of, number_of
from spiders.table_workbook import workbook_rows

FORM = TableForm({"id": ("№",), "text": ("Текст",)})
SAKHALIN = ZoneInfo("Asia/Sakhalin")
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

# What a cell may hold; csv itself reads a lone \r as a line end and a workbook has no controls.
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=40)


def texts(rows: Sequence[Row | BadRow], field: str = "text") -> list[Cell]:
    return [row.cells[field][0] for row in rows if isinstance(row, Row)]


def csv_of(rows: Sequence[Sequence[object]], delimiter: str = ";", encoding: str = "utf-8") -> io.BytesIO:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def xlsx_of(rows: Sequence[Sequence[object]], **more: object) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    for name, value in more.items():
        book.worksheets[0][name] = value
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def blank(row: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in row)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(cells, cells), max_size=6),
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_comes_back(rows: list[tuple[str, str]], delimiter: str, encoding: str) -> None:
    got = list(csv_rows(csv_of([("№", "Текст"), *rows], delimiter, encoding), FORM))
    assert [(row.cells["id"][0], row.cells["text"][0]) for row in got if isinstance(row, Row)] == [
        row for row in rows if not blank(row)
    ]
    assert [row.number for row in got] == [number for number, row in enumerate(rows, 2) if not blank(row)]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(cells, cells), max_size=4))
def test_what_openpyxl_writes_comes_back(rows: list[tuple[str, str]]) -> None:
    # A cell that begins with "=" is written as a formula: such texts have a test of their own.
    rows = [tuple(cell.lstrip("=") for cell in row) for row in rows]  # type: ignore[misc]
    got = list(workbook_rows(xlsx_of([("№", "Текст"), *rows]), FORM))
    kept = [row for row in rows if not blank(row)]
    assert [tuple(text_of(row.cells[field][0]) for field in ("id", "text")) for row in got if isinstance(row, Row)] == [
        tuple(text_of(cell) for cell in row) for row in kept
    ]


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("Яма", "windows-1251", "windows-1251"),
        ("Яма", "utf-8", "utf-8"),
        ("Яма", "utf-8-sig", "utf-8-sig"),
        ("Яма", "utf-16", "utf-16"),
        ("pothole", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found(text: str, encoding: str, found: str) -> None:
    assert encoding_of(io.BytesIO(text.encode(encoding))) == found


def test_one_stray_byte_does_not_make_utf8_another_encoding() -> None:
    body = ("№;Текст\n1;" + "Яма на дороге. " * 50).encode() + b"\xff\n"
    (row,) = csv_rows(io.BytesIO(body), FORM)
    assert isinstance(row, Row)
    assert str(row.cells["text"][0]).startswith("Яма на дороге")


def test_windows_1251_with_line_breaks_in_quotes() -> None:
    body = 'Номер;№;Текст\r\nx;7;"Нет воды.\r\nВторой день; ""совсем"""\r\n'.encode("windows-1251")
    (row,) = csv_rows(io.BytesIO(body), FORM)
    assert isinstance(row, Row)
    assert row.cells == {"id": ("7",), "text": ('Нет воды.\r\nВторой день; "совсем"',)}


def test_a_quote_that_is_never_closed_costs_its_row_alone() -> None:
    body = '№;Текст\n1;"Яма\n2;Снег\n3;Лёд\n'
    got = list(csv_rows(io.BytesIO(body.encode()), FORM))
    assert [(row.number, isinstance(row, BadRow)) for row in got] == [(2, True), (3, False), (4, False)]
    assert texts(got) == ["Снег", "Лёд"]


def test_a_row_beyond_every_measure_costs_itself_alone() -> None:
    body = "№;Текст\n1;" + "а" * 1_100_000 + "\n2;Снег\n3;" + ";" * 900_000 + "\n4;\0Лёд\n"
    got = list(csv_rows(io.BytesIO(body.encode()), FORM))
    assert [row.number for row in got if isinstance(row, BadRow)] == [2]
    assert texts(got) == ["Снег", "", "\0Лёд"]


def test_columns_by_heading_letter_number_and_joined() -> None:
    form = TableForm({"id": ("C",), "text": ("тема", 1), "title": ("  ВИД\nработ ",)})
    stream = xlsx_of([("Текст", "Вид  работ", "Номер", "Тема"), ("Яма", "Дороги", 5.0, "Срочно")])
    (row,) = workbook_rows(stream, form)
    assert isinstance(row, Row)
    assert row.cells == {"id": (5,), "text": ("Срочно", "Яма"), "title": ("Дороги",)}


def test_a_heading_in_a_later_row_and_none_at_all() -> None:
    rows = [("Отчёт за неделю",), (), ("№", "Текст"), (1, "Яма")]
    assert texts(list(workbook_rows(xlsx_of(rows), TableForm(FORM.columns, header=3)))) == ["Яма"]
    (first, *_) = csv_rows(csv_of([(1, "Яма")]), TableForm({"text": ("B",)}, header=0))
    assert isinstance(first, Row)
    assert (first.number, first.cells) == (1, {"text": ("Яма",)})


@pytest.mark.parametrize("heads", [("№", "Содержание"), ("№", "Текст", "ТЕКСТ "), ("", "")])
def test_a_column_that_is_not_there_or_twice_is_told(heads: tuple[str, ...]) -> None:
    for rows in (csv_rows(csv_of([heads, (1, "а")]), FORM), workbook_rows(xlsx_of([heads, (1, "а")]), FORM)):
        with pytest.raises(UnreadableError) as told:
            list(rows)
        assert told.value.word == "columns"


def test_letters_of_columns() -> None:
    assert [number_of(name) for name in ("A", "Z", "AA", "ALL", "ALM", "С", "a", "Я1")] == [
        0,
        25,
        26,
        999,
        None,
        2,
        None,
        None,
    ]
    assert [letter_of(at) for at in (0, 25, 26, 999)] == ["A", "Z", "AA", "ALL"]


@pytest.mark.parametrize(
    ("cell", "said", "precision"),
    [
        (("25.11.2026 14:05",), "2026-11-25T03:05", "minute"),
        (("25.11.2026 14:05:33",), "2026-11-25T03:05", "second"),
        (("25.11.26",), "2026-11-24T13:00", "day"),
        (("25-11-2026 14:05",), "2026-11-25T03:05", "minute"),
        (("2026-11-25T14:05",), "2026-11-25T03:05", "minute"),
        (("2026-11-25T03:05:00Z",), "2026-11-25T03:05", "second"),
        (("24 ноября 2026 г., 14:05",), "2026-11-24T03:05", "minute"),
        ((datetime(2026, 11, 25, 14, 5),), "2026-11-25T03:05", "second"),
        ((datetime(2026, 11, 25),), "2026-11-24T13:00", "day"),
        ((46351.58681,), "2026-11-25T03:05", "second"),
        (("46351,58681",), "2026-11-25T03:05", "second"),
        ((46351,), "2026-11-24T13:00", "day"),
        (("25.11.2026", "14:05"), "2026-11-25T03:05", "minute"),
        ((datetime(2026, 11, 25), time(14, 5)), "2026-11-25T03:05", "second"),
        ((datetime(2026, 11, 25), 0.58681), "2026-11-25T03:05", "second"),
    ],
)
def test_dates_of_exports(cell: tuple[Cell, ...], said: str, precision: str) -> None:
    moment = moment_of(cell, SAKHALIN, NOW)
    assert moment is not None
    assert (moment.at.isoformat()[:16], moment.precision) == (said, TimePrecision(precision))


@pytest.mark.parametrize(
    "cell",
    [
        "32.11.2026",
        "25.13.2026",
        "вчера",
        "5",
        "25 ноября",
        "01.01.1970",
        "25.11.2062",
        "89141234567",
        "a" * 99,
        "0",
        -1.0,
        True,
    ],
)
def test_what_is_no_date(cell: Cell) -> None:
    assert moment_of((cell,), SAKHALIN, NOW) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes(), st.times(), st.timedeltas()))
def test_no_cell_breaks_anything(cell: Cell) -> None:
    assert isinstance(text_of(cell), str)
    moment_of((cell,), SAKHALIN, NOW)


def test_a_telephone_number_is_one_person() -> None:
    assert {identity(one) for one in ("+7 914 123-45-67", "89141234567", "8 (914) 123-45-67")} == {"79141234567"}
    assert identity("  Иванова   И. ") == "иванова и."


def test_json_lines_by_the_same_headings() -> None:
    lines = '{"№": 7, "текст": "Яма"}\n\nнет\n[]\n{"№": [1], "Текст": "б"}\n{"Текст": null}\n'
    got = list(json_rows(io.BytesIO(lines.encode()), FORM))
    assert [(row.number, isinstance(row, BadRow)) for row in got] == [
        (1, False),
        (3, True),
        (4, True),
        (5, True),
        (6, False),
    ]
    assert isinstance(got[0], Row)
    assert got[0].cells == {"id": (7,), "text": ("Яма",)}


# Hostile tables, through the reader's process.


def read(path: Path, form: TableForm = FORM) -> list[Row | BadRow]:
    with TableReader(str(path), form) as reader:
        return [row for rows in reader for row in rows]


def refused(path: Path, form: TableForm = FORM) -> str:
    with pytest.raises(UnreadableError) as told:
        read(path, form)
    return told.value.word


def repacked(stream: io.BytesIO, changes: dict[str, bytes]) -> bytes:
    """A workbook with parts in place of its own, or beside them."""
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, body in changes.items():
            new.writestr(name, body)
    return made.getvalue()


def shared(texts_: bytes, doctype: str = "") -> bytes:
    """A workbook whose one row refers to these shared texts, as spreadsheets write them."""
    stream = xlsx_of([])
    with zipfile.ZipFile(stream) as archive:
        types = archive.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = types.replace("</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>')
    body = f'<?xml version="1.0"?>{doctype}<sst {MAIN}>'.encode() + texts_ + b"</sst>"
    rows = inline(1, "№", "Текст") + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>'
    return repacked(stream, {"xl/sharedStrings.xml": body, "[Content_Types].xml": types.encode(), SHEET: sheet(rows)})


SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>'.encode()


def inline(row: int, *cells_: str) -> str:
    got = "".join(
        f'<c r="{letter_of(at)}{row}" t="inlineStr"><is><t>{cell}</t></is></c>' for at, cell in enumerate(cells_)
    )
    return f'<row r="{row}">{got}</row>'


def test_formulas_give_their_values_and_texts_like_them_stay_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = inline(1, "№", "Текст") + inline(2, "1", "=HYPERLINK(1)") + inline(3, "2", "+7@-=")
    rows += '<row r="4"><c r="A4"><v>3</v></c><c r="B4" t="str"><f>1+1</f><v>Яма</v></c></row>'
    rows += '<row r="5"><c r="A5"><v>4</v></c><c r="B5"><f>WEBSERVICE("http://x")</f></c></row>'
    path.write_bytes(repacked(xlsx_of([]), {SHEET: sheet(rows)}))
    assert texts(read(path)) == ["=HYPERLINK(1)", "+7@-=", "Яма", None]


def test_entities_of_xml_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ха"}">' for n in range(10))
    doctype = f'<!DOCTYPE worksheet [{laughs}<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    for entity in ("&l9;", "&file;"):
        rows = inline(1, "№", "Текст") + inline(2, "1", entity)
        path.write_bytes(repacked(xlsx_of([]), {SHEET: sheet(rows, doctype)}))
        assert refused(path) == "damaged"
    path.write_bytes(shared(b"<si><t>&l9;</t></si>", doctype))
    assert refused(path) == "damaged"
    path.write_bytes(shared("<si><t>Яма</t></si>".encode()))
    assert texts(read(path)) == ["Яма"]


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(1_040):
                part.write(b" " * (1 << 20))
    path.write_bytes(made.getvalue())
    assert path.stat().st_size < 2 << 20
    assert refused(path) == "too large"


def test_texts_beyond_memory_are_told(tmp_path: Path) -> None:
    """Shared texts are held in memory: those that do not fit end their reader, not the crawl."""
    path = tmp_path / "a.xlsx"
    # A letter beyond the first plane makes four bytes in memory of every byte in the file.
    text = b"<si><t>" + "😀".encode() + b"x" * 1_000_000 + b"</t></si>"
    path.write_bytes(shared(text * 320))
    assert refused(path) == "too large"


def test_cells_and_rows_far_out_are_not_made(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = inline(1, "№", "Текст") + '<row r="2"><c r="B2" t="inlineStr"><is><t>Яма</t></is></c>'
    rows += '<c r="XFD2" t="inlineStr"><is><t>далеко</t></is></c></row>'
    rows += inline(900_000, "7", "Снег") + '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'
    body = sheet(rows).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    path.write_bytes(repacked(xlsx_of([]), {SHEET: body}))
    got = read(path)
    assert texts(got) == ["Яма", "Снег"]
    assert [row.number for row in got][:2] == [2, 900_000]


def test_a_sheet_without_rows_and_a_book_without_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx_of([]).getvalue())
    assert refused(path) == "columns"
    assert refused(path, TableForm(FORM.columns, sheet="Лист9")) == "sheet"


def test_merged_cells_have_their_value_once(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in (("№", "Текст"), (1, "Яма"), (2, None)):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("B2:B3")
    book.save(path)
    assert texts(read(path)) == ["Яма", None]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "format"),
        (b"\x7fELF" + b"\0" * 600, "format"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"%PDF-1.4 no table", "columns"),
    ],
)
def test_what_is_no_table_is_told_whatever_it_is_called(tmp_path: Path, body: bytes, word: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(body)
    assert refused(path) == word


def test_a_workbook_cut_short_or_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    whole = xlsx_of([("№", "Текст"), *((number, f"Яма {number}") for number in range(2_000))]).getvalue()
    for at in range(100, len(whole), len(whole) // 7):
        path.write_bytes(whole[:at])
        assert refused(path) == "damaged"
        path.write_bytes(whole[:at] + bytes(byte ^ 0x5A for byte in whole[at : at + 40]) + whole[at + 40 :])
        try:
            read(path)
        except UnreadableError as error:
            assert error.word in {"damaged", "format", "sheet", "columns"}  # noqa: PT017  some flips hurt nothing


def test_a_name_that_says_another_format_means_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(xlsx_of([("№", "Текст"), (1, "Яма")]).getvalue())
    assert texts(read(path)) == ["Яма"]


def test_links_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("№;Текст\n1;тайна\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe.csv")
    assert refused(tmp_path / "link.csv") == "not opened"
    assert refused(tmp_path / "pipe.csv") == "not a file"
    assert refused(Path("/dev/zero")) == "not a file"
