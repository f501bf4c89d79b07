"""The file of erasures, `erased.jsonl` beside the state and beside every backup: what must not come back with one.

A line an erasure: {"city", "post" or "author", "at", "why"}. It is written before anything is removed, holds ids and
pseudonyms and no text, and only grows.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from search.state import marks
from search.state.tables import erased_authors, tombstones

NAME = "erased.jsonl"


@dataclass(frozen=True, slots=True)
class Erasure:
    """A post or an author (the other is "") of a city that was erased, when and why."""

    city: str
    post: str
    author: str
    at: datetime
    why: str

    def line(self) -> str:
        """As the file has it."""
        of = {"post": self.post} if self.post else {"author": self.author}
        return json.dumps({"city": self.city, **of, "at": self.at.isoformat(), "why": self.why}, ensure_ascii=False)


def read(folder: Path) -> list[Erasure]:
    """The erasures of a folder's file, none without a file."""
    path = folder / NAME
    return read_file(path) if path.is_file() else []


def read_file(path: Path) -> list[Erasure]:
    """The erasures of a file; what a crash left of a line is passed over."""
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(_erasure(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _erasure(values: dict[str, str]) -> Erasure:
    at = datetime.fromisoformat(values["at"])
    return Erasure(values["city"], values.get("post", ""), values.get("author", ""), at, values["why"])


def add(folder: Path, erasures: Iterable[Erasure]) -> None:
    """Append what the folder's file does not have yet, to stay there after a power cut too."""
    known = {(one.city, one.post, one.author) for one in read(folder)}
    lines = [one.line() for one in erasures if (one.city, one.post, one.author) not in known]
    if not lines:
        return
    path = folder / NAME
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "r+b") as file:
        torn = file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
        file.write((("\n" if torn else "") + "".join(f"{line}\n" for line in lines)).encode())
        file.flush()
        os.fsync(file.fileno())


def of_state(connection: sa.Connection) -> list[Erasure]:
    """Every erasure that the state knows, of all its cities."""
    dead = connection.execute(sa.select(tombstones)).all()
    refused = connection.execute(sa.select(erased_authors)).all()
    return [
        *(Erasure(row.city, row.post, "", row.at, row.why) for row in dead),
        *(Erasure(row.city, "", row.author, row.at, row.why) for row in refused),
    ]


def keep(connection: sa.Connection, erasures: Sequence[Erasure]) -> None:
    """Let the state know them: these posts, and what these authors write, are refused from now on."""
    for one in erasures:
        if one.post:
            marks.bury(connection, one.city, [one.post], one.at, one.why)
        else:
            marks.refuse_author(connection, one.city, one.author, one.at, one.why)
