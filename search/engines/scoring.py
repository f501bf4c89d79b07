"""How well a post answers a query, of what the embedded engine stores: BM25 over lemmas, and words in one sentence.

Words that come again soon count little more, since posts are short. Words that are rarer among the posts found
weigh more. The best sentence counts again: words of one complaint are worth more than those of two.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from math import log
from typing import AnyStr, NamedTuple

from search.engines.stream import Stored
from search.mapping import LEMMA, word_keys
from search.tree import And, Node, Or, Phrase, Prefix, Query, Word

MOST_WORDS = 32
"""Words of a query that count; further ones only find."""

_SATURATION = 0.9
_LENGTH = 0.75
# Scores are whole numbers: a token carries one, and it must be found again to the last digit.
_UNIT = 1_000_000


class Weights(NamedTuple):
    """What each word of a query is worth, and how many words a post has in the mean, both in millionths."""

    words: tuple[int, ...]
    length: int


class Seen(NamedTuple):
    """How often each word stands in a post, the words of each sentence as bits, how many words there are in all."""

    times: tuple[int, ...]
    together: tuple[int, ...]
    length: int


class Scorer:
    """Scores posts that a query finds."""

    def __init__(self, query: Query) -> None:
        words = dict.fromkeys([_needles(word) for word in words_of(query.root)]) if query.root else {}
        # For each word what is looked for and in which line, as text and as bytes.
        self._texts = list(filter(None, words))[:MOST_WORDS]
        self._bytes = [tuple([(line, text.encode("cp1251", "replace")) for line, text in one]) for one in self._texts]

    @property
    def words(self) -> int:
        """How many words count; without any, all posts are alike."""
        return len(self._texts)

    def look(self, stream: Stored) -> Seen:
        """What a post has of the words."""
        if isinstance(stream, bytes):
            return _look(self._bytes, [b" %b " % line for line in stream.split(b"\n")], b" ", b"|")
        return _look(self._texts, [f" {line} " for line in stream.split("\n")], " ", "|")

    def weights(self, seen: Sequence[Seen]) -> Weights:
        """What the words are worth among these posts."""
        having = [sum([one.times[word] > 0 for one in seen]) for word in range(self.words)]
        length = _UNIT * sum([one.length for one in seen]) // max(1, len(seen))
        return Weights(tuple(round(_UNIT * log(1 + len(seen) / max(1, number))) for number in having), length)


class Scale:
    """Scores what was seen by one set of weights."""

    def __init__(self, weights: Weights) -> None:
        self._words = weights.words
        self._length = max(1, weights.length)
        self._together: dict[int, int] = {}

    def score(self, seen: Seen) -> int:
        """How well a post answers."""
        usual = _SATURATION * (1 - _LENGTH + _LENGTH * seen.length * _UNIT / self._length)
        worth = max([self._worth(bits) for bits in seen.together])
        for times, weight in zip(seen.times, self._words, strict=True):
            if times:
                worth += int(weight * times * (1 + _SATURATION) / (times + usual))
        return worth

    def _worth(self, bits: int) -> int:
        known = self._together.get(bits)
        if known is None:
            known = sum(weight for word, weight in enumerate(self._words) if bits >> word & 1)
            self._together[bits] = known
        return known


def _look(needles: Sequence[Sequence[tuple[int, AnyStr]]], lines: list[AnyStr], blank: AnyStr, border: AnyStr) -> Seen:
    # A word that follows itself is counted once: the blank between belongs to the first.
    times = tuple([sum([lines[line].count(needle) for line, needle in one]) for one in needles])
    there = [word for word, number in enumerate(times) if number]
    together: tuple[int, ...] = (sum([1 << word for word in there]),)
    if len(there) > 1 and border in lines[0]:
        found = [0] * (lines[0].count(border) + 1)
        for word in there:
            for line, needle in needles[word]:
                if needle in lines[line]:
                    for place, sentence in enumerate(lines[line].split(border)):
                        if needle in sentence:
                            found[place] |= 1 << word
        together = tuple(found)
    return Seen(times, together, lines[0].count(blank))


def words_of(node: Node) -> Iterator[Word | Prefix]:
    """The words that a post is found by: not those that it must not have."""
    match node:
        case Word() | Prefix():
            yield node
        case Phrase(slots):
            yield from chain.from_iterable(slots)
        case And(parts) | Or(parts):
            for part in parts:
                yield from words_of(part)
        case _:
            return


def _needles(word: Word | Prefix) -> tuple[tuple[int, str], ...]:
    if isinstance(word, Prefix):
        return ((1, f" {word.text}"),)
    field, keys = word_keys(word)
    return tuple((int(field != LEMMA), f" {key} ") for key in keys)
