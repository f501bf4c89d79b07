"""The report of a month as an XLSX file: the figures of the page, a sheet each."""

from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any

from crawler.console import names
from crawler.console.shapes import shown
from crawler.model.city import City
from crawler.model.text import Text
from search.report import Month
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
_NO_TOPIC = Text("Тема не определена", "No topic told")
_NO_DISTRICT = Text("Район не назван", "No district told")
_NO_PLACE = Text("Место не названо", "No place told")
_NOBODY = Text("Исполнитель не назначен", "No executor")
_NARROWEST, _WIDEST = 10, 60
DECIDED = Text("Решение оператора", "Operator's decision")
CLOSED = Text("Закрытие", "Closing")


def report_file(
    city: City, shown_month: str, compared: str, now: Month, then: Month, lacks: Iterable[Unwatched]
) -> bytes:
    """The workbook."""
    from openpyxl import Workbook  # a fifth of a second: only for those who need it

    book = Workbook(write_only=True)
    topics = dict(then.topics)
    figure = Text("Показатель", "Figure")
    _sheet(book, Text("Сводка", "Summary"), (figure, shown_month, compared), _summary(now, then))
    rows = ((name or _NO_TOPIC, count, topics.get(name, 0)) for name, count in now.topics)
    _sheet(book, Text("Темы", "Topics"), (Text("Тема", "Topic"), shown_month, compared), rows)
    _places(book, now)
    head = (Text("Источник", "Source"), Text("Не читался, ч:мин", "Not read, h:min"))
    unread = ((names.source(one.source, city), one.time) for one in lacks)
    _sheet(book, Text("Что не вошло", "What is not in it"), head, unread)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _places(book: Any, now: Month) -> None:
    """Where, and whose: districts by platforms, executors, addresses."""
    head = (Text("Район", "District"), Text("Площадка", "Platform"), Text("Инцидентов", "Incidents"))
    heat = (
        (where or _NO_DISTRICT, names.platform(platform).title, count)
        for (where, platform), count in sorted(now.heat.items())
    )
    _sheet(book, Text("Районы и площадки", "Districts and platforms"), head, heat)
    late = Text("С опозданием", "Late")
    terms = (Text("Медиана закрытия, ч:мин", "Median closing, h:min"), Text("В срок", "In time"), late)
    executors = (
        (one.name or _NOBODY, one.incidents, one.closed.middle, one.closed.met, one.closed.late)
        for one in now.executors
    )
    counted = Text("Инцидентов", "Incidents")
    _sheet(book, Text("Исполнители", "Executors"), (Text("Исполнитель", "Executor"), counted, *terms), executors)
    addresses = ((one.place or _NO_PLACE, one.incidents, one.repeats) for one in now.addresses)
    head = (Text("Адрес", "Address"), counted, Text("Повторных", "Repeats"))
    _sheet(book, Text("Адреса", "Addresses"), head, addresses)


def _summary(now: Month, then: Month) -> Iterable[Row]:
    for key, name in FIGURES.items():
        yield name, getattr(now.totals, key), getattr(then.totals, key)
    for name, mine, its in ((DECIDED, now.decided, then.decided), (CLOSED, now.closed, then.closed)):
        yield Text(f"{name.ru}: медиана, ч:мин", f"{name.en}: median, h:min"), mine.middle, its.middle
        yield Text(f"{name.ru}: в срок", f"{name.en}: in time"), mine.met, its.met
        yield Text(f"{name.ru}: с опозданием", f"{name.en}: late"), mine.late, its.late


def _sheet(book: Any, title: Text, head: Row, rows: Iterable[Row]) -> None:
    """A sheet whose bold head stays in sight, with columns as wide as what stands in them."""
    sheet = book.create_sheet(str(title))
    sheet.freeze_panes = "A2"
    lines = [tuple(head), *map(tuple, rows)]
    # Before the first row: a sheet that is only written keeps no place for it.
    for at, column in enumerate(zip(*lines, strict=True)):
        widest = max(len(str(value)) for value in column if not isinstance(value, timedelta))
        sheet.column_dimensions["ABCDEFGH"[at]].width = min(_WIDEST, max(_NARROWEST, widest + 2))
    for number, row in enumerate(lines):
        sheet.append([_cell(sheet, value, bold=not number) for value in row])


def _cell(sheet: Any, value: object, *, bold: bool) -> object:
    """A cell. Words are text for sure: what begins with = is no formula of ours."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, timedelta):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "[h]:mm"
        return cell
    cell = WriteOnlyCell(sheet, shown(str(value)))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
