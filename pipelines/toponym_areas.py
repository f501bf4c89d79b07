"""Rules of settlements and districts. Each takes a token that triggers it and gives a mention or None."""

from functools import lru_cache

from crawler.model.items import PlaceKind
from pipelines.toponym_names import can_name, is_generic
from pipelines.toponym_text import Mention, Words, title_case, word_set
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
    "комитет адм минздрав дептранс сити"
)
_NOT_SETTLEMENTS = word_set(
    "россия рф русь ссср украина белоруссия беларусь казахстан китай германия франция сша америка европа азия африка "
    "урал сибирь поволжье кавказ крым волга кама обь енисей лена амур дон ока нева байкал евросоюз израиль турция "
    "польша япония земля союз федерация прикамье подмосковье приморье забайкалье заполярье арктика антарктида "
    "прибалтика грузия армения азербайджан узбекистан таджикистан киргизия молдавия латвия литва эстония финляндия "
    "италия испания"
)
_PLACED = word_set("в во из до под через около возле у к ко от с со по на жители жителей жителям город города")

DISTRICT_WORDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(["район", "района", "району", "районе", "районом", "р-н", "р-на", "р-не"], ("район", "m")),
    **dict.fromkeys(
        [
            "микрорайон",
            "микрорайона",
            "микрорайону",
            "микрорайоне",
            "микрорайоном",
            "мкр",
            "мкрн",
            "мкр-н",
            "м-н",
            "мкр-не",
            "мик-н",
        ],
        ("микрорайон", "m"),
    ),
    **dict.fromkeys(["жк", "комплекс", "комплекса", "комплексе"], ("жилой комплекс", "m")),
    **dict.fromkeys(["округ", "округа", "округу", "округе", "округом"], ("городской округ", "m")),
}
_SPLIT_DISTRICTS = {
    ("р", "н"): ("район", "m"),
    ("р", "не"): ("район", "m"),
    ("м", "р"): ("микрорайон", "m"),
    ("м", "н"): ("микрорайон", "m"),
}
_SIDES = word_set(
    "спальный отдаленный отдалённый северный южный восточный западный дачный густонаселенный новый старый"
)
_KINDS_OF_DISTRICT = frozenset(["городской", "муниципальный", "административный", "сельский"])


def _of_office(words: Words, at: int) -> bool:
    """Whether the name belongs to an office: «администрация города Перми» is an organisation, not a place."""
    before = at - 1
    while words.low(before) in (".", "г", "города", "городского", "городская"):
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
    dotted = words.low(at + 1) == "."
    short = low in _SHORT
    if (dotted and not short) or (low in _DOTTED and not dotted):
        return None
    name_at = words.skip(at + 1, ".", '"', "«")
    word = words.low(name_at)
    if not words.is_word(name_at) or not words.same_line(name_at) or len(word) < 3 or word in STREET_TYPES:
        return None
    gender = _SETTLEMENTS[kind][0]
    if not words.is_capital(name_at):
        known = any("Geox" in form.marks and form.known for form in forms(word))
        known = known or fold(word) in words.vocabulary.towns
        if (
            not (known or (kind == "посёлок" and adjective(word, "m") and not is_generic(word)))
            or word in _NOT_SETTLEMENTS
        ):
            return None
    if not can_name(word) or _of_office(words, at) or (low == "ст" and not words.is_capital(name_at)):
        return None
    if low == "г" and words.is_capital(at) and words.low(at - 1) == "." and len(words.low(at - 2)) == 1:
        return None  # initials: «А. Г. Иванов»
    if (
        kind == "город"
        and not short
        and forms(word)[0].pos == "ADJF"
        and "Geox" not in forms(word)[0].marks
        and not adjective(word, gender)
    ):
        return None  # «центр города Петропавловская, 97»
    nominative = short or any(form.case == "nomn" for form in forms(low))
    parts = [settlement_name(words.word(name_at), gender, nominative=nominative)]
    end = name_at + 1
    if words.is_capital(end) and words.same_line(end) and _doubles(words, name_at):
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


def _doubles(words: Words, at: int) -> bool:
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
    if _of_office(words, at) or words.low(at + 1) in STREET_TYPES or not words.is_free(at, at + 1):
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
    if not towns or not words.is_capital(at) or not words.is_free(at, at + 1) or _of_office(words, at):
        return None
    if words.is_capital(at + 1) and words.same_line(at + 1) and _doubles(words, at):
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


def typed_district(words: Words, at: int) -> Mention | None:
    """«Свердловский район», «районе Дзержинский», «мкр Парковый», «ЖК «Гулливер»», «Лысьвенский городской округ»."""
    low = words.low(at)
    kind, gender = DISTRICT_WORDS.get(low) or _SPLIT_DISTRICTS.get((low, words.low(at + 1)), ("", ""))
    first, last = at, at
    if low not in DISTRICT_WORDS:
        if not kind or words.low(at - 1) in ("т", "."):
            return None
        last = at + 1
    if kind == "городской округ":
        if not any(form.lemma in _KINDS_OF_DISTRICT for form in forms(words.low(at - 1))):
            return None
        first = at - 1
        kind = f"{forms(words.low(first))[0].lemma} округ"
    if low.startswith("комплекс"):
        first = at - 1
        if not words.low(first).startswith("жил"):
            return None
        return _district_after(words, first, last, kind, gender)
    return _district_before(words, first, last, kind, gender) or (
        _district_after(words, first, last, kind, gender) if first == at else None
    )


def _district_before(words: Words, first: int, at: int, kind: str, gender: str) -> Mention | None:
    name_at = first - 1
    low = words.low(name_at)
    if not words.is_word(name_at) or not words.same_line(first) or not words.is_free(name_at, first):
        return None
    name = adjective(low, gender) or (adjective(_nominative_of_genitive(low), gender) if low.endswith("ого") else "")
    if not name or is_generic(low) or not (words.is_capital(name_at) or _is_relative(low)):
        return None
    if _of_office(words, name_at):
        return None
    return _district(words, name_at, at + 1, title_case([name]), kind)


def _nominative_of_genitive(low: str) -> str:
    """«индустриального» → «индустриальном»: any form that `adjective` reads; it leaves names in «-ого» alone."""
    return low[:-3] + "ом"


@lru_cache(maxsize=20_000)
def _is_relative(low: str) -> bool:
    """Whether an adjective in small letters can still name a district: «индустриальном», not «спальном»."""
    return "ск" in low or not any("Qual" in form.marks or form.lemma in _SIDES for form in forms(low))


def _district_after(words: Words, first: int, at: int, kind: str, gender: str) -> Mention | None:
    name_at = words.skip(at + 1, ".", '"', "«")
    if not words.is_capital(name_at) or not words.same_line(name_at) or words.low(name_at) in STREET_TYPES:
        return None
    low = words.low(name_at)
    if kind == "район" and words.low(at + 1) == "." and "-" not in words.low(at):
        return None
    if kind == "район" and not (adjective(low, "m") and low.endswith(("ий", "ый"))):
        return None
    if not can_name(low) and kind != "жилой комплекс":
        return None
    end = name_at + 1
    while words.is_capital(end) and words.same_line(end) and end - name_at < 3 and _doubles(words, end - 1):
        end += 1
    parts = [words.word(index) for index in range(name_at, end)]
    name = adjective(low, gender) if len(parts) == 1 else ""
    if not name and len(parts) == 1:
        name = settlement_name(parts[0], gender, nominative=True)
    return _district(words, first, end, title_case([name] if name else parts), kind)


def _district(words: Words, first: int, end: int, name: str, kind: str) -> Mention:
    span = words.starts[first], words.ends[end - 1]
    return Mention(PlaceKind.DISTRICT, (name,), *span, (kind,), (), "typed_district", 0.9)
