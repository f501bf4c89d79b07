"""Rules of settlements. Each takes a token that triggers it and gives a mention or None."""

from functools import lru_cache

from crawler.model.items import PlaceKind
from pipelines.toponym_names import can_name, is_generic
from pipelines.toponym_text import DISTRICT_WORDS, Mention, Words, title_case, word_set
from search.address import fold
from search.morphology import adjective, forms
from search.street_key import STREET_TYPES

_SETTLEMENTS: dict[str, tuple[str, str, str]] = {
    "город": ("m", "город города городу городом городе городок городке", "г гор"),
    "посёлок": (
        "m",
        "посёлок поселок посёлка поселка посёлку поселку посёлком поселком посёлке поселке",
        "п пос рп пгт",
    ),
    "село": ("n", "село села селу селом селе", "с"),
    "деревня": ("f", "деревня деревни деревне деревню деревней", "д дер"),
    "станция": ("f", "станция станции станцию станцией", "ст"),
    "станица": ("f", "станица станицы станице станицу", ""),
    "хутор": ("m", "хутор хутора хуторе", ""),
    "СНТ": ("n", "снт снд садоводство садоводства садоводстве", ""),
}
SETTLEMENT_TYPES = {
    form: full for full, (_, inflected, short) in _SETTLEMENTS.items() for form in f"{inflected} {short}".split()
}
_DOTTED = frozenset(["с", "д", "п", "ст"])
_SHORT = frozenset(form for _, _, short in _SETTLEMENTS.values() for form in short.split())
_OFFICES = word_set(
    "администрация глава мэр мэрия министерство департамент дума прокуратура правительство губернатор управление "
    "комитет адм минздрав дептранс сити закон ооо жкс жэс жсэк хэу гжа увд омвд отдел"
)
_NOT_SETTLEMENTS = word_set(
    "россия рф русь ссср украина белоруссия беларусь казахстан китай германия франция сша америка европа азия африка "
    "урал сибирь поволжье кавказ крым волга кама обь енисей лена амур дон ока нева байкал евросоюз израиль турция "
    "польша япония земля союз федерация прикамье подмосковье приморье забайкалье заполярье арктика антарктида "
    "прибалтика грузия армения азербайджан узбекистан таджикистан киргизия молдавия латвия литва эстония финляндия "
    "италия испания"
)
_PLACED = word_set("в во из до под через около возле у к ко от с со по на жители жителей жителям город города")


def is_of_office(words: Words, at: int) -> bool:
    """Whether the name belongs to an office: «администрация города Перми» is an organisation, not a place."""
    before = at - 1
    while words.is_number(before) or words.low(before) in (".", "№", "г", "города", "городского", "городская"):
        before -= 1
    return words.is_word(before) and any(form.lemma in _OFFICES for form in forms(words.low(before))[:2])


@lru_cache(maxsize=20_000)
def settlement_name(word: str, gender: str, *, nominative: bool) -> str:
    """The name of a settlement on a map. `nominative` says that the type word beside it does not ask for a case."""
    low = word.lower()
    readings = forms(low)
    if nominative and any("Geox" in form.marks and form.lemma == low and form.known for form in readings):
        return _hyphened(title_case([word.lower() if word.isupper() else word]))
    geographic = next((form for form in readings if "Geox" in form.marks and form.known), None)
    if geographic and low != geographic.lemma:
        return title_case([_hyphened(geographic.lemma)])
    agreed = adjective(low, gender)
    if agreed and not geographic:
        return title_case([agreed])
    if nominative or geographic or any(form.case == "nomn" for form in readings):
        return _hyphened(title_case([word.lower() if word.isupper() else word]))
    return title_case([readings[0].lemma])


def _hyphened(name: str) -> str:
    parts = name.split("-")
    return "-".join(part[:1].upper() + part[1:] if len(part) > 2 else part for part in parts)


def typed_settlement(words: Words, at: int) -> Mention | None:
    """«г. Лысьва», «посёлке Новые Ляды», «с.Фролы», «Чайковский г», «Заводской посёлок»."""
    low = words.low(at)
    kind = SETTLEMENT_TYPES[low]
    return _settlement_after(words, at, low, kind) or _settlement_before(words, at, low, kind)


def _settlement_after(words: Words, at: int, low: str, kind: str) -> Mention | None:
    name_at = words.skip(at + 1, ".", '"', "«")
    if not _may_name(words, at, name_at, kind):
        return None
    short, gender = low in _SHORT, _SETTLEMENTS[kind][0]
    nominative = short or any(form.case == "nomn" for form in forms(low))
    parts = [settlement_name(words.word(name_at), gender, nominative=nominative)]
    end = name_at + 1
    if words.is_capital(end) and words.same_line(end) and is_double(words, name_at):
        parts = _double_name(words.word(name_at), words.word(end))
        end += 1
    elif words.is_number(end) and len(words.low(end)) == 1 and words.same_line(end) and kind in ("посёлок", "СНТ"):
        parts.append(words.word(end))
        end += 1
    return Mention(
        PlaceKind.SETTLEMENT,
        (" ".join(parts),),
        words.starts[at],
        words.ends[end - 1],
        (kind,),
        (),
        "typed_settlement",
        0.95,
    )


def _may_name(words: Words, at: int, name_at: int, kind: str) -> bool:
    """Whether the word after a type word can be the name of a settlement."""
    low, word = words.low(at), words.low(name_at)
    dotted = words.low(at + 1) == "."
    if (dotted and low not in _SHORT) or (low in _DOTTED and not dotted):
        return False
    if len(word) < 3 or not words.same_line(name_at) or not can_name(word) or is_of_office(words, at):
        return False
    if not words.is_capital(name_at):
        return _is_known_small(words, word, kind)
    if low == "г" and words.is_capital(at) and words.low(at - 1) == "." and len(words.low(at - 2)) == 1:
        return False  # initials: «А. Г. Иванов»
    first = forms(word)[0]
    described = kind == "город" and low not in _SHORT and first.pos == "ADJF" and "Geox" not in first.marks
    return not described or bool(adjective(word, "m"))  # «центр города Петропавловская, 97»


def _is_known_small(words: Words, word: str, kind: str) -> bool:
    """Whether a name in small letters is one: a city, a town of the gazetteer, «посёлке юбилейном»."""
    if word in _NOT_SETTLEMENTS:
        return False
    if fold(word) in words.vocabulary.towns or any("Geox" in form.marks and form.known for form in forms(word)):
        return True
    return kind == "посёлок" and bool(adjective(word, "m")) and not is_generic(word)


def is_double(words: Words, at: int) -> bool:
    """«Новые Ляды», «Средняя Усьва», «Красное Село»: an adjective and a noun of its case, both with capitals."""
    first, second = forms(words.low(at)), forms(words.low(at + 1))
    cases = {form.case for form in first if form.pos == "ADJF"}
    if not cases or words.low(at + 1) in STREET_TYPES or words.low(at + 1) in DISTRICT_WORDS:
        return False
    if words.low(at + 2) in STREET_TYPES:
        return False
    return any(form.case in cases and form.pos == "NOUN" for form in second) or not second[0].known


def _double_name(first: str, second: str) -> list[str]:
    """Both words in the nominative, where the noun tells which."""
    for form in forms(second):
        if form.pos != "NOUN":
            continue
        gender = {"masc": "m", "femn": "f", "neut": "n"}.get(form.gender, "")
        agreed = adjective(first, gender) if form.number == "sing" else ""
        if agreed and form.case != "nomn":
            return title_case([agreed, form.lemma]).split()
        if form.number == "plur" and form.case != "nomn":
            plural = first[:-2] + ("ие" if first[-3:-2] in ("к", "г", "х", "н") and first.endswith("их") else "ые")
            return [plural, _nominative_plural(second)]
        if form.case == "nomn":
            return [first, second]
    return [first, second]


def _nominative_plural(word: str) -> str:
    for ending, nominative in (("ах", "ы"), ("ях", "и")):
        if word.endswith(ending):
            stem = word[: -len(ending)]
            return stem + ("и" if stem[-1:] in "кгхжчшщ" else nominative)
    return word


def _settlement_before(words: Words, at: int, low: str, kind: str) -> Mention | None:
    """«Пермь г,» of address lists and «Заводской посёлок»."""
    if not words.is_capital(at - 1) or not words.same_line(at) or not words.is_free(at - 1, at):
        return None
    word = words.low(at - 1)
    listed = low == "г" and words.low(at + 1) in (",", ".", "") and (words.begins(at - 1) or words.low(at - 2) == ",")
    agreed = adjective(word, _SETTLEMENTS[kind][0]) if kind == "посёлок" and low not in _SHORT else ""
    if agreed and is_generic(word):
        return None
    if listed:
        name = settlement_name(words.word(at - 1), "m", nominative=True)
    elif agreed:
        name = title_case([agreed])
    else:
        return None
    return Mention(
        PlaceKind.SETTLEMENT, (name,), words.starts[at - 1], words.ends[at], (kind,), (), "typed_settlement", 0.9
    )


def bare_settlement(words: Words, at: int) -> Mention | None:
    """«в Перми», «Березники», «из Краснокамска»: home in any letters, others of the dictionary with a capital."""
    low = words.low(at)
    form = _city_form(low, governed=words.low(at - 1) in ("в", "во", "из"))
    town = _known_town(words, at)
    if town:
        return town
    home = _home_form(words, at)
    at_home, form = bool(home), home or form
    if words.is_number(at + 1) and words.same_line(at + 1) and len(words.low(at + 1)) == 1:
        return None  # «Пермь 2» is a station
    if not at_home and not (words.is_capital(at) and form and _is_placed(words, at, low)):
        invented = _invented_city(words, at, low)
        if not invented:
            return None
        form = invented
    if is_of_office(words, at) or words.low(at + 1) in STREET_TYPES or not words.is_free(at, at + 1):
        return None
    name = _hyphened(title_case([form]))
    confidence = 0.9 if at_home else 0.7
    return Mention(
        PlaceKind.SETTLEMENT, (name,), words.starts[at], words.ends[at], ("",), (), "bare_settlement", confidence
    )


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
        name, last = " ".join(_double_name(words.word(at), words.word(at + 1))), at + 1
    else:
        placed = words.low(at - 1) in ("в", "во", "из") or words.low(at + 1) in (",", ".")
        lemmas = (form.lemma for form in forms(words.low(at)) if placed and form.number != "plur")
        name, last = next((lemma for lemma in (words.low(at), *lemmas) if fold(lemma) in towns), ""), at
    if not name or fold(name) not in towns or words.low(last + 1) in STREET_TYPES:
        return None
    if last == at and not (words.begins(at) or words.low(at - 1) in (",", "в", "во", "из")):
        return None
    names = (_hyphened(title_case(name.split())),)
    span = words.starts[at], words.ends[last]
    return Mention(PlaceKind.SETTLEMENT, names, *span, ("",), (), "known_town", 0.9)


@lru_cache(maxsize=50_000)
def _city_form(low: str, *, governed: bool = False) -> str:
    """The lemma of a word that can be a city, in the case that its place in the text may ask for; "" for none."""
    if len(low) < 4:
        return ""
    readings = forms(low)
    for form in readings:
        if "Geox" in form.marks and form.known and form.lemma not in _NOT_SETTLEMENTS:
            surname = not governed and any("Surn" in other.marks or "Name" in other.marks for other in readings)
            # «Чайковский» is a town after a preposition only, «Куйбышева» a street more often than a city.
            if surname or (not governed and form.case == "gent" and form.lemma.endswith(("ов", "ев", "ин"))):
                continue
            return form.lemma
    return ""


def _is_placed(words: Words, at: int, low: str) -> bool:
    before = words.low(at - 1)
    cases = {form.case for form in forms(low) if "Geox" in form.marks}
    if forms(low)[0].pos == "ADJF" or "Geox" not in forms(low)[0].marks:
        return before in ("в", "во", "из") and bool(cases & {"loct", "gent", "accs"})
    return before in _PLACED or words.begins(at) or not words.begins(at)


def _invented_city(words: Words, at: int, low: str) -> str:
    """A town that no dictionary has, by its ending after a preposition: «в Кондратово», «до Тюндюка» is not tried."""
    if words.low(at - 1) not in ("в", "во", "из", "до") or not words.is_capital(at) or len(low) < 6:
        return ""
    if low.endswith(("ово", "ево", "ёво", "ино", "ыно")):
        return low
    if low.endswith("ске") and words.low(at - 1) in ("в", "во") and not forms(low)[0].known:
        return low[:-1]
    return ""
