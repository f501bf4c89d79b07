"""What a query line offers to write on: names of fields, and the values that a field takes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from crawler.console.called import NAMED_PLACES, places_of
from crawler.console.told import value_name
from crawler.desk import Desk
from crawler.model.items import Act, Kind
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.address import fold
from search.document import HAS, TRAITS
from search.engine import Facet
from search.field_names import FIELDS, PERIOD_FIELDS, RUSSIAN, field_called
from search.layouts import typed
from search.properties import ROLES
from search.query_show import shown_value
from search.street_key import full_type
from search.tree import Query

MOST = 8
_DISTRICTS = 200
_LONGEST = 200
_BEFORE = re.compile(r"([^\W\d_]+):(?:[\"«“„]([^\"»”“]*)|([^\s()\"«»“”„]*))$|([A-Za-z][A-Za-z\[\];',.`]+|[^\W\d_]+)$")
MEANT = {
    "source": Text("источник", "a source of the city"),
    "platform": Text("площадка", "the platform"),
    "kind": Text("вид: публикация, комментарий, статья…", "what it is: post, comment, article…"),
    "author": Text("кто пишет: житель, власть, СМИ", "who writes: resident, official, media"),
    "topic": Text("тема или группа тем", "a topic or a group of topics"),
    "act": Text("жалоба, вопрос, предложение…", "complaint, question, proposal…"),
    "lang": Text("язык", "the language"),
    "story": Text("номер сюжета", "the number of a story"),
    "has": Text("есть фото, видео, ссылка…", "has a photo, a video, a link…"),
    "is": Text("перепечатка, ответ, репост", "a copy, a reply, a repost"),
    "since": Text("опубликовано с: -7d, 2026-01-31", "published since: -7d, 2026-01-31"),
    "until": Text("опубликовано по", "published until"),
    "seen": Text("получено с", "came in since"),
    "when": Text("когда случится, по тексту: завтра, +7d", "when it happens, by the text: tomorrow, +7d"),
    "street": Text("улица", "a street"),
    "house": Text("дом: 12, 12А, 10-20", "a house: 12, 12A, 10-20"),
    "district": Text("район", "a district"),
    "settlement": Text("населённый пункт", "a settlement"),
    "place": Text("любое место по названию", "any place by its name"),
    "near": Text("не дальше от точки: 46.95,142.73,500m", "near a point: 46.95,142.73,500m"),
    "in": Text("нарисованный участок", "an area drawn on the map"),
}
"""What each field of the language asks for."""
OPERATORS = {
    "AND": (("and", "и"), Text("и то, и другое (можно не писать)", "both (may be left out)")),
    "OR": (("or", "или", "либо"), Text("хотя бы одно", "at least one")),
    "NOT": (("not", "не", "без", "кроме"), Text("этого нет, то же, что минус", "this is not there, as a minus")),
}
"""The operators: what people begin to write for one, and what it says."""
_NAMED = {"street": 3, "settlement": 2, "place": 2, "topic": 3}
"""Fields whose values are offered for a word by itself, and how many."""
_FIELD_LETTERS, _NAME_LETTERS = 2, 3
_BACK = {
    "-24h": Text("за сутки", "a day back"),
    "-7d": Text("за неделю", "a week back"),
    "-30d": Text("за месяц", "30 days back"),
}
_AROUND = {
    "сегодня": Text("идёт или начнётся сегодня", "goes on or begins today"),
    "завтра": Text("будет завтра", "happens tomorrow"),
    "+7d": Text("в ближайшую неделю", "within a week from now"),
}


One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be written: `text` in place of the code points from `start` to `end`; `shown` is said of it."""

    start: int
    end: int
    text: str
    shown: str


def offers(desk: Desk, text: str, at: int) -> list[Offer]:
    """What could stand where the caret is, `at` code points from the start; nothing inside of a value that is whole, or
    of a phrase. What was typed in the other layout of the keyboard is understood.
    """
    before = text[: max(0, min(at, len(text)))]
    # Nothing that is offered is as long; the pattern tries from every letter.
    found = _BEFORE.search(before, max(0, len(before) - _LONGEST))
    if not found:
        return []
    name, quoted, bare, word = found.groups()
    if word is not None:
        is_quoted = before[: found.start()].count('"') % 2
        return [] if is_quoted else [replace(one, start=found.start(), end=len(before)) for one in _of_word(desk, word)]
    field = _field_of(name)
    if not field:
        return []
    begun = quoted if quoted is not None else bare
    # A field in the other layout is put right with its value.
    start, head = (found.start(), f"{field}:") if field_called(name) != field else (found.start() + len(name) + 1, "")
    made = [
        Offer(start, len(before), head + shown_value(value), said)
        for value, said in _first(begun, lambda one: _fitting(_values(desk, field), one))
    ]
    # What is there already needs no offer.
    return [] if len(made) == 1 and made[0].text == before[start:] else made[:MOST]


def _field_of(name: str) -> str:
    """The field that is meant: its name, what people write for it, or either in the other layout; "" for none."""
    meant = [RUSSIAN.get(one, one) for one in typed(name)]
    return next((one for one in meant if one in FIELDS), "")


def _of_word(desk: Desk, word: str) -> list[Offer]:
    """What a word by itself may be the beginning of: an operator, a field, a place or a topic."""

    def of_one(begun: str) -> list[Offer]:
        made = [Offer(0, 0, sign, str(said)) for sign, (words, said) in OPERATORS.items() if begun in words]
        if made:
            return made
        if len(begun) >= _FIELD_LETTERS:
            made += [
                Offer(0, 0, f"{field}:", str(MEANT[field]))
                for field in FIELDS
                if field.startswith(begun) or (len(begun) >= _NAME_LETTERS and _said(field).startswith(begun))
            ]
        if len(begun) >= _NAME_LETTERS:
            for field, most in _NAMED.items():
                known = _topics(desk) if field == "topic" else [(one.name, one.said) for one in places_of(desk)[field]]
                some = _fitting(known, begun)
                made += [Offer(0, 0, f"{field}:{shown_value(value)}", said) for value, said in some[:most]]
        return made[:MOST]

    return _first(word, of_one)


def _first(begun: str, find: Callable[[str], list[One]]) -> list[One]:
    """What is found for it as it stands, else for what the other layout makes of it."""
    return next((found for one in typed(begun) if (found := find(one))), [])


def _fitting(values: Iterable[tuple[str, str]], begun: str) -> list[tuple[str, str]]:
    """Values of which a word begins so, those that begin so themselves first."""
    wanted = _typed_out(fold(begun))
    found = [
        (not fold(value).startswith(wanted), value, said)
        for value, said in values
        if not wanted or f" {wanted}" in f" {fold(value)}" or f" {wanted}" in f" {fold(said)}"
    ]
    return [(value, said) for _, value, said in sorted(found, key=lambda one: one[0])]


def _typed_out(begun: str) -> str:
    """With the type of a street in full: «пер. лен» begins «переулок Ленина» and no other street of that name."""
    first, blank, rest = begun.partition(" ")
    return f"{full_type(first) or first} {rest}" if blank else begun


def _said(field: str) -> str:
    return str(MEANT[field]).lower()


def _topics(desk: Desk) -> list[tuple[str, str]]:
    return [(topic, "") for topic in desk.names.topics]


def _values(desk: Desk, field: str) -> Iterable[tuple[str, str]]:
    """The values of a field with what people call them, "" where that is the value itself."""
    closed: dict[str, Iterable[str]] = {
        "platform": PLATFORMS,
        "kind": [kind.value for kind in Kind],
        "act": [act.value for act in Act],
        "author": sorted(ROLES),
        "has": HAS,
        "is": TRAITS,
        "lang": ("ru", "en", "tt", "ba", "uk"),
    }
    if field in closed:
        return [(value, value_name(field, value, desk.city)) for value in closed[field]]
    if field == "district":
        found = desk.engine.facets(Query("", None), desk.context(), [Facet.DISTRICT], _DISTRICTS)
        return [(bucket.value, "") for bucket in found[Facet.DISTRICT]]
    if field in NAMED_PLACES:
        # Any place can be asked for by `place:`.
        fields = ("place", "settlement", "street") if field == "place" else (field,)
        return [(one.name, one.said) for name in fields for one in places_of(desk)[name]]
    named: dict[str, Iterable[tuple[str, str]]] = {
        **{name: [(value, str(said)) for value, said in _BACK.items()] for name in PERIOD_FIELDS},
        "when": [(value, str(said)) for value, said in _AROUND.items()],
        "source": [(key, value_name("source", key, desk.city)) for key in desk.sources],
        "topic": _topics(desk),
        "in": [(name, "") for name in (desk.names.areas.names if desk.names.areas else ())],
    }
    return named.get(field, ())
