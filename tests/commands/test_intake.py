"""Tables from a folder to an incident, as an administrator sees it."""

import os
from pathlib import Path

import pytest

from tests.shell import Otklik

HOUR = 3_600_000_000  # as the state has it
SOURCE = """
[[source]]
key = "{key}"
platform = "intake"
address = "{key}"
role = "intake"
[source.columns]
id = "№"
published_at = "Дата"
text = "Текст"
address = "Адрес"
author = "Кто"

[[policy]]
key = "{key}"
channel = "{key}"
first_reaction = "{first}"
resolution = "{last}"
"""


def exported(otklik: Otklik, key: str, *rows: str) -> Path:
    """A file in the folder of a source, as a spreadsheet of a Russian office exports it."""
    (otklik.folder / key).mkdir(exist_ok=True)
    path = otklik.folder / key / "a.csv"
    path.write_bytes(("№;Дата;Текст;Адрес;Кто;Служебное\r\n" + "".join(f"{row}\r\n" for row in rows)).encode("cp1251"))
    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    return path


@pytest.fixture
def city(otklik: Otklik) -> Path:
    sources = SOURCE.format(key="pos", first="8d", last="30d") + SOURCE.format(key="cur", first="4h", last="12h")
    return otklik.city(sources=sources)


def test_each_intake_has_its_own_clock(otklik: Otklik, city: Path) -> None:
    exported(otklik, "pos", "1;24.11.2025 10:00;Яма на дороге;ул. Лесная, 5;И. Иванов;тайное слово")
    exported(otklik, "cur", "7;24.11.2025;Нет воды;ул. Мира, 7;;")
    run = otklik("crawl", city, "--json")
    assert (run.code, [line.get("outcomes", {}).get("new") for line in run.lines]) == (0, [1, 1, None])
    due = otklik.rows("SELECT topic, opened_at, due_first, due_resolved FROM incidents ORDER BY topic")
    spans = [[round((moment - opened) / HOUR, 3) for moment in moments] for _, opened, *moments in due]
    assert [topic for topic, *_ in due] == ["Нет воды", "Ямы"]
    assert spans == [[4, 12], [8 * 24, 30 * 24]]


def test_the_stated_address_is_the_place_whatever_the_text_names(otklik: Otklik, city: Path) -> None:
    exported(otklik, "pos", "1;24.11.2025;Яма на дороге, на Мира, 7 такая же;г. Озёрск, ул. Лесная, д. 5;;")
    otklik("crawl", city, "pos")
    assert otklik.rows("SELECT title FROM incidents") == [("Ямы — улица Лесная, 5",)]


def test_the_same_appeal_stays_one_over_files_and_formats(otklik: Otklik, city: Path) -> None:
    path = exported(otklik, "pos", "1;24.11.2025;Яма на дороге;Лесная, 5;И. Иванов;")
    otklik("crawl", city, "pos")
    taken = otklik("ingest", city, path, "--source", "pos", "--json")
    assert (taken.code, taken.lines[0]["outcomes"]) == (0, {"unchanged": 1})
    later = otklik.folder / "later.txt"
    later.write_text('№,Дата,Текст,Адрес,Кто\n1,24.11.2025,Яма на дороге растёт,"Лесная, 5",\n', encoding="utf-8")
    taken = otklik("ingest", city, later, "--source", "pos", "--format", "csv", "--json")
    assert taken.lines[0]["outcomes"] == {"changed": 1}
    assert otklik.rows("SELECT id, version FROM posts") == [("given:pos/1", 2)]
    assert otklik.number("SELECT count(*) FROM reports") == 1


def test_wrong_rows_are_told_by_crawl_and_doctor(otklik: Otklik, city: Path) -> None:
    exported(otklik, "pos", "1;99.11.2025;Яма на дороге;;;", "2;;;;;", "3;;Снег;;;")
    run = otklik("crawl", city, "pos")
    assert run.code == 0
    assert "bad row 1 (rows were not taken), bad value 1 (values were not understood)" in run.err
    told = [line for line in otklik("doctor", city, "--json").lines if line["where"] == "pos: a.csv"]
    assert "row 2, Дата" in told[0]["what"]
    assert "row 3, Текст" in told[0]["what"]
    taken = otklik("ingest", city, otklik.folder / "pos" / "a.csv", "--source", "pos", "--json")
    assert (taken.code, taken.lines[0]["bad"], taken.lines[0]["lines"]) == (1, 1, 3)
    assert [line.partition(":")[0] for line in taken.err.splitlines()] == ["row 2, Дата", "row 3, Текст"]


def test_a_file_without_the_columns_is_told_by_crawl_and_doctor(otklik: Otklik, city: Path) -> None:
    path = exported(otklik, "pos")
    path.write_text("Номер;Что\n1;Яма\n", encoding="utf-8")
    run = otklik("crawl", city, "pos")
    assert "file: columns 1" in run.err
    for _ in range(2):
        told = [line for line in otklik("doctor", city, "--json").lines if line["where"] == "pos: a.csv"]
        assert told[0]["what"] == "no column «№»; there are: «Номер», «Что»"
        otklik("crawl", city, "pos")
    taken = otklik("ingest", city, path, "--source", "pos")
    assert (taken.code, "no column «№»" in taken.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.xlsx"], "needs a source with described columns"),
        (["a.csv", "--source", "ingest"], "There are: pos, cur"),
        (["-", "--source", "pos", "--format", "csv"], "needs a file"),
        (["gone.csv", "--source", "pos"], "cannot be opened"),
        (["-", "--source", "wall"], "There is no source wall"),
    ],
)
def test_what_ingest_needs_for_a_table(otklik: Otklik, city: Path, arguments: list[str], said: str) -> None:
    run = otklik("ingest", city, *arguments)
    assert (run.code, said in run.err) == (1, True)


def test_names_and_unmapped_columns_stay_out_of_the_open_state(otklik: Otklik, city: Path) -> None:
    exported(otklik, "pos", "1;24.11.2025;Яма на дороге;Лесная, 5;Иванов Пётр;тайное слово")
    otklik("crawl", city, "pos")
    body = b"".join(path.read_bytes() for path in otklik.home.iterdir() if path.is_file())
    assert "Яма на дороге".encode() in body
    for hidden in ("Иванов", "тайное"):
        assert hidden.encode() not in body
        assert hidden.encode("cp1251") not in body


CHECKED = """
[[source]]
key = "pos"
platform = "intake"
address = "in*/a.csv"
[source.columns]
tekst = "Текст"
text = ""
lat = "A"
id = ["№", true]
[source.table]
header = -1
encoding = "koi8-r"
sheets = "x"

[[source]]
key = "talk"
platform = "telegram"
address = "@talk_ozersk"
columns = { text = "Текст" }

[[source]]
key = "flat"
platform = "intake"
address = "gone"
[source.columns]
text = "Текст"
[source.table]
header = 0
"""


def test_a_wrong_mapping_is_told_with_its_lines(otklik: Otklik) -> None:
    path = otklik.city(sources=CHECKED)
    problems = otklik("check", path, "--json").lines
    lines = path.read_text(encoding="utf-8").splitlines()
    told = {(one["key"].partition(".")[2], lines[one["line"] - 1]) for one in problems if one["severity"] == "error"}
    assert told == {
        ("address", 'address = "in*/a.csv"'),
        ("columns.tekst", 'tekst = "Текст"'),
        ("columns.text", 'text = ""'),
        ("columns.lat", 'lat = "A"'),
        ("columns.id", 'id = ["№", true]'),
        ("table.header", "header = -1"),
        ("table.encoding", 'encoding = "koi8-r"'),
        ("table.sheets", 'sheets = "x"'),
        ("columns", 'columns = { text = "Текст" }'),
        ("columns.text", 'text = "Текст"'),
    }
    assert any("no folder" in one["expected"] for one in problems if one["severity"] == "warning")


@pytest.mark.parametrize("who", ["И. Иванов", "given:и. иванов", "intake:И.  ИВАНОВ"])
def test_whoever_wrote_a_row_is_erased_by_name(otklik: Otklik, city: Path, who: str) -> None:
    exported(otklik, "pos", "1;24.11.2025;Яма на дороге;Лесная, 5;И. Иванов;")
    otklik("crawl", city, "pos")
    assert otklik("erase", city, who, "--yes", "--json").code == 0
    assert otklik.number("SELECT count(*) FROM posts") == 0
