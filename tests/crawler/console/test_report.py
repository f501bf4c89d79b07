import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from crawler.console.pages.report import PAGES as REPORT_PAGES
from crawler.console.report_file import TYPE, report_file
from crawler.console.times import percent
from crawler.model.text import locale_of
from search.report import Address, Executor, Month, Term, Totals
from search.unwatched import Unwatched
from tests.consoles import Visitor
from tests.search.town import CITY
from tests.shell import Otklik, posts

EMPTY = Term(None, None, 0, 0)


def test_this_month_is_shown_beside_the_one_before(operator: Visitor) -> None:
    operator.act("/ozersk/queue", "/ozersk/incidents/1/decide", decision="confirm")
    page = operator.get("/ozersk/report").text
    cells = dict(re.findall(r"<li><span>([^<]+)</span>.*?<b>(\d+)</b>", page, re.DOTALL))
    assert {
        name: int(number) for name, number in cells.items() if name in {"Posts", "Reports", "Incidents", "Confirmed"}
    } == {
        "Posts": 3,
        "Reports": 3,
        "Incidents": 2,
        "Confirmed": 1,
    }
    assert "the month is not over" in page
    assert "Counted at" in page
    assert "What is not in it." in page
    assert " style=" not in page
    assert "report.xlsx" not in page  # an operator may not carry data out


def test_months_have_addresses(operator: Visitor) -> None:
    year = datetime.now(UTC).year
    page = operator.get("/ozersk/report?month=2024-10&against=year").text
    assert "October 2024" in page
    assert "October 2023" in page
    assert "/ozersk/report?month=2024-09&amp;against=year" in page
    assert "/ozersk/report?month=2024-11&amp;against=year" in page
    assert "There are no incidents." in page
    assert f" {year}</h1>" in operator.get("/ozersk/report").text
    for wrong in ("2024-13", "24-1", "2024-10-01", "%D9%A2%D9%A0-10"):
        assert operator.get(f"/ozersk/report?month={wrong}").status in {400, 404}


def test_it_is_carried_out_as_a_table(port: int) -> None:
    analyst = Visitor(port)
    analyst.sign_in("analyst")
    assert "report.xlsx?month=" in analyst.get("/ozersk/report").text
    answer = analyst.get("/ozersk/report.xlsx?month=2024-10")
    assert (answer.status, answer.headers["content-type"]) == (200, TYPE)
    assert answer.headers["content-disposition"] == 'attachment; filename="ozersk-2024-10.xlsx"'
    assert {page.path for page in REPORT_PAGES} == {"/{city}/report", "/{city}/report.xlsx"}


def test_a_table_can_be_read_as_it_opens() -> None:
    term = Term(timedelta(hours=26, minutes=5), None, 1, 0)
    told = Month(Totals(*range(11)), term, EMPTY, (("", 3),), {("", "vk"): 1}, (), (Executor("Водоканал", 2, term),))
    lacks = (Unwatched("public", timedelta(hours=3), True),)
    book = load_workbook(BytesIO(report_file(CITY, "Март (the month is not over)", "Февраль", told, told, lacks)))
    for sheet in book.worksheets:
        head = next(iter(sheet.iter_rows()))
        assert sheet.freeze_panes == "A2"
        assert all(cell.value and cell.font.bold for cell in head)
        assert all(row[0].value for row in sheet.iter_rows())
        assert sheet.column_dimensions["A"].width >= len(head[0].value)
    times = [cell for row in book.worksheets[0].iter_rows() for cell in row if isinstance(cell.value, timedelta)]
    assert {(one.value, one.number_format) for one in times} == {(timedelta(hours=26, minutes=5), "[h]:mm")}


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "a\x00b\u202e"])
def test_words_are_no_formulas(name: str) -> None:
    totals = Totals(*range(11))
    address = Address(name, "Вода", 2, 1)
    told = Month(totals, EMPTY, EMPTY, ((name, 3),), {(name, "vk"): 1}, (address,), (Executor(name, 2, EMPTY),))
    book = load_workbook(BytesIO(report_file(CITY, "Март", "Февраль", told, told, ())))
    assert len(book.worksheets) == 6
    for sheet in (book.worksheets[at] for at in (1, 3, 4)):
        cell = list(sheet.iter_rows())[1][0]
        assert cell.data_type == "s"
        assert cell.value == name.replace("\x00", " ").replace("\u202e", "□")
    assert [cell.value for cell in list(book.worksheets[1].iter_rows())[1][1:]] == [3, 3]


def test_topics_below_the_first_five_are_listed_with_what_they_were(operator: Visitor, town: Otklik) -> None:
    names = ["Снег", "Свет", "Лифты", "Мусор", "Дворы"]
    city = town.folder / "ozersk.toml"
    searches = "".join(
        f'[[search]]\nkey = "s{at}"\nname = "{name}"\ntopic = "{name}"\nquery = "{name.lower()}"\n'
        for at, name in enumerate(names)
    )
    topics = "".join(f'"{name}" = []\n' for name in names)
    text = city.read_text("utf-8").replace("[topics]\n", f"[topics]\n{topics}")
    city.write_text(text + searches, encoding="utf-8")
    lines = posts(*(f"{name} на улице Садовой, {at}" for at, name in enumerate(names, 1)), first=50)
    assert town("ingest", city, input=lines).code == 0
    page = operator.get("/ozersk/report").text
    others = page[page.index("The other topics") :]
    listed = re.findall(
        r'<td class="first">([^<]+)</td><td class="r num">(\d+)</td><td class="r num">(\d+)</td>', others
    )
    assert "topics in all 7" in page
    assert len(listed) == 2
    assert {(now, then) for _, now, then in listed} == {("1", "0")}
    main = re.findall(r"<li><span>([^<]+)</span>", page[page.index('id="tp"') : page.index("The other topics")])
    assert len({*main, *(name for name, _, _ in listed)}) == 7


@pytest.mark.parametrize(("share", "said"), [(None, "–"), (0.625, "62,5 %"), (0.9999, "99,9 %"), (1.0, "100 %")])
def test_a_share_is_never_a_whole_hundred_where_one_is_missing(share: float | None, said: str) -> None:
    with locale_of("ru"):
        assert percent(share) == said


def test_a_month_to_come_is_said_to_be_one(operator: Visitor) -> None:
    answer = operator.get("/ozersk/report?month=2098-01")
    assert answer.status == 404
    assert "This month has not begun yet." in answer.text


def test_of_many_addresses_repeats_stand_first_and_the_rest_is_counted(operator: Visitor, town: Otklik) -> None:
    texts = [f"{what} на улице Садовой, {house}" for house in range(1, 11) for what in ("Запах газа", "Нет воды")]
    assert town("ingest", town.folder / "ozersk.toml", input=posts(*texts, first=100)).code == 0
    again = posts("Опять запах газа на улице Садовой, 9", first=300)
    closed = next(
        one["number"]
        for one in town("incidents", town.folder / "ozersk.toml", "--json").lines
        if one["title"] == "Запах газа — улица Садовая, 9"
    )
    for verb in ("confirm", "in_work", "answered", "close"):
        given = ("--text", "починили") if verb in {"answered", "close"} else ()
        assert town("incidents", town.folder / "ozersk.toml", verb, str(closed), *given).code == 0
    assert town("ingest", town.folder / "ozersk.toml", input=again).code == 0
    page = operator.get("/ozersk/report").text
    table = page[page.index('id="ad"') : page.index('id="ex"')]
    rows = re.findall(
        r'<td class="first">([^<]+)</td><td class="t2">[^<]*</td><td[^>]*>(\d+)</td><td[^>]*>(\d+)', table
    )
    assert rows[0] == ("улица Садовая, 9", "3", "1")
    assert len(rows) == 8
    assert "addresses with several incidents in all: 10" in table
