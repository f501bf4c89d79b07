"""The seam to the engines: what an engine is given, what it answers, and the table of engines.

Every engine is a projection of the state, fed from `index_queue` (search/feeder.py); the engines' shared tests run on
all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.document import Document
from search.reference import Context
from search.state.database import Database
from search.tree import Query


class EngineError(OtklikError):
    """The engine cannot do what it is asked; trying again will not help."""


class EngineDownError(OtklikError):
    """The engine does not answer now; trying again later can help."""


REBUILD = Text("Перестройте его: otklik reindex {city}", "Rebuild it: otklik reindex {city}")


def stale(city: str) -> EngineError:
    """The error of an index that another version of Otklik made, or that is gone."""
    return EngineError(
        Text(
            ru=f"Индекс города {city} устроен иначе, чем нужно этой версии: его надо перестроить.",
            en=f"The index of {city} has another form than this version needs: it has to be rebuilt.",
        ),
        REBUILD.filled(city=city),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the index: `document` None takes the post out. `seq` rises with every change of the state.

    `first_seen` is when the first version of a post that is put came, None where that is the document's own: an engine
    may keep posts by it, so for one post it never changes between a put and the deletion that ends it.
    """

    seq: int
    post: str
    document: Document | None
    first_seen: datetime | None = None


class Order(StrEnum):
    """In which order hits come: the same posts in each. NEWEST is the same in every engine, ties broken by post id;
    RELEVANCE is each engine's own (docs/engines.md).
    """

    NEWEST = "newest"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that a query finds."""

    post: str
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """Hits in order and the opaque token of the next page, "" at the end."""

    hits: tuple[Hit, ...]
    next: str


class Facet(StrEnum):
    """By what the found posts can be counted."""

    SOURCE = "source"
    PLATFORM = "platform"
    TOPIC = "topic"
    ACT = "act"
    KIND = "kind"
    ROLE = "role"
    DISTRICT = "district"


class Step(StrEnum):
    """How long the parts of a date histogram are, in the city's zone; a week starts on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many found posts have `value`. A post of two districts counts in each, once."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Moment:
    """How many found posts were published in the part of a histogram that starts at `start` (aware, city's zone)."""

    start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map in degrees, its borders included; `west` ≤ `east`."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Found posts with a place in one tile of the web map: how many, and the mean of their distinct points there."""

    zoom: int
    x: int
    y: int
    count: int
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How many different ones there are; `exact` False where that was too much to count, and it is about so many."""

    count: int
    exact: bool = True


class Engine(Protocol):
    """What finds posts of one city."""

    def put(self, batch: Sequence[Entry]) -> None:
        """Apply changes. An entry whose seq is not above the one known of its post changes nothing."""
        ...

    def delete(self, posts: Sequence[str]) -> None:
        """Take posts out, whatever their seq."""
        ...

    def find(
        self, query: Query, context: Context, *, after: str = "", limit: int = 50, order: Order = Order.NEWEST
    ) -> Page:
        """A page of what `query` finds, from the token `after` on."""
        ...

    def count(self, query: Query, context: Context) -> int:
        """How many posts `query` finds."""
        ...

    def facets(
        self, query: Query, context: Context, fields: Sequence[Facet], limit: int = 50
    ) -> dict[Facet, tuple[Bucket, ...]]:
        """How many found posts have each value of these fields, the `limit` most frequent, then by value. Posts without
        a value are in no bucket. A district is one bucket however it is written, named as most of them name it.
        """
        ...

    def authors(self, query: Query, context: Context) -> Tally:
        """How many different pseudonyms wrote what `query` finds; posts of nobody known are nobody's."""
        ...

    def histogram(self, query: Query, context: Context, step: Step) -> tuple[Moment, ...]:
        """How many found posts were published in each part of the calendar, empty parts between the first and the last
        too. OtklikError where there would be too many parts (search/timeline.py).
        """
        ...

    def clusters(self, query: Query, context: Context, box: Box, zoom: int) -> tuple[Cluster, ...]:
        """Found posts with a place in the box, by tile of the web map, most posts first, then by x and y. ValueError
        where the web map has no such zoom (search/tiles.py).
        """
        ...

    def refresh(self) -> None:
        """Make everything that was put findable."""
        ...

    def purge(self) -> bool:
        """Let the storage hold nothing of what was taken out; False when it cannot say so yet: ask again later."""
        ...

    def clear(self) -> None:
        """Empty the index of this city, for a rebuild."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...

    def begin_rebuild(self) -> None:
        """Make an empty index beside the one that answers; one left over from a rebuild that was cut off goes."""
        ...

    def finish_rebuild(self) -> None:
        """Let the new index answer in place of the old one, which goes."""
        ...


@runtime_checkable
class Inline(Engine, Protocol):
    """An engine in the state's own database: nothing waits in the queue, changes go to both indexes of a rebuild."""

    def put_within(self, connection: sa.Connection, batch: Sequence[Entry]) -> None:
        """Apply changes in the transaction of the state."""
        ...

    def rebuild_within(self, connection: sa.Connection, batch: Sequence[Entry]) -> None:
        """Put posts read in this very transaction into the index that is being built."""
        ...


@dataclass(frozen=True, slots=True)
class Fed:
    """What became of a batch: refused for good with the reason, and to be sent again; the rest is in the index."""

    refused: dict[str, str] = field(default_factory=dict)
    again: frozenset[str] = frozenset()


@runtime_checkable
class Remote(Engine, Protocol):
    """An engine behind a network. Both methods raise EngineDownError when it does not answer."""

    def feed(self, batch: Sequence[Entry]) -> Fed:
        """Apply changes, of a post at most one deletion and after it one document; tell what became of them."""
        ...

    def feed_rebuild(self, batch: Sequence[Entry]) -> Fed:
        """Put posts into the index that is being built."""
        ...

    def lacking(self) -> tuple[str, ...]:
        """What this version keeps of a post and the index that answers does not: queries that need it are refused until
        a rebuild.
        """
        ...


Opener = Callable[[str, str, Database, Secrets], Engine]


def _embedded(url: str, city: str, database: Database, secrets: Secrets) -> Engine:  # noqa: ARG001 - one shape for all
    from search.engines.embedded import Embedded

    return Embedded(city, database)


def _elasticsearch(url: str, city: str, database: Database, secrets: Secrets) -> Engine:  # noqa: ARG001
    from search.engines.elastic import Elastic

    return Elastic(url, city, secrets)


ENGINES: dict[str, Opener] = {"embedded": _embedded, "elasticsearch": _elasticsearch}
"""Engines by the scheme of their URL. Each is given what follows the scheme."""


def open_engine(url: str, city: str, database: Database, secrets: Secrets) -> Engine:
    """The engine of a city: `embedded:` or `elasticsearch:https://host:9200?…` (docs/engines.md), or OtklikError."""
    scheme, _, rest = url.partition(":")
    opener = ENGINES.get(scheme)
    if opener is None:
        known = ", ".join(f"{name}:" for name in ENGINES)
        raise EngineError(
            Text(ru=f"Неизвестный движок {url!r}; есть {known}", en=f"Unknown engine {url!r}; there are {known}")
        )
    return opener(rest, city, database, secrets)
