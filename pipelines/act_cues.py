"""The cues by which an act is told, as pipelines/act_cues.toml has them."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crawler.model.items import Act
from pipelines.act_phrases import Phrases

FILE = Path(__file__).with_suffix(".toml")


class Cues(NamedTuple):
    """What each cue weighs for which act; the phrases and the patterns by which cues are found; and imperatives that
    ask nobody to mend anything.
    """

    weights: Mapping[str, tuple[Act, int]]
    phrases: Phrases
    patterns: Mapping[str, re.Pattern[str]]
    idle: frozenset[str]


@cache
def cues() -> Cues:
    """Those of the file, read once a process."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    table, lists = content["cues"], {name: words.split() for name, words in content["lists"].items()}
    return Cues(
        {name: (Act(cue["act"]), cue["weight"]) for name, cue in table.items()},
        Phrases({name: cue["phrases"] for name, cue in table.items() if "phrases" in cue}, lists),
        {name: re.compile(cue["pattern"]) for name, cue in table.items() if "pattern" in cue},
        frozenset(lists["idle"]),
    )
