"""Rules of landmarks: objects with a number («школа № 12») or a name («парк Горького», «Коммунальный мост»)."""

import re

from crawler.model.items import PlaceKind
from pipelines.toponym_names import agreed, is_generic
from pipelines.toponym_text import Mention, Words, title_case
from search.morphology import forms

# Lemma → (type, gender, whether it is known by numbers).
_KINDS: dict[str, tuple[str, str, bool]] = {
    "школа": ("школа", "f", True),
    "гимназия": ("гимназия", "f", True),
    "лицей": ("лицей", "m", True),
    "садик": ("детский сад", "m", True),
    "детсад": ("детский сад", "m", True),
    "сад": ("детский сад", "m", True),
    "поликлиника": ("поликлиника", "f", True),
    "больница": ("больница", "f", True),
    "медсанчасть": ("медсанчасть", "f", True),
    "мсч": ("медсанчасть", "f", True),
    "гкб": ("больница", "f", True),
    "роддом": ("роддом", "m", True),
    "библиотека": ("библиотека", "f", True),
    "амбулатория": ("амбулатория", "f", False),
    "остановка": ("остановка", "f", False),
    "парк": ("парк", "m", False),
    "сквер": ("сквер", "m", False),
    "мост": ("мост", "m", False),
    "пруд": ("пруд", "m", False),
    "озеро": ("озеро", "n", False),
    "река": ("река", "f", False),
    "речка": ("река", "f", False),
    "рынок": ("рынок", "m", False),
    "вокзал": ("вокзал", "m", False),
    "кладбище": ("кладбище", "n", False),
    "стадион": ("стадион", "m", False),
    "кинотеатр": ("кинотеатр", "m", False),
    "завод": ("завод", "m", False),
    "тц": ("торговый центр", "m", False),
    "трц": ("торговый центр", "m", False),
    "трк": ("торговый центр", "m", False),
    "дк": ("дом культуры", "m", False),
}
_QUOTED = re.compile(r"[ \t]*[«\"]([^«»\"\n]{2,40})[»\"]")
_INDECLINABLE = frozenset(["тц", "трц", "трк", "дк", "мсч", "гкб"])


def landmark_words() -> dict[str, str]:
    """Every form of every type word, with its lemma: what triggers the rule."""
    endings = ("", "а", "у", "ом", "е", "ы", "и", "ой", "ей", "ю", "я", "ю", "ем", "ём", "о", "ями", "ью")
    table = {lemma: lemma for lemma in _KINDS}
    for lemma in _KINDS.keys() - _INDECLINABLE:
        stems = {lemma, lemma[:-1]} | ({"рынк"} if lemma == "рынок" else set())
        table |= {stem + ending: lemma for stem in stems for ending in endings if _is_form(stem + ending, lemma)}
    return table


def _is_form(word: str, lemma: str) -> bool:
    return any(form.lemma == lemma and form.number == "sing" for form in forms(word))


def landmark(words: Words, at: int, lemma: str) -> Mention | None:
    """The object with its number or name, whichever side it stands on."""
    kind, gender, numbered = _KINDS[lemma]
    first = at
    if lemma == "сад":
        if not any(form.lemma == "детский" for form in forms(words.low(at - 1) or "-")):
            return None
        first = at - 1
    if numbered:
        found = _numbered(words, first, at, kind)
        if found:
            return found
    return _named(words, first, at, kind, gender) if lemma not in ("сад", "садик", "детсад", "школа") else None


def _numbered(words: Words, first: int, at: int, kind: str) -> Mention | None:
    after = words.skip(at + 1, "№", "n", "номер", ".")
    if words.is_number(after) and words.same_line(after) and len(words.low(after)) < 4 and not _counts(words, after):
        return _mention(words, first, after + 1, words.word(after), kind)
    before = first - 1
    while words.low(before) in ("я", "й", "ю", "ой", "-", "городская", "городской", "городскую", "детская", "детской"):
        before -= 1
    if not words.is_number(before) or not words.same_line(first) or len(words.low(before)) > 3:
        return None
    number = int(words.low(before))
    # «2 школы», «5 школ» are counted things; «в 2 школе», «135 школу» are one school with its number.
    counted = before == first - 1 and number < 5 and any(form.case == "gent" for form in forms(words.low(at))[:1])
    if counted or words.low(before - 1) in ("№", "/", ".", ","):
        return None
    return _mention(words, before, at + 1, words.word(before), kind)


def _counts(words: Words, number: int) -> bool:
    """Whether the number counts what follows: «в больнице 3 дня»."""
    following = words.low(number + 1)
    return words.is_word(number + 1) and forms(following)[0].pos == "NOUN" and forms(following)[0].case == "gent"


def _named(words: Words, first: int, at: int, kind: str, gender: str) -> Mention | None:
    quoted = _QUOTED.match(words.text, words.ends[at])
    if quoted:
        return Mention(
            PlaceKind.LANDMARK, (quoted[1].strip(),), words.starts[first], quoted.end(), (kind,), (), "landmark", 0.85
        )
    before = words.low(at - 1)
    if words.is_capital(at - 1) and words.same_line(at) and not is_generic(before) and words.is_free(at - 1, at):
        name = agreed(before, gender)
        if name:
            return _mention(words, at - 1, at + 1, title_case([name]), kind)
    end = at + 1
    while words.is_capital(end) and words.same_line(end) and end - at < 4 and words.is_free(end, end + 1):
        end += 1
    if end == at + 1:
        return None
    if words.low(end) == "№" and words.is_number(end + 1):
        end += 2  # «остановка Школа № 6»
    name_words = [words.word(index) for index in range(at + 1, end)]
    return _mention(words, first, end, _name(name_words, kind), kind)


def _name(parts: list[str], kind: str) -> str:
    """Names of waters agree with their type («реку Косьву» → «Косьва»); others stay as they are."""
    if kind == "река" and len(parts) == 1:
        return title_case([next((form.lemma for form in forms(parts[0]) if form.pos == "NOUN"), parts[0])])
    return title_case(parts)


def _mention(words: Words, first: int, end: int, name: str, kind: str) -> Mention:
    return Mention(PlaceKind.LANDMARK, (name,), words.starts[first], words.ends[end - 1], (kind,), (), "landmark", 0.85)
