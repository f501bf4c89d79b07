"""What the fields of the query language are called: one name each, and the other names that are read as it."""

PLACE_FIELDS = ("street", "house", "district", "settlement", "place", "near", "in")
POST_FIELDS = ("source", "platform", "kind", "author", "topic", "act", "lang", "story", "has", "is")
PERIOD_FIELDS = ("since", "until", "seen", "when")
FIELDS = POST_FIELDS + PERIOD_FIELDS + PLACE_FIELDS

RUSSIAN = {
    "улица": "street",
    "ул": "street",
    "дом": "house",
    "район": "district",
    "город": "settlement",
    "рядом": "near",
    "место": "place",
    "где": "place",
    "ориентир": "place",
    "landmark": "place",
    "внутри": "in",
    "полигон": "in",
    "polygon": "in",
    "в": "in",
    "посёлок": "settlement",
    "поселок": "settlement",
    "источник": "source",
    "площадка": "platform",
    "платформа": "platform",
    "вид": "kind",
    "с": "since",
    "от": "since",
    "по": "until",
    "до": "until",
    "получено": "seen",
    "когда": "when",
    "пришло": "seen",
    "автор": "author",
    "тема": "topic",
    "группа": "topic",
    "действие": "act",
    "есть": "has",
    "признак": "is",
    "язык": "lang",
    "language": "lang",
    "сюжет": "story",
    "история": "story",
    "событие": "story",
}
"""Other names of the fields, in small letters: Russian ones, and what other languages call them."""
CALLED = frozenset([*FIELDS, *RUSSIAN])
"""Every name that is read."""


def field_called(name: str) -> str:
    """The field of a name in any case; the name itself where it is none."""
    small = name.lower()
    return RUSSIAN.get(small, small if small in FIELDS else name)
