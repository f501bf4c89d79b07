"""Given posts: JSON lines of `otklik ingest`, `places` and `match`, read one by one with their line numbers."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from crawler.model.city import Source
from crawler.model.ids import given_id, printable
from crawler.model.items import Author, Kind, Media, Post, TimePrecision
from crawler.model.text import Text

LONGEST_LINE = 16 * 1024 * 1024
_PLATFORM_ID = re.compile(
    r"(vk:-?\d+_\d+(#\d+)?|tg:-?\d+/\d+|ok:\d+/\d+(#\d+)?|max:-?\d+/\S+|news:https?://\S+|given:\S+/\S+)"
)
_NOT_JSON = Text(
    'не JSON; нужна строка вида {{"id": 1, "text": "Нет воды"}} ({why})',
    'not JSON; a line is like {{"id": 1, "text": "Нет воды"}} ({why})',
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_FIELDS = {"id", "text", "title", "url", "author", "published_at", "kind", "platform", "parent", "source", "media"}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be a post: its number, the key at fault ("" for the whole line), what is wrong with it."""

    line: int
    key: str
    problem: Text

    def __str__(self) -> str:
        where = Text("строка {line}", "line {line}").format(line=self.line) + (f", {self.key}" if self.key else "")
        return f"{where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds a JSON object: its number, its `id` exactly as given, and the object."""

    number: int
    id: str | int
    values: Mapping[str, Any]


class WrongValueError(ValueError):
    """One value of a line is not what it should be."""

    def __init__(self, key: str, problem: Text) -> None:
        super().__init__(f"{key}: {problem.en}")
        self.key = key
        self.problem = problem


def read_lines(stream: BinaryIO) -> Iterator[Line | BadLine]:
    """Every line that is not blank, in order, in bounded memory: a longer line than LONGEST_LINE is passed over."""
    number = 0
    while raw := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)
            yield BadLine(number, "", Text("длиннее 16 МБ, пропущена", "longer than 16 MB, passed over"))
        elif raw.strip():
            yield _line(number, raw)


def _line(number: int, raw: bytes) -> Line | BadLine:
    try:
        values = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        found = Text("не UTF-8 (байт {at}); сохраните файл в UTF-8", "not UTF-8 (byte {at}); save the file as UTF-8")
        return BadLine(number, "", found.filled(at=error.start + 1))
    except (ValueError, RecursionError) as error:
        return BadLine(number, "", _NOT_JSON.filled(why=error))
    if not isinstance(values, dict):
        return BadLine(number, "", Text("нужен объект JSON {{…}}", "a JSON object {{…}} is needed").filled())
    identity = values.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int) or identity == "":
        return BadLine(number, "id", Text("нужна непустая строка или целое число", "needs a string or an integer"))
    if not isinstance(values.get("text"), str):
        return BadLine(number, "text", Text("нужна строка", "needs a string"))
    return Line(number, identity, values)


def given_post(line: Line, sources: Mapping[str, Source], now: datetime, default: str = "ingest") -> Post | BadLine:
    """The post of a line; a BadLine that names the key where a value is not allowed. `default` is the source of a line
    that names none.
    """
    try:
        return _post(line, sources, now, default)
    except WrongValueError as error:
        return BadLine(line.number, error.key, error.problem)


def _post(line: Line, sources: Mapping[str, Source], now: datetime, default: str) -> Post:
    values = line.values
    unknown = sorted(values.keys() - _FIELDS)
    if unknown:
        allowed = ", ".join(sorted(_FIELDS))
        raise WrongValueError(
            _clean(unknown[0]), Text("неизвестное поле; есть: {a}", "unknown field; known: {a}").filled(a=allowed)
        )
    source = _text(values, "source") or default
    if source not in sources:
        problem = Text("нет такого источника: {s}; есть: {known}", "no such source: {s}; known: {known}")
        raise WrongValueError("source", problem.filled(s=source, known=", ".join(sorted(sources))))
    printed = _text(values, "published_at")
    published_at = _time(printed, sources[source])
    parent = _string(values, "parent")
    parent = parent and post_id(parent, source)
    author = _text(values, "author")
    return Post(
        id=post_id(line.id, source),
        source=source,
        platform=_text(values, "platform") or "given",
        kind=_kind(_text(values, "kind")),
        text=values["text"],
        title=_text(values, "title"),
        url=_text(values, "url"),
        seen_at=now,
        author=Author(platform_id=author, name=author) if author else None,
        published_at=published_at,
        precision=_precision(printed),
        parent=parent,
        thread=parent,
        media=_media(values.get("media")),
        raw=json.dumps(dict(values), ensure_ascii=False).encode("utf-8", "surrogatepass"),
    )


def post_id(given: str | int, source: str) -> str:
    """`given:SOURCE/ID`, or the id itself where it has a platform's form. Blanks, controls and, in an id without such a
    form, the percent sign are percent-encoded: different ids stay different.
    """
    text = printable(str(given))
    return text if _PLATFORM_ID.fullmatch(text) else given_id(source, str(given))


def _clean(text: str) -> str:
    """Without halves of characters, which no UTF-8 can hold; those of title and text are for the normalize step."""
    return _SURROGATES.sub("\ufffd", text)


def _text(values: Mapping[str, Any], key: str) -> str:
    return _clean(_string(values, key))


def _string(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise WrongValueError(key, Text("нужна строка", "needs a string"))
    return str(value)


def _kind(value: str) -> Kind:
    try:
        return Kind(value or "appeal")
    except ValueError:
        known = ", ".join(Kind)
        raise WrongValueError("kind", Text("есть только: {known}", "only: {known}").filled(known=known)) from None


def _time(value: str, source: Source) -> datetime | None:
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        problem = Text("не время ISO 8601: {v}", "not an ISO 8601 time: {v}").filled(v=value[:40])
        raise WrongValueError("published_at", problem) from None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=source.zone)).astimezone(UTC)
    except OverflowError:
        problem = Text("время вне календаря: {v}", "a time outside the calendar: {v}").filled(v=value[:40])
        raise WrongValueError("published_at", problem) from None


def _precision(printed: str) -> TimePrecision:
    """A day alone has no hour; its midnight is no time of publication."""
    if not printed:
        return TimePrecision.NONE
    try:
        date.fromisoformat(printed)
    except ValueError:
        return TimePrecision.SECOND
    return TimePrecision.DAY


def _media(value: object) -> tuple[Media, ...]:
    wrong = WrongValueError(
        "media",
        Text('нужен список адресов или {{"kind", "url"}}', 'needs a list of URLs or {{"kind", "url"}}').filled(),
    )
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong
    media = []
    for item in value:
        if isinstance(item, str):
            media.append(Media("photo", url=_clean(item), key=_clean(item)))
        elif isinstance(item, dict) and isinstance(item.get("url"), str) and isinstance(item.get("kind", ""), str):
            url = _clean(item["url"])
            media.append(Media(_clean(item.get("kind") or "photo"), url=url, key=url))
        else:
            raise wrong
    return tuple(media)
