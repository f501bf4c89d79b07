"""House numbers inside a running text, with what must not be taken for one: flats, floors, dates, money."""

import re

from crawler.model.items import House
from search.address import HOUSE_PATTERN, house_of
from search.morphology import forms

_HOUSE = re.compile(HOUSE_PATTERN, re.IGNORECASE)
_HOUSE_WORD = r"(?:д|дом\w{0,3}|зд|здание|здания)"
_IS_HOUSE_WORD = re.compile(_HOUSE_WORD)
_WORD = rf"(?:{_HOUSE_WORD}(?![^\W\d_])\.?[ \t]*)"
_LEAD = re.compile(
    r"[ \t]*(?:,[ \t]*)?(?P<side>(?:между|от|с|у|около|возле|напротив|вдоль)[ \t]+(?=дом))?"
    rf"(?P<word>{_WORD})?(?:№[ \t]*)?",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"[ \t]*(?:[,;]|и(?=\s)|или(?=\s))[ \t]*(?P<word>{_WORD})?(?:№[ \t]*)?", re.IGNORECASE)
_RANGE = re.compile(r"[ \t]?[-–—][ \t]?(?P<end>[1-9]\d{0,2})(?!\d|[-–—.]\d)")
_FROM_TO = re.compile(r"[ \t]+(?:по|до)[ \t]+(?:дома?[ \t]+)?(?P<end>[1-9]\d{0,2})(?!\d)")
# «4-а», and «13 б»: a letter apart is a suffix when it is no preposition or conjunction, or when nothing follows it.
_APART = re.compile(
    r"-(?P<joined>[а-гА-Г])(?![\w-])|[ \t](?:(?P<sure>[бжБЖ])(?!\w|\.\w)|(?P<last>[а-еА-Е])(?=[ \t]*(?:[,;)\n]|$)))"
)
_NOT_AFTER = re.compile(
    r"\s*(?:-\s?(?:й|я|е|ый|ая|ое|го|му|ой|ти|х|летн\w*)(?!\w)|%|[:.]\d\d|[,.]\d+\s*(?:%|м|км|руб|га)(?!\w)"
    r"|(?:лет\b|года?\b|год[уо]|век|час(?:а|ов|ам|у)?\b|ч\b|мин(?:\.|ут|\b)|сек(?:\.|унд|\b)|руб|тыс|млн|дн[яейю]|день|сут"
    r"|недел|мес(?:\.|яц|\b)|раза?\b|чел(?:\.|ов|\b)|метр|м\b|км|кг|м2|кв\.\s?м|школ|детск|садик|поликлин|больниц|автобус|маршрут|тролл|трамва|номер|градус|процент"
    r"|°|январ|феврал|март|апрел|мая\b|июн|июл|август|сентябр|октябр|ноябр|декабр|группы|ребен|ребён|детей|литр|соток|га\b"
    r"|номера|дома\b|домов|домах|й\b|я\b|ый\b|ая\b|ого\b|ой\b|го\b))",
    re.IGNORECASE,
)
_ENTRANCE = re.compile(r"\s*(?:подъезд|под\b|парадн|эт\b|этаж|кв\b|квартир)\w*+(?![.\s]*№?\s?\d)", re.IGNORECASE)
_MOST_LED = 30
_RUN_ON = re.compile(r"[а-е](?=[А-ЯЁ][а-яё])")  # «18аОткрытый»: a line break was lost
_GLUED = re.compile(r"[а-яёa-z]{2}")  # «5этаж»; a capital after the number is a new sentence without a blank


def read_houses(text: str, at: int, *, led: bool = False) -> tuple[tuple[House, ...], int]:
    """The houses that a text names from an offset on («, д. 5, 7а и 9»), and the offset after them; none: ((), at).
    `led` says that a word for house stands before `at` already; then the street comes after them, and not after many.
    """
    lead = _LEAD.match(text, at)
    begin = lead.end() if lead else at
    first = _read_one(text, begin, sure=led or bool(lead and lead["word"]))
    if not first:
        return (), at
    house, end = first
    between = lead and lead["side"] and lead["side"].lower().startswith(("с", "от"))
    stretch = _FROM_TO.match(text, end) if between else None
    if stretch and not house.suffix and int(stretch["end"]) > house.number:
        return (House(house.number, "", int(stretch["end"])),), stretch.end()
    houses = [house]
    while not led or len(houses) < _MOST_LED:
        gap = _NEXT.match(text, end)
        more = _read_one(text, gap.end(), sure=bool(gap["word"])) if gap else None
        if not more or not _may_follow(text, more[1]):
            break
        houses.append(more[0])
        end = more[1]
    return tuple(houses), end


def is_house_word(low: str) -> bool:
    """Whether a word in small letters stands before the houses of a list."""
    return _IS_HOUSE_WORD.fullmatch(low) is not None


def _read_one(text: str, at: int, *, sure: bool) -> tuple[House, int] | None:
    match = _HOUSE.match(text, at)
    if not match:
        return None
    end = match.end()
    if _NOT_AFTER.match(text, end) or (_GLUED.match(text, end) and not _RUN_ON.match(text, end)):
        return None
    number = int(match["number"])
    if not sure and (1900 <= number <= 2100 or number > 999 or _ENTRANCE.match(text, end)):
        return None
    house = house_of(match)
    return (house, end) if house.suffix else _extended(text, number, end)


def _extended(text: str, number: int, end: int) -> tuple[House, int]:
    """A bare number with what may follow it: the end of a range, a letter apart or run on."""
    stretch = _RANGE.match(text, end)
    if stretch and number < int(stretch["end"]) <= number + 60:
        return House(number, "", int(stretch["end"])), stretch.end()
    letter = _RUN_ON.match(text, end) or _APART.match(text, end)
    return (House(number, letter[0].strip(" \t-").upper()), letter.end()) if letter else (House(number), end)


_FOLLOWING = re.compile(r"[ \t]+([а-яё]{3,})")


def _may_follow(text: str, end: int) -> bool:
    """Whether a later number of a list can be a house: not when it counts what follows («5, 12 человек»)."""
    counted = _FOLLOWING.match(text, end)
    return not counted or forms(counted[1])[0].pos != "NOUN"
