"""Rules of settlements by their type word; toponym_towns.py has those that stand alone.

Each takes a token that triggers it and gives a mention or None.
"""

from functools import lru_cache

from crawler.model.items import PlaceKind
from pipelines.toponym_names import agreed, can_name, is_generic
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
    "главврач подслушать чп типичный комитет адм минздрав дептранс сити закон ооо жкс жэс жсэк хэу гжа увд омвд отдел"
)
NOT_SETTLEMENTS = word_set(
    "россия рф русь ссср украина белоруссия беларусь казахстан китай германия франция сша америка европа азия африка "
    "урал сибирь поволжье кавказ крым волга кама обь енисей лена амур дон ока нева байкал евросоюз израиль турция "
    "польша япония земля союз федерация прикамье подмосковье приморье забайкалье заполярье арктика антарктида "
    "прибалтика грузия армения азербайджан узбекистан таджикистан киргизия молдавия латвия литва эстония финляндия "
    "италия испания"
)


def is_of_office(words: Words, at: int) -> bool:
    """Whether the name belongs to an office: «администрация города Перми» is an organisation, not a place."""
    before = at - 1
    while words.is_number(before) or words.low(before) in (".", "№", "г", "города", "городского", "городская"):
        before -= 1
    if not words.is_word(before):
        return False
    lemmas = {form.lemma for form in forms(words.low(before))[:2]}
    return bool(lemmas & _OFFICES) or ("врач" in lemmas and words.low(before - 1).startswith("главн"))


@lru_cache(maxsize=20_000)
def settlement_name(word: str, gender: str, *, nominative: bool) -> str:
    """The name of a settlement on a map. `nominative` says that the type word beside it does not ask for a case."""
    low = word.lower()
    readings = forms(low)
    if nominative and any("Geox" in form.marks and form.lemma == low and form.known for form in readings):
        return hyphened(title_case([word.lower() if word.isupper() else word]))
    geographic = next((form for form in readings if "Geox" in form.marks and form.known), None)
    if geographic and low != geographic.lemma:
        return title_case([hyphened(geographic.lemma)])
    nominal = adjective(low, gender)
    if nominal and not geographic:
        return title_case([nominal])
    if nominative or geographic or any(form.case == "nomn" for form in readings):
        return hyphened(title_case([word.lower() if word.isupper() else word]))
    return title_case([readings[0].lemma])


def hyphened(name: str) -> str:
    """A name with capitals after its hyphens, but for its short words: «Ростов-на-Дону»."""
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
        parts = double_name(words.word(name_at), words.word(end))
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
    if word in NOT_SETTLEMENTS:
        return False
    if fold(word) in words.vocabulary.towns or any("Geox" in form.marks and form.known for form in forms(word)):
        return True
    reading = forms(word)[0]
    of_somebody = "Surn" in reading.marks and reading.case == "gent"
    return kind == "посёлок" and (of_somebody or (bool(adjective(word, "m")) and not is_generic(word)))


def is_double(words: Words, at: int) -> bool:
    """«Новые Ляды», «Средняя Усьва», «Красное Село»: an adjective and a noun of its case, both with capitals."""
    first, second = forms(words.low(at)), forms(words.low(at + 1))
    cases = {form.case for form in first if form.pos == "ADJF"}
    if not cases or words.low(at + 1) in STREET_TYPES or words.low(at + 1) in DISTRICT_WORDS:
        return False
    if words.low(at + 2) in STREET_TYPES:
        return False
    return any(form.case in cases and form.pos == "NOUN" for form in second) or not second[0].known


def double_name(first: str, second: str) -> list[str]:
    """«Новых Лядах» → «Новые Ляды»: both words in the nominative, by the reading in which they agree."""
    described = {(form.case, form.number, form.gender) for form in forms(first) if form.pos == "ADJF"}
    for form in forms(second):
        agreeing = (form.case, form.number, form.gender if form.number == "sing" else "")
        if form.pos != "NOUN" or agreeing not in described:
            continue
        if form.case == "nomn":
            break
        if form.number == "plur":
            plural = first[:-2] + ("ие" if first[-3:-2] in ("к", "г", "х", "н") and first.endswith("их") else "ые")
            return [plural, _nominative_plural(second)]
        name = agreed(first, {"masc": "m", "femn": "f", "neut": "n"}.get(form.gender, ""))
        if name:
            return title_case([name, form.lemma]).split()
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
    listed = listed and not (words.low(at + 1) == "." and words.is_capital(at + 2)) and can_name(word)
    nominal = adjective(word, _SETTLEMENTS[kind][0]) if kind == "посёлок" and low not in _SHORT else ""
    if nominal and is_generic(word):
        return None
    if listed:
        name = settlement_name(words.word(at - 1), "m", nominative=True)
    elif nominal:
        name = title_case([nominal])
    else:
        return None
    return Mention(
        PlaceKind.SETTLEMENT, (name,), words.starts[at - 1], words.ends[at], (kind,), (), "typed_settlement", 0.9
    )
