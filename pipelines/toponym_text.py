"""What the rules of places read and give: the words of a text, and mentions."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from crawler.model.items import House, PlaceKind
from search.lemmas import LOOK_ALIKES

# Words run together when line breaks are lost («ЛенинаДобрый день») come apart at the capital.
_TOKEN = re.compile(r"\d+|[А-ЯЁ]?[а-яё]+(?:-[^\W\d_]+)*|[^\W\d_]+(?:-[^\W\d_]+)*|[^\s\w]|_")
# The type words of districts: (full type, gender). No street is called so.
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
            "микр",
            "мик",
        ],
        ("микрорайон", "m"),
    ),
    **dict.fromkeys(["жк", "комплекс", "комплекса", "комплексе"], ("жилой комплекс", "m")),
    **dict.fromkeys(["округ", "округа", "округу", "округе", "округом"], ("городской округ", "m")),
}
_WORD = re.compile(r"[^\W\d_]+")
_MIXED = re.compile(r"[а-яё][a-z]|[a-z][а-яё]", re.IGNORECASE)
_HAS_LATIN = re.compile(r"[a-zA-Z]")
_SENTENCE_ENDS = frozenset('.!?:;…"«»()[]-–—•')


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as a rule found it, before it is looked up. Offsets are code points of the text."""

    kind: PlaceKind
    names: tuple[str, ...]
    start: int
    end: int
    types: tuple[str, ...] = ("",)
    houses: tuple[House, ...] = ()
    rule: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a city adds to the rules: its home (folded form → name), the towns around it (folded), districts and their
    nicknames (lemma → name), and whether it has a street of some name, a landmark of some kind and name.
    """

    homes: Mapping[str, str] = field(default_factory=dict)
    towns: frozenset[str] = frozenset()
    districts: Mapping[str, str] = field(default_factory=dict)
    knows_street: Callable[[str], bool] = lambda _: False
    knows_landmark: Callable[[str, str], bool] = lambda _, __: False


class Words:
    """A text in tokens: words (hyphens inside belong to them), numbers, single signs. `claimed` marks used tokens."""

    __slots__ = ("at", "claimed", "ends", "lows", "starts", "text", "vocabulary")

    def __init__(self, text: str, vocabulary: Vocabulary | None = None) -> None:
        self.text = text
        self.vocabulary = vocabulary or Vocabulary()
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.lows: list[str] = []
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            self.starts.append(start)
            self.ends.append(end)
            self.lows.append(match[0].lower())
        self.at = {start: index for index, start in enumerate(self.starts)}
        self.claimed = bytearray(len(self.starts))

    def __len__(self) -> int:
        return len(self.starts)

    def low(self, index: int) -> str:
        """The token in small letters, "" outside of the text."""
        return self.lows[index] if 0 <= index < len(self.lows) else ""

    def word(self, index: int) -> str:
        """The token as written."""
        return self.text[self.starts[index] : self.ends[index]]

    def is_word(self, index: int) -> bool:
        """Whether there is a word, not a number or a sign."""
        return 0 <= index < len(self.lows) and self.lows[index][0].isalpha()

    def is_number(self, index: int) -> bool:
        """Whether there is a number."""
        return 0 <= index < len(self.lows) and self.lows[index].isdigit()

    def is_capital(self, index: int) -> bool:
        """Whether there is a word with a capital first letter."""
        return 0 <= index < len(self.lows) and self.text[self.starts[index]].isupper()

    def same_line(self, index: int) -> bool:
        """Whether no line break stands between the token and the one before it."""
        return 0 < index < len(self.lows) and "\n" not in self.text[self.ends[index - 1] : self.starts[index]]

    def begins(self, index: int) -> bool:
        """Whether a sentence or a line begins with the token."""
        return index == 0 or self.lows[index - 1] in _SENTENCE_ENDS or not self.same_line(index)

    def skip(self, index: int, *signs: str) -> int:
        """The index after any of these tokens."""
        while self.low(index) in signs:
            index += 1
        return index

    def is_free(self, first: int, last: int) -> bool:
        """Whether no token from `first` up to `last` (not included) belongs to a mention yet."""
        return not any(self.claimed[first:last])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that share a character with the text between two offsets: first, and the one after the last."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def claim(self, start: int, end: int) -> None:
        """Mark the tokens between two offsets as used."""
        first, last = self.span(start, end)
        self.claimed[first:last] = b"\x01" * (last - first)


def plain(text: str) -> str:
    """The text with what hides its words undone, each code point in its place: Latin letters that look like Cyrillic
    ones inside Cyrillic words («yл. Caдoвaя»), and the low lines of hashtags («#улица_Садовая»).
    """
    if "_" in text:
        text = text.replace("_", " ")
    return _WORD.sub(_in_cyrillic, text) if _MIXED.search(text) else text


def _in_cyrillic(word: re.Match[str]) -> str:
    changed = word[0].translate(LOOK_ALIKES)
    return changed if not _HAS_LATIN.search(changed) else word[0]


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


def title_case(words: Iterable[str]) -> str:
    """Words joined, each with a capital first letter where it had none; «лет» and the like stay small."""
    return " ".join(word if word in _SMALL or not word[:1].islower() else word[0].upper() + word[1:] for word in words)


_SMALL = frozenset(["лет", "летия", "им", "имени", "и", "на", "под"])
