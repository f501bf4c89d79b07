"""A state to record into, posts to record, and what the index and the noticing were told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crawler.model.city import City, Source
from crawler.model.items import Kind, Post, TimePrecision
from crawler.model.keys import InstallationKeys
from pipelines.copies import copy_key
from pipelines.draft import Draft
from pipelines.record import Record
from search.document import Document
from search.state import tables
from search.state.database import Database

START = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Sakhalin")
SOURCE = Source("wall", "telegram", "https://t.me/wall", ZONE)
CITY = City("ozersk", "Озёрск", ZONE, "Озёрск", "", Path("ozersk.toml"), sources=(SOURCE,))
KEYS = InstallationKeys(b"h" * 32, b"e" * 32)
LONG = "Второй день нет горячей воды в доме 12 по улице Садовой, управляющая компания трубку не берёт"


def post(id_: str, text: str = LONG, *, minute: int = 0, seen: int | None = None, **changes: object) -> Post:
    """A post published `minute` minutes after START and seen `seen` minutes after it, by default a minute later."""
    made = Post(
        id=id_,
        source=SOURCE.key,
        platform=SOURCE.platform,
        kind=Kind.POST,
        text=text,
        seen_at=START + timedelta(minutes=minute + 1 if seen is None else seen),
        published_at=START + timedelta(minutes=minute),
        precision=TimePrecision.SECOND,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def draft(of: Post) -> Draft:
    """The post on its way, as the copies step leaves it."""
    return Draft(SOURCE, of, copy_key=copy_key(of.title, of.text))


@dataclass
class StillClock:
    """A clock that moves when it is told to."""

    at: datetime = START + timedelta(days=1)

    def now(self) -> datetime:
        """The same time again."""
        return self.at


@dataclass
class Told:
    """Keeps what the index and the noticing were told; refuses a document whose text holds `poison`."""

    poison: str = ""
    indexed: list[Document] = field(default_factory=list)
    noticed: list[Document] = field(default_factory=list)

    def changed(self, connection: sa.Connection, documents: Sequence[Document]) -> None:
        """As Projection has it: a row of the queue a document, in the same transaction."""
        self.indexed += documents
        rows = [{"city": CITY.key, "post": one.id, "action": "put"} for one in documents]
        if rows:
            connection.execute(sa.insert(tables.index_queue), rows)

    def removed(self, connection: sa.Connection, posts: Sequence[str]) -> None:
        """As Projection has it; what was removed is asked of the state."""

    def notice(self, connection: sa.Connection, documents: Sequence[Document], at: datetime) -> None:  # noqa: ARG002
        """As Noticing has it."""
        for document in documents:
            if self.poison and self.poison in document.surfaces:
                raise ZeroDivisionError(document.id)
        self.noticed += documents


@dataclass
class Desk:
    """A database with a record on it; `record` may be made anew, as each pass does."""

    database: Database
    told: Told = field(default_factory=Told)
    clock: StillClock = field(default_factory=StillClock)

    def record(self) -> Record:
        """The last step of a pass."""
        return Record(CITY, self.database, KEYS, self.clock, self.told, self.told)


def count(database: Database, table: sa.Table) -> int:
    """How many rows a table has."""
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
