"""Texts of an invented town: our phrases with addresses of Тихоозёрск put in."""

import csv
import random
import tomllib
from functools import cache
from pathlib import Path

from crawler.environment import CHECKOUT

_PHRASES = Path(__file__).with_name("city_phrases.toml")
_ADDRESSES = CHECKOUT / "cities" / "tikhoozersk-addresses.csv"


@cache
def phrases() -> dict[str, list[str]]:
    """The phrases of each kind."""
    told = tomllib.loads(_PHRASES.read_text(encoding="utf-8"))
    return {kind: [lines] if isinstance(lines, str) else list(lines) for kind, lines in told.items()}


@cache
def addresses() -> list[str]:
    """Every address of the town, as its list has it: a street and a house."""
    with _ADDRESSES.open(encoding="utf-8", newline="") as rows:
        return [row["address"] for row in csv.DictReader(rows)]


class Words:
    """Texts one after another; the same for a generator in the same state."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def say(self, kind: str, text: str = "") -> str:
        """A phrase of a kind, filled in; `text` is what an edit adds to."""
        return self._filled(self._rng.choice(phrases()[kind]), text)

    def tell(self, kind: str, count: int) -> str:
        """So many different phrases of a kind as paragraphs: who repeats himself is not believed to be an article."""
        return "\n\n".join(self._filled(phrase) for phrase in self._rng.sample(phrases()[kind], count))

    def _filled(self, phrase: str, text: str = "") -> str:
        where = self._rng.choice(addresses())
        return phrase.format(
            address=where.replace(", дом ", ", "),
            street=where.partition(", ")[0],
            hour=self._rng.randint(6, 22),
            number=self._rng.randint(3, 40),
            text=text,
        )
