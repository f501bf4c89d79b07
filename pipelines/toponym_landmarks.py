"""Rules of landmarks: objects with a number («школа № 12») or a name («парк Горького», «Коммунальный мост»)."""

import re
from dataclasses import replace

from crawler.model.items import PlaceKind
from pipelines.toponym_landmark_kinds import ALONE, Kind, agreeing, describing, head_of, kind_at, telling
from pipelines.toponym_names import agreed, is_generic
from pipelines.toponym_text import Mention, Words, title_case, word_set
from search.morphology import forms

_QUOTED = re.compile(r"[ \t]*[«\"]([^«»\"\n]{2,40})[»\"]")
_NO_NAMES = word_set("ADVB VERB INFN PREP CONJ PRCL INTJ PRED NPRO")
"""A capital letter of these begins a sentence that has no full stop before it."""
_MOST_WORDS = 3
_OWNERS = word_set(
    "мещан мещанина купца купцов купчихи врача доктора архитектора графа князя дворян чиновника инженера"
)
_BETWEEN = word_set("я й ю ой - мед городская городской городскую детская детской")
"""What stands between a number and its kind: «11-я городская больница»."""


def landmark(words: Words, at: int, lemma: str) -> Mention | None:
    """The object with its number or name, whichever side it stands on."""
    kind, head = kind_at(words, at, lemma), head_of(words, at, lemma)
    if head is None:
        return None
    if kind.name == "дом":
        return _house_of(words, *head)
    if kind.numbered:
        found = _numbered(words, *head, kind.name)
        if found:
            return found
    found = _named(words, *head, kind) if kind.named else None
    return found or _known(words, *head, kind) or _told(words, *head, kind) or _alone(words, *head, kind, lemma)


def kindergarten(words: Words, at: int) -> Mention | None:
    """«д/с 45», «д/сад № 45»."""
    if words.low(at - 1) != "д" or words.low(at + 1) not in ("с", "сад", "садик", "саду", "сада", "садика", "садику"):
        return None
    found = _numbered(words, at - 1, at + 2, "детский сад")
    return replace(found, rule="kindergarten") if found else None


def _numbered(words: Words, first: int, end: int, kind: str) -> Mention | None:
    after = words.skip(end, "№", "n", "номер", ".")
    if words.is_number(after) and words.same_line(after) and len(words.low(after)) < 4 and not _counts(words, after):
        return _mention(words, first, after + 1, words.word(after), kind)
    before = first - 1
    while words.low(before) in _BETWEEN:
        before -= 1
    if not words.is_number(before) or not words.same_line(first) or len(words.low(before)) > 3:
        return None
    number = int(words.low(before))
    # «2 школы», «5 школ» are counted things; «в 2 школе», «135 школу» are one school with its number.
    counted = before == first - 1 and number < 5 and any(form.case == "gent" for form in forms(words.low(end - 1))[:1])
    if counted or words.low(before - 1) in ("№", "/", ".", ","):
        return None
    return _mention(words, before, end, words.word(before), kind)


def _counts(words: Words, number: int) -> bool:
    """Whether the number counts what follows: «в больнице 3 дня»."""
    following = words.low(number + 1)
    return words.is_word(number + 1) and forms(following)[0].pos == "NOUN" and forms(following)[0].case == "gent"


def _named(words: Words, first: int, end: int, kind: Kind) -> Mention | None:
    quoted = _QUOTED.match(words.text, words.ends[end - 1])
    if quoted:
        span = words.starts[first], quoted.end()
        return Mention(PlaceKind.LANDMARK, (quoted[1].strip(),), *span, (kind.name,), (), "landmark", 0.85)
    before = words.low(first - 1)
    if words.is_capital(first - 1) and words.same_line(first) and words.is_free(first - 1, first):
        name = "" if is_generic(before) else agreed(before, kind.gender)
        if name:
            return _mention(words, first - 1, end, title_case([name]), kind.name)
    described = _described(words, first, end, kind)
    if described:
        return described
    if kind.name == "остановка" and _is_coined(words, end):
        return _mention(words, first, end + 1, title_case([agreed(words.low(end), kind.gender)]), kind.name)
    last = end
    while _is_of_name(words, last, last == end) and last - end < _MOST_WORDS:
        last += 1
    if last == end:
        return None
    if words.low(last) == "№" and words.is_number(last + 1):
        last += 2  # «остановка Школа № 6»
    elif kind.name == "вокзал" and words.is_number(last) and len(words.low(last)) == 1 and words.same_line(last):
        last += 1  # «вокзал Озёрск 2»
    return _mention(words, first, last, _name([words.word(index) for index in range(end, last)], kind.name), kind.name)


def _described(words: Words, first: int, end: int, kind: Kind) -> Mention | None:
    """A name before what describes the kind: «Озёрской городской больницы»."""
    start, lemmas = describing(words, first)
    if not lemmas or not words.is_capital(start - 1) or not words.same_line(start):
        return None
    before = words.low(start - 1)
    name = "" if is_generic(before) or not words.is_free(start - 1, start) else agreed(before, kind.gender)
    whole = " ".join([name, *(agreeing(lemma, kind.gender) for lemma in lemmas)])
    return _mention(words, start - 1, end, title_case([whole]), kind.name) if name else None


def _is_coined(words: Words, at: int) -> bool:
    """Whether an adjective in small letters is made of a name that no dictionary has: «остановка шуваловская»."""
    form = forms(words.low(at) or "-")[0]
    return not form.known and form.pos == "ADJF" and form.lemma.endswith("ский") and words.same_line(at)


def _is_of_name(words: Words, at: int, is_first: bool) -> bool:
    if not words.is_capital(at) or not words.same_line(at) or not words.is_free(at, at + 1):
        return False
    low = words.low(at)
    if len(low) == 1:
        return words.low(at + 1) == "."
    return is_first or forms(low)[0].pos not in _NO_NAMES


def _known(words: Words, first: int, end: int, kind: Kind) -> Mention | None:
    """A name in small letters that the gazetteer has: «ост. строитель», «коммунальный мост»."""
    knows = words.vocabulary.knows_landmark
    last = end
    while last - end < _MOST_WORDS and words.is_word(last) and words.same_line(last) and words.is_free(last, last + 1):
        last += 1
    for stop in range(last, end, -1):
        if knows(kind.name, " ".join(words.lows[end:stop])):
            name = [words.word(index) for index in range(end, stop)]
            return _mention(words, first, stop, title_case(name), kind.name)
    if words.is_word(first - 1) and words.same_line(first) and words.is_free(first - 1, first):
        name_before = agreed(words.low(first - 1), kind.gender)
        if name_before and knows(kind.name, name_before):
            return _mention(words, first - 1, end, title_case([name_before]), kind.name)
    return None


def _told(words: Words, first: int, end: int, kind: Kind) -> Mention | None:
    """One that its adjectives tell: «в краевой клинической больнице», «ж/д вокзал»."""
    start, lemmas = telling(words, first, kind)
    if not lemmas:
        return None
    name = " ".join(agreeing(lemma, kind.gender) for lemma in lemmas)
    return _mention(words, start, end, title_case([name]), kind.name)


def _alone(words: Words, first: int, end: int, kind: Kind, lemma: str) -> Mention | None:
    """What stands alone in a town that has it, or with a capital letter inside a sentence: «до Ипподрома»."""
    if lemma not in ALONE:
        return None
    is_name = words.is_capital(first) and not words.begins(first) and lemma != "автовокзал"
    name = "" if lemma == kind.name else lemma
    if not is_name and not words.vocabulary.knows_landmark(kind.name, name):
        return None
    return _mention(words, first, end, title_case([lemma]), kind.name)


def _house_of(words: Words, first: int, end: int) -> Mention | None:
    """A house by whose it was: «дом мещан Лихачёвых», «дом с мезонином А. Н. Четина», «усадьба Голицыных». Of a mere
    «дом Иванова» nothing: he lives there, or it is a street.
    """
    at = end + 2 if words.lows[end : end + 2] == ["с", "мезонином"] else end
    start = at
    if words.low(at) in _OWNERS:
        at += 1
    is_old = at > end or words.low(first)[:3] != "дом"
    while words.is_capital(at) and len(words.low(at)) == 1 and words.low(at + 1) == ".":
        at += 2
    is_surname = any("Surn" in form.marks and form.case == "gent" for form in forms(words.low(at) or "-"))
    if not (is_old and is_surname and words.is_capital(at) and words.same_line(at) and words.is_free(first, at + 1)):
        return None
    return _mention(words, first, at + 1, words.text[words.starts[start] : words.ends[at]], "дом")


def _name(parts: list[str], kind: str) -> str:
    """Names of waters agree with their type («реку Косьву» → «Косьва») where they are not in the nominative as it is,
    and so do houses of culture that are called by a place («ДК Урала» → «Урал»); others stay as they are.
    """
    if kind == "дом культуры" and len(parts) == 1:
        form = forms(parts[0])[0]
        return title_case([form.lemma if "Geox" in form.marks and form.case == "gent" else parts[0]])
    if kind == "река" and len(parts) == 1 and not parts[0].endswith(("а", "я")):
        return title_case([next((form.lemma for form in forms(parts[0]) if form.pos == "NOUN"), parts[0])])
    return title_case(parts)


def _mention(words: Words, first: int, end: int, name: str, kind: str) -> Mention:
    return Mention(PlaceKind.LANDMARK, (name,), words.starts[first], words.ends[end - 1], (kind,), (), "landmark", 0.85)
