"""What a table for people calls its columns and values: in Russian words; in English the words that JSON lines have."""

from collections.abc import Mapping

from crawler.model.items import Kind, TimePrecision
from crawler.model.kind_names import KIND_NAMES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS

_RUSSIAN = {
    "id": "Номер",
    "published_at": "Опубликовано",
    "precision": "Точность времени",
    "platform": "Площадка",
    "source": "Источник",
    "kind": "Вид",
    "author": "Автор (псевдоним)",
    "title": "Заголовок",
    "text": "Текст",
    "url": "Ссылка",
    "parent": "Ответ на",
    "copy_of": "Копия",
    "story": "Сюжет",
    "topic": "Тема",
    "place": "Место",
    "district": "Район",
    "settlement": "Населённый пункт",
    "lat": "Широта",
    "lon": "Долгота",
}
_PRECISIONS = {
    TimePrecision.SECOND: "до секунды",
    TimePrecision.MINUTE: "до минуты",
    TimePrecision.DAY: "до дня",
    TimePrecision.NONE: "время прихода",
}
COLUMNS = tuple(_RUSSIAN)
_VALUES: Mapping[str, Mapping[str, str]] = {
    "precision": {one.value: name for one, name in _PRECISIONS.items()},
    "kind": {one.value: KIND_NAMES[one].ru for one in Kind},
    "platform": {key: platform.title.ru for key, platform in PLATFORMS.items()},
}


def heads() -> list[str]:
    """The heading, in the reader's language."""
    return [str(Text(name, column)) for column, name in _RUSSIAN.items()]


def worded(column: str, value: object) -> object:
    """A value as people call it; most are their own."""
    known = _VALUES.get(column)
    if known is None or not isinstance(value, str):
        return value
    return str(Text(known.get(value, value), value))
