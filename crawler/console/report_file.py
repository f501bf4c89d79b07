"""The report of a month as an XLSX file: the figures of the page, a sheet each."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from crawler.console import names
from crawler.console.shapes import shown
from crawler.model.text import Text
from search.report import Month, Term
from search.unwatched import Unwatched

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = Iterable[object]

FIGURES = {
    "posts": Text("Публикаций", "Posts"),
    "reports": Text("Обращений", "Reports"),
    "incidents": Text("Инцидентов", "Incidents"),
    "confirmed": Text("Подтверждены", "Confirmed"),
    "in_work": Text("Взяты в работу", "Taken into work"),
    "answered": Text("Отвечены", "Answered"),
    "closed": Text("Закрыты", "Closed"),
    "rejected": Text("Отклонены", "Rejected"),
    "not_ours": Text("Не наши", "Not ours"),
    "repeats": Text("Повторные", "Repeats"),
    "risks": Text("Информационные риски", "Information risks"),
}
"""What pages and sheets call the totals."""
DECIDED = Text("Решение оператора", "Operator's decision")
CLOSED = Text("Закрытие", "Closing")


def report_file(shown_month: str, compared: str, now: Month, then: Month, lacks: Iterable[Unwatched]) -> bytes:
    """The workbook."""
    from openpyxl import Workbook  # a fifth of a second: only for those who need it

    book = Workbook(write_only=True)
    topics = dict(then.topics)
    _sheet(book, Text("Сводка", "Summary"), ("", shown_month, compared), _summary(now, then))
    rows = ((name, count, topics.get(name, 0)) for name, count in now.topics)
    _sheet(book, Text("Темы", "Topics"), (Text("Тема", "Topic"), shown_month, compared), rows)
    _places(book, now)
    head = (Text("Источник", "Source"), Text("Не читался, ч", "Not read, h"))
    unread = ((one.source, round(one.time.total_seconds() / 3600, 1)) for one in lacks)
    _sheet(book, Text("Что не вошло", "What is not in it"), head, unread)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _places(book: Any, now: Month) -> None:
    """Where, and whose: districts by platforms, executors, addresses."""
    head = (Text("Район", "District"), Text("Площадка", "Platform"), Text("Инцидентов", "Incidents"))
    heat = ((where, names.platform(platform).title, count) for (where, platform), count in sorted(now.heat.items()))
    _sheet(book, Text("Районы и площадки", "Districts and platforms"), head, heat)
    late = Text("С опозданием", "Late")
    terms = (Text("Медиана закрытия, ч", "Median closing, h"), Text("В срок", "In time"), late)
    executors = (
        (one.name, one.incidents, _hours(one.closed), one.closed.met, one.closed.late) for one in now.executors
    )
    counted = Text("Инцидентов", "Incidents")
    _sheet(book, Text("Исполнители", "Executors"), (Text("Исполнитель", "Executor"), counted, *terms), executors)
    addresses = ((one.place, one.incidents, one.repeats) for one in now.addresses)
    head = (Text("Адрес", "Address"), counted, Text("Повторных", "Repeats"))
    _sheet(book, Text("Адреса", "Addresses"), head, addresses)


def _summary(now: Month, then: Month) -> Iterable[Row]:
    for key, name in FIGURES.items():
        yield name, getattr(now.totals, key), getattr(then.totals, key)
    for name, mine, its in ((DECIDED, now.decided, then.decided), (CLOSED, now.closed, then.closed)):
        yield Text(f"{name.ru}: медиана, ч", f"{name.en}: median, h"), _hours(mine), _hours(its)
        yield Text(f"{name.ru}: в срок", f"{name.en}: in time"), mine.met, its.met
        yield Text(f"{name.ru}: с опозданием", f"{name.en}: late"), mine.late, its.late


def _hours(term: Term) -> float | None:
    return None if term.middle is None else round(term.middle.total_seconds() / 3600, 2)


def _sheet(book: Any, title: Text, head: Row, rows: Iterable[Row]) -> None:
    sheet = book.create_sheet(str(title))
    for row in (head, *rows):
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: object) -> object:
    """A cell. Words are text for sure: what begins with = is no formula of ours."""
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, int | float):
        return value
    cell = WriteOnlyCell(sheet, shown(str(value)))
    cell.data_type = "s"
    return cell
