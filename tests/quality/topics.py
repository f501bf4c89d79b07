"""Reasons of real appeals as topics: learnt from the earlier months, told of the later ones."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from search.analysis import Token, analyze
from search.likeness import folded

CUT = "2021-01-03"
"""The first day that is told and not learnt from."""


@dataclass(frozen=True, slots=True)
class Appeals:
    """Texts, their tokens and their reasons, oldest first; `objects` are what the form asked for beside the text."""

    texts: list[str]
    tokens: list[tuple[Token, ...]]
    reasons: list[str]
    objects: list[str]


def read(folder: Path) -> tuple[Appeals, Appeals]:
    """The appeals before the cut, and those from it on; each by its first message."""
    with gzip.open(folder / "appeals_spb" / "appeals.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: row["messages"][0]["dt"])
    earlier, later = Appeals([], [], [], []), Appeals([], [], [], [])
    for row in rows:
        message = row["messages"][0]
        part = earlier if message["dt"] < CUT else later
        part.texts.append(message["text"])
        part.tokens.append(analyze("", message["text"]))
        part.reasons.append(row["reason"])
        part.objects.append(row["city_object"] or "")
    return earlier, later


@dataclass(frozen=True, slots=True)
class Repeated:
    """Later appeals whose words `often` others or more have: how many, and which share of their reasons is told by us
    and by who knew all these reasons beforehand and had to say the same of the same words.
    """

    texts: int
    ours: float
    foreseen: float


def repeated(appeals: Appeals, told: Sequence[str], often: int) -> Repeated:
    """What words alone can tell of a reason: the same words with several reasons are missed by everybody."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(appeals.texts):
        places[folded("", text)].append(place)
    some = [one for one in places.values() if len(one) >= often]
    texts = sum(map(len, some)) or 1
    ours = sum(told[place] == appeals.reasons[place] for one in some for place in one)
    best = sum(max(Counter(appeals.reasons[place] for place in one).values()) for one in some)
    return Repeated(sum(map(len, some)), ours / texts, best / texts)
