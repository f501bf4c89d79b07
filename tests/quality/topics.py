"""Reasons of real appeals as topics: learnt from the earlier months, told of the later ones."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from search.analysis import Token, analyze

CUT = "2021-01-03"
"""The first day that is told and not learnt from."""


@dataclass(frozen=True, slots=True)
class Appeals:
    """Texts, their tokens and their reasons, oldest first."""

    texts: list[str]
    tokens: list[tuple[Token, ...]]
    reasons: list[str]


def read(folder: Path) -> tuple[Appeals, Appeals]:
    """The appeals before the cut, and those from it on; each by its first message."""
    with gzip.open(folder / "appeals_spb" / "appeals.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: row["messages"][0]["dt"])
    earlier, later = Appeals([], [], []), Appeals([], [], [])
    for row in rows:
        message = row["messages"][0]
        part = earlier if message["dt"] < CUT else later
        part.texts.append(message["text"])
        part.tokens.append(analyze("", message["text"]))
        part.reasons.append(row["reason"])
    return earlier, later
