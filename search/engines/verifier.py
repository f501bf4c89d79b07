"""Whether the words of a stored stream stand as a phrase says: what FTS5 cannot tell, for each post that has its words.

It says what the reference matcher says (tests/search/engines/test_meaning.py). Words in any of their forms, as most
phrases have, are told in one pass over the lemmas; exact forms and beginnings by the code of the reference matcher.
"""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from search.analysis import GAP, Token
from search.engines.stream import Stored, unpack, unpack_lemmas
from search.mapping import SURFACE, word_keys
from search.nearness import first_near
from search.tree import Phrase, Prefix

_BORDER = "|"
_NEVER = -(1 << 40)
_ANYWHERE = 1 << 30
"""Further than any sentence is long."""


class Verifier:
    """Asked of one phrase about many posts."""

    def __init__(self, phrase: Phrase) -> None:
        self._phrase = phrase
        self._size = len(phrase.slots)
        # Between the first word and the last.
        self._reach = _ANYWHERE if phrase.sentence else self._size - 1 + phrase.distance
        # Key → the slots that it may stand for, the last one first.
        self._lemmas: dict[str, list[int]] = {}
        self._surfaces: dict[str, list[int]] = {}
        self._starts: list[tuple[str, int]] = []
        for slot in reversed(range(self._size)):
            for word in phrase.slots[slot]:
                if isinstance(word, Prefix):
                    self._starts.append((word.text, slot))
                    continue
                field, keys = word_keys(word)
                for key in keys:
                    slots = (self._surfaces if field == SURFACE else self._lemmas).setdefault(key, [])
                    if slot not in slots:
                        slots.append(slot)
        self._is_distinct = all(len(slots) == 1 for slots in self._lemmas.values())
        # Which words a sentence has → how many slots they fill.
        self._filled: dict[frozenset[str], int] = {}
        self._any_start = tuple(text for text, _ in self._starts)
        self._ask = self._chosen()

    def __call__(self, stored: Stored) -> bool:
        """Whether the phrase stands in the stream."""
        return self._ask(stored)

    def _chosen(self) -> Callable[[Stored], bool]:
        if self._surfaces or self._starts:
            return self._by_tokens
        if self._phrase.ordered and not self._phrase.sentence:
            return self._in_order
        if self._size == 2:
            return self._pair
        return self._any_order

    def _in_order(self, stored: Stored) -> bool:
        """For each slot the latest start of the words up to it: a chain that starts later ends no further away."""
        lemmas, reach, last = self._lemmas, self._reach, self._size - 1
        starts = [_NEVER] * self._size
        for place, lemma in enumerate(_lemmas(stored)):
            if lemma in lemmas:
                for slot in lemmas[lemma]:
                    starts[slot] = starts[slot - 1] if slot else place
                if place - starts[last] <= reach:
                    return True
            elif lemma == _BORDER:
                starts = [_NEVER] * self._size
        return False

    def _pair(self, stored: Stored) -> bool:
        """Whether a word of one slot stands within reach of an earlier one of the other."""
        lemmas, reach = self._lemmas, self._reach
        seen = [_NEVER, _NEVER]
        for place, lemma in enumerate(_lemmas(stored)):
            if lemma in lemmas:
                slots = lemmas[lemma]
                for slot in slots:
                    if place - seen[1 - slot] <= reach:
                        return True
                for slot in slots:
                    seen[slot] = place
            elif lemma == _BORDER:
                seen = [_NEVER, _NEVER]
        return False

    def _any_order(self, stored: Stored) -> bool:
        """Sentences of few words by which words they have, and only where that does not tell, by where these stand."""
        unsure = False
        for sentence in _sentences(unpack_lemmas(stored)):
            words = sentence.split(" ")
            there = frozenset(self._lemmas.keys() & words)
            filled = self._filled.get(there)
            if filled is None:
                filled = self._filled[there] = self._most_filled(there)
            if filled == self._size and len(words) <= self._reach + 1:
                return True
            unsure = unsure or filled > 0
        if not unsure:
            return False
        return (self._together if self._is_distinct else self._assigned)(stored)

    def _most_filled(self, there: Collection[str]) -> int:
        """How many slots these words fill, each one slot; 0 where some slot has none of them."""
        if len({slot for word in there for slot in self._lemmas[word]}) < self._size:
            return 0
        filled = {0}
        for word in there:
            filled |= {slots | 1 << slot for slots in filled for slot in self._lemmas[word]}
        return max(map(int.bit_count, filled))

    def _together(self, stored: Stored) -> bool:
        """Whether each slot has a word within reach, where no word stands for two slots."""
        lemmas, reach = self._lemmas, self._reach
        seen = [_NEVER] * self._size
        for place, lemma in enumerate(_lemmas(stored)):
            if lemma in lemmas:
                for slot in lemmas[lemma]:
                    seen[slot] = place
                if place - min(seen) <= reach:
                    return True
            elif lemma == _BORDER:
                seen = [_NEVER] * self._size
        return False

    def _assigned(self, stored: Stored) -> bool:
        """Whether each slot has a word of its own within reach: for each set of slots the latest start of words that
        stand for them.
        """
        lemmas, reach, every = self._lemmas, self._reach, (1 << self._size) - 1
        starts: dict[int, int] = {}
        for place, lemma in enumerate(_lemmas(stored)):
            if lemma in lemmas:
                for filled, start in [(0, place), *starts.items()]:
                    for slot in lemmas[lemma]:
                        more = filled | 1 << slot
                        if more != filled and start > starts.get(more, _NEVER):
                            starts[more] = start
                if place - starts.get(every, _NEVER) <= reach:
                    return True
            elif lemma == _BORDER:
                starts = {}
        return False

    def _by_tokens(self, stored: Stored) -> bool:
        """By the words of each slot in the order of the stream."""
        slots: list[list[Token]] = [[] for _ in range(self._size)]
        gaps = sentence = 0
        lemmas, surfaces = map(_words, unpack(stored))
        for place, (lemma, surface) in enumerate(zip(lemmas, surfaces, strict=True)):
            if lemma == _BORDER:
                # A border takes no position itself.
                gaps, sentence = gaps + GAP - 1, sentence + 1
                continue
            fitting = {*self._lemmas.get(lemma, ()), *self._surfaces.get(surface, ())}
            if surface.startswith(self._any_start):
                fitting.update(slot for text, slot in self._starts if surface.startswith(text))
            if fitting:
                token = Token(surface, lemma, 0, 0, place + gaps, sentence, "")
                for slot in fitting:
                    slots[slot].append(token)
        return all(slots) and first_near(slots, self._phrase) is not None


@lru_cache(maxsize=1)
def _lemmas(stored: Stored) -> Sequence[str]:
    """The lemmas of a stream. The phrases of a query are asked one after another of the same one."""
    return _words(unpack_lemmas(stored))


def _words(line: str) -> Sequence[str]:
    """The words of a line and the borders of its sentences. Hyphenated wholes have no part in a phrase."""
    return line.partition(" || ")[0].split(" ")


def _sentences(line: str) -> Sequence[str]:
    return line.partition(" || ")[0].split(f" {_BORDER} ")
