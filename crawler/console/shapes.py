"""What templates draw from numbers and spans: lengths as SVG attributes, marked pieces of a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.model.text import current_locale

Piece = tuple[str, bool]

# Marks that turn the direction of what follows, also beyond the post: shown for what they are.
_TURNS = {ord(char): "\u25a1" for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"}
# What joins letters and emoji, and hyphens that show themselves only at the end of a line.
_KEPT = "\n\t\u200c\u200d\u00ad"
MOST_LETTERS = 20_000


def shown(text: str) -> str:
    """A stranger's text for a page: without control characters, with marks of direction made visible."""
    if text.isprintable():
        return text
    cleaned = text.translate(_TURNS)
    return "".join(char if char.isprintable() or char in _KEPT else " " for char in cleaned)


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """The text in pieces, those inside a span marked. Spans count code points and may overlap."""
    made: list[Piece] = []
    done = 0
    for start, end in _joined(spans, len(text)):
        made += [(shown(text[done:start]), False), (shown(text[start:end]), True)]
        done = end
    made.append((shown(text[done:MOST_LETTERS]), False))
    return [piece for piece in made if piece[0]]


def snippet(text: str, spans: Sequence[tuple[int, int]], width: int = 160) -> list[Piece]:
    """A part of the text of about so many letters, from a word or two before its first span, in one line."""
    first = min((start for start, _ in spans), default=0)
    start = 0
    if first > width // 3:
        start = text.rfind(" ", 0, first - width // 5) + 1
    end = start + width
    inside = [(max(one, start) - start, min(other, end) - start) for one, other in spans if one < end and other > start]
    cut = text[start:end].replace("\n", " ").replace("\t", " ")
    made = pieces(cut, inside)
    if start:
        made.insert(0, ("… ", False))
    if len(text) > end:
        made.append((" …", False))
    return made


def spans_of(reasons: Iterable[dict[str, Any]], field: str) -> list[tuple[int, int]]:
    """Where the words stand in a field of a post that searches matched, of the reasons of a report."""
    return [
        (hit["start"], hit["end"])
        for reason in reasons
        for hit in reason.get("why", ())
        if hit.get("field") == field and hit.get("end", 0) > hit.get("start", 0)
    ]


def spark(values: Sequence[float], width: float = 44, height: float = 14) -> str:
    """The path of a small curve, "" for fewer than two values."""
    if len(values) < 2:
        return ""
    most = max(values) or 1
    step = width / (len(values) - 1)
    points = [f"{step * x:.1f} {height - 1 - (height - 2) * value / most:.1f}" for x, value in enumerate(values)]
    return "M" + "L".join(points)


def decimal(value: float) -> str:
    """One digit after the comma, which is a point in English."""
    return f"{value:.1f}".replace(".", "," if current_locale() == "ru" else ".")


def initials(name: str) -> str:
    """Two letters of a name: «Соколова Анна» is СА, «duty» is DU."""
    words = [word for word in name.replace(".", " ").replace("_", " ").split() if word[0].isalnum()]
    return ("".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]).upper()


def _joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Spans in order, those that touch made one."""
    made: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        elif start < end:
            made.append((start, end))
    return made


@dataclass(frozen=True, slots=True)
class Caret:
    """The line of a text that a position stands in, cut there."""

    before: str
    rest: str
    start: int

    @property
    def blank(self) -> str:
        """As wide as what stands before."""
        return " " * len(self.before)

    def here(self, end: int) -> str:
        """What is wrong, of this line, up to a position of the text."""
        return shown(self.rest[: max(1, end - self.start)])

    def after(self, end: int) -> str:
        """What follows it."""
        return shown(self.rest[max(1, end - self.start) :])


def line_at(text: str, position: int) -> Caret:
    """The line that a position of a text stands in."""
    first = text.rfind("\n", 0, position) + 1
    last = text.find("\n", position)
    return Caret(
        shown(text[first:position]).replace("\t", " "), text[position : len(text) if last < 0 else last], position
    )
