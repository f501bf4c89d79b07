"""Rules of intersections: two streets as one mention."""

from crawler.model.items import PlaceKind
from pipelines.toponym_names import read_name, shape_of
from pipelines.toponym_streets import Spec, spec_at
from pipelines.toponym_text import Mention, Words, title_case, word_set
from search.morphology import adjective

CROSSINGS = word_set(
    "перекресток перекрестка перекрестке перекрестку перекрестком перекрёсток перекрёстка перекрёстке перекрёстку "
    "перекрёстком пересечение пересечении пересечения угол углу угла угле светофор светофора светофоре светофору"
)


def crossing(words: Words, at: int) -> Mention | None:
    """«перекрёсток Ленина и Мира», «на углу улиц Садовой и Новой», «Ленина перед перекрёстком с Мира»."""
    after = at + 1
    if words.low(after) in ("с", "со"):
        second = spec_at(words, after + 1)
        first = _street_before(words, at)
        return _crossed(words, first, second) if first and second else None
    if words.low(after) == "на":
        after += 1
    dashed = _dashed(words, after)
    if dashed:
        return dashed
    plural = words.low(after) in ("улиц", "ул", "проспектов", "переулков")
    if plural:
        after = words.skip(after + 1, ".")
        if words.low(after) in ("ул", "улиц"):
            after = words.skip(after + 1, ".")
    first = spec_at(words, after)
    if not first:
        return None
    joint = words.skip(first.end, ".")
    if words.low(joint) not in ("и", "с", "со", "/", "-", "–", "—"):
        return None
    second = spec_at(words, joint + 1)
    if not second:
        return None
    if plural:
        first.type, second.type = first.type or "улица", second.type or "улица"
    return _crossed(words, first, second)


def _dashed(words: Words, at: int) -> Mention | None:
    """«перекрёсток Горького-Чкалова»: two names that share a hyphen, and so one word."""
    first, hyphen, second = words.low(at).partition("-")
    halves = words.word(at).split("-") if hyphen and words.same_line(at) else []
    if len(halves) != 2 or not all(half[:1].isupper() and shape_of(half.lower()) for half in halves):
        return None
    names = tuple(title_case([adjective(low, "f") or half]) for low, half in zip((first, second), halves, strict=True))
    return Mention(PlaceKind.INTERSECTION, names, words.starts[at], words.ends[at], ("", ""), (), "crossing", 0.9)


def _street_before(words: Words, at: int) -> Spec | None:
    for start in range(max(0, at - 4), at):
        spec = spec_at(words, start)
        if spec and at - 1 <= spec.end <= at:
            return spec
    return None


def _crossed(words: Words, first: Spec, second: Spec, rule: str = "crossing") -> Mention:
    names, types = (first.name, second.name), (first.type, second.type)
    start, end = words.starts[first.start], words.ends[second.end - 1]
    return Mention(PlaceKind.INTERSECTION, names, start, end, types, (), rule, 0.9)


def slashed(words: Words, at: int) -> Mention | None:
    """«Ленина/Мира»: two names of streets on either side of the sign."""
    first, second = words.low(at - 1), words.low(at + 1)
    if not (words.is_capital(at - 1) and words.is_capital(at + 1) and shape_of(first) and shape_of(second)):
        return None
    one, other = read_name(words, at - 1, "", typed=False), read_name(words, at + 1, "", typed=False)
    if not one or not other or one.end != at:
        return None
    left, right = Spec("", one.text, at - 1, at, one.shape), Spec("", other.text, at + 1, other.end, other.shape)
    return _crossed(words, left, right, "slashed")
