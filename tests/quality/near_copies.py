"""Near-copies: texts spoilt as people spoil what they repost; which are found, which taken for others."""

import gzip
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.copies import copy_key
from search.likeness import folded, nearness
from search.sketches import sketches
from search.state.bands import BandIndex
from tests.quality.acts import DEV, TEST
from tests.quality.places import rows
from tests.quality.rivals import rival

SEED = 20_210_103
_LETTERS = "абвгдежзиклмнопрстуфхцчшщыьэюя"
_TAILS = (
    " Подписывайтесь на наш канал!",
    " Источник: администрация района",
    " #вода #жкх",
    " Прошу максимальный репост!",
)
_SLIPS = 0.01
# Of real texts those that share more words than this are somebody's copies already.
_ALIKE = 0.5


def _slips(text: str, chance: random.Random) -> str:
    made = []
    for letter in text:
        if letter.isalpha() and chance.random() < _SLIPS:
            made.append(chance.choice(("", letter * 2, chance.choice(_LETTERS), letter + chance.choice(_LETTERS))))
        else:
            made.append(letter)
    return "".join(made)


def _cut(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    kept = round(len(words) * chance.uniform(0.65, 0.9))
    first = chance.choice((0, len(words) - kept))
    return " ".join(words[first : first + kept])


SPOILT: dict[str, Callable[[str, random.Random], str]] = {
    "typos": _slips,
    "cut": _cut,
    "tail": lambda text, chance: text + chance.choice(_TAILS),
    "case": lambda text, _: text.upper(),
    "emoji": lambda text, chance: text.replace(" ", f" {chance.choice('😡🙏❗🚰')} "),
}


@dataclass(frozen=True)
class Found:
    """Of each copy: its kind, whether it was found, how many texts of others it was taken for; CPU µs a text."""

    copies: list[tuple[str, bool, int]]
    cost: float

    def recall(self, kind: str = "") -> list[bool]:
        """Which copies were found."""
        return [hit for of, hit, _ in self.copies if kind in ("", of)]

    def precision(self) -> list[bool]:
        """Which of the pairs found are right."""
        return [right for _, hit, wrong in self.copies for right in [True] * hit + [False] * wrong]


def appeals(real: Path) -> list[str]:
    """The first messages of the real appeals."""
    with gzip.open(real / "appeals_spb" / "appeals.jsonl.gz", "rt", encoding="utf-8") as stream:
        return [json.loads(line)["messages"][0]["text"] for line in stream]


def our_texts() -> list[str]:
    """The texts written by us for acts of speech that are long enough to have copies."""
    return distinct([row["text"] for path in (DEV, TEST) for row in rows(path)], 1000)


def distinct(texts: Sequence[str], most: int) -> list[str]:
    """So many texts that are long enough, drawn by chance, none like an earlier one by its words."""
    order = random.Random(SEED).sample(range(len(texts)), len(texts))
    kept: list[str] = []
    sets: list[frozenset[str]] = []
    for place in order:
        words = frozenset(folded("", texts[place]).split())
        if not copy_key("", texts[place]):
            continue
        if all(len(words & other) <= _ALIKE * len(words | other) for other in sets):
            kept.append(texts[place])
            sets.append(words)
        if len(kept) == most:
            break
    return kept


def copies_of(texts: Sequence[str]) -> list[tuple[str, int, str]]:
    """Each text spoilt in each way: the kind, which text, the copy. What is too short by then is left out."""
    chance = random.Random(SEED)
    made = [(kind, at, spoil(text, chance)) for at, text in enumerate(texts) for kind, spoil in SPOILT.items()]
    return [one for one in made if copy_key("", one[2])]


def ours(texts: Sequence[str], copies: Sequence[tuple[str, int, str]]) -> Found:
    """As the state finds them: bands first, then the words of what shares one."""
    started = time.process_time()
    known = [folded("", text) for text in texts]
    index = BandIndex(Path(), "")
    index.add(range(len(known)), sketches(known))
    spoilt = [folded("", copy) for _, _, copy in copies]
    found = []
    for (kind, at, _), text, like in zip(copies, spoilt, index.like(sketches(spoilt)), strict=True):
        near = {other for other in like if other < len(known) and nearness(known[other], text)}
        found.append((kind, at in near, len(near - {at})))
    return Found(found, 1e6 * (time.process_time() - started) / (len(known) + len(spoilt)))


def theirs(texts: Sequence[str], copies: Sequence[tuple[str, int, str]]) -> Found | None:
    """datasketch: MinHash of 128 over letters in fives, LSH at a Jaccard of 0.5, nothing compared; None without it."""
    datasketch: Any = rival("datasketch")
    if datasketch is None:
        return None
    started = time.process_time()
    index = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
    for at, text in enumerate(texts):
        index.insert(at, minhash(datasketch, text))
    found = []
    for kind, at, copy in copies:
        near = set(index.query(minhash(datasketch, copy)))
        found.append((kind, at in near, len(near - {at})))
    return Found(found, 1e6 * (time.process_time() - started) / (len(texts) + len(copies)))


def minhash(datasketch: Any, text: str) -> Any:
    """The rival's sketch of a text."""
    text = folded("", text)
    made = datasketch.MinHash(num_perm=128)
    made.update_batch([text[at : at + 5].encode() for at in range(len(text) - 4)])
    return made


def lines(found: Found, interval: Callable[[Sequence[bool]], tuple[float, float, float]]) -> Iterator[str]:
    """Recall by kind and together, precision, each with its interval, and the cost."""
    for kind in SPOILT:
        yield "recall {}: {:.3f} [{:.3f}, {:.3f}]".format(kind, *interval(found.recall(kind)))
    yield "recall: {:.3f} [{:.3f}, {:.3f}]".format(*interval(found.recall()))
    yield "precision: {:.3f} [{:.3f}, {:.3f}]".format(*interval(found.precision()))
    yield f"{found.cost:.0f} µs of CPU a text"
