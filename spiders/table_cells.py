"""Cells of a table as people mean them: texts, dates in the forms of Russian exports, degrees, phone numbers."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crawler.model.items import Kind
from spiders.printed_dates import Moment, day_and_month, machine, numeric
from spiders.table_rows import Cell

# Day 0 of spreadsheets, which believe in a 29 February 1900: right for every day after it.
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  the source's zone follows
_SERIAL = re.compile(r"\d{5}(?:[.,]\d{1,12})?")
_SERIALS = (36_526, 73_050)  # 2000-01-01 to 2099-12-31
_HYPHENS = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})(?!\d)")
_YEAR = re.compile(r"\b\d{4}\b")
_PHONE = re.compile(r"\+?[78]?[\s(.-]*\d{3}[\s).-]*\d{3}[\s.-]*\d{2}[\s.-]*\d{2}", re.ASCII)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LONGEST_DATE = 60
_LONGEST_NUMBER = 400
_WHOLE = 1e15  # beyond it a float does not hold every whole number
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#Н/Д", "#ССЫЛКА!", "#ЗНАЧ!"})
"""What a spreadsheet shows in place of a value."""
_KINDS = {
    Kind.APPEAL: ("appeal", "обращение", "жалоба", "заявление", "заявка", "предложение", "благодарность", "вопрос"),
    Kind.MESSAGE: ("message", "сообщение", "звонок"),
    Kind.COMMENT: ("comment", "комментарий"),
    Kind.POST: ("post", "публикация", "пост", "запись"),
    Kind.ARTICLE: ("article", "статья", "новость"),
}
KINDS = {word: kind for kind, words in _KINDS.items() for word in words}
"""What a column of kinds may say."""


def text_of(cell: Cell) -> str:
    """A cell as its sheet shows it; "" for an empty one and for an error of the sheet."""
    if isinstance(cell, str):
        text = _SURROGATES.sub("\ufffd", cell).strip()
        return "" if text in ERRORS else text
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, int | float):
        return _number(cell)
    return "" if cell is None else _moment(cell)


def _number(cell: float) -> str:
    if isinstance(cell, int):
        return str(cell) if cell.bit_length() <= _LONGEST_NUMBER else ""
    return str(int(cell)) if cell.is_integer() and abs(cell) < _WHOLE else repr(cell)


def _moment(cell: date | time | timedelta) -> str:
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    whole = isinstance(cell, datetime) and cell.time() != time()
    return cell.strftime("%d.%m.%Y %H:%M:%S" if whole else "%d.%m.%Y")


def joined(cells: Sequence[Cell], by: str) -> str:
    """The cells that say something, put together."""
    return by.join(text for cell in cells if (text := text_of(cell)))


def moment_of(cells: Sequence[Cell], zone: ZoneInfo, now: datetime) -> Moment | None:
    """The moment of a date, or of a date and a time beside it: «25.11.2026 14:05», `2026-11-25T14:05`, a spreadsheet's
    serial number. None for what is no date of this century up to a day from `now`.
    """
    written = " ".join(part for cell in cells if (part := _date_part(cell)))
    if not written or len(written) > _LONGEST_DATE:
        return None
    folded = _HYPHENS.sub(r"\1.\2.\3", " ".join(written.casefold().split()))
    clock = now.astimezone(zone)
    for rule in (numeric, day_and_month, machine):
        if rule is day_and_month and not _YEAR.search(folded):
            continue
        try:
            read = rule(folded, clock)
        except (ValueError, OverflowError):
            read = None
        if read is not None:
            at = read.at.astimezone(UTC)
            true = datetime(2000, 1, 1, tzinfo=UTC) <= at <= now + timedelta(days=1)
            return Moment(at, read.precision) if true else None
    return None


def _date_part(cell: Cell) -> str:
    """A cell as a date or a time is written."""
    if isinstance(cell, timedelta):
        cell = float(cell / timedelta(days=1))
    text = text_of(cell)
    serial = isinstance(cell, int | float) and not isinstance(cell, bool)
    if not serial and not _SERIAL.fullmatch(text):
        return text
    number = float(text.replace(",", "."))
    if 0 < number < 1:  # a time alone
        return (_DAY_ZERO + timedelta(days=number) + timedelta(milliseconds=500)).strftime("%H:%M:%S")
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return text
    moment = _DAY_ZERO + timedelta(days=number)
    return text_of((moment + timedelta(milliseconds=500)).replace(microsecond=0))


def degrees(cells: Sequence[Cell], most: float) -> float | None:
    """A latitude or longitude, its decimal comma too; None for what is none."""
    try:
        value = float(joined(cells, "").replace(",", ".").removesuffix("°"))
    except ValueError:
        return None
    return value if -most <= value <= most else None


def identity(written: str) -> str:
    """Who is meant: a telephone number in whatever form is one person."""
    if _PHONE.fullmatch(written.strip()):
        return "7" + "".join(filter(str.isdigit, written))[-10:]
    return " ".join(written.casefold().split())


def without_person(text: str, written: str) -> str:
    """A text without a person as a cell or a form has them: a name as it is written, a telephone number in any form."""
    if not written.strip():
        return text
    who = identity(written)
    text = _PHONE.sub(lambda found: "…" if identity(found[0]) == who else found[0], text)
    return re.sub(rf"(?<!\w){re.escape(written.strip())}(?!\w)", "…", text, flags=re.IGNORECASE)
