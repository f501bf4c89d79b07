"""What a query line offers to write on: names of fields, and the values that a field takes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.console.told import value_name
from crawler.desk import Desk
from crawler.model.items import Act, Kind
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.address import fold
from search.document import HAS, TRAITS
from search.engine import Facet
from search.properties import ROLES
from search.query_fields import FIELDS, PERIOD_FIELDS
from search.query_show import shown_value
from search.tree import Query

MOST = 8
_DISTRICTS = 200
_LONGEST = 200
_BEFORE = re.compile(r"([^\W\d_]+):(?:[\"«“„]([^\"»”“]*)|([^\s()\"«»“”„]*))$|([^\W\d_]{2,})$")
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


@dataclass(frozen=True, slots=True)
class Offer:
    """What could be written: `text` in place of the code points from `start` to `end`; `shown` is said of it."""

    start: int
    end: int
    text: str
    shown: str


def offers(desk: Desk, text: str, at: int) -> list[Offer]:
    """What could stand where the caret is, `at` code points from the start; nothing inside of a value that is whole."""
    before = text[: max(0, min(at, len(text)))]
    # Nothing that is offered is as long; the pattern tries from every letter.
    found = _BEFORE.search(before, max(0, len(before) - _LONGEST))
    if not found:
        return []
    name, quoted, bare, word = found.groups()
    if word is not None:
        return [
            Offer(found.start(), len(before), f"{field}:", str(MEANT[field]))
            for field in FIELDS
            if field.startswith(word.lower()) or (len(word) > 2 and _said(field).startswith(word.lower()))
        ][:MOST]
    if name not in FIELDS:
        return []
    begun = fold(quoted if quoted is not None else bare)
    start = found.start() + len(name) + 1
    made = [
        Offer(start, len(before), shown_value(value), said)
        for value, said in _values(desk, name)
        if not begun or fold(value).startswith(begun) or fold(said).startswith(begun)
    ]
    # What is there already needs no offer.
    return [] if len(made) == 1 and made[0].text == before[start:] else made[:MOST]


def _said(field: str) -> str:
    return str(MEANT[field]).lower()


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
        return [(value, value_name(field, value)) for value in closed[field]]
    if field == "district":
        found = desk.engine.facets(Query("", None), desk.context(), [Facet.DISTRICT], _DISTRICTS)
        return [(bucket.value, "") for bucket in found[Facet.DISTRICT]]
    named: dict[str, Iterable[tuple[str, str]]] = {
        **{name: [(value, str(said)) for value, said in _BACK.items()] for name in PERIOD_FIELDS},
        "when": [(value, str(said)) for value, said in _AROUND.items()],
        "source": [(key, value_name("platform", source.platform)) for key, source in desk.sources.items()],
        "topic": [(topic, "") for topic in desk.names.topics],
        "in": [(name, "") for name in (desk.names.areas.names if desk.names.areas else ())],
    }
    return named.get(field, ())
