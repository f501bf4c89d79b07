"""Kinds of landmarks: the words that say them, however they are shortened, and what tells one of a kind by itself."""

from typing import NamedTuple

from pipelines.toponym_text import Words, word_set
from search.morphology import feminine, forms, neuter


class Kind(NamedTuple):
    """What a word says: the kind, its gender, whether objects of it have numbers, and whether they have names."""

    name: str
    gender: str
    numbered: bool = False
    named: bool = True


_CARE = ("больница", "поликлиника", "клиника", "диспансер", "госпиталь")
# Lemma → kind. Of «сад», «культура», «спорт», «часть», «база», «центр» and «ост» what stands beside decides (head_of).
KINDS: dict[str, Kind] = {
    "школа": Kind("школа", "f", numbered=True, named=False),
    "гимназия": Kind("гимназия", "f", numbered=True),
    "лицей": Kind("лицей", "m", numbered=True),
    "колледж": Kind("колледж", "m", numbered=True),
    "садик": Kind("детский сад", "m", numbered=True, named=False),
    "детсад": Kind("детский сад", "m", numbered=True, named=False),
    "сад": Kind("детский сад", "m", numbered=True, named=False),
    "поликлиника": Kind("поликлиника", "f", numbered=True),
    "больница": Kind("больница", "f", numbered=True),
    "медсанчасть": Kind("медсанчасть", "f", numbered=True),
    "санчасть": Kind("медсанчасть", "f", numbered=True),
    "медчасть": Kind("медсанчасть", "f", numbered=True),
    "часть": Kind("медсанчасть", "f", numbered=True, named=False),
    "мсч": Kind("медсанчасть", "f", numbered=True),
    "гкб": Kind("больница", "f", numbered=True),
    "клиника": Kind("клиника", "f"),
    "диспансер": Kind("диспансер", "m"),
    "госпиталь": Kind("госпиталь", "m"),
    "роддом": Kind("роддом", "m", numbered=True),
    "отделение": Kind("отделение", "n", numbered=True, named=False),
    "санаторий": Kind("санаторий", "m"),
    "профилакторий": Kind("санаторий", "m"),
    "библиотека": Kind("библиотека", "f", numbered=True),
    "амбулатория": Kind("амбулатория", "f"),
    "остановка": Kind("остановка", "f"),
    "ост": Kind("остановка", "f"),
    "конечка": Kind("остановка", "f"),
    "парк": Kind("парк", "m"),
    "сквер": Kind("сквер", "m"),
    "мост": Kind("мост", "m"),
    "пруд": Kind("пруд", "m"),
    "озеро": Kind("озеро", "n"),
    "река": Kind("река", "f"),
    "речка": Kind("река", "f"),
    "рынок": Kind("рынок", "m"),
    "вокзал": Kind("вокзал", "m"),
    "автовокзал": Kind("автовокзал", "m"),
    "кладбище": Kind("кладбище", "n"),
    "стадион": Kind("стадион", "m"),
    "удс": Kind("дворец спорта", "m"),
    "фок": Kind("дворец спорта", "m"),
    "спорт": Kind("дворец спорта", "m"),
    "спорткомплекс": Kind("спорткомплекс", "m"),
    "база": Kind("база", "f"),
    "турбаза": Kind("база", "f"),
    "ипподром": Kind("ипподром", "m"),
    "аэропорт": Kind("аэропорт", "m"),
    "зоопарк": Kind("зоопарк", "m"),
    "хлебозавод": Kind("завод", "m", numbered=True),
    "судозавод": Kind("завод", "m"),
    "птицефабрика": Kind("птицефабрика", "f"),
    "дом": Kind("дом", "m"),
    "особняк": Kind("дом", "m"),
    "усадьба": Kind("дом", "f"),
    "кинотеатр": Kind("кинотеатр", "m"),
    "театр": Kind("театр", "m"),
    "музей": Kind("музей", "m"),
    "церковь": Kind("церковь", "f"),
    "храм": Kind("церковь", "m"),
    "собор": Kind("церковь", "m"),
    "мечеть": Kind("мечеть", "f"),
    "тэц": Kind("электростанция", "f", numbered=True, named=False),
    "грэс": Kind("электростанция", "f", numbered=True, named=False),
    "завод": Kind("завод", "m"),
    "комбинат": Kind("завод", "m"),
    "тц": Kind("торговый центр", "m"),
    "трц": Kind("торговый центр", "m"),
    "трк": Kind("торговый центр", "m"),
    "центр": Kind("торговый центр", "m"),
    "дк": Kind("дом культуры", "m"),
    "культура": Kind("дом культуры", "m"),
}
# Adjectives that describe one of a kind, and those of them that tell which one it is in a town.
_TELLING: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        _CARE,
        word_set(
            "краевой областной республиканский окружной железнодорожный онкологический инфекционный психиатрический "
            "кожно-венерологический противотуберкулёзный туберкулёзный наркологический глазной стоматологический "
            "кардиологический студенческий"
        ),
    ),
    **dict.fromkeys(("рынок", "стадион", "парк"), word_set("центральный")),
    "вокзал": word_set("железнодорожный речной морской"),
    "медицинский центр": word_set(
        "перинатальный диагностический консультативно-диагностический реабилитационный онкологический кардиологический "
        "сердечно-сосудистый фтизиопульмонологический гериатрический"
    ),
}
ALONE = frozenset({"автовокзал", "ипподром", "аэропорт", "зоопарк", "хлебозавод", "судозавод", "птицефабрика"})
"""Lemmas of which a town has one, so that the word itself is the name."""
_MEDICAL = Kind("медицинский центр", "m", named=False)
_TRADE = ("торговый", "торгово-развлекательный")
# Words that say a kind only after one of these, and how they have to be written where the form matters.
_BESIDE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "сад": ((), ("детский",)),
    "культура": (("культуры",), ("дом", "дворец")),
    "спорт": (("спорта",), ("дворец",)),
    "часть": ((), ("мед", "мёд", "медико-санитарный", "медсанитарный")),
    "база": ((), ("лыжный", "туристический", "спортивный")),
}
_DESCRIBING = word_set("городской районный клинический детский взрослый центральный")
_INDECLINABLE = word_set("тц трц трк дк мсч гкб ост тэц грэс удс")
_RAILWAY = "железнодорожный"


def landmark_words() -> dict[str, str]:
    """Every form of every type word, with its lemma: what triggers the rule."""
    endings = ("", "а", "у", "ом", "е", "ы", "и", "ой", "ей", "ю", "я", "ем", "ём", "о", "ями", "ью")
    table = {lemma: lemma for lemma in KINDS}
    for lemma in KINDS.keys() - _INDECLINABLE:
        stems = {lemma, lemma[:-1]} | ({"рынк"} if lemma == "рынок" else {"церкв"} if lemma == "церковь" else set())
        table |= {stem + ending: lemma for stem in stems for ending in endings if _is_form(stem + ending, lemma)}
    return table


def _is_form(word: str, lemma: str) -> bool:
    return any(form.lemma == lemma and form.number == "sing" for form in forms(word))


def kind_at(words: Words, at: int, lemma: str) -> Kind:
    """The kind that a word says there: a «центр» that is no торговый may be a medical one."""
    return _MEDICAL if lemma == "центр" and not _is_of(words.low(at - 1), *_TRADE) else KINDS[lemma]


def head_of(words: Words, at: int, lemma: str) -> tuple[int, int] | None:
    """The tokens of the type, first and past the last: «детский сад», «дет. сад», «дворец культуры», «ост.»; None
    where the word beside it makes it another thing.
    """
    before = words.low(at - 1)
    if lemma == "ост":
        return (at, at + 2) if words.low(at + 1) == "." else None
    if lemma == "сад" and before == "." and words.low(at - 2) in ("дет", "д"):
        return at - 2, at + 1
    if lemma == "центр" and _is_of(before, *_TRADE):
        return at - 1, at + 1
    if lemma in _BESIDE:
        written, beside = _BESIDE[lemma]
        return (at - 1, at + 1) if words.low(at) in (written or (words.low(at),)) and _is_of(before, *beside) else None
    return at, at + 1


def telling(words: Words, first: int, kind: Kind) -> tuple[int, list[str]]:
    """The first token and the lemmas of the adjectives before a type that tell which one it is: «краевая клиническая
    больница», «ж/д вокзал»; none where they only describe.
    """
    if (first < 1 or not words.same_line(first)) or kind.name not in _TELLING:
        return first, []
    if words.low(first - 1) == "жд":
        return first - 1, [_RAILWAY]
    if words.lows[max(first - 3, 0) : first] == ["ж", "/", "д"]:
        return first - 3, [_RAILWAY]
    telling_ones = _TELLING[kind.name]
    start, found = _adjectives(words, first, telling_ones | _DESCRIBING)
    return (start, found) if not telling_ones.isdisjoint(found) else (first, [])


def describing(words: Words, first: int) -> tuple[int, list[str]]:
    """The first token and the lemmas of the adjectives before a type that only describe it: «городская больница»."""
    return _adjectives(words, first, _DESCRIBING)


def agreeing(lemma: str, gender: str) -> str:
    """An adjective in the nominative of a gender."""
    return feminine(lemma) if gender == "f" else neuter(lemma) if gender == "n" else lemma


def _adjectives(words: Words, first: int, lemmas: frozenset[str]) -> tuple[int, list[str]]:
    start, found = first, list[str]()
    while start > 0 and words.is_word(start - 1) and words.same_line(start) and words.is_free(start - 1, start):
        known = (form.lemma for form in forms(words.low(start - 1)) if form.pos == "ADJF")
        lemma = next((one for one in known if one in lemmas), "")
        if not lemma:
            break
        start, found = start - 1, [lemma, *found]
    return start, found


def _is_of(low: str, *lemmas: str) -> bool:
    return bool(low) and any(form.lemma in lemmas for form in forms(low))
