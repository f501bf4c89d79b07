"""What makes two texts of one form tell of two events: another name or day in the same title, another count of a day,
another district or region.

Likeness (search/stories.py) counts what two texts share, and notices of one form share nearly all: the forecast for
another day, the works in another district. Here is what they must not differ in. Of the texts alone, and symmetric.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from search.analysis import Token
from search.morphology import forms

FEWEST_OF_FORM = 3
"""Words that two titles have to share around what they differ in: «Пожар в Перми» and «Пожар в Закамске» may be one."""
MOST = 8
"""Areas of a text, and counts of a day, that are kept."""
_MOST_BEFORE = 6
"""Words before «район» among which its names are looked for: «в Ленинском, Кировском и Заводском районах»."""
_REGION = frozenset({"область", "край", "республика", "округ"})
_DISTRICT = frozenset({"район", "микрорайон"})
_DAYS = frozenset(
    {"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"}
    | {"понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"}
)
_OF_A_DAY = "сутки"
_A_DAY, _A_NAME = "*", "+"
_NUMBER = re.compile(r"\d")
_COUNTED = frozenset({"NOUN", "ADJF", "PRTF"})


class Slot(NamedTuple):
    """A form and what it is filled with, as hashes; 0 and 0 for none."""

    form: int = 0
    filled: int = 0


class Occasion(NamedTuple):
    """What a text is of: the form of its title, what it counts in a day and how many, and the `areas` that it names as
    hashes, those of regions even and those of districts odd.
    """

    title: Slot = Slot()
    daily: tuple[Slot, ...] = ()
    areas: tuple[int, ...] = ()

    def packed(self) -> bytes:
        """As the state keeps it: eight bytes a slot, four an area, and one that counts them."""
        slots = [number for slot in (self.title, *self.daily) for number in slot]
        return np.array((*slots, *self.areas), "<u4").tobytes() + bytes((len(self.daily) << 4 | len(self.areas),))


def unpacked(content: bytes) -> tuple[Occasion, int]:
    """The occasion that was packed at the end of this, and how many bytes that is."""
    daily, areas = divmod(content[-1], 16)
    size = 4 * (2 + 2 * daily + areas) + 1
    numbers = np.frombuffer(content, "<u4", size // 4, len(content) - size).tolist()
    slots = [Slot(*numbers[at : at + 2]) for at in range(0, 2 + 2 * daily, 2)]
    return Occasion(slots[0], tuple(slots[1:]), tuple(numbers[2 + 2 * daily :])), size


def occasion_of(
    title: str, text: str, tokens: Sequence[Token], names: Sequence[bool], hashed: Callable[[str], int]
) -> Occasion:
    """The occasion of a text by its tokens; `names` says of each whether it is a name or a number."""
    areas = {hashed(name) & ~1 | of_district for name, of_district in _areas(title, text, tokens)}
    form, filled = _title(tokens, names)
    daily = dict.fromkeys(Slot(hashed(counted), hashed(number)) for counted, number in _daily(tokens))
    return Occasion(
        Slot(hashed(form), hashed(filled)) if form else Slot(), tuple(daily)[:MOST], tuple(sorted(areas)[:MOST])
    )


def differ(one: Occasion, other: Occasion) -> bool:
    """Whether two texts, however alike, tell of two events."""
    if one.title.form and one.title.form == other.title.form and one.title.filled != other.title.filled:
        return True
    counted = {slot.form for slot in one.daily} & {slot.form for slot in other.daily}
    if counted and set(one.daily).isdisjoint(other.daily):
        return True
    return any(_apart(one.areas, other.areas, kind) for kind in (0, 1))


def _apart(one: Sequence[int], other: Sequence[int], kind: int) -> bool:
    """Whether both name regions, or districts, and none that the other names."""
    first, second = ({area for area in areas if area & 1 == kind} for areas in (one, other))
    return bool(first and second) and first.isdisjoint(second)


def _title(tokens: Sequence[Token], names: Sequence[bool]) -> tuple[str, str]:
    """The words of the title, or of the first sentence without one, with a sign where each name and day stood, and
    these names and days; nothing where there is no form.
    """
    form: list[str] = []
    filled: list[str] = []
    for place, (token, is_name) in enumerate(zip(tokens, names, strict=True)):
        if token.sentence != tokens[0].sentence:
            break
        is_day = token.lemma in _DAYS or bool(_NUMBER.search(token.lemma))
        if _counted(tokens, place):
            # «5 человек» may grow while the event is the same.
            form.append("")
        elif is_day or is_name:
            form.append(_A_DAY if is_day else _A_NAME)
            filled.append(token.lemma)
        else:
            form.append(token.lemma)
    words = len(form) - len(filled) - form.count("")
    return (" ".join(form), " ".join(filled)) if words >= FEWEST_OF_FORM and filled else ("", "")


def _daily(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """What a report «за сутки» counts in the sentences that say so, and how many."""
    of_a_day = {token.sentence for token in tokens if token.lemma == _OF_A_DAY}
    for place, token in enumerate(tokens):
        if token.sentence in of_a_day and (counted := _counted(tokens, place)):
            yield counted, token.lemma


def _counted(tokens: Sequence[Token], place: int) -> str:
    """The lemma of what a number counts, "" for a word that is no number or counts nothing: «дом 5», «5 мая»."""
    if not _NUMBER.search(tokens[place].lemma) or place + 1 == len(tokens):
        return ""
    after = tokens[place + 1]
    is_thing = after.lemma not in _DAYS and forms(after.lemma)[0].pos in _COUNTED
    return after.lemma if is_thing and after.sentence == tokens[place].sentence else ""


def _areas(title: str, text: str, tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """Adjectives with a capital letter before «область», «район», several with «и», each with 1 for a district."""
    for place, kind in enumerate(tokens):
        if kind.lemma not in _REGION and kind.lemma not in _DISTRICT:
            continue
        for token in reversed(tokens[max(0, place - _MOST_BEFORE) : place]):
            if token.sentence != kind.sentence:
                break
            if token.lemma == "и":
                continue
            written = title if token.field == "title" else text
            if not written[token.start].isupper() or forms(token.lemma)[0].pos != "ADJF":
                break
            yield token.lemma, int(kind.lemma in _DISTRICT)
