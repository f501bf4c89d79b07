"""The fields of the query language: which there are, what values they take, and errors that say so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import takewhile
from typing import Any

from crawler.model.errors import QueryError
from crawler.model.text import Text
from search.address import parse_asked
from search.analysis import name_key
from search.field_names import FIELDS, PERIOD_FIELDS, PLACE_FIELDS, RUSSIAN
from search.geo import rounded
from search.periods import check_period
from search.query_hints import REMOVE, day_hint, house_hint, near_hint, valued
from search.query_lexer import Lexeme, Sort
from search.query_values import Known, polygon_of, post_value
from search.street_key import ABBREVIATIONS, asked_key
from search.tree import At, Field, Period

_OF_WORDS = ("text", "title", "body", "content", "message", "текст", "заголовок", "слово", "слова")
"""What other languages call the words of a post."""
_NO_NAMES = ABBREVIATIONS | {"улица", "проспект", "переулок"}
"""What no street is called by itself."""
_FOLLOWING = 6
"""Words after a field that are tried as the rest of its value."""
_CLOSING = '"»”“'
_PARTS = {name: "polygon" if name == "in" else name for name in PLACE_FIELDS}
"""Field of a place → the part of an At that it is."""
_FARTHEST = 1_000_000
_NEAR = re.compile(r"([+-]?\d{1,3}(?:\.\d+)?),\s*([+-]?\d{1,3}(?:\.\d+)?),\s*(\d{1,7}(?:\.\d+)?)\s*(m|km|м|км)")


def field_in(text: str, found: Sequence[Lexeme], at: int, known: Known) -> Field | Period | At:
    """The leaf of the field at `at` of the lexemes of `text`. Its error takes in the words after it where they are
    likely the rest of a value that should stand in quotes.
    """
    lexeme = found[at]
    try:
        return field_of(lexeme, known)
    except QueryError as error:
        words = list(takewhile(lambda one: one.sort is Sort.WORD, found[at + 1 : at + 1 + _FOLLOWING]))
        quoted = text[lexeme.end - 1] in _CLOSING
        # Any words may be called a street, of anything else the most that there is.
        for last in () if quoted else words[:1] if lexeme.name == "street" else reversed(words):
            hint = _whole(replace(lexeme, text=text[lexeme.inner : last.end], end=last.end), known)
            if hint:
                raise QueryError(error.text, lexeme.start, last.end, hint) from None
        raise


def _whole(lexeme: Lexeme, known: Known) -> str:
    """The field with a value that has blanks, where there is such a value; "" where there is none."""
    try:
        field_of(lexeme, known)
    except QueryError as error:
        return error.hint if lexeme.name == "near" else ""
    return near_hint(lexeme.text) if lexeme.name == "near" else valued(lexeme.name, lexeme.text)


def field_of(lexeme: Lexeme, known: Known) -> Field | Period | At:
    """The leaf of one field. QueryError for an unknown name or a value it does not take: it calls the field as it was
    written.
    """
    try:
        return _read(lexeme, known)
    except QueryError as error:
        there, written = f"{lexeme.name}:", f"{lexeme.called}:"
        said = Text(*(one.replace(there, written, 1) for one in (error.text.ru, error.text.en)))
        raise QueryError(said, error.start, error.end, error.hint) from None


def _read(lexeme: Lexeme, known: Known) -> Field | Period | At:
    name, value = lexeme.name, lexeme.text.strip()
    span = (lexeme.start, lexeme.end)
    if name not in FIELDS:
        raise _unknown(lexeme)
    if not value:
        raise QueryError(Text(f"у {name}: пустое значение", f"{name}: has an empty value"), *span)
    if name in PLACE_FIELDS:
        return _place(lexeme, value, known)
    if name in PERIOD_FIELDS:
        return _period(lexeme, value)
    return Field(name, post_value(lexeme, value, known), span)


def joined(parts: list[At]) -> At:
    """Place fields side by side as one place. QueryError where one is given twice."""
    whole = parts[0]
    for part in parts[1:]:
        for name, of_at in _PARTS.items():
            mine, other = getattr(whole, of_at), getattr(part, of_at)
            if mine and other:
                raise QueryError(
                    Text(
                        f"{name}: дважды у одного места; или — через OR, два разных места — два at(…)",
                        f"{name}: twice for one place; alternatives go with OR, two places are two at(…)",
                    ),
                    *part.span,
                    REMOVE if mine == other else "",
                )
            if other:
                whole = replace(whole, **{of_at: other})
        whole = replace(whole, span=(min(whole.span[0], part.span[0]), max(whole.span[1], part.span[1])))
    return whole


def _unknown(lexeme: Lexeme) -> QueryError:
    name = lexeme.name
    if name.lower() in _OF_WORDS:
        said = Text(
            f"поля {name}: нет: слова и так ищутся в заголовке и тексте",
            f"no field {name}:; words are looked for in title and text without any",
        )
        return QueryError(said, lexeme.start, lexeme.start + len(name) + 1, REMOVE)
    close = get_close_matches(name.lower(), [*FIELDS, *RUSSIAN], 3, cutoff=0.6)
    there = " ".join(f"{field}:" for field in FIELDS)
    if close:
        end = lexeme.start + len(name) + 1
        ru, en = (joint.join(f"{one}:" for one in close) for joint in (" или ", " or "))
        return QueryError(
            Text(
                f"поля {name}: нет; похоже на {ru}. Есть {there}",
                f"no field {name}:; did you mean {en}? There are {there}",
            ),
            lexeme.start,
            end,
            f"{close[0]}:",
        )
    quoted = f'"{name}:{lexeme.text}"' if '"' not in lexeme.text else ""
    return QueryError(
        Text(
            f"поля {name}: нет. Есть {there}. Если это слова, возьмите их в кавычки",
            f"no field {name}:. There are {there}. If these are words, put them in quotes",
        ),
        lexeme.start,
        lexeme.end,
        quoted,
    )


def _place(lexeme: Lexeme, value: str, known: Known) -> At:
    name, span = lexeme.name, (lexeme.start, lexeme.end)
    if name == "house":
        try:
            return At(span, house=parse_asked(value))
        except ValueError:
            raise QueryError(
                Text(
                    f"номер дома не понят: {value}; ждём 12, 12А, 29к2, 12/1 или 10-20",
                    f"not a house number: {value}; expected 12, 12А, 29к2, 12/1 or 10-20",
                ),
                *span,
                valued(name, house_hint(value)),
            ) from None
    if name == "near":
        return At(span, near=_near(value, span))
    if name == "street":
        key = asked_key(value)
        if key and value.lower().rstrip(".") not in _NO_NAMES:
            return At(span, street=key)
    elif name == "in":
        return At(span, polygon=polygon_of(lexeme, value, known))
    elif name_key(value):
        named: dict[str, Any] = {name: value}
        return At(span, **named)
    raise QueryError(Text(f"в {name}: нет названия: {value}", f"no name in {name}: {value}"), *span)


def _near(value: str, span: tuple[int, int]) -> tuple[float, float, float]:
    """(lat, lon, metres) of `46.95,142.73,500m`."""
    found = _NEAR.fullmatch(value)
    if found is not None:
        lat, lon, far = float(found[1]), float(found[2]), float(found[3])
        far = round(far * (1000 if found[4] in ("km", "км") else 1), 3)
        if abs(lat) <= 90 and abs(lon) <= 180 and 0 < far <= _FARTHEST:
            return rounded(lat), rounded(lon), far
    raise QueryError(
        Text(
            f"near: не понято: {value}; ждём широту, долготу и расстояние до 1000km: near:46.95,142.73,500m",
            f"near: not understood: {value}; expected latitude, longitude, distance up to 1000km:"
            " near:46.95,142.73,500m",
        ),
        *span,
        near_hint(value),
    )


_LAST = Text(" или -7d", " or -7d")
_LAST_WHEN = Text(", завтра, +7d или 2026-01-31..2026-02-02", ", tomorrow, +7d or 2026-01-31..2026-02-02")
"""How the list of what a period may be ends."""


def _period(lexeme: Lexeme, value: str) -> Period:
    span = (lexeme.start, lexeme.end)
    try:
        check_period(lexeme.name, value)
    except ValueError:
        last = _LAST_WHEN if lexeme.name == "when" else _LAST
        raise QueryError(
            Text(
                f"{lexeme.name}: не дата и не время: {value};"
                f" ждём 2026-01-31, 31.01.2026, 2026-01-31T12:30, -24h{last.ru}",
                f"{lexeme.name}: neither a day nor a time: {value};"
                f" expected 2026-01-31, 31.01.2026, 2026-01-31T12:30, -24h{last.en}",
            ),
            *span,
            valued(lexeme.name, day_hint(value)),
        ) from None
    return Period(lexeme.name, value, span)
