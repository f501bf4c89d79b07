"""Rules of districts: parts of a city and municipal districts, by their type word."""

import re
from functools import lru_cache

from crawler.model.items import PlaceKind
from pipelines.toponym_areas import is_double, is_of_office, settlement_name
from pipelines.toponym_names import agreed, can_name, is_generic
from pipelines.toponym_text import DISTRICT_WORDS, Mention, Words, title_case, word_set
from search.morphology import adjective, forms
from search.street_key import STREET_TYPES

_SPLIT_DISTRICTS = {
    ("р", "н"): ("район", "m"),
    ("р", "не"): ("район", "m"),
    ("м", "р"): ("микрорайон", "m"),
    ("м", "н"): ("микрорайон", "m"),
}
_SIDES = word_set(
    "спальный отдаленный отдалённый северный южный восточный западный дачный густонаселенный новый старый"
)
_ORDINAL_ENDINGS = frozenset(["й", "ый", "ой", "м", "ом", "го", "ого", "му", "ому"])
_QUOTED_NAME = re.compile(r"[ \t]*[«\"]([^«»\"\n]{2,40})[»\"]")
_COMPASS = frozenset(["северный", "южный", "восточный", "западный", "центральный"])
_TOWNS_OR_PEOPLE = frozenset(["Geox", "Surn"])
_NICKNAMES = ("ке", "хе", "маше", "никах")
_PEOPLE = frozenset(["Surn", "Name", "Patr"])
_BRANDS = word_set("пятерочке пятёрочке почте майке карте")
_WHERE = frozenset(["в", "во"])
_GENITIVES = ("ки", "хи")
_SAID_OF_A_PART = word_set("тоже также весь опять снова вообще не без совсем сплошной стоит тонет утопает")
_NO_NAMES = frozenset(["Anum", "Apro", "Qual", "Subx"])
_KINDS_OF_DISTRICT = frozenset(["городской", "муниципальный", "административный", "сельский"])


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
    name = agreed(low, gender)
    if not name or is_generic(low) or not (words.is_capital(name_at) or _is_relative(low)):
        return None
    if is_of_office(words, name_at):
        return None
    return _district(words, name_at, at + 1, title_case([name]), kind)


@lru_cache(maxsize=20_000)
def _is_relative(low: str) -> bool:
    """Whether an adjective in small letters can still name a district: «индустриальном», not «спальном»."""
    return "ск" in low or not any("Qual" in form.marks or form.lemma in _SIDES for form in forms(low))


def _district_after(words: Words, first: int, at: int, kind: str, gender: str) -> Mention | None:
    name_at = words.skip(at + 1, ".", '"', "«")
    quoted = _QUOTED_NAME.match(words.text, words.ends[at])
    if quoted and kind != "район" and " " in quoted[1].strip():
        span = words.starts[first], quoted.end()
        return Mention(PlaceKind.DISTRICT, (quoted[1].strip(),), *span, (kind,), (), "typed_district", 0.9)
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
    while (
        words.is_capital(end)
        and len(words.low(end)) > 1  # «МИК. УСОЛЬСКИЙ К ВРАЧУ»: where all letters are large, a preposition
        and words.same_line(end)
        and end - name_at < 3
        and is_double(words, end - 1)
    ):
        end += 1
    parts = [words.word(index) for index in range(name_at, end)]
    name = adjective(low, gender) if len(parts) == 1 else ""
    if not name and len(parts) == 1:
        name = settlement_name(parts[0], gender, nominative=True)
    return _district(words, first, end, title_case([name] if name else parts), kind)


def numbered_district(words: Words, at: int) -> Mention | None:
    """«5 микрорайон», «в 5-м мкр», «микрорайон № 3»; two to four counted ones («2 микрорайона») are none."""
    low = words.low(at)
    if DISTRICT_WORDS[low][0] != "микрорайон":
        return None
    before = at - 1
    ordinal = words.low(before) in _ORDINAL_ENDINGS
    while words.low(before) in _ORDINAL_ENDINGS or (ordinal and words.low(before) == "-"):
        before -= 1
    if words.is_number(before) and words.same_line(at) and words.is_free(before, at) and len(words.low(before)) < 3:
        counted = not ordinal and low.endswith(("а", "ов"))
        return None if counted else _numbered(words, before, at + 1, words.low(before))
    after = words.skip(at + 1, ".", "№", "-")
    if words.is_number(after) and words.same_line(after) and words.is_free(after, after + 1):
        return _numbered(words, at, after + 1, words.low(after)) if len(words.low(after)) < 3 else None
    return None


def _numbered(words: Words, first: int, end: int, name: str) -> Mention:
    return _district(words, first, end, name, "микрорайон", "numbered_district")


def rural_settlement(words: Words, at: int) -> Mention | None:
    """«Двуреченское с/п», «Юго-Камского сельского поселения»: a part of a municipal district, named by an adjective."""
    if words.low(at) == "с":
        end = words.skip(at + 1, ".", "/")
        if words.low(end) != "п" or end - at > 2:
            return None
    else:
        end = at
        if not words.low(at - 1).startswith("сельск"):
            return None
        at -= 1
    low = words.low(at - 1)
    if not words.is_capital(at - 1) or not words.same_line(at) or not words.is_free(at - 1, end + 1):
        return None
    name = agreed(low, "n")
    if not name:
        return None
    return _district(words, at - 1, end + 1, title_case([name]), "сельское поселение", "rural_settlement")


def district_about(words: Words, at: int) -> Mention | None:
    """«в районе Первомайки», also in small letters where no dictionary has the word: people's name for some part."""
    low = words.low(at + 1)
    if words.low(at) != "районе" or words.low(at - 1) not in _WHERE or not words.is_word(at + 1):
        return None
    readings = forms(low)
    if readings[0].known or not low.endswith(_GENITIVES) or not words.is_free(at + 1, at + 2) or len(low) < 5:
        return None
    return _district(words, at + 1, at + 2, title_case([low[:-1] + "а"]), "", "district_about", 0.6)


def bare_district(words: Words, at: int) -> Mention | None:
    """«весь Кировский без воды», «в Западном чисто»: an adjective with a capital inside a sentence and no noun."""
    low, before = words.low(at), words.low(at - 1)
    case = "loct" if before in _WHERE else "nomn" if before in ("весь", "сам") else ""
    if not case or words.begins(at) or not words.same_line(at) or not words.is_free(at, at + 1):
        return None
    readings = [form for form in forms(low) if form.pos == "ADJF" and (form.case, form.gender) == (case, "masc")]
    name = adjective(low, "m") if readings else ""
    if not name or words.word(at).isupper() or is_generic(low) or readings[0].marks & (_NO_NAMES - {"Qual"}):
        return None
    if not (_is_relative(low) or name in _COMPASS) or readings[0].marks & _TOWNS_OR_PEOPLE or _has_noun(words, at + 1):
        return None
    return _district(words, at, at + 1, title_case([name]), "", "bare_district", 0.6)


def _has_noun(words: Words, at: int) -> bool:
    """Whether a word follows that an adjective may belong to: a noun, another adjective, a capital, a number."""
    if words.is_capital(at) or words.is_number(at) or words.low(at) in ("«", '"', "-"):
        return True
    return words.is_word(at) and forms(words.low(at))[0].pos in ("NOUN", "ADJF", "PRTF")


def nickname(words: Words, at: int) -> Mention | None:
    """«на Пролетарке», «на Химмаше», «на Водниках»: by their endings, after a preposition that no town takes."""
    start, low = at + 1, words.low(at + 1)
    if not low.endswith(_NICKNAMES) or not words.is_capital(start) or not words.same_line(start):
        return None
    if not words.is_free(start, start + 1) or words.is_capital(start + 1) or words.is_number(start + 1):
        return None
    reading = next((form for form in forms(low) if form.pos == "NOUN" and form.case == "loct"), None)
    if not reading or low in _BRANDS or reading.marks & _PEOPLE:
        return None
    together = low.endswith("ках")
    name = low[:-2] + "и" if together else low[:-1] if low.endswith("маше") else low[:-1] + "а"
    return _district(words, start, start + 1, title_case([name]), "", "nickname", 0.5)


def opening_district(words: Words, at: int) -> Mention | None:
    """«Владимирский весь в снегу»: an adjective that opens a sentence and has no noun, for a part of the city."""
    low = words.low(at)
    if not words.begins(at) or words.low(at + 1) not in _SAID_OF_A_PART or not words.same_line(at + 1):
        return None
    reading = forms(low)[0]
    if reading.pos != "ADJF" or (reading.case, reading.gender, reading.number) != ("nomn", "masc", "sing"):
        return None
    if is_generic(low) or reading.marks & _NO_NAMES or not _is_relative(low):
        return None
    return _district(words, at, at + 1, title_case([low]), "", "opening_district", 0.6)


def _district(
    words: Words, first: int, end: int, name: str, kind: str, rule: str = "typed_district", confidence: float = 0.9
) -> Mention:
    span = words.starts[first], words.ends[end - 1]
    return Mention(PlaceKind.DISTRICT, (name,), *span, (kind,), (), rule, confidence)
