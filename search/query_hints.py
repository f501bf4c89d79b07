"""What could stand in place of a piece of a query that cannot be read: near misses of values, and pieces set apart.

A hint is only offered where it leads on: parse_query tries each.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.query_lexer import Lexeme, Sort
from search.query_show import shown_value

REMOVE = " "
"""The hint that says: take it out."""

_BACK = re.compile(r"[-–—−]?\s?(\d{1,5})\s?(?:(ч|час\w*|h|hours?)|(д|дн\w*|день|сут\w*|d|days?)|(нед\w*|w|weeks?))")
_DAY_FIRST = re.compile(r"(\d\d?)[./-](\d\d?)[./-](\d{4}|\d\d)")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d\d?)[./-](\d\d?)")
_WORDS = {"вчера": "-1d", "yesterday": "-1d", "позавчера": "-2d", "неделя": "-7d", "week": "-7d"}
_REVERSED = re.compile(r"(\d{1,4})\s?(?:[-–—]|\.\.\.?|…)\s?(\d{1,4})")
_HOUSE = re.compile(r"(?:дом|д|№|#)?[\s.№#]*(\d{1,4})[\s-]*([а-яa-z]?)", re.IGNORECASE)
_POINT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)[\s,;]+([+-]?\d+(?:[.,]\d+)?)(?:[\s,;]+(\d+(?:\.\d+)?))?\s*(k?m|к?м)?\.?")
_GROUP = re.compile(r'\(([^()"«»]*)\)')


def valued(name: str, value: str) -> str:
    """The field with that value, "" where there is none to offer."""
    return f"{name}:{shown_value(value)}" if value else ""


def day_hint(value: str) -> str:
    """The day, or the stretch back, that a value probably means; "" for none."""
    small = value.casefold().strip()
    back = _BACK.fullmatch(small)
    if back:
        return f"-{back[1]}h" if back[2] else f"-{int(back[1]) * (7 if back[4] else 1)}d"
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3))):
        found = pattern.fullmatch(small)
        if found:
            year, month, day = (int(found[at]) for at in order)
            try:
                return date(year if year > 99 else 2000 + year, month, day).isoformat()
            except ValueError:
                return ""
    return _WORDS.get(small, "")


def house_hint(value: str) -> str:
    """The house number that a value probably means; "" for none."""
    turned = _REVERSED.fullmatch(value)
    if turned:
        return "-".join(sorted(turned.groups(), key=int))
    house = _HOUSE.fullmatch(value)
    return f"{house[1]}{house[2].upper()}" if house else ""


def near_hint(value: str) -> str:
    """The `near:` that was probably meant: without a distance 500 m, without a unit metres; "" for none."""
    found = _POINT.fullmatch(value.casefold())
    if not found:
        return ""
    lat, lon = found[1].replace(",", "."), found[2].replace(",", ".")
    if abs(float(lat)) > 90 >= abs(float(lon)):
        lat, lon = lon, lat
    unit = "km" if found[4] in ("km", "км") else "m"
    return f"near:{lat},{lon},{found[3] or 500}{unit}"


def place_hint(lexeme: Lexeme, *, glued: bool) -> str:
    """The field of a place that a word inside at(…) probably is, set apart from what it is `glued` to; "" for none."""
    if lexeme.sort not in (Sort.WORD, Sort.PHRASE):
        return ""
    blank = " " * glued
    return blank + (f"house:{lexeme.text}" if lexeme.text[:1].isdigit() else f"street:{shown_value(lexeme.text)}")


def apart(text: str, found: Sequence[Lexeme], at: int, fields: Collection[str]) -> QueryError | None:
    """The error of a lexeme that a blank sets apart from what it belongs to, None where none does.

    `found` are the lexemes of `text`, `at` the place of the one that is read, `fields` the names there are.
    """
    here = found[at]
    before = found[at - 1] if at else None
    after = found[at + 1] if at + 1 < len(found) else None
    if here.sort is Sort.FIELD and not here.text.strip() and text[here.end - 1] == ":":
        return _value_apart(text, here, after)
    if here.sort is Sort.WORD and here.text == "=" and after and after.sort is Sort.WORD:
        return _blank("=", here.start, after.start)
    if here.sort is Sort.WORD and here.text[0] == ":" and before and before.text.lower() in fields:
        return _blank(f"{before.text}:", before.start, here.start + 1)
    if here.sort is Sort.WORD and here.text[0] == "~" and before and before.sort is Sort.PHRASE and not before.tail:
        return _blank(here.text, before.end, here.end)
    counted = after is not None and after.sort is Sort.WORD and (after.text.isdigit() or after.text == "s")
    if here.sort is Sort.PHRASE and here.tail in ("~", "~>") and after and counted:
        return _blank(here.tail + after.text, here.end - len(here.tail), after.end)
    return None


def _blank(hint: str, start: int, end: int) -> QueryError:
    return QueryError(Text(f"в {hint} нет пробелов", f"{hint} has no blanks"), start, end, hint)


def _value_apart(text: str, here: Lexeme, after: Lexeme | None) -> QueryError | None:
    """A field whose value does not follow its colon: behind a blank, or several in brackets."""
    said = Text(
        f"после {here.called}: нет значения: пишите вплотную, пробелы — в кавычках",
        f"no value after {here.called}: write it without a blank, a value with blanks in quotes",
    )
    if after is None:
        return QueryError(said, here.start, here.end)
    if after.sort is Sort.OPEN and after.start == here.end:
        group = _GROUP.match(text, here.end)
        values = [" ".join(one.split()) for one in re.split(r"\bOR\b|\|", group[1])] if group else []
        if group and all(values):
            each = " OR ".join(f"{here.name}:{shown_value(value)}" for value in values)
            return QueryError(
                Text(
                    f"у {here.called}: одно значение; несколько пишут через OR",
                    f"{here.called}: takes one value; several are joined by OR",
                ),
                here.start,
                group.end(),
                f"({each})" if len(values) > 1 else each,
            )
    elif after.sort in (Sort.WORD, Sort.PHRASE) and after.start > here.end:
        return QueryError(said, here.start, after.start, f"{here.name}:")
    return QueryError(said, here.start, here.end)
