"""The pieces of which times of events are written: days, stretches of days, times of the clock, parts of a day.

Each piece is one named pattern of RULES over the folded text (small letters, ё as е, the same length) and a function
that makes its value. An alternative that stands earlier wins. What pieces mean together: pipelines/event_groups.py.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_M = (
    r"(?:янв(?:ар[яь])?|фев(?:р(?:ал[яь])?)?|март?а?|апр(?:ел[яь])?|ма[йя]|июн[яь]?|июл[яь]?|авг(?:уста?)?"
    r"|сен(?:т(?:ябр[яь])?)?|окт(?:ябр[яь])?|ноя(?:б(?:р[яь])?)?|дек(?:абр[яь])?)\b\.?"
)
_STEMS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_IN_MONTH = r"(?:январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|декабре)"
_OF_MONTH = r"(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
_D = r"(?:0?[1-9]|[12]\d|3[01])(?:-?(?:го|е|ого|ое|му))?"
_YEAR = r"(?:,?\s+(?:19|20)\d\d(?!\d)(?:\s*(?:г\b\.?|год[ау]?\b))?)?"
_WEEKDAYS = ("понедел", "вторн", "сред", "четв", "пятн", "субб", "воскр")
_SHORT = {"пн": 0, "вт": 1, "ср": 2, "чт": 3, "пт": 4, "сб": 5, "вс": 6}
_WEEKDAY = r"(?:понедельник[ау]?|вторник[ау]?|сред[ауые]|четверг[ау]?|пятниц[ауые]|суббот[ауые]|воскресень[еяю])"
_WHICH = r"(?:прошл|минувш|следующ|будущ|эт|ближайш|текущ|нынешн)(?:ый|ий|ей|ую|юю|у|ое|ее|от|ого|его|о|ой|их|ие|и)"
_PART = r"(утра|дня|вечера|ночи)"
_HOUR = r"(?:[01]?\d|2[0-4])"
_WORDS = ("два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать")
_ORDINALS = {"втор": 1, "трет": 2, "четверт": 3, "пят": 4, "шест": 5, "седьм": 6, "восьм": 7, "девят": 8, "десят": 9}
_UNIT = r"(?:минут[ыу]?|мин|час(?:а|ов)?|дн(?:я|ей)|день|сут(?:ки|ок)|недел[июья]|недель|месяц(?:а|ев)?)"
_MINUTES = {"мин": 1, "час": 60, "дн": 1440, "день": 1440, "сут": 1440, "недел": 10080, "месяц": 43200}
_FEW = {"пару": 2, "два": 2, "две": 2, "три": 3}
# What a bare number counts or names when it is no time of the clock.
_COUNTED = (
    r"(?!\s*[-–]?\s*(?:дом|корп|кв|подъезд|школ|сад|дет|мкр|микрор|этаж|руб|тыс|млн|раз|%|км|м\b|чел|групп|лет\b|год"
    r"|класс|палат|каб|полик|больн|маршр|автоб|гимн|лице|сут|дн|ден|мин|недел|мес|челов|градус|°|балл|процент|\d))"
)
# No number of a house, a sum, a share or a telephone stands before a date in figures, and no measure behind it.
_FIGURES = r"(\d{1,2})\.(\d\d)(?:\.((?:19|20)\d\d|\d\d))?"
_NO_FIGURE = r"(?![\d/]|[.,]\d)"
_NO_ADDRESS = r"(?<![\d.,/:№-])(?<!дом )(?<!д\. )(?<!п\. )(?<!ст\. )(?<!кв\. )"
_UNMEASURED = (
    r"(?!\s*(?:руб|₽|р\.|тыс|млн|млрд|%|процент|км|м\b|м2|кв|га|л\b|кг|г\b|т\b|раз|балл|градус|°|куб|мм|см|вольт|квт))"
)
PARTS = {"утр": (360, 720), "дн": (720, 1080), "обед": (720, 840), "вечер": (1080, 1440), "ноч": (0, 360)}
"""Minutes of the day between which a part of it lies."""


class Piece(NamedTuple):
    """A piece at [start, end) of the folded text. `kind` is "day", "days" (a stretch or a list), "clock", "part" or
    "shift"; `value` is what the rule makes of it; `rule` names it.
    """

    start: int
    end: int
    kind: str
    value: tuple[object, ...]
    rule: str


class Rule(NamedTuple):
    """A pattern and what it makes of a match; a match of which it makes None is passed over."""

    kind: str
    pattern: str
    make: Callable[[re.Match[str]], tuple[object, ...] | None]


def fold(text: str) -> str:
    """Small letters with ё as е, exactly as long as the text."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(one if len(one) == 1 else letter for letter in text for one in [letter.lower()])
    return low.replace("ё", "е")


def pieces(folded: str) -> Iterator[Piece]:
    """Every piece of a folded text, in order, none overlapping another."""
    end = 0
    for begin in _BEGINS.finditer(folded):
        if begin.start() < end or not (found := _ANY.match(folded, begin.start())):
            continue
        end = found.end()
        name = str(found.lastgroup)
        exact = _EACH[name].match(folded, found.start())
        assert exact
        value = RULES[name].make(exact)
        if value is not None:
            # The full stop after a whole word ends the sentence.
            stop = end - bool(_STOPPED.search(found[0]))
            yield Piece(found.start(), stop, RULES[name].kind, value, name)


def month_of(word: str) -> int:
    """The number of a month by its name in any form or short."""
    return next(at for at, stem in enumerate(_STEMS, 1) if word.startswith(stem) and (at != 5 or word[2:3] in "яйе"))


def _number(text: str) -> int:
    return int("".join(re.findall(r"^\D*(\d+)", text)))


def _year(text: str) -> int | None:
    found = re.search(r"\d{4}", text)
    return int(found[0]) if found else None


def _span_of_days(found: re.Match[str]) -> tuple[object, ...]:
    year, month = _year(found[4]), month_of(found[3])
    return "span", (year, month, _number(found[1])), (year, month, _number(found[2]))


def _list_of_days(found: re.Match[str]) -> tuple[object, ...]:
    year, month = _year(found[3]), month_of(found[2])
    numbers = re.finditer(r"\d+", found[1])
    at = found.start()
    return "list", tuple((at + one.start(), at + one.end(), (year, month, int(one[0]))) for one in numbers)


def _night(found: re.Match[str]) -> tuple[object, ...]:
    return "night", (_year(found[3]), month_of(found[2]), _number(found[1]))


def _numeric(found: re.Match[str]) -> tuple[object, ...] | None:
    told = _figures(*found.group(1, 2, 3))
    return told and ("date", told)


def _numeric_dates(found: re.Match[str]) -> tuple[object, ...] | None:
    first, last = _figures(*found.group(1, 2, 3)), _figures(*found.group(4, 5, 6))
    return None if first is None or last is None else ("span", (first[0] or last[0], *first[1:]), last)


def _figures(day: str, month: str, year: str | None) -> tuple[int | None, int, int] | None:
    """Year, month and day as numbers; None where there is no such day."""
    if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
        return None
    return None if not year else int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)


def _numeric_span(found: re.Match[str]) -> tuple[object, ...] | None:
    first, last = _figures(found[1], *found.group(3, 4)), _figures(*found.group(2, 3, 4))
    return None if first is None or last is None or first[2] >= last[2] else ("span", first, last)


def _weekday(found: re.Match[str]) -> tuple[object, ...]:
    which = {"прошл": -1, "минув": -1, "следу": 1, "будущ": 1}.get((found[1] or "")[:5], 0 if found[1] else None)
    if found[1] and found[1].startswith("ближ"):
        which = None
    number = next(at for at, stem in enumerate(_WEEKDAYS) if found[2].startswith(stem))
    return "weekday", number, which


def _week(found: re.Match[str]) -> tuple[object, ...]:
    which = {"прошл": -1, "минув": -1, "следу": 1, "будущ": 1}.get((found[2] or "")[:5], 0)
    return ("weekend" if found[3].startswith("выходн") else "week"), which, (found[1] or "").strip()[:3]


def _clock(found: re.Match[str]) -> tuple[object, ...] | None:
    minutes = int(found[1]) * 60 + int(found[2])
    return None if minutes > 1440 else (minutes, found[3] or "", "sure")


def _unsure(found: re.Match[str]) -> tuple[object, ...] | None:
    minutes = int(found[1]) * 60 + int(found[2])
    return None if minutes > 1440 else (minutes, found[4] or "", "sure" if found[3] else "after a word")


def _hours(found: re.Match[str]) -> tuple[object, ...]:
    return int(found[1]) * 60 + int(found[2] or 0), found[3] or "", "after a word"


def _word_hours(found: re.Match[str]) -> tuple[object, ...]:
    hour = _WORDS.index(found[1]) + 2 if found[1] else 1
    return hour * 60, found[2], "after a word"


def _shift(found: re.Match[str]) -> tuple[object, ...]:
    told = found[1] or found[2]
    first = told.split()[0]
    number = re.match(r"\d+", first)
    many = int(number[0]) if number else _FEW.get(first, 1)
    unit = next(minutes for stem, minutes in _MINUTES.items() if re.search(rf"(?:^|[\s\d]){stem}", told))
    return many * unit if found[1] else -many * unit, unit


def _lasting(found: re.Match[str]) -> tuple[object, ...]:
    if found[1]:
        days = next(count for stem, count in _ORDINALS.items() if found[1].startswith(stem))
    else:
        days = int(found[2]) - 1 if found[2] else int(found[4])
    return "since", days * (7 if (found[3] or found[5]).startswith("недел") else 1)


RULES: dict[str, Rule] = {
    "iso": Rule(
        "day",
        r"(?<![\d-])((?:19|20)\d\d)-(0\d|1[0-2])-([0-3]\d)(?![\d-])",
        lambda found: ("date", (int(found[1]), int(found[2]), int(found[3]))),
    ),
    "night": Rule("day", rf"ночь\s+(?:с\s+{_D}(?:\s+{_M})?\s+)?на\s+({_D})\s+({_M})({_YEAR})", _night),
    "night_to_weekday": Rule(
        "day",
        rf"ночь\s+(?:с\s+{_WEEKDAY}\s+)?на\s+({_WEEKDAY})",
        lambda found: ("night", next(at for at, stem in enumerate(_WEEKDAYS) if found[1].startswith(stem))),
    ),
    "span": Rule("days", rf"(?<![\d.,/:-])({_D})\s*(?:[-–—]|по|до)\s*({_D})\s+({_M})({_YEAR})", _span_of_days),
    "list": Rule(
        "days", rf"(?<![\d.,/:-])({_D}(?:\s*,\s*{_D})*(?:\s*,\s*|\s+и\s+){_D})\s+({_M})({_YEAR})", _list_of_days
    ),
    "date": Rule(
        "day",
        rf"(?<![\d.,/:-])({_D})\s*({_M})({_YEAR})",
        lambda found: ("date", (_year(found[3]), month_of(found[2]), _number(found[1]))),
    ),
    "numeric_dates": Rule("days", rf"(?<![\d.,/:-]){_FIGURES}\s*[-–—]\s*{_FIGURES}{_NO_FIGURE}", _numeric_dates),
    "numeric_year": Rule(
        "day",
        rf"(?<![\d.,/-])(\d{{1,2}})[./](\d{{1,2}})[./]((?:19|20)\d\d|\d\d){_NO_FIGURE}(?:\s*г\b\.?)?",
        _numeric,
    ),
    "numeric_span": Rule("days", rf"(?<![\d.,/:-])(\d{{1,2}})\s*[-–]\s*{_FIGURES}{_NO_FIGURE}", _numeric_span),
    "numeric": Rule(
        "day", rf"{_NO_ADDRESS}(?<!\bв )(0?[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])(){_NO_FIGURE}{_UNMEASURED}", _numeric
    ),
    "day_word": Rule(
        "day",
        r"(позавчера|вчера|сегодня|послезавтра|завтра)(?:шн(?:его|ий|ему)\s+дн[яюь]|шн(?:его|ий|ему)\s+день)?",
        lambda found: ("offset", {"поз": -2, "вче": -1, "сег": 0, "пос": 2, "зав": 1}[found[1][:3]]),
    ),
    "weekday": Rule("day", rf"(?:({_WHICH})\s+)?({_WEEKDAY})", _weekday),
    "short_weekday": Rule("day", r"(?<=\bв )(пн|вт|ср|чт|пт|сб|вс)", lambda found: ("weekday", _SHORT[found[1]], None)),
    "shift": Rule(
        "shift",
        rf"через\s+((?:(?:\d{{1,3}}|пару|две|два|три)\s+)?{_UNIT})|((?:(?:\d{{1,3}}|пару|две|два|три)\s+)?{_UNIT})\s+(?:тому\s+)?назад",
        _shift,
    ),
    "lasting": Rule(
        "day",
        rf"(?<!на )(?:({'|'.join(_ORDINALS)})(?:ой|ий|ый|ые|ьи|ую|ью)|уже\s+(\d{{1,2}})-?(?:й|ый|ий|ую|ю|е|ые|и))"
        r"\s+(день|сутки|неделю)|уже\s+(\d{1,2})\s+(дн(?:я|ей)|сут(?:ки|ок)|недел[иь])",
        _lasting,
    ),
    "week": Rule("day", rf"(конца\s+)?(?:({_WHICH})\s+)?(недел[еиюя]|выходны[ех])", _week),
    "end_of": Rule(
        "day",
        r"конца\s+(?:эт\w+\s+|текущ\w+\s+)?(дня|суток|месяца|года)",
        lambda found: ("end", found[1]),
    ),
    "month": Rule(
        "day",
        rf"(?:(начал[еауо]|середин[еыу]|кон[це]\w+)\s+({_OF_MONTH})|({_IN_MONTH}))({_YEAR})",
        lambda found: ("month", _year(found[4]), month_of(found[2] or found[3]), (found[1] or "")[:3]),
    ),
    "clock": Rule(
        "clock",
        rf"(?<![\d:.,/-])({_HOUR}):([0-5]\d)(?![\d:])(?:\s*(?:час\w*|ч\b\.?))?(?:\s+(утра|дня|вечера|ночи))?",
        _clock,
    ),
    "dotted_clock": Rule(
        "clock",
        rf"(?<![\d:.,/-])({_HOUR})[.–-]([0-5]\d)(?![\d:]|[.,-]\d)(\s*(?:час\w*|ч\b\.?))?(?:\s+{_PART})?{_UNMEASURED}",
        _unsure,
    ),
    "hours": Rule(
        "clock",
        rf"(?<![\d:.,/-])({_HOUR})(?:-?(?:ти|ми|и))?\s*(?:час(?:ов|а|ам|у)?\b|ч\b\.?)(?:\s*([0-5]\d)\s*мин\w*\.?)?(?:\s+{_PART})?",
        _hours,
    ),
    "hour_of_part": Rule(
        "clock",
        rf"(?<![\d:.,/-])({_HOUR})(?:-?(?:ти|ми|и))?()\s+(утра|дня|вечера|ночи)",
        _hours,
    ),
    "word_hours": Rule("clock", rf"(?:({'|'.join(_WORDS)})\s+)?(?:час(?:а|ов)?\s+)(утра|дня|вечера|ночи)", _word_hours),
    "word_part": Rule("clock", rf"({'|'.join(_WORDS)})\s+(утра|дня|вечера|ночи)", _word_hours),
    "noon": Rule(
        "clock",
        r"пол(дня|день|удн\w|ночи|ночь|уночи)",
        lambda found: (1440 if "ноч" in found[1] else 720, "", "sure"),
    ),
    "part": Rule(
        "part",
        r"(утром|днем|вечером|ночью|обед(?:ом|а|у)?|утр[ау]|вечер[ау]|ночи)",
        lambda found: (next(stem for stem in PARTS if found[1].startswith(stem[:2])), found[1]),
    ),
    "number": Rule(
        "clock",
        rf"(?:(?<=\bс )|(?<=\bв )|(?<=\bдо ))({_HOUR})(?:-?(?:ти|ми|и))?(?![\d:./]|-\w|,\d){_COUNTED}",
        lambda found: (int(found[1]) * 60, "", "with a day or another"),
    ),
}
_STOPPED = re.compile(r"[яаь]\.$")
_EACH = {name: re.compile(rf"\b(?:{rule.pattern})(?!\w)") for name, rule in RULES.items()}
_ANY = re.compile("(?:" + "|".join(f"(?P<{name}>{rule.pattern})" for name, rule in RULES.items()) + r")(?!\w)")
# What the words begin with at which a piece can: few words of a text do, and patterns are tried there alone.
_OPENINGS = (
    "апр|авг|буд|бли|вт|вос|ср|че|сег|сед|сем|сер|сен|след|сут|суб|янв|фев|мар|мае|мес|мин|июн|июл|окт|ноя|ноч|дек"
    "|дев|ден|дес|дв|дн|зав|кон|нач|нед|нын|обе|од|пар|пн|поз|пол|пон|пос|про|пят|тек|тр|уже|ут|ча|шес|вс|вче|веч|вых"
    "|сб|пт|чт|эт"
)
_BEGINS = re.compile(rf"(?<!\w)(?:\d|{_OPENINGS})")
