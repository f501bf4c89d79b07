"""A small town for the tests of noticing, incidents and deliveries: a city, a state, and people who say things."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crawler.model.city import (
    City,
    Deliver,
    Destination,
    Policy,
    Route,
    SavedSearch,
    Severity,
    Source,
    SourceRole,
)
from crawler.model.items import Author, AuthorRole, House, Kind, Place, PlaceKind, Post, Reading
from crawler.model.keys import InstallationKeys
from pipelines.copies import copy_key
from search import saved
from search.document import Document, document_of
from search.incidents import Incident, Shown, list_incidents, show
from search.monitor import LoopMonitor
from search.names import names_of
from search.noticing import Noticed, Noticing
from search.rules.hearing import Hearing
from search.rules.series import series_of
from search.state import archive
from search.state.database import Database
from search.state.records import pack
from search.state.tables import post_versions, posts, reports
from search.states import State

SAKHALIN = ZoneInfo("Asia/Sakhalin")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEYS = InstallationKeys(b"h" * 32, b"e" * 32)

WATER = SavedSearch("file:water", "Вода", "вода", "холодная вода", window=timedelta(days=3))
HOT = SavedSearch("file:hot", "Горячая вода", "горячей", "горячая вода", severity=Severity.HIGH)
PITS = SavedSearch("file:pits", "Ямы", "яма", "дороги")
GAS = SavedSearch("file:gas", "Газ", "газ", "газ", severity=Severity.DANGER)
OUTAGE = SavedSearch("file:outage", "Отключения", "отключили", "свет", area_wide=True)
BENEFIT = SavedSearch("file:benefit", "Льготы", "льгота", "льготы", personal=True)

CITY = City(
    key="gorod",
    name="Город",
    zone=SAKHALIN,
    home="Город",
    region="Край",
    path=Path("gorod.toml"),
    topics={"вода": ("холодная вода", "горячая вода")},
    sources=(
        Source("public", "telegram", "@public", SAKHALIN),
        Source("mayor", "vk", "mayor", SAKHALIN, role=SourceRole.OFFICIAL),
    ),
    searches=(WATER, HOT, PITS, GAS, OUTAGE, BENEFIT),
    destinations=(Destination("hole", "blackhole"), Destination("duty", "blackhole")),
    routes=(
        Route("water", "Водоканал", "hole", topic="вода"),
        Route("roads", "Дороги", "hole", topic="дороги"),
        Route("gas", "Газовая служба", "duty", topic="газ", deliver=Deliver.AT_ONCE),
    ),
    policies=(
        Policy("common", 4 * HOUR, 48 * HOUR),
        Policy("danger", HOUR / 2, 6 * HOUR, severity=Severity.DANGER),
        Policy("official", 2 * HOUR, 24 * HOUR, channel="official"),
    ),
)


def street(name: str, **values: Any) -> Place:
    """A street without a house."""
    return _place(PlaceKind.STREET, name, type="улица", street_key=f"{name.lower()}/улица", **values)


def house(name: str, *numbers: int, **values: Any) -> Place:
    """Houses of a street."""
    houses = tuple(House(number) for number in numbers)
    return _place(PlaceKind.HOUSE, name, type="улица", street_key=f"{name.lower()}/улица", houses=houses, **values)


def landmark(name: str, kind: str = "школа", **values: Any) -> Place:
    """A named object."""
    return _place(PlaceKind.LANDMARK, name, type=kind, **values)


def district(name: str) -> Place:
    """A part of the city."""
    return _place(PlaceKind.DISTRICT, name, type="район")


def settlement(name: str) -> Place:
    """A town."""
    return _place(PlaceKind.SETTLEMENT, name, type="город")


def _place(kind: PlaceKind, name: str, **values: Any) -> Place:
    return Place(kind, (name,), 0, 1, "т", **values)


def said(
    post: str,
    text: str,
    *places: Place,
    at: datetime = NOON,
    author: str = "",
    role: AuthorRole = AuthorRole.UNKNOWN,
    thread: str = "",
    version: int = 1,
    source: str = "public",
    seen_at: datetime | None = None,
    topic: str = "",
) -> tuple[Post, Reading]:
    """A comment of that text with its places, and the topic that it is read as."""
    made = Post(
        id=post,
        source=source,
        platform="telegram" if source == "public" else "vk",
        kind=Kind.COMMENT,
        text=text,
        seen_at=seen_at or at,
        published_at=at,
        author=Author(role, author or f"author of {post}"),
        thread=thread,
        url=f"https://example.org/{post}",
        version=version,
    )
    return made, Reading(places=places, topic=topic)


class _Version(NamedTuple):
    post: Post
    reading: Reading
    copy_key: str = ""


class Town:
    """A city on a state of its own, or on one that other towns share."""

    def __init__(self, database: Database, city: City = CITY) -> None:
        self.database = database
        self.city = city
        names = names_of(city)
        self.monitor = LoopMonitor(city.zone, names)
        with database.begin() as connection:
            active = saved.load(connection, city, NOON)
        self.broken = saved.register_all(self.monitor, active, names)
        with database.read() as connection:
            self.series = series_of(connection, city, active)
        self.noticing = Noticing(city, self.monitor, KEYS, None, Hearing(city, self.monitor, self.series))

    @classmethod
    def open(cls, folder: Path, city: City = CITY) -> "Town":
        """A town in a folder."""
        return cls(Database.open(folder / "state.db"), city)

    def hear(self, *batch: tuple[Post, Reading], at: datetime = NOON) -> Noticed:
        """Store posts as record does, and notice them, in one transaction."""
        documents: list[Document] = []
        with self.database.begin() as connection:
            for post, reading in batch:
                self._store(connection, post)
                archive.read(connection, self.city.key, [_Version(post, reading)], at)
                documents.append(document_of(post, reading))
            return self.noticing.notice(connection, documents, at)

    def _store(self, connection: sa.Connection, post: Post) -> None:
        here = {"city": self.city.key, "post": post.id, "version": post.version}
        stored = sa.select(post_versions.c.post).where(*(post_versions.c[key] == here[key] for key in here))
        if connection.execute(stored).first():
            return
        connection.execute(
            post_versions.insert().values(**here, digest=post.text, seen_at=post.seen_at, content=pack(post))
        )
        row = {
            "source": post.source,
            "platform": post.platform,
            "kind": post.kind.value,
            "parent": "",
            "thread": post.thread,
            "author": post.author.key if post.author else "",
            "published_at": post.published_at,
            "first_seen_at": post.seen_at,
            "version": post.version,
            "digest": post.text,
            "copy_key": copy_key("", post.text),
        }
        if post.version == 1:
            connection.execute(posts.insert().values(city=self.city.key, id=post.id, **row))
        else:
            mine = sa.and_(posts.c.city == self.city.key, posts.c.id == post.id)
            connection.execute(posts.update().where(mine).values(version=post.version))

    def queue(self, *states: State) -> tuple[Incident, ...]:
        """The incidents in those states, the open ones by default."""
        with self.database.read() as connection:
            return list_incidents(connection, self.city, states) if states else list_incidents(connection, self.city)

    def show(self, number: int) -> Shown:
        """One incident."""
        with self.database.read() as connection:
            return show(connection, self.city, number)

    def reports(self) -> list[sa.Row[Any]]:
        """Every report of the city by key."""
        query = sa.select(reports).where(reports.c.city == self.city.key).order_by(reports.c.key)
        with self.database.read() as connection:
            return list(connection.execute(query))

    def partition(self) -> set[frozenset[str]]:
        """The reports' keys, put together by incident."""
        groups: dict[int, set[str]] = {}
        for row in self.reports():
            groups.setdefault(row.incident, set()).add(row.key)
        return {frozenset(keys) for keys in groups.values()}


def city_with(*searches: SavedSearch, **changes: Any) -> City:
    """The city with other searches."""
    return replace(CITY, searches=searches, **changes)


def posts_of(rows: Sequence[sa.Row[Any]]) -> list[str]:
    """The posts of reports."""
    return [row.post for row in rows]
