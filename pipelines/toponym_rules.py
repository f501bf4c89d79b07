"""The ordered rules of places: what triggers each, and the mentions of one text. An earlier rule wins a word."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from crawler.model.items import PlaceKind
from pipelines.toponym_areas import SETTLEMENT_TYPES, typed_settlement
from pipelines.toponym_bare import (
    STRETCHES,
    bare_street,
    enumerated,
    known_anniversary,
    masculine_street,
    opening_list,
    opening_street,
    small_street,
    stretch,
)
from pipelines.toponym_crossings import CROSSINGS, crossing, slashed
from pipelines.toponym_districts import (
    bare_district,
    district_about,
    nickname,
    numbered_district,
    opening_district,
    rural_settlement,
    typed_district,
)
from pipelines.toponym_landmark_kinds import landmark_words
from pipelines.toponym_landmarks import kindergarten, landmark
from pipelines.toponym_streets import (
    HOUSE_WORDS,
    house_by_street,
    house_of_street,
    named_house,
    typed_street,
)
from pipelines.toponym_text import DISTRICT_WORDS, Mention, Vocabulary, Words, plain
from pipelines.toponym_towns import GOVERNORS, bare_settlement, double_settlement, unknown_settlement
from search.morphology import forms
from search.street_key import STREET_TYPES

# The address of whoever publishes stands under many a news article and is never where something happened. It ends with
# its sentence, unless the next one goes on with it; a short word before a dot is an abbreviation.
_GOES_ON = r"(?:адрес|тел|факс|e-?mail|почт|юр|огрн|инн|кпп|редакци|учредител|издател|главный\s+редактор|эл\s)"
_SENTENCE_END = rf"(?:(?<=[а-яё]{{4}})|(?<=\d)|(?<=[»\")]))[.!?]\s{{1,5}}(?=(?-i:[А-ЯЁ]))(?!{_GOES_ON})"
_IMPRINT = re.compile(
    r"(?:\bадрес\w{0,8}\s{1,5}(?:редакции|издател\w+|учредител\w+)|учредител[ьи]|издатель|юридический\s+адрес|юр\.?\s?адрес"
    r"|почтовый\s+адрес\s+редакции|главный\s+редактор|\bогрн\b|\bинн\b|свидетельство\s+о\s+регистрации\s+сми|эл\s+№\s*фс)"
    rf"(?:(?!{_SENTENCE_END})[^\n])*(?:\n[^\n]*(?:\bул\.|улица|\bд\.\s?\d|тел\.)[^\n]*)?",
    re.IGNORECASE,
)
# Every imprint has one of these: a text without them, as most are, is spared the pattern.
_IMPRINT_STEMS = ("редак", "издател", "учредител", "юр", "огрн", "инн", "сми", "фс")
_TOWNS = frozenset(["город", "посёлок", "поселок", "село", "станица"])
_PREPOSITIONS = frozenset(["на", "по", "с", "до", "от", "к", "вдоль", "районе"])


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and the class of tokens that triggers it."""

    name: str
    on: str
    find: Callable[[Words, int], Mention | None]


def _landmark(words: Words, at: int) -> Mention | None:
    return landmark(words, at, landmark_table()[words.low(at)])


def known_district(words: Words, at: int) -> Mention | None:
    """A nickname or a district of the gazetteer, in any case («на Мотовилихе»); of several words, as it is written."""
    districts = words.vocabulary.districts
    if not districts:
        return None
    for end in (at + 3, at + 2):
        name = districts.get(" ".join(words.lows[at:end]).replace("ё", "е"), "")
        if name and end <= len(words) and words.is_free(at, end):
            return _district(words, name, at, end)
    low = words.low(at).replace("ё", "е")
    lemmas = (form.lemma.replace("ё", "е") for form in forms(low))
    name = districts.get(low) or next((districts[lemma] for lemma in lemmas if lemma in districts), "")
    if not name or not words.is_free(at, at + 1) or _is_common(words, at):
        return None
    return _district(words, name, at, at + 1)


def _district(words: Words, name: str, first: int, end: int) -> Mention:
    span = words.starts[first], words.ends[end - 1]
    return Mention(PlaceKind.DISTRICT, (name,), *span, ("",), (), "known_district", 0.8)


def _is_common(words: Words, at: int) -> bool:
    """Whether the word is no name there: «из областного центра», «центр занятости», where a district is «Центр»."""
    if words.is_capital(at) and not words.begins(at):
        return False
    reading, before, after = (forms(words.low(place) or "-")[0] for place in (at, at - 1, at + 1))
    if reading.pos != "NOUN" or "Geox" in reading.marks:
        return False
    described = before.pos in ("ADJF", "PRTF") and "Apro" not in before.marks
    return described or (after.pos == "NOUN" and after.case == "gent" and after.lemma not in _TOWNS)


RULES: tuple[Rule, ...] = (
    Rule("crossing", "crossing", crossing),
    Rule("house_of_street", "house word", house_of_street),
    Rule("house_by_street", "number", house_by_street),
    Rule("typed_street", "street type", typed_street),
    Rule("typed_settlement", "settlement type", typed_settlement),
    Rule("typed_district", "district type", typed_district),
    Rule("numbered_district", "microdistrict", numbered_district),
    Rule("rural_settlement", "rural settlement", rural_settlement),
    Rule("landmark", "landmark", _landmark),
    Rule("named_house", "number", named_house),
    Rule("kindergarten", "slash", kindergarten),
    Rule("slashed", "slash", slashed),
    Rule("known_anniversary", "number", known_anniversary),
    Rule("known_district", "word", known_district),
    Rule("stretch", "stretch", stretch),
    Rule("bare_street", "preposition", bare_street),
    Rule("masculine_street", "preposition", masculine_street),
    Rule("small_street", "preposition", small_street),
    Rule("double_settlement", "capital", double_settlement),
    Rule("bare_settlement", "word", bare_settlement),
    Rule("unknown_settlement", "governor", unknown_settlement),
    Rule("district_about", "about", district_about),
    Rule("nickname", "on", nickname),
    Rule("bare_district", "word", bare_district),
    Rule("opening_list", "capital", opening_list),
    Rule("opening_street", "capital", opening_street),
    Rule("opening_district", "capital", opening_district),
)


@lru_cache(maxsize=1)
def landmark_table() -> dict[str, str]:
    """Forms of type words of landmarks, with their lemmas."""
    return landmark_words()


@lru_cache(maxsize=1)
def _triggers() -> dict[str, tuple[str, ...]]:
    """What each token in small letters triggers."""
    table: dict[str, list[str]] = {}
    for name, tokens in (
        ("crossing", CROSSINGS),
        ("house word", HOUSE_WORDS),
        ("street type", STREET_TYPES.keys()),
        ("settlement type", SETTLEMENT_TYPES.keys()),
        ("district type", {*DISTRICT_WORDS, "р", "м"}),
        ("microdistrict", {word for word, (kind, _) in DISTRICT_WORDS.items() if kind == "микрорайон"}),
        ("landmark", landmark_table().keys()),
        ("rural settlement", {"с", "поселение", "поселения", "поселении", "поселению"}),
        ("about", {"районе"}),
        ("on", {"на"}),
        ("slash", {"/"}),
        ("preposition", _PREPOSITIONS),
        ("governor", GOVERNORS),
        ("stretch", STRETCHES),
    ):
        for token in tokens:
            table.setdefault(token, []).append(name)
    return {token: tuple(names) for token, names in table.items()}


def find_mentions(text: str, vocabulary: Vocabulary) -> list[Mention]:
    """Every mention of a text in the order of the text; no two share a character."""
    text = plain(text)
    words = Words(text, vocabulary)
    low = text.lower()
    if any(stem in low for stem in _IMPRINT_STEMS):
        for imprint in _IMPRINT.finditer(text):
            words.claim(*imprint.span())
    positions = _positions(words, vocabulary)
    found: list[Mention] = []
    for rule in RULES:
        for at in positions.get(rule.on, ()):
            if words.claimed[at]:
                continue
            mention = rule.find(words, at)
            if mention and _is_unclaimed(words, mention):
                _take(words, mention, found)
    found.sort(key=lambda mention: mention.start)
    return found


def _take(words: Words, mention: Mention, found: list[Mention]) -> None:
    words.claim(mention.start, mention.end)
    found.append(mention)
    if mention.kind in (PlaceKind.STREET, PlaceKind.HOUSE):
        for more in enumerated(words, mention):
            if not _is_unclaimed(words, more):
                return
            words.claim(more.start, more.end)
            found.append(more)


def _is_unclaimed(words: Words, mention: Mention) -> bool:
    return words.is_free(*words.span(mention.start, mention.end))


def _positions(words: Words, vocabulary: Vocabulary) -> dict[str, list[int]]:
    """The tokens that trigger each class. A word in small letters triggers only what the tables name."""
    triggers, stems, positions = _triggers(), _stems(vocabulary), dict[str, list[int]]()
    text, starts = words.text, words.starts
    for at, low in enumerate(words.lows):
        if low in triggers:
            for name in triggers[low]:
                positions.setdefault(name, []).append(at)
        first = text[starts[at]]
        if first.isupper():
            positions.setdefault("word", []).append(at)
            positions.setdefault("capital", []).append(at)
        elif low.isdigit():
            positions.setdefault("number", []).append(at)
        elif low[:3] in stems:
            positions.setdefault("word", []).append(at)
    return positions


@lru_cache(maxsize=64)
def _stems_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.partition(" ")[0][:3] for name in names)


def _stems(vocabulary: Vocabulary) -> frozenset[str]:
    return _stems_of((*vocabulary.homes, *vocabulary.districts))
