"""Rules of settlements that no type word tells: «в Перми», «из Новых Лядов», «через кондратово»."""

from functools import lru_cache

from crawler.model.items import PlaceKind
from pipelines.toponym_areas import NOT_SETTLEMENTS, double_name, hyphened, is_double, is_of_office
from pipelines.toponym_text import Mention, Words, title_case, word_set
from search.address import fold
from search.morphology import forms
from search.street_key import STREET_TYPES

_PLACED = word_set("в во из до под через около возле у к ко от с со по на жители жителей жителям город города")
_VILLAGES = ("ово", "ево", "ёво", "ино", "ыно")
_VOWELS = "аеёиоуыэюя"
_CASES = {
    "в": ("loct", "accs"),
    "во": ("loct", "accs"),
    "из": ("gent",),
    "до": ("gent",),
    "около": ("gent",),
    "через": ("accs",),
}
_OFFICES = (
    "мин",
    "рос",
    "гос",
    "жил",
    "сбер",
    "горадм",
    "горздрав",
    "облздрав",
    "крайздрав",
    "райадм",
    "энерго",
    "тепло",
)
GOVERNORS = frozenset(_CASES)
_CAPITALS = frozenset(["москва", "санкт петербург", "петербург", "питер"])
_TOWN_ADJECTIVES = word_set(
    "новый старый верхний нижний средний большой малый великий красный белый черный чёрный зеленый зелёный сухой "
    "каменный горный дальний ближний кривой сосновый березовый берёзовый дубовый липовый ясный святой чистый"
)
_NO_TOWNS = word_set(
    "год крест армия октябрь книга завет закон свет площадь рубеж мир бизнес театр дом полоса страна район город улица "
    "неделя список газета отечественная пасха лента пятница звезда дворец почта магия дума совет область зона"
)


def bare_settlement(words: Words, at: int) -> Mention | None:
    """«в Перми», «Березники», «из Краснокамска»: home in any letters, others of the dictionary with a capital."""
    low = words.low(at)
    town = _known_town(words, at)
    if town:
        return town
    home = _home_form(words, at)
    form = home or _city_form(low, words.low(at - 1))
    if words.is_number(at + 1) and words.same_line(at + 1) and len(words.low(at + 1)) == 1:
        return None  # «Пермь 2» is a station
    if not home and (not form or not words.is_capital(at) or not _is_placed(words, at, low)):
        return None
    if (not home and _is_elsewhere(words, form)) or is_of_office(words, at):
        return None
    if words.low(at + 1) in STREET_TYPES or not words.is_free(at, at + 1):
        return None
    return _town(words, at, at + 1, form, "bare_settlement", 0.9 if home else 0.7)


def double_settlement(words: Words, at: int) -> Mention | None:
    """«в Новых Лядах», «Красный Бор без врача»: an adjective that towns are called by and a noun, with capitals."""
    if not words.is_capital(at + 1) or not words.same_line(at + 1) or not words.is_free(at, at + 2):
        return None
    named = any(form.pos == "ADJF" and form.lemma in _TOWN_ADJECTIVES for form in forms(words.low(at)))
    if not named or not is_double(words, at):
        return None
    second = forms(words.low(at + 1))
    if any(form.lemma in _NO_TOWNS for form in second) or words.word(at + 1).isupper() or is_of_office(words, at):
        return None
    name = " ".join(double_name(words.word(at), words.word(at + 1)))
    return _town(words, at, at + 2, name, "double_settlement", 0.7)


def unknown_settlement(words: Words, at: int) -> Mention | None:
    """«в Вильве», «до Тюндюка», «из Култыново», «через кондратово»: a word that no dictionary has, after a preposition
    of place; in small letters only where it ends like a village. «в губахе»: a town that is nothing else.
    """
    preposition, low = words.low(at), words.low(at + 1)
    if not words.is_word(at + 1) or not words.same_line(at + 1) or not words.is_free(at + 1, at + 2) or len(low) < 3:
        return None
    readings, capital = forms(low), words.is_capital(at + 1)
    name = ""
    if any(form.known for form in readings):
        everywhere = all("Geox" in form.marks for form in readings) and preposition in ("в", "во", "из")
        name = _city_form(low, preposition) if everywhere and not capital else ""
    elif len(low) >= 6 and low.endswith(_VILLAGES):
        name = low
    elif capital and _may_be_town(words, at + 1):
        name = _guessed(low, preposition)
    if not name or _is_elsewhere(words, name) or words.low(at + 2) in STREET_TYPES:
        return None
    return _town(words, at + 1, at + 2, name, "unknown_settlement", 0.6 if capital else 0.5)


def _may_be_town(words: Words, at: int) -> bool:
    """Whether an unknown word with a capital can be a town: no abbreviation, office or half of a longer name."""
    low = words.low(at)
    if words.word(at)[1:2].isupper() or words.is_capital(at + 1) or not low.isalpha():
        return False
    return not low.startswith(_OFFICES)


def _town(words: Words, first: int, end: int, name: str, rule: str, confidence: float) -> Mention:
    span = words.starts[first], words.ends[end - 1]
    return Mention(PlaceKind.SETTLEMENT, (hyphened(title_case(name.split())),), *span, ("",), (), rule, confidence)


@lru_cache(maxsize=20_000)
def _guessed(low: str, preposition: str) -> str:
    """The nominative of an unknown town from the case that its preposition asks for; "" where it cannot be in it."""
    cases = _CASES[preposition]
    fitting = [form for form in forms(low) if form.pos == "NOUN" and form.case in cases and form.number == "sing"]
    direct = [form for form in fitting if form.case == "accs" and form.lemma == low]
    if direct or not fitting:
        return low if direct else ""
    if low.endswith("е") and not low.endswith("ске"):
        # «в Вильве»: after two consonants, and after к and х, a feminine is likelier.
        feminine = [form for form in fitting if form.gender == "femn" and form.lemma.endswith(("а", "я"))]
        if feminine and (low[-3] not in _VOWELS or low[-2] in "кх"):
            return feminine[0].lemma
    return fitting[0].lemma


def _is_elsewhere(words: Words, name: str) -> bool:
    """Whether a name is one of the two capitals, which residents of all other cities compare theirs with."""
    key = fold(name)
    return key in _CAPITALS and key not in words.vocabulary.towns and not _CAPITALS & words.vocabulary.homes.keys()


def _home_form(words: Words, at: int) -> str:
    """The name of home when the word is a form of it. A home that is an everyday word («Речной») needs a capital and
    no noun after it.
    """
    low = words.low(at)
    for home, name in words.vocabulary.homes.items():
        stem = home.rstrip("аеиоуыьйяюё")
        if low[: len(stem)].replace("ё", "е").replace("-", " ") != stem or len(low) > len(home) + 3:
            continue
        readings = [form for form in forms(low) if fold(form.lemma) == home and form.gender != "femn"]
        if fold(low) != home and not any(fold(form.lemma) == home for form in forms(low)):
            continue
        common = not any("Geox" in form.marks for form in forms(low))
        if common and not words.is_capital(at):
            continue
        noun_follows = words.is_word(at + 1) and forms(words.low(at + 1))[0].pos == "NOUN"
        if any(form.pos == "ADJF" for form in readings) and noun_follows and not words.is_capital(at + 1):
            continue
        return name
    return ""


def _known_town(words: Words, at: int) -> Mention | None:
    """A town of the gazetteer, of one or two words, with a capital: «Пушкин, Гусарская, д. 6», «в Красном Селе»."""
    towns = words.vocabulary.towns
    if not towns or not words.is_capital(at) or not words.is_free(at, at + 1) or is_of_office(words, at):
        return None
    if words.is_capital(at + 1) and words.same_line(at + 1) and is_double(words, at):
        name, last = " ".join(double_name(words.word(at), words.word(at + 1))), at + 1
    else:
        placed = words.low(at - 1) in ("в", "во", "из") or words.low(at + 1) in (",", ".")
        lemmas = (form.lemma for form in forms(words.low(at)) if placed and form.number != "plur")
        name, last = next((lemma for lemma in (words.low(at), *lemmas) if fold(lemma) in towns), ""), at
    if not name or fold(name) not in towns or words.low(last + 1) in STREET_TYPES:
        return None
    if last == at and not (words.begins(at) or words.low(at - 1) in (",", "в", "во", "из")):
        return None
    names = (hyphened(title_case(name.split())),)
    span = words.starts[at], words.ends[last]
    return Mention(PlaceKind.SETTLEMENT, names, *span, ("",), (), "known_town", 0.9)


@lru_cache(maxsize=50_000)
def _city_form(low: str, preposition: str) -> str:
    """The lemma of a word that can be a city, in the case that its place in the text may ask for; "" for none."""
    if len(low) < 4:
        return ""
    readings = forms(low)
    for form in readings:
        if "Geox" in form.marks and form.known and form.lemma not in NOT_SETTLEMENTS:
            governed = preposition in ("в", "во", "из")
            surname = not governed and any("Surn" in other.marks or "Name" in other.marks for other in readings)
            # «Чайковский» is a town after a preposition only, «Куйбышева» a street more often than a city.
            street = preposition != "из" and form.case == "gent" and form.lemma.endswith(("ов", "ев", "ин"))
            if surname or street:
                continue
            return form.lemma
    return ""


def _is_placed(words: Words, at: int, low: str) -> bool:
    before = words.low(at - 1)
    cases = {form.case for form in forms(low) if "Geox" in form.marks}
    if forms(low)[0].pos == "ADJF" or "Geox" not in forms(low)[0].marks:
        return before in ("в", "во", "из") and bool(cases & {"loct", "gent", "accs"})
    return before in _PLACED or words.begins(at) or not words.begins(at)
