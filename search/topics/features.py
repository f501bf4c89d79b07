"""What a model sees of a text: its words with their lemmas, the pieces of words, and pairs of neighbours.

A word says the same wherever it stands, so that what it gives can be kept (model.py): a post costs a look-up a word.
A pair is of two lemmas side by side or with one word between, whatever their order in the list of a post.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from search.analysis import Token

_SHORTEST, _LONGEST = 3, 5
_LONGEST_WORD = 40
"""Letters of a word that are cut into pieces: longer ones are addresses of the net and noise."""
MOST_WORDS = 2_000
"""Words of a post that are looked at: the rest of a very long one says nothing new."""

Word = tuple[str, str]


def words_of(tokens: Sequence[Token]) -> list[Word]:
    """Surface and lemma of each word in the order of the text, hyphenated wholes left out."""
    return [(token[0], token[1]) for token in tokens[:MOST_WORDS] if "-" not in token[0]]


def pieces(word: Word) -> Iterator[str]:
    """The features of one word: itself, its lemma, and its pieces of three to five letters with its borders."""
    surface, lemma = word
    yield f"={surface}"
    yield f"@{lemma}"
    framed = f" {surface[:_LONGEST_WORD]} "
    for size in range(_SHORTEST, _LONGEST + 1):
        for start in range(len(framed) - size + 1):
            yield framed[start : start + size]


def pairs(words: Sequence[Word]) -> list[str]:
    """The pairs of lemmas of neighbours, and of words with one between, each once, in the same order in every process:
    what is learnt depends on it.
    """
    lemmas = [lemma for _, lemma in words]
    near = [f"{one}+{other}" for one, other in pairwise(lemmas)]
    near += [f"{one}_{other}" for one, other in zip(lemmas, lemmas[2:], strict=False)]
    return list(dict.fromkeys(near))
