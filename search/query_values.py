"""The values that the fields of a post take: closed lists, names of the city, and errors that tell the nearest one."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from crawler.model.errors import QueryError
from crawler.model.items import Act, Kind
from crawler.model.languages import LANGUAGES
from crawler.model.text import Text
from search.address import fold
from search.analysis import name_key
from search.document import HAS, TRAITS
from search.names import Names
from search.properties import ROLES
from search.query_lexer import Lexeme
from search.query_show import shown_value

_CLOSED: Mapping[str, Collection[str]] = {
    "kind": [kind.value for kind in Kind],
    "author": ROLES,
    "act": [act.value for act in Act],
    "lang": LANGUAGES,
    "has": HAS,
    "is": TRAITS,
}
_KEY = re.compile(r"[0-9a-f]{32}")
"""A pseudonym of an author (crawler/model/keys.py)."""
_KEY_SHOWN = Text("; или псевдоним автора, 32 знака 0–9 a–f", "; or the pseudonym of an author, 32 signs 0–9 a–f")
_LIKE = 0.75
"""How alike a word is to one in another form: жалобы, комментарии."""
_LISTED = 20
# What people write instead → the value, or the clause that says it.
_RUSSIAN: Mapping[str, Mapping[str, str]] = {
    "platform": {
        "вк": "vk",
        "вконтакте": "vk",
        "vkontakte": "vk",
        "телеграм": "telegram",
        "телеграмм": "telegram",
        "телеграмма": "telegram",
        "тг": "telegram",
        "tg": "telegram",
        "новости": "news",
        "сайт": "page",
        "таблица": "intake",
    },
    "kind": {
        "пост": "post",
        "запись": "post",
        "комментарий": "comment",
        "статья": "article",
        "новость": "article",
        "обращение": "appeal",
        "жалоба": "appeal",
        "сообщение": "message",
    },
    "author": {
        "житель": "resident",
        "жители": "resident",
        "власть": "official",
        "власти": "official",
        "администрация": "official",
        "сми": "media",
        "неизвестен": "unknown",
        "аноним": "unknown",
    },
    "act": {
        "жалоба": "complaint",
        "вопрос": "question",
        "предложение": "proposal",
        "благодарность": "thanks",
        "спасибо": "thanks",
        "разговор": "talk",
        "реклама": "advert",
    },
    "lang": {name: code for code, name in LANGUAGES.items()},
    "has": {
        "фото": "photo",
        "фотография": "photo",
        "image": "photo",
        "picture": "photo",
        "видео": "video",
        "звук": "audio",
        "аудио": "audio",
        "voice": "audio",
        "файл": "file",
        "документ": "file",
        "document": "file",
        "ссылка": "link",
        "url": "link",
        "опрос": "poll",
        "место": "place",
        "адрес": "place",
        "геометка": "location",
        "point": "location",
    },
    "is": {
        "копия": "copy",
        "перепечатка": "copy",
        "duplicate": "copy",
        "ответ": "reply",
        "репост": "repost",
        "forward": "repost",
        "original": "-is:copy",
        "оригинал": "-is:copy",
        "comment": "kind:comment",
        "official": "author:official",
    },
}


@dataclass(frozen=True, slots=True)
class Known:
    """Names that a value may be checked against; None checks nothing."""

    sources: Collection[str] | None = None
    platforms: Collection[str] | None = None
    names: Names | None = None


def post_value(lexeme: Lexeme, value: str, known: Known) -> str:
    """The value of a field of the post, checked against what there is. QueryError for another one."""
    name = lexeme.name
    if name == "source":
        return _listed(lexeme, value, known.sources)
    if name == "story":
        return value
    if name == "topic":
        return _topic(lexeme, value, known.names)
    value = value.lower()
    if name == "author" and _KEY.fullmatch(value):
        return value
    return _listed(lexeme, value, known.platforms if name == "platform" else _CLOSED[name])


def polygon_of(lexeme: Lexeme, value: str, known: Known) -> str:
    """The name of a polygon as its file spells it, in whatever form it is asked for."""
    areas = known.names.areas if known.names else None
    if areas is None:
        return value
    area = areas.area(value)
    if area:
        return area.name
    if not areas.names:
        said = Text(
            "in: в городе нет ни одного многоугольника: назовите districts или polygons в [gazetteer] файла города",
            "in: the city has no polygon: name districts or polygons in [gazetteer] of the city file",
        )
        raise QueryError(said, lexeme.start, lexeme.end)
    spelt = {name_key(name): name for name in areas.names}
    close = get_close_matches(name_key(value), spelt, 1)
    raise _no_value(lexeme, value, areas.names, spelt[close[0]] if close else "")


def _topic(lexeme: Lexeme, value: str, names: Names | None) -> str:
    """A topic or group as the city file spells it, however its letters are."""
    if names is None:
        return value
    spelt = {fold(topic): topic for topic in names.topics}
    key = fold(value)
    if key in spelt:
        return spelt[key]
    close = get_close_matches(key, spelt, 1) or [one for one in spelt if key in one][:1]
    raise _no_value(lexeme, value, names.topics, spelt[close[0]] if close else "")


def _listed(lexeme: Lexeme, value: str, there: Collection[str] | None) -> str:
    if there is None or value in there:
        return value
    words = _RUSSIAN.get(lexeme.name, {})
    close = get_close_matches(value, list(there), 1) or get_close_matches(value, words, 1, cutoff=_LIKE)
    meant = words.get(value) or (words.get(close[0], close[0]) if close else "")
    raise _no_value(lexeme, value, sorted(there), meant)


def _no_value(lexeme: Lexeme, value: str, there: Collection[str], meant: str) -> QueryError:
    name = lexeme.name
    listed = ", ".join(list(there)[:_LISTED]) + (", …" if len(there) > _LISTED else "")
    more = _KEY_SHOWN if name == "author" else Text("", "")
    hint = meant if ":" in meant else f"{name}:{shown_value(meant)}" if meant else ""
    return QueryError(
        Text(
            f"{name}: нет значения {value}. Есть: {listed or 'ни одного'}{more.ru}",
            f"{name}: has no value {value}. There are: {listed or 'none'}{more.en}",
        ),
        lexeme.start,
        lexeme.end,
        hint,
    )
