import csv
import json
import re
from pathlib import Path

import openpyxl
import pytest

from search import export
from search.export_words import COLUMNS
from tests.shell import Otklik, posts

HOSTILE = (
    '=HYPERLINK("http://example.org","вода")',
    "+7 900 вода",
    "-1+вода",
    "@вода",
    "\t=вода",
    'вода; "кавычки";\nвторая строка',
    "вода \u202e задом \x07 наперёд",
)


@pytest.fixture
def stocked(otklik: Otklik) -> Otklik:
    """Five hundred posts about water, and those that a spreadsheet could take for formulas."""
    many = "".join(
        json.dumps({"id": number, "text": f"Нет воды в доме {number}, ул. Ленина"}, ensure_ascii=False) + "\n"
        for number in range(500)
    )
    hostile = posts(*HOSTILE, first=1000)
    assert otklik("ingest", otklik.city(), input=many + hostile).code == 0
    return otklik


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_everything_found_is_in_the_file_once(stocked: Otklik, ending: str) -> None:
    file = stocked.folder / f"вода.{ending}"
    run = stocked("export", stocked.folder / "ozersk.toml", "вода", file)
    assert (run.code, run.err) == (0, "")
    count = 500 + len(HOSTILE)
    assert run.out == f"{file}: {count} of {count} exported.\n"
    rows = read(file)
    assert len({row["id"] for row in rows}) == len(rows) == count
    ordinary = next(row for row in rows if row["id"] == "given:ingest/7")
    assert ordinary["text"] == "Нет воды в доме 7, ул. Ленина"
    assert not list(stocked.folder.glob(".*.part"))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_text_becomes_a_formula(stocked: Otklik, ending: str) -> None:
    file = stocked.folder / f"вода.{ending}"
    assert stocked("export", stocked.folder / "ozersk.toml", "вода", file).code == 0
    texts = [str(row["text"]) for row in read(file)]
    if ending == "xlsx":
        cells = [cell for row in openpyxl.load_workbook(file)["1"].iter_rows() for cell in row]
        assert not [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert '=HYPERLINK("http://example.org","вода")' in texts
    else:
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t"))]
        assert '\'=HYPERLINK("http://example.org","вода")' in texts
    assert 'вода; "кавычки";\nвторая строка' in texts


def test_an_author_is_a_pseudonym(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Нет воды", author="Пётр Налимов")).code == 0
    file = otklik.folder / "вода.jsonl"
    assert otklik("export", city, "вода", file).code == 0
    assert "Налимов" not in file.read_text()
    assert re.fullmatch("[0-9a-f]{32}", json.loads(file.read_text())["author"])


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    absent = stocked.folder / "нет" / "вода.csv"
    run = stocked("export", city, "вода", absent)
    assert run.code == 1
    assert f"{absent}: cannot be written" in run.err
    old = stocked.folder / "старое.csv"
    old.write_text("прежнее")
    wrong = stocked("export", city, "вода (", old)
    assert wrong.code == 1
    assert old.read_text() == "прежнее"
    unknown = stocked("export", city, "вода", stocked.folder / "вода.pdf")
    assert (unknown.code, "jsonl, csv, xlsx" in unknown.err) == (1, True)


def test_a_workbook_goes_on_where_a_sheet_or_a_cell_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 4)
    monkeypatch.setattr(export, "MOST_CELL", 10)
    file = tmp_path / "book.xlsx"
    row = dict.fromkeys(COLUMNS, "")
    with export.FORMATS["xlsx"](file) as writer:
        for number in range(7):
            writer.write({**row, "id": f"{number}", "text": "длинный текст" if number == 6 else "коротко"})
    assert writer.cut == 1
    book = openpyxl.load_workbook(file)
    assert [[values[0] for values in sheet.iter_rows(values_only=True)] for sheet in book] == [
        ["Номер", "0", "1", "2"],
        ["Номер", "3", "4", "5"],
        ["Номер", "6"],
    ]
    assert book["3"].cell(2, COLUMNS.index("text") + 1).value == "длинный т…"


def read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream, delimiter=";"))
    heading, *rows = openpyxl.load_workbook(path)["1"].iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def test_tables_speak_the_language_of_their_reader_and_json_that_of_programs(stocked: Otklik) -> None:
    stocked.environment["OTKLIK_LOCALE"] = "ru"
    city, file = stocked.folder / "ozersk.toml", stocked.folder / "вода.csv"
    assert stocked("export", city, "вода", file).code == 0
    head, first, *_ = file.read_text("utf-8-sig").splitlines()
    assert head.startswith("Номер;Опубликовано;Точность времени;Площадка;Источник;Вид;Автор (псевдоним)")
    assert ";обращение;" in first
    lines = stocked.folder / "вода.jsonl"
    assert stocked("export", city, "вода", lines).code == 0
    assert json.loads(lines.read_text("utf-8").splitlines()[0])["kind"] == "appeal"
