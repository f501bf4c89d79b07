"""Rules of streets and houses told by a type word or a number. Each takes a token that triggers it and gives a mention
or None; toponym_bare.py has the streets that stand alone.
"""

from dataclasses import dataclass

from crawler.model.items import House, PlaceKind
from pipelines.toponym_houses import is_house_word, read_houses
from pipelines.toponym_names import Name, agreed, is_generic, is_of_somebody, read_name
from pipelines.toponym_text import DISTRICT_WORDS, Mention, Words, title_case, word_set
from search.morphology import adjective, forms
from search.street_key import ABBREVIATIONS, STREET_TYPES, gender_of

HOUSE_WORDS = frozenset(["дом", "дома", "доме", "дому", "домов", "домами", "домах", "д"])
_SHORT_SPLIT = {("пр", "т"): "проспект", ("б", "р"): "бульвар", ("пр", "д"): "проезд", ("пр", "кт"): "проспект"}
_GLUE = word_set(
    "от до с со на по у за к между около возле напротив адресу адрес адреса вдоль через и или дома доме дом домами "
    "двор дворе из улицах"
)


_LIVING = word_set("живу живём живем проживаю проживаем прописан прописана прописаны здравствуйте добрый день вечер")
_WITHIN = word_set("кв квартира квартиры подъезд подъезда подьезд этаж")

# Everyday words as well: they name a street only beside a capital.
_ROADS = frozenset(["дорога", "линия"])
_CAPITAL_TYPES = frozenset(["линия", "дорога", "аллея", "площадь", "набережная", "тупик"])


@dataclass(slots=True)
class Spec:
    """A street as read at some tokens: its type, name, the tokens it takes and the shape of its name."""

    type: str
    name: str
    start: int
    end: int
    shape: str


def _type_at(words: Words, at: int) -> tuple[str, int]:
    """The street type at a token and the token after it («ул.», «пр-т», «пр т»); ("", at) for none."""
    low = words.low(at)
    kind = _SHORT_SPLIT.get((low, words.low(at + 1)), "")
    if kind:
        return kind, words.skip(at + 2, ".")
    kind = STREET_TYPES.get(low, "")
    return (kind, words.skip(at + 1, ".")) if kind else ("", at)


def _typed_after(words: Words, at: int) -> Spec | None:
    """A name before its type word: «Сибирской улице», «Ленина ул.»; `at` is the type word."""
    kind, end = _type_at(words, at)
    if not words.is_word(at - 1) or not words.same_line(at):
        return None
    if kind == "улица" and _is_embankment(words, at - 1):
        return Spec(kind, "Набережная", at - 1, end, "adjective")
    for first in (at - 4, at - 3, at - 2, at - 1):
        if first < 0 or not words.is_free(first, at):
            continue
        name = read_name(words, first, kind, typed=True)
        if not name or name.end != at or not _fits_before(words, name, at, kind):
            continue
        if words.low(at - 1) in ("и", "а"):
            continue
        return Spec(kind, name.text, first, end, name.shape)
    return _of_genitive(words, at, kind, end)


def _of_genitive(words: Words, at: int, kind: str, end: int) -> Spec | None:
    """«Вдоль Комсомольского проспекта», «до Тучкова переулка»: an adjective and its type word, both in the genitive."""
    low = words.low(at - 1)
    if gender_of(kind) == "m" and low.endswith(("ова", "ева", "ина")) and words.low(at) not in ABBREVIATIONS:
        of_type = words.is_capital(at - 1) and words.is_free(at - 1, at)
        case = any(form.case == "gent" and form.number == "sing" for form in forms(words.low(at)))
        return Spec(kind, words.word(at - 1)[:-1], at - 1, end, "adjective") if of_type and case else None
    if not low.endswith(("ого", "его")) or not words.is_capital(at - 1) or not words.is_free(at - 1, at):
        return None
    if words.low(at) not in ABBREVIATIONS and not any(form.case == "gent" for form in forms(words.low(at))):
        return None
    name = agreed(low, gender_of(kind))
    return Spec(kind, title_case([name]), at - 1, end, "adjective") if name and not is_generic(low) else None


def _fits_before(words: Words, name: Name, at: int, kind: str) -> bool:
    """A name before the type word is an adjective that agrees («Лесная улица») or a name before «ул.»."""
    low = words.low(at - 1)
    if name.shape == "adjective" and name.text[0].isdigit():
        return True
    if name.shape == "date":
        return words.low(at) in ABBREVIATIONS
    if kind in _ROADS and words.begins(at - 1) and "Qual" in forms(low)[0].marks:
        return False  # «Новая дорога лучше старой»
    if adjective(low, gender_of(kind)) and not is_generic(low):
        return words.is_capital(at - 1) or kind not in _CAPITAL_TYPES
    # Adjectives that are surnames as well: «Вознесенский пр.», «Басков переулок», «Введенская ул.».
    endings = {"m": ("ский", "цкий", "ской", "ов", "ев", "ин"), "f": ("ская", "цкая")}.get(gender_of(kind), ())
    if words.is_capital(at - 1) and low.endswith(endings):
        return True
    return words.low(at) in ABBREVIATIONS and name.shape == "genitive" and words.is_capital(at - 1)


def _typed_before(words: Words, at: int) -> Spec | None:
    """A name after its type word: «ул. Ленина», «проспекте Мира»."""
    kind, after = _type_at(words, at)
    if kind == "улица" and words.same_line(after) and _is_embankment(words, after):
        return Spec(kind, "Набережная", at, after + 1, "adjective")
    name = read_name(words, after, kind, typed=True) if _may_open(words, at, after, kind) else None
    if not name or not _stands_alone(words, name, after):
        return None
    end = name.end
    if kind == "улица" and words.low(end) in ("набережная", "площадь"):
        return Spec(kind, f"{name.text} {words.low(end)}", at, end + 1, name.shape)
    return Spec(kind, name.text, at, end, name.shape)


def _is_embankment(words: Words, at: int) -> bool:
    """Whether «Набережная» is the whole name of a street there and not the type of what follows it."""
    if not words.low(at).startswith("набережн") or STREET_TYPES.get(words.low(at)) != "набережная":
        return False
    return not words.is_capital(at + 1) and words.low(at + 1) not in ("реки", "канала", "речки")


def _may_open(words: Words, at: int, after: int, kind: str) -> bool:
    """Whether a name may follow a type word: on its line, and small letters only where the type leaves no doubt."""
    if kind == "дорога":
        return False
    if words.low(at) not in ABBREVIATIONS and (words.low(after - 1) == "." or not words.same_line(after)):
        return False
    if not words.is_word(after) or words.is_capital(after):
        return True
    if kind in _CAPITAL_TYPES:
        return kind == "набережная" and words.low(after) in ("реки", "канала")
    return len(words.low(at)) > 2 or words.low(at) in ("ул", "пр")


def _stands_alone(words: Words, name: Name, at: int) -> bool:
    """Whether the words after a type word are the street's own: not «проезда Индустриальный район» and not an adjective
    in small letters that describes what follows («на улице минусовая температура»).
    """
    following = words.low(name.end)
    if following in DISTRICT_WORDS or (following in ("г", "с") and words.low(name.end + 1) == "н"):
        return False
    if name.shape == "adjective" and not words.is_capital(at) and not words.is_number(at):
        return not agrees(words, name.end, words.low(at))
    possessor = words.low(at).endswith("ого") and words.is_word(name.end) and not words.is_capital(name.end)
    return not (possessor and forms(following)[0].pos == "NOUN" and forms(following)[0].case == "gent")


def spec_at(words: Words, at: int) -> Spec | None:
    """A street that begins at a token, with or without a type word before or after its name."""
    kind, _ = _type_at(words, at)
    if kind:
        alone = words.is_capital(at) and _is_embankment(words, at)
        return _typed_before(words, at) or (Spec("", "Набережная", at, at + 1, "adjective") if alone else None)
    for kind_at in range(at + 1, min(at + 4, len(words))):
        if words.low(kind_at) in STREET_TYPES:
            spec = _typed_after(words, kind_at)
            if spec and spec.start == at:
                return spec
    name = read_name(words, at, "", typed=False)
    if not name or not (words.is_capital(at) or words.is_number(at)):
        return None
    return Spec("", name.text, at, name.end, name.shape)


def street_mention(words: Words, spec: Spec, rule: str, confidence: float) -> Mention:
    """The street with the houses that follow it."""
    end = words.ends[spec.end - 1]
    houses, after = read_houses(words.text, end)
    return _built(words.starts[spec.start], after if houses else end, spec, houses, rule, confidence)


def _built(start: int, end: int, spec: Spec, houses: tuple[House, ...], rule: str, confidence: float) -> Mention:
    kind = PlaceKind.HOUSE if houses else PlaceKind.STREET
    return Mention(kind, (spec.name,), start, end, (spec.type,), houses, rule, confidence)


def typed_street(words: Words, at: int) -> Mention | None:
    """«ул. Ленина, 45», «Лесную улицу», «Комсомольскому проспекту 71», «Ленина ул., д. 5»."""
    full = words.low(at) not in ABBREVIATIONS
    spec = (_typed_after(words, at) if full else None) or _typed_before(words, at) or _typed_after(words, at)
    if not spec and words.is_capital(at) and _is_embankment(words, at):
        return _bare_embankment(words, at)
    return street_mention(words, spec, "typed_street", 0.95) if spec else None


def _bare_embankment(words: Words, at: int) -> Mention | None:
    """«Набережная, 5», «у Набережной, 12»; without a house («на Набережной») only where the city has such a street."""
    led = words.low(at - 1) in _GLUE
    if words.low(at + 1) in STREET_TYPES:
        return None  # «Набережной улицы, 12» is read from its type word
    if not led and not (words.begins(at) and words.low(at) == "набережная"):
        return None
    alone = street_mention(words, Spec("", "Набережная", at, at + 1, "adjective"), "typed_street", 0.6)
    known = led and words.vocabulary.knows_street("набережная")
    return alone if alone.houses or known else None


def house_of_street(words: Words, at: int) -> Mention | None:
    """«дома 5 по улице Шлюзовой», «домов 61, 61а по проспекту Ленина», «в доме 7 на Мира»."""
    after = words.skip(at + 1, ".", "№", "n")
    if not words.is_number(after):
        return None
    return _houses_then_street(words, at, after, typed=False)


def house_by_street(words: Words, at: int) -> Mention | None:
    """«18к5 по ул. Ботанической»: the number alone, when a street with its type follows."""
    near = "по" in words.lows[at + 1 : at + 6]
    return _houses_then_street(words, at, at, typed=True) if near else None


def _houses_then_street(words: Words, at: int, after: int, *, typed: bool) -> Mention | None:
    houses, end = read_houses(words.text, words.starts[after], led=True)
    if not houses:
        return None
    follow = next((index for index in range(after, min(after + 12, len(words))) if words.starts[index] >= end), 0)
    follow = words.skip(follow, ",") if follow else 0
    if words.low(follow) in ("по", "на"):
        follow += 1
        if typed and not _type_at(words, follow)[0]:
            return None
    elif typed or not _type_at(words, follow)[0]:
        return None
    spec = spec_at(words, follow) if follow else None
    if not spec or read_houses(words.text, words.ends[spec.end - 1])[0]:
        return None
    return _built(
        words.starts[at],
        words.ends[spec.end - 1],
        spec,
        houses,
        "house_by_street" if typed else "house_of_street",
        0.95,
    )


def named_house(words: Words, at: int) -> Mention | None:
    """«Кирова 50», «на свободы 50», «Полины Осипенко, 46», «25 Октября 77»: a name and a number without a type."""
    before = at - 1
    while before >= 0 and words.low(before) in (",", ".", "№", "д", "дом", "дома"):
        before -= 1
    if not words.is_word(before) or is_house_word(words.low(before)) or at - before > 4:
        return None
    if not words.is_free(before, at):
        return None
    if words.low(before - 1) in ("в", "во"):
        return None  # «в Перми 21 век»
    end = words.ends[before]
    houses, after = read_houses(words.text, end)
    if not houses or not words.same_line(before + 1):
        return None
    for start in range(max(0, before - 3), before + 1):
        name = read_name(words, start, "", typed=False) if words.is_free(start, before + 1) else None
        if name and name.end == before + 1 and _is_placed(words, start, name):
            spec = Spec("", name.text, start, name.end, name.shape)
            return _built(words.starts[start], after, spec, houses, "named_house", 0.8)
    return _masculine_house(words, before, houses, after)


def _masculine_house(words: Words, at: int, houses: tuple[House, ...], after: int) -> Mention | None:
    """«Комендантский 69», «на Гражданском 75»: the adjective of an avenue, with a capital."""
    low = words.low(at)
    name = adjective(low, "m") if words.is_capital(at) and low.endswith(("ский", "ском", "ской")) else ""
    if not name or is_generic(low):
        return None
    spec = Spec("", title_case([name]), at, at + 1, "adjective")
    return _built(words.starts[at], after, spec, houses, "named_house", 0.6)


def _is_placed(words: Words, start: int, name: Name) -> bool:
    """Whether a name before a number is a street's: a capital, or small letters after a preposition, sign or break."""
    capital = words.is_capital(start) or (name.shape == "date" and words.is_capital(start + 1))
    if capital and name.shape != "known":
        return True
    if words.low(start - 1) in _GLUE or words.begins(start) or words.low(start - 1) in (",", "."):
        return True
    return name.end == start + 1 and is_of_somebody(words.low(start)) and _is_home_told(words, start, name.end)


def _is_home_told(words: Words, start: int, number: int) -> bool:
    """Whether the words around a name in small letters say that it is an address: «живу кирова 45», «ленина 7 кв 2»."""
    if words.low(start - 1) in _LIVING:
        return True
    after = words.skip(number + 1, ",")
    return words.low(after) in _WITHIN or words.low(after + 1) in _WITHIN


def agrees(words: Words, at: int, low: str) -> bool:
    """Whether a noun follows that the adjective belongs to: «Краевой больнице»."""
    if not words.is_word(at) or not words.same_line(at):
        return False
    following = [form for form in forms(words.low(at)) if form.pos in ("NOUN", "ADJF")]
    cases = {form.case for form in forms(low) if form.gender == "femn" and form.pos == "ADJF"}
    if not following or following[0] not in forms(words.low(at))[:2]:
        return False
    return any(form.case in cases and form.gender == "femn" and form.number == "sing" for form in following)
