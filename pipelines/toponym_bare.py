"""Rules of streets that neither a type word nor a house tells: «на Чердынской», «Яйвинская с пятницы без воды»."""

from bisect import bisect_left
from collections.abc import Iterator

from pipelines.toponym_names import NOT_STREET, read_name, shape_of
from pipelines.toponym_streets import Spec, agrees, street_mention
from pipelines.toponym_text import Mention, Words, title_case
from search.morphology import forms
from search.street_key import STREET_TYPES


def bare_street(words: Words, at: int) -> Mention | None:
    """«на Чердынской», «по Мильчакова»: a preposition that does not govern the form makes the word a street."""
    start = at + 1
    if not (words.is_capital(start) or words.is_number(start)) or not words.same_line(start):
        return None
    name = read_name(words, start, "", typed=False)
    if not name or not words.is_free(start, name.end) or name.shape not in ("adjective", "genitive"):
        return None
    if words.word(start).isupper() or not name.text[-2:].isalpha():
        return None  # an abbreviation, or «1-й» with something else than a street
    low = words.low(start)
    if name.shape == "adjective":
        if words.is_capital(start) and (not low.endswith(("ой", "ую", "ей", "юю")) or agrees(words, name.end, low)):
            return None
    elif not _stands_for_street(low, words.low(at)):
        return None
    spec = Spec("", name.text, start, name.end, name.shape)
    return street_mention(words, spec, "bare_street", 0.7)


def _stands_for_street(low: str, preposition: str) -> bool:
    """Whether a genitive after «на» or «по» can only be a street: the word has no form that the preposition governs."""
    governed = {"на": {"loct", "loc2"}, "по": {"datv"}}.get(preposition)
    readings = forms(low)
    if not governed:
        # «с Ленина», «до Грачёва», «в районе Гагарина»: the genitive is due there, so only a surname tells.
        return preposition in ("с", "до", "районе") and "Surn" in readings[0].marks and readings[0].case == "gent"
    if any(form.case in governed for form in readings if form.known) and not readings[0].marks & {"Surn"}:
        return False
    return bool(readings[0].marks & {"Surn", "Name", "Geox"}) or shape_of(low) == "genitive"


def opening_street(words: Words, at: int) -> Mention | None:
    """«Яйвинская с пятницы без воды»: an adjective in the nominative that opens a sentence and has no noun."""
    low = words.low(at)
    if not low.endswith("ая") or shape_of(low) != "adjective":
        return None
    following = words.low(at + 1)
    enclosed = following in (",", ".", ";", "") and (words.begins(at) or words.low(at - 1) == ",")
    telling = low.endswith("ская") or words.vocabulary.knows_street(low)
    spec = Spec("", title_case([words.word(at)]), at, at + 1, "adjective")
    if not telling or not words.begins(at):
        listed = enclosed and "Qual" not in forms(low)[0].marks
        return street_mention(words, spec, "opening_street", 0.4) if listed else None
    if words.is_word(at + 1) and forms(following)[0].pos not in ("PREP", "ADVB", "PRCL", "CONJ", "VERB", "PRED"):
        return None
    return street_mention(words, spec, "opening_street", 0.5)


def opening_list(words: Words, at: int) -> Mention | None:
    """«Кирова, Бурылова, Смышляева везде бардак»: three names of streets in the genitive that open a sentence. The
    first; `enumerated` takes the others.
    """
    places = (at, at + 2, at + 4)
    if not words.begins(at) or words.low(at + 1) != "," or words.low(at + 3) != "," or not words.is_free(at, at + 5):
        return None
    if not all(words.is_capital(place) and _is_of_somebody(words.low(place)) for place in places):
        return None
    return street_mention(words, Spec("", title_case([words.word(at)]), at, at + 1, "genitive"), "opening_list", 0.4)


def _is_of_somebody(low: str) -> bool:
    """Whether a word is a surname in the genitive, and more likely so than in another case."""
    reading = forms(low)[0]
    return "Surn" in reading.marks and reading.case == "gent" and reading.gender == "masc"


def known_anniversary(words: Words, at: int) -> Mention | None:
    """«40 лет Октября, куда жаловаться?»: a street of the gazetteer that no ordinary sentence holds by chance."""
    if words.low(at + 1) not in ("лет", "летия") or not words.is_capital(at + 2):
        return None
    name = read_name(words, at, "", typed=False)
    if not name or not words.is_free(at, name.end) or not words.vocabulary.knows_street(name.text):
        return None
    return street_mention(words, Spec("", name.text, at, name.end, name.shape), "known_anniversary", 0.8)


def enumerated(words: Words, last: Mention) -> Iterator[Mention]:
    """What goes on after a street: «Кирова, Бурылова и Смышляева», «на Копейской, Бузулукской»."""
    at = _token_after(words, last.end)
    while words.low(at) in (",", "и", ";", "/") and words.is_capital(at + 1) and words.same_line(at + 1):
        start = at + 1
        name = read_name(words, start, "", typed=False)
        if not name or not words.is_free(start, name.end) or name.shape == "date":
            return
        low = words.low(start)
        if name.shape == "adjective" and (agrees(words, name.end, low) or words.low(name.end) in STREET_TYPES):
            return
        if words.low(name.end) in NOT_STREET:
            return
        mention = street_mention(words, Spec("", name.text, start, name.end, name.shape), "enumerated", 0.7)
        yield mention
        at = _token_after(words, mention.end)


def _token_after(words: Words, end: int) -> int:
    return bisect_left(words.starts, end)
