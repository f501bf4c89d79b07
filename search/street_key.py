"""The one normal form of a street, for text, query and gazetteer alike: "ленина/улица", untyped "ленина/"."""

import re
from functools import lru_cache

from search.morphology import adjective

# Full type → its gender, its inflected forms and its abbreviations.
_TYPES: dict[str, tuple[str, str, str]] = {
    "улица": ("f", "улица улицы улице улицу улицей улицею улиц улицам улицами улицах", "ул"),
    "проспект": (
        "m",
        "проспект проспекта проспекту проспектом проспекте проспекты проспектов проспектах",
        "пр пр-т просп пр-кт пр-та пр-ту пр-те пр-кте",
    ),
    "переулок": ("m", "переулок переулка переулку переулком переулке переулки переулков", "пер"),
    "проезд": ("m", "проезд проезда проезду проездом проезде проезды проездов", "пр-д пр-зд"),
    "шоссе": ("n", "шоссе", "ш"),
    "бульвар": ("m", "бульвар бульвара бульвару бульваром бульваре", "б-р бул бульв б-ра б-ре"),
    "площадь": ("f", "площадь площади площадью", "пл"),
    "набережная": ("f", "набережная набережной набережную", "наб"),
    "линия": ("f", "линия линии линию линией", "лин"),
    "тракт": ("m", "тракт тракта тракту трактом тракте", "тр-т"),
    "аллея": ("f", "аллея аллеи аллее аллею аллеей", "ал"),
    "тупик": ("m", "тупик тупика тупику тупиком тупике", "туп"),
    "дорога": ("f", "дорога дороги дороге дорогу дорогой", "дор"),
}
STREET_TYPES: dict[str, str] = {
    form: full for full, (_, inflected, short) in _TYPES.items() for form in f"{inflected} {short}".split()
}
ABBREVIATIONS: frozenset[str] = frozenset(form for _, _, short in _TYPES.values() for form in short.split())
_ORDINAL_STEMS = ("перв", "втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят")
_ORDINALS = {stem: str(number) for number, stem in enumerate(_ORDINAL_STEMS, 1)}
_ORDINAL_WORD = re.compile(rf"({'|'.join(_ORDINALS)})(?:ый|ой|ий|ая|ья|ую|ью|ого|ому|ом|ей|ьей|ем)")
_WORD = re.compile(r"\d+|[^\W\d_]+(?:-[^\W\d_]+)*")
_KEY_WORD = re.compile(r"\d+|[^\W\d_]+")
_ORDINAL_ENDINGS = frozenset(["я", "й", "ая", "ый", "ой", "ья", "ю", "ую", "го"])
_DROPPED = frozenset(["им", "имени", "реки", "канала"])


def gender_of(street_type: str) -> str:
    """The gender of a full street type: "f", "m", "n", or "" for none known."""
    return _TYPES[street_type][0] if street_type in _TYPES else ""


def full_type(word: str) -> str:
    """The street type that a word or abbreviation stands for («ул.» → «улица»); "" when it is none."""
    return STREET_TYPES.get(word.casefold().rstrip("."), "")


@lru_cache(maxsize=50_000)
def street_key(name: str, type: str = "") -> str:  # noqa: A002 - the word of the records
    """The normal form of a street: its words in a fixed order, "/", the full type or nothing; "" without a name.

    >>> street_key("Ленина", "ул."), street_key("1-я Советская")
    ('ленина/улица', '1 советская/')
    """
    kind = full_type(type) or _fold(type).strip()
    words = _without_initials(_WORD.findall(_fold(name).replace("-", " ")))
    telling = [word for word in words if word not in _DROPPED] or words
    normal = sorted(_normal_word(word, gender_of(kind)) for word in telling)
    return f"{' '.join(normal)}/{kind}" if normal else ""


def _fold(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _without_initials(words: list[str]) -> list[str]:
    """Single letters before a name are initials and go; endings of ordinals («1 я») go; letters after a name stay."""
    kept: list[str] = []
    last_long = max((at for at, word in enumerate(words) if len(word) > 1), default=-1)
    for at, word in enumerate(words):
        if word in _ORDINAL_ENDINGS and at and words[at - 1].isdigit():
            continue
        if len(word) == 1 and word.isalpha() and at < last_long:
            continue
        kept.append(word)
    return kept


def _normal_word(word: str, gender: str) -> str:
    ordinal = _ORDINAL_WORD.fullmatch(word)
    if ordinal:
        return _ORDINALS[ordinal[1]]
    if word in ("летия", "летие"):
        return "лет"
    return adjective(word, gender).replace("ё", "е") or word


@lru_cache(maxsize=20_000)
def split_street(text: str) -> tuple[str, str]:
    """A street as people write it → (full type or "", name): «ул. Ленина», «Ленина ул», «Ленина»."""
    words = list(re.finditer(r"[^\W_]+(?:-[^\W_]+)*\.?", text))
    if len(words) > 1:
        # «Набережная улица»: of two types «улица» is the type and the other the name.
        ends = sorted((words[0], words[-1]), key=lambda word: full_type(word[0]) != "улица")
        for first in ends:
            kind = full_type(first[0])
            if kind:
                rest = words[1:] if first is words[0] else words[:-1]
                return kind, text[rest[0].start() : rest[-1].end()].strip(" ,")
    return "", text.strip(" ,.")


def asked_key(text: str) -> str:
    """The key of a street as a query names it: by its name («ул. Ленина»), or the key itself («а парковая/улица») where
    the words of a key are no name that leads back to it.
    """
    spelt = _fold(text)
    name, slash, kind = spelt.partition("/")
    words = name.split(" ")
    if slash and (not kind or kind in _TYPES) and words == sorted(words) and all(map(_KEY_WORD.fullmatch, words)):
        return spelt
    kind, name = split_street(text)
    return street_key(name, kind)


def spelt_key(key: str) -> str:
    """A spelling of a street that `asked_key` reads as this key: its words where they will do."""
    words = " ".join(key.split("/")).strip()
    return words if asked_key(words) == key else key


def street_terms(found: str) -> tuple[str, ...]:
    """The exact terms to index for the key of a found street, or for both keys of an intersection "a|b"."""
    terms: list[str] = []
    for key in filter(None, found.split("|")):
        terms += (key.partition("/")[0], key)
    return tuple(dict.fromkeys(terms))


def asked_terms(asked: str) -> tuple[str, ...]:
    """The exact terms of which a found street needs one: untyped asks for the name, typed for the type or none."""
    if not asked:
        return ()
    name, _, kind = asked.partition("/")
    return (f"{name}/{kind}", f"{name}/") if kind else (name,)


def street_fits(asked: str, found: str) -> bool:
    """Whether a found street is the one asked for. A side that names no type fits every type."""
    name, _, kind = asked.partition("/")
    for key in filter(None, found.split("|")):
        found_name, _, found_kind = key.partition("/")
        if asked and name == found_name and (not kind or found_kind in ("", kind)):
            return True
    return False
