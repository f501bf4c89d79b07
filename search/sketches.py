"""Sketches of texts: by which near-copies meet, and which of those that meet cannot be near.

A sketch is made of its text alone. Bands: MinHash of shingles of seven letters (Broder 1997; Leskovec et al., Mining of
Massive Datasets, chapter 3). Signs: a Bloom filter of the words with digits, one of all words, and how many words there
are; what they say of two texts `nearness` (search/likeness.py) says too, without reading the texts.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

SHINGLE = 7
BANDS = 16
_ROWS = 3
_SEED = 6_180_339
# Of 32 bits each: words with digits, all words, the number of words.
_NUMBERS, _WORDS = 2, 8
SIGNS = _NUMBERS + _WORDS + 1
_WIDTH = BANDS + SIGNS
_PRIME = np.uint64(0x100000001B3)
_SQUARE, _CUBE = np.uint64(0x100000001B3**2 % 2**64), np.uint64(0x100000001B3**3 % 2**64)
_HALF = np.uint64(32)
_BLANK, _ZERO, _NINE = 32, 48, 57

Sketches = npt.NDArray[np.uint32]
"""A row for each text: BANDS hashes of bands, then SIGNS values of signs."""
Signs = npt.NDArray[np.uint32]
_Longs = npt.NDArray[np.uint64]


def sketches(texts: Sequence[str]) -> Sketches:
    """A row for each folded text (search/likeness.py) of SHINGLE letters or more. Texts that share no band are taken
    for others.
    """
    if not texts:
        return np.zeros((0, _WIDTH), np.uint32)
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    sizes = np.array([len(text) for text in texts])
    return np.concatenate((_bands(letters, sizes), _signs(letters, sizes)), axis=1)


def unpacked(content: Sequence[bytes]) -> Sketches:
    """Rows that were kept as their bytes."""
    return np.frombuffer(b"".join(content), np.uint32).reshape(len(content), _WIDTH)


def is_whole(content: bytes) -> bool:
    """Whether these bytes are a row as it is made today."""
    return len(content) == 4 * _WIDTH


def are_far(one: Signs, other: Signs) -> npt.NDArray[np.bool_]:
    """Of each two rows of signs, whether the words alone tell that the texts are not near: each has a number that the
    other has not, or each has words of its own, more than half of the shorter.
    """
    mine, yours = one[:, :-1] & ~other[:, :-1], other[:, :-1] & ~one[:, :-1]
    numbers = mine[:, :_NUMBERS].any(axis=1) & yours[:, :_NUMBERS].any(axis=1)
    # A bit stands for one word at least.
    own = np.minimum(_bits(mine[:, _NUMBERS:]), _bits(yours[:, _NUMBERS:]))
    far: npt.NDArray[np.bool_] = numbers | (own * 2 > np.minimum(one[:, -1], other[:, -1]))
    return far


def _bits(signs: Signs) -> npt.NDArray[np.int64]:
    counts: npt.NDArray[np.int64] = np.bitwise_count(signs).sum(axis=1, dtype=np.int64)
    return counts


def _bands(letters: _Longs, sizes: npt.NDArray[np.int64]) -> Sketches:
    count = len(letters) - SHINGLE + 1
    # By twos, threes and fours: seven letters in four steps.
    two = letters[:-1] * _PRIME + letters[1:]
    four = two[:-2] * _SQUARE + two[2:]
    three = two[4 : 4 + count] * _PRIME + letters[6:]
    hashes = four[:count] * _CUBE + three
    ends = np.cumsum(sizes)
    inside = np.ones(len(letters), bool)
    inside[(ends[:, None] - np.arange(1, SHINGLE)).reshape(-1)] = False
    offsets = np.concatenate(([0], np.cumsum(sizes - SHINGLE + 1))).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(_mix(hashes[inside[:count]]), offsets, BANDS * _ROWS, _SEED)
    rows = np.fromiter(itertools.chain.from_iterable(matrix.to_rows()), np.uint64).reshape(len(sizes), BANDS, _ROWS)
    mixed = np.broadcast_to(np.arange(BANDS, dtype=np.uint64), (len(sizes), BANDS))
    for column in range(_ROWS):
        mixed = _mix(mixed * _PRIME ^ rows[:, :, column])
    return (mixed >> _HALF).astype(np.uint32)


def _signs(letters: _Longs, sizes: npt.NDArray[np.int64]) -> Signs:
    blank = letters == _BLANK
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    begins = np.concatenate(([True], blank[:-1]))
    begins[starts] = True
    begins &= ~blank
    words = np.flatnonzero(begins)
    # Every letter by its place in the word; blanks add nothing, also those before the first word.
    since = np.concatenate(([0], words, [len(letters)]))
    place = (np.arange(len(letters)) - np.repeat(since[:-1], np.diff(since))).astype(np.uint64)
    scattered = _mix(letters * _PRIME + place)
    scattered[blank] = 0
    hashes = _mix(np.add.reduceat(scattered, words))
    digits = np.flatnonzero((letters >= _ZERO) & (letters <= _NINE))
    has_digit = np.unique(np.searchsorted(words, digits, side="right") - 1)
    counts = np.diff(np.append(np.searchsorted(words, starts), len(words)))
    texts = np.repeat(np.arange(len(sizes)), counts)
    numbers = _filter(texts[has_digit], hashes[has_digit] >> _HALF, (len(sizes), _NUMBERS))
    return np.concatenate(
        (numbers, _filter(texts, hashes, (len(sizes), _WORDS)), counts.astype(np.uint32)[:, None]), axis=1
    )


def _filter(texts: npt.NDArray[np.int64], hashes: _Longs, shape: tuple[int, int]) -> Signs:
    bits = np.zeros((shape[0], shape[1] * 32), bool)
    bits[texts, (hashes % np.uint64(shape[1] * 32)).astype(np.int64)] = True
    return np.packbits(bits, axis=1).view(np.uint32)


def _mix(values: _Longs) -> _Longs:
    """The finalizer of splitmix64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
