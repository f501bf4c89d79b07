"""Rules of streets that neither a type word nor a house tells: «на Чердынской», «Яйвинская с пятницы без воды»."""

from bisect import bisect_left
from collections.abc import Iterator

from pipelines.toponym_names import NOT_STREET, STREET_NOUNS, is_generic, is_of_somebody, read_name, shape_of
from pipelines.toponym_streets import Spec, agrees, street_mention
from pipelines.toponym_text import Mention, Words, title_case, word_set
from search.morphology import adjective, forms
from search.street_key import STREET_TYPES

_NO_SMALL = word_set("детской взрослой городской мужской женской мастерской гражданской сельской русской английской")
# Names that most towns have; any other that ends so describes something.
_USUAL = word_set(
    "молодежной молодёжной садовой лесной полевой зеленой зелёной школьной озерной озёрной речной береговой луговой "
    "степной солнечной цветочной дачной заречной подгорной нагорной вокзальной почтовой базарной трудовой юбилейной "
    "парковой рябиновой вишневой вишнёвой сиреневой сосновой березовой берёзовой кленовой липовой интернациональной "
    "первомайской"
)
_MASCULINE = {"на": "ском", "по": "скому"}
_OFTEN = frozenset(["мира", "победы"])
_ROAD_WORDS = word_set(
    "участок участка участке дорога дороги дороге дорогу тротуар тротуара тротуары тротуару тротуаре начало начале "
    "конец конце стороне сторону"
)
_LINKS = frozenset(["до", "от", "-", "–", "—"])


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


def small_street(words: Words, at: int) -> Mention | None:
    """«на молодежной темно», «на ленина яма»: small letters, where the preposition or a missing noun tells a street."""
    start = at + 1
    if words.low(at) not in ("на", "по") or not words.is_word(start) or not words.same_line(start):
        return None
    if words.is_capital(start) or not words.is_free(start, start + 1):
        return None
    name = _small_adjective(words, start) or _small_genitive(words, start)
    return street_mention(words, Spec("", name, start, start + 1, ""), "small_street", 0.5) if name else None


def _small_adjective(words: Words, at: int) -> str:
    low, following = words.low(at), words.low(at + 1)
    if low in _NO_SMALL or not (low in _USUAL or low.endswith(("ской", "цкой"))):
        return ""
    if shape_of(low, capital=False) != "adjective":
        return ""
    described = words.is_word(at + 1) and forms(following)[0].pos in ("ADJF", "PRTF")
    return "" if described or agrees(words, at + 1, low) else title_case([adjective(low, "f")])


def _small_genitive(words: Words, at: int) -> str:
    low = words.low(at)
    if low in _OFTEN:
        following = forms(words.low(at + 1) or "-")[0]
        owned = words.low(at + 1) == "и" or (following.pos in ("NOUN", "ADJF") and following.case == "gent")
        return "" if owned else title_case([low])
    return title_case([low]) if is_of_somebody(low) and _stands_for_street(low, words.low(at - 1)) else ""


def masculine_street(words: Words, at: int) -> Mention | None:
    """«на Комсомольском пробка», «по Лиговскому»: the adjective of an avenue with a capital and no noun after it."""
    start, low = at + 1, words.low(at + 1)
    ending = _MASCULINE.get(words.low(at), "")
    if not ending or not low.endswith(ending) or not words.is_capital(start) or not words.same_line(start):
        return None
    name = adjective(low, "m") if words.is_free(start, start + 1) and not is_generic(low) else ""
    if not name or words.word(start).isupper() or words.is_capital(start + 1):
        return None
    if words.is_word(start + 1) and forms(words.low(start + 1))[0].pos in ("NOUN", "ADJF", "PRTF"):
        return None
    return street_mention(words, Spec("", title_case([name]), start, start + 1, ""), "masculine_street", 0.5)


def _stands_for_street(low: str, preposition: str) -> bool:
    """Whether a genitive after «на» or «по» can only be a street: the word has no form that the preposition governs."""
    governed = {"на": {"loct", "loc2"}, "по": {"datv"}, "к": {"datv"}}.get(preposition)
    readings = forms(low)
    if not governed:
        # «с Ленина», «до Грачёва», «в районе Гагарина»: the genitive is due there, so only a surname tells.
        return preposition in ("с", "до", "районе") and is_of_somebody(low)
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
    if not all(words.is_capital(place) and is_of_somebody(words.low(place)) for place in places):
        return None
    return street_mention(words, Spec("", title_case([words.word(at)]), at, at + 1, "genitive"), "opening_list", 0.4)


def known_anniversary(words: Words, at: int) -> Mention | None:
    """«40 лет Октября, куда жаловаться?»: a street of the gazetteer that no ordinary sentence holds by chance."""
    if words.low(at + 1) not in ("лет", "летия") or not words.is_capital(at + 2):
        return None
    name = read_name(words, at, "", typed=False)
    if not name or not words.is_free(at, name.end) or not words.vocabulary.knows_street(name.text):
        return None
    return street_mention(words, Spec("", name.text, at, name.end, name.shape), "known_anniversary", 0.8)


def stretch(words: Words, at: int) -> Mention | None:
    """«от Садовой до Мира», «между Озёрной и Садовой», «участок Кирова от Мира»: the first of the streets that tell a
    stretch of a road; `enumerated` takes the others.
    """
    first = _linked(words, at + 1)
    if not first:
        return None
    if words.low(at) not in _ROAD_WORDS:
        joint = words.low(first.end)
        if joint != ("и" if words.low(at) == "между" else "до") or not _linked(words, first.end + 1):
            return None
    return street_mention(words, first, "stretch", 0.7)


STRETCHES = _ROAD_WORDS | {"от", "с", "между"}


def _linked(words: Words, at: int) -> Spec | None:
    """A name with a capital that a bare street can have beside another: «Мира», «Кирова», «Садовой»."""
    if not words.is_capital(at) or not words.same_line(at):
        return None
    name = read_name(words, at, "", typed=False)
    if not name or not words.is_free(at, name.end) or words.word(at).isupper():
        return None
    low = words.low(at)
    if name.shape == "adjective":
        named = low.endswith(("ой", "ей")) and not agrees(words, name.end, low)
    else:
        named = name.shape == "genitive" and (name.end > at + 1 or low in STREET_NOUNS or is_of_somebody(low))
    return Spec("", name.text, at, name.end, name.shape) if named else None


def enumerated(words: Words, last: Mention) -> Iterator[Mention]:
    """What goes on after a street: «Кирова, Бурылова и Смышляева», «на Копейской, Бузулукской», «Ленина до Мира»."""
    at = _token_after(words, last.end)
    while words.is_capital(at + 1) and words.same_line(at + 1):
        spec = _linked(words, at + 1) if words.low(at) in _LINKS else _listed(words, at)
        if not spec:
            return
        mention = street_mention(words, spec, "enumerated", 0.7)
        yield mention
        at = _token_after(words, mention.end)


def _listed(words: Words, at: int) -> Spec | None:
    """The street after a comma or an «и»."""
    if words.low(at) not in (",", "и", ";", "/"):
        return None
    start = at + 1
    name = read_name(words, start, "", typed=False)
    if not name or not words.is_free(start, name.end) or name.shape == "date":
        return None
    low = words.low(start)
    if name.shape == "adjective" and (agrees(words, name.end, low) or words.low(name.end) in STREET_TYPES):
        return None
    return None if words.low(name.end) in NOT_STREET else Spec("", name.text, start, name.end, name.shape)


def _token_after(words: Words, end: int) -> int:
    return bisect_left(words.starts, end)
