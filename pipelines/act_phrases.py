"""Phrases over the tokens of a post: how the cues of acts are written, and how they are found in one pass.

A phrase is words side by side in one sentence.

| written | stands for |
| --- | --- |
| `слово` | its forms, by lemma key |
| `=форма` | this form |
| `основ*` | every form that begins so |
| `#verb+past` | not as the first word: every form whose likeliest reading has these marks of OpenCorpora |
| `те#impr+plur` | the same of forms with that ending, as the first word too |
| `@name` | any word of a list |
| `a|b` | either |
| `_` | up to three words of any kind |
| `^` in front | the start of a sentence, where a greeting or «а скажите» may come first |
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from search.analysis import Token, lemma_key, spelling, surface_key
from search.morphology import forms

_GAP = 3
_OPENERS = frozenset(
    """
    а и но ну да же вот или бы всем здравствуйте здрасте добрый доброе день вечер утро скажите подскажите пожалуйста
    уважаемая администрация народ ребята ребят девочки люди соседи привет интересно так то
    """.split()  # noqa: SIM905
)
_FORMS_KEPT = 1 << 15
_NOTHING: frozenset[str] = frozenset()


class Found(NamedTuple):
    """A phrase of a cue in a post: its tokens from `first` to `last`, both included."""

    cue: str
    first: int
    last: int


class _Wanted(NamedTuple):
    """What may stand at one place of a phrase: a form with one of `keys`, or with all marks of one of `marks`."""

    keys: frozenset[str]
    marks: tuple[frozenset[str], ...] = ()

    def fits(self, word: "_Word") -> bool:
        """Whether the word may stand there. Marks are asked last: a new form costs the dictionary a tenth of a ms."""
        if not self.keys.isdisjoint(word.keys):
            return True
        return bool(self.marks) and any(wanted <= _marks(word.surface) for wanted in self.marks)


class _Phrase(NamedTuple):
    cue: str
    opens: bool
    rest: tuple[_Wanted | None, ...]  # what stands after the first word; None is a gap
    needed: frozenset[str] | None  # keys of which one stands in the post where the phrase does; None tells nothing


class _Word(NamedTuple):
    """What a form can be in the phrases: its keys among theirs, and the phrases that it starts."""

    surface: str
    keys: frozenset[str]
    starts: tuple[_Phrase, ...]


class Phrases:
    """The phrases of all cues. What a form can be in them is worked out once."""

    def __init__(self, cues: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> None:
        """`cues` has the phrases of each cue by its name, parted by semicolons; `lists` are of words.

        Raises ValueError or KeyError for what is no phrase: a programming error, not one of a user.
        """
        self._lists = lists
        self._starts: defaultdict[str, list[_Phrase]] = defaultdict(list)
        self._keys: set[str] = set()
        for cue, written in cues.items():
            for phrase in written.split(";"):
                self._add(cue, phrase.split())
        self._endings = tuple(key for key in self._keys if "*" in key or "#" in key)
        self._word = lru_cache(_FORMS_KEPT)(self._learn)

    def find(self, tokens: Sequence[Token]) -> list[Found]:
        """The phrases found, in the order of the text; `tokens` are without hyphenated wholes."""
        word = self._word
        words = [word(token[0], token[1]) for token in tokens]
        there = _NOTHING.union(*[keys for _, keys, _ in words if keys])
        found = []
        for index, (_, keys, starts) in enumerate(words):
            if not keys:
                continue
            for cue, opens, rest, needed in starts:
                # Most phrases end here: their last word stands nowhere in the post.
                if (needed and needed.isdisjoint(there)) or (opens and not _opens(tokens, index)):
                    continue
                end = _end(rest, words, tokens, index) if rest else index
                if end is not None:
                    found.append(Found(cue, index, end))
        return _longest(found)

    def _add(self, cue: str, written: Sequence[str]) -> None:
        first, *rest = (self._wanted(word.removeprefix("^")) for word in written)
        needed = rest[-1].keys if rest and rest[-1] and not rest[-1].marks else None
        phrase = _Phrase(cue, written[0].startswith("^"), tuple(rest), needed)
        if first is None or first.marks:
            raise ValueError(f"{cue}: a phrase starts with a word: {' '.join(written)!r}")
        for key in first.keys:
            self._starts[key].append(phrase)
        self._keys.update(*(one.keys for one in (first, *rest) if one))

    def _wanted(self, written: str) -> _Wanted | None:
        if written == "_":
            return None
        keys: set[str] = set()
        marks = []
        for word in written.split("|"):
            if word.startswith("#"):
                marks.append(frozenset(word[1:].split("+")))
            else:
                keys.update(map(_key, self._lists[word[1:]] if word[0] == "@" else [word]))
        return _Wanted(frozenset(keys), tuple(marks))

    def _learn(self, surface: str, lemma: str) -> _Word:
        own = {lemma, f"={surface}"} & self._keys
        own.update(key for key in self._endings if _has_ending(key, surface))
        return _Word(
            surface, frozenset(own), tuple(phrase for key in sorted(own) for phrase in self._starts.get(key, ()))
        )


def _has_ending(key: str, surface: str) -> bool:
    """Whether a form begins as `основ*` says, or ends and is marked as `те#impr+plur` says."""
    ending, sign, marks = key.partition("#")
    if not sign:
        return surface.startswith(key[:-1])
    return surface.endswith(ending) and _marks(surface).issuperset(marks.split("+"))


@lru_cache(_FORMS_KEPT)
def _marks(surface: str) -> frozenset[str]:
    return frozenset(mark.lower() for mark in forms(surface)[0].marks)


def _key(written: str) -> str:
    if not written.strip("=*") or (written[0] == "=" and "*" in written):
        raise ValueError(f"no word of a phrase: {written!r}")
    if "*" in written or "#" in written:
        return written
    if written.startswith("="):
        return "=" + surface_key(spelling(written[1:]))
    return lemma_key(spelling(written))


def _opens(tokens: Sequence[Token], index: int) -> bool:
    """Whether nothing but openers stands before the token in its sentence."""
    sentence = tokens[index].sentence
    while index and tokens[index - 1].sentence == sentence:
        index -= 1
        if tokens[index].surface not in _OPENERS:
            return False
    return True


def _end(rest: Sequence[_Wanted | None], words: Sequence[_Word], tokens: Sequence[Token], index: int) -> int | None:
    """The token where the phrase that starts at `index` ends; None where the text goes on in another way."""
    sentence, reach = tokens[index].sentence, 1
    for wanted in rest:
        if wanted is None:
            reach = 1 + _GAP
            continue
        for step in range(index + 1, min(index + 1 + reach, len(tokens))):
            if tokens[step].sentence != sentence:
                return None
            if wanted.fits(words[step]):
                index, reach = step, 1
                break
        else:
            return None
    return index


def _longest(found: Sequence[Found]) -> list[Found]:
    """The longest of those that start at one word: «хотелось бы узнать» asks, its «хотелось бы» proposes nothing."""
    ends = {one.first: one.last for one in sorted(found, key=attrgetter("last"))}
    return [one for one in found if one.last == ends[one.first]]
