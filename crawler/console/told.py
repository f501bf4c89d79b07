"""A query said back in words, as it was understood: «вода» и («нет» или «отключ…»), район Заречье, за 7 дней."""

import re

from crawler.console import names
from crawler.model.act_names import ACTS
from crawler.model.city import City
from crawler.model.items import Act, Kind
from crawler.model.kind_names import AUTHOR_ROLES
from crawler.model.languages import LANGUAGES
from crawler.model.text import Text, current_locale
from search.periods import DAYS
from search.query_show import show
from search.street_key import spelt_key
from search.tree import And, At, Field, Node, Not, Or, Period, Phrase, Prefix, Query, Word

_AND, _OR = Text("и", "and"), Text("или", "or")
_WITHOUT = Text("кроме: {part}", "not: {part}")
_NO_COPIES = Text("без перепечаток", "without copies")
_EVERYTHING = Text("всё, что есть", "everything there is")
_BACK = re.compile(r"-(\d+)([hd])")
_AHEAD = re.compile(r"\+(\d+)([hd])")
_FIELDS = {
    "source": Text("источник {value}", "source {value}"),
    "platform": Text("{value}", "{value}"),
    "kind": Text("{value}", "{value}"),
    "author": Text("пишет {value}", "by {value}"),
    "topic": Text("тема {value}", "topic {value}"),
    "act": Text("{value}", "{value}"),
    "lang": Text("язык {value}", "language {value}"),
    "story": Text("сюжет {value}", "story {value}"),
    "has": Text("есть {value}", "has {value}"),
    "is": Text("{value}", "{value}"),
}
VALUES = {
    **{("author", role.value): name for role, name in AUTHOR_ROLES.items()},
    ("has", "photo"): Text("фото", "a photo"),
    ("has", "video"): Text("видео", "a video"),
    ("has", "audio"): Text("звук", "sound"),
    ("has", "file"): Text("файл", "a file"),
    ("has", "link"): Text("ссылка", "a link"),
    ("has", "poll"): Text("опрос", "a poll"),
    ("has", "place"): Text("место в тексте", "a place in the text"),
    ("has", "location"): Text("точка от автора", "a point of its author"),
    ("is", "copy"): Text("перепечатки", "copies"),
    ("is", "reply"): Text("ответы", "replies"),
    ("is", "repost"): Text("репосты", "reposts"),
}
"""What people call values of fields that are no names of themselves."""
_PERIODS = {
    "since": Text("с {value}", "since {value}"),
    "until": Text("по {value}", "until {value}"),
    "seen": Text("получено с {value}", "seen since {value}"),
    "when": Text("происходит {value}", "happens {value}"),
}
_BACKS = {
    ("since", "h"): Text("за {number} ч", "for {number} h"),
    ("since", "d"): Text("за {number} дн.", "for {number} days"),
    ("until", "h"): Text("старше {number} ч", "older than {number} h"),
    ("until", "d"): Text("старше {number} дн.", "older than {number} days"),
    ("seen", "h"): Text("получено за {number} ч", "seen within {number} h"),
    ("seen", "d"): Text("получено за {number} дн.", "seen within {number} days"),
    ("when", "h"): Text("происходило за {number} ч", "happened within {number} h"),
    ("when", "d"): Text("происходило за {number} дн.", "happened within {number} days"),
}
_AHEADS = {
    "h": Text("случится за {number} ч", "happens within {number} h"),
    "d": Text("случится за {number} дн.", "happens within {number} days"),
}
_NAMED = {-1: Text("вчера", "yesterday"), 0: Text("сегодня", "today"), 1: Text("завтра", "tomorrow")}


def told(query: Query, city: City) -> str:
    """The query in words of the reader's language."""
    return str(_EVERYTHING) if query.root is None else _node(query.root, city)


def value_name(field: str, value: str, city: City) -> str:
    """A value as people call it."""
    if field == "source":
        return names.source(value, city)
    if (field, value) in VALUES:
        return str(VALUES[field, value])
    if field == "platform":
        return str(names.platform(value).title)
    if field == "kind" and value in set(Kind):
        return str(names.kind(Kind(value)))
    if field == "act" and value in set(Act):
        return str(ACTS[Act(value)])
    return LANGUAGES.get(value, value) if field == "lang" and current_locale() == "ru" else value


def _node(node: Node, city: City) -> str:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case And(parts):
            return _together(parts, city)
        case Or(parts):
            said = [(part, _node(part, city)) for part in parts]
            return f" {_OR} ".join(f"({text})" if isinstance(part, And) else text for part, text in said)
        case Not(Field("is", "copy")):
            return str(_NO_COPIES)
        case Not(part):
            said_part = _node(part, city)
            return _WITHOUT.format(part=f"({said_part})" if isinstance(part, And | Or) else said_part)
        case Word() | Prefix():
            return f"«{_word(node)}»"
        case Phrase():
            return _phrase(node)
        case Field(name, value):
            return _FIELDS[name].format(value=value_name(name, value, city))
        case Period(name, value):
            return _period(name, value)
        case At():
            return _place(node)


def _period(name: str, value: str) -> str:
    back, ahead = _BACK.fullmatch(value), _AHEAD.fullmatch(value)
    if ahead:
        return _AHEADS[ahead[2]].format(number=ahead[1])
    return _BACKS[name, back[2]].format(number=back[1]) if back else _PERIODS[name].format(value=_days(value))


def _days(value: str) -> str:
    """A day, or two with a dash; those that have names by them."""
    days = ((part, DAYS.get(part.casefold())) for part in value.split(".."))
    return "–".join(part if day is None else str(_NAMED[day]) for part, day in days)


def _together(parts: tuple[Node, ...], city: City) -> str:
    """Words with «и» between them, then what else is asked for."""
    words = [part for part in parts if isinstance(part, Word | Prefix | Phrase | Or)]
    rest = [part for part in parts if part not in words]
    told_words = [f"({_node(part, city)})" if isinstance(part, Or) else _node(part, city) for part in words]
    return ", ".join(filter(None, (f" {_AND} ".join(told_words), *(_node(part, city) for part in rest))))


def _word(word: Word | Prefix) -> str:
    if isinstance(word, Prefix):
        return f"{word.text}…"
    return f"={word.text}" if word.exact else word.text


def _phrase(phrase: Phrase) -> str:
    said = " ".join("/".join(map(_word, slot)) for slot in phrase.slots)
    if phrase.sentence:
        near = Text("в одном предложении", "in one sentence")
    elif not phrase.distance:
        near = Text("подряд", "in a row") if len(phrase.slots) > 1 else Text("", "")
    elif phrase.ordered:
        near = Text("в этом порядке, до {n} слов между", "in this order, up to {n} words between")
    else:
        near = Text("рядом, до {n} слов между", "near each other, up to {n} words between")
    tail = near.format(n=phrase.distance)
    return f"«{said}» {tail}".strip()


def _place(at: At) -> str:
    street = spelt_key(at.street) if at.street else ""
    houses = ""
    if at.house:
        first, last = at.house.first, at.house.last
        houses = f"{first}–{last}" if first != last else f"{first}{at.house.suffix or ''}"
    near = ""
    if at.near:
        near = Text("до {far:g} м от {lat:g}, {lon:g}", "within {far:g} m of {lat:g}, {lon:g}").format(
            lat=at.near[0], lon=at.near[1], far=at.near[2]
        )
    parts = (
        # A key with a type has its word.
        (Text("{value}", "{value}") if "/" in at.street else Text("улица {value}", "street {value}"), street),
        (Text("дом {value}", "house {value}"), houses),
        (Text("район {value}", "district {value}"), at.district),
        (Text("населённый пункт {value}", "settlement {value}"), at.settlement),
        (Text("место {value}", "place {value}"), at.place),
        (Text("участок {value}", "area {value}"), at.polygon),
        (Text("{value}", "{value}"), near),
    )
    return ", ".join(text.format(value=value) for text, value in parts if value) or show(Query("", at))
