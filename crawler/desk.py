"""The desk of a city: everything that works on it, made when it is first needed."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler.health import Waiting
from crawler.model.city import City, Source, SourceRole
from crawler.model.ports import Clock, Keys, Secrets
from crawler.once import once
from crawler.platforms import official_voices
from pipelines.places import StoredThreads
from pipelines.record import Record
from pipelines.rereading import Rereading
from pipelines.toponyms import PlaceFinder
from pipelines.way import Way, reading_steps, steps
from pipelines.words import Words
from search import saved, saving
from search.document import Document
from search.engine import Engine, EngineError, Inline, open_engine
from search.engines.embedded import abandon
from search.feeder import Feeder, Projection
from search.gazetteer import gazetteer_of
from search.hand import Spoken
from search.images.album import Album, sweep
from search.images.keeper import Keeper
from search.indexed_monitor import IndexedMonitor
from search.monitor import Monitor
from search.names import Names, names_of
from search.noticing import Noticing
from search.outbox import Outbox
from search.outlines import register_kept
from search.reference import Context
from search.retention import Expiry
from search.rules import ticking
from search.rules.hearing import Hearing
from search.rules.series import Series, series_of
from search.saved import Broken
from search.state import archive
from search.state.database import Database
from search.state.values import keep_value, value_of
from search.topics.model import Teller, TopicModel
from search.topics.rubric import rubric_model
from search.topics.store import load

logger = logging.getLogger(__name__)

_PURGE_EVERY = timedelta(days=1)
# The source of `otklik ingest` that every city has without naming it.
INGEST = "ingest"
_SWEEP_EVERY = 3600.0


def purge_name(city: str) -> str:
    """The name of the value that says from when on the index is to be purged of what retention removed."""
    return f"purge:{city}"


@dataclass
class Desk:
    """Everything that works on one city. What costs time to make is made when it is first needed."""

    city: City
    database: Database
    keys: Keys
    clock: Clock
    secrets: Secrets
    home: Path
    broken: tuple[Broken, ...] = ()
    making: threading.Lock = field(default_factory=threading.Lock, repr=False)
    sweep_at: float = 0.0
    searches_stamp: str = ""

    @once
    def sources(self) -> dict[str, Source]:
        """The sources by key, and the one of given posts."""
        return sources_of(self.city)

    @once
    def finder(self) -> PlaceFinder:
        """What finds places, with the city's gazetteer."""
        return finder_of(self.city)

    @once
    def threads(self) -> StoredThreads:
        """What is stored of threads."""
        return StoredThreads(self.city.key, self.database, self.finder, self.sources)

    @once
    def topic_model(self) -> Teller | None:
        """What tells the topics of posts."""
        return topic_model_of(self.city, rubric_file(self.home, self.city.key))

    @once
    def names(self) -> Names:
        """What the names in a query stand for."""
        return names_of(self.city)

    @once
    def engine(self) -> Engine:
        """The index of the city."""
        return open_engine(self.city.engine, self.city.key, self.database, self.secrets)

    @once
    def monitor(self) -> Monitor:
        """Every active saved search; those that cannot be read are in `broken`."""
        monitor = IndexedMonitor(self.city.zone, self.names)
        # A verb that only reads waits for no writer, unless the city file changed.
        with self.database.read() as connection:
            self.searches_stamp = saving.stamp(connection, self.city)
            active = saved.active(connection, self.city) if saved.is_loaded(connection, self.city) else None
        if active is None:
            with self.database.begin() as connection:
                active = saved.load(connection, self.city, self.clock.now())
        self.broken = register_kept(monitor, active, self.names, self.home / f"searches-{self.city.key}.json")
        return monitor

    @once
    def series(self) -> tuple[Series, ...]:
        """What is counted of the active saved searches that have a rule."""
        assert self.monitor  # loads what the city file changed
        with self.database.read() as connection:
            return series_of(connection, self.city, saved.active(connection, self.city))

    @once
    def searching(self) -> City:
        """The city with the searches that people wrote beside those of its file."""
        with self.database.read() as connection:
            own = [one for one in saved.active(connection, self.city) if saving.is_of_people(one.id)]
        return replace(self.city, searches=(*self.city.searches, *own)) if own else self.city

    def renew(self) -> None:
        """Take in saved searches that people changed; what is under way goes on with those it began with."""
        with self.database.read() as connection:
            stamp = saving.stamp(connection, self.city)
        if stamp != self.searches_stamp:
            for name in ("monitor", "series", "searching"):
                self.__dict__.pop(name, None)

    @once
    def feeder(self) -> Feeder:
        """What feeds the index from the queue."""

        def load(connection: sa.Connection, ids: Sequence[str]) -> list[Document]:
            return list(archive.documents(connection, self.city.key, ids).values())

        return Feeder(self.city.key, self.database, self.engine, load)

    @once
    def projection(self) -> Projection:
        """What keeps the index in step with the state."""
        return Projection(self.city.key, self.engine)

    @once
    def outbox(self) -> Outbox:
        """What makes the deliveries."""
        return Outbox(self.city, self.database, self.secrets, self.clock)

    @once
    def album(self) -> Album:
        """The files of kept images."""
        return Album(self.home, self.keys)

    @once
    def keeper(self) -> Keeper:
        """What fetches the images of reports."""
        from crawler.settings import (
            USER_AGENT,  # read from the environment when it is imported: not before it is needed
        )

        return Keeper(self.city, self.database, self.album, self.clock, USER_AGENT)

    @once
    def expiry(self) -> Expiry:
        """What removes posts that are past their time."""
        return Expiry(self.city, self.database, self.projection)

    def expire(self, seconds: float) -> Counter[str]:
        """Remove what the city file keeps no longer, for at most so long; rows by kind. Once a day, when nothing more
        is due, the index and the files are purged of what went.
        """
        now, name = self.clock.now(), purge_name(self.city.key)
        removed = self.expiry.apply(now, seconds)
        if removed["images"]:
            sweep(self.database, self.album, self.city.key)
        with self.database.read() as connection:
            due = value_of(connection, name)
        if removed and due is None:
            with self.database.begin() as connection:
                keep_value(connection, name, (now + _PURGE_EVERY).isoformat())
        elif not removed and due is not None and datetime.fromisoformat(due) <= now and self._is_purged():
            self.database.scrub()
            with self.database.begin() as connection:
                keep_value(connection, name, None)
        return removed

    def _is_purged(self) -> bool:
        """Purge. An index that is down or of another form is told and tried again: deliveries must not wait for it."""
        try:
            return self.purge()
        except EngineError as error:
            logger.warning("%s: the index still holds what was removed: %s", self.city.key, error)
            return False

    def purge(self) -> bool:
        """Let the index hold nothing of what was taken out. False while it has not heard of all of it; EngineDownError
        when it does not answer.
        """
        if not isinstance(self.engine, Inline):
            abandon(self.city.key, self.database)
        return not self.feeder.waiting() and self.engine.purge()

    def context(self) -> Context:
        """The clock, zone and names that a query is read with now."""
        return Context(self.clock.now(), self.city.zone, self.names)

    def way(self, spoken: Mapping[str, Spoken] | None = None) -> Way:
        """A way of its own for one pass: its counts and held checkpoints belong to that pass. `spoken` is what a person
        registers with it, by post.
        """
        # Crawls start in threads: engine, monitor and finder are made once for all of them.
        with self.making:
            self.renew()
            projection = self.projection
            noticing = self.noticing(spoken)
            official = official_voices(self.city.sources)
            made = steps(self.city.key, self.keys, self.finder, official, self.topic_model, self.threads)
        record = Record(self.city, self.database, self.keys, self.clock, projection, noticing, self.threads)
        return Way(self.sources, made, record)

    def rereading(self, progress: Callable[[int], None]) -> Rereading:
        """What reads the stored posts again."""
        made = (Words(), *reading_steps(self.finder, self.topic_model, self.threads))
        return Rereading(
            self.city.key, self.database, self.sources, made, self.threads, self.projection, self.clock, progress
        )

    def noticing(self, spoken: Mapping[str, Spoken] | None = None) -> Noticing:
        """What raises incidents of this city."""
        hearing = Hearing(self.city, self.monitor, self.series)
        return Noticing(self.searching, self.monitor, self.keys, spoken, hearing)

    def tick(self) -> int:
        """Let rules of silence look at the hours that have passed; how many incidents that opened."""
        with self.making:
            self.renew()
            series = self.series
        now = self.clock.now()
        with self.database.read() as connection:
            if not ticking.is_due(connection, self.city, series, now):
                return 0
        with self.database.begin() as connection:
            return ticking.tick(connection, self.city, self.keys, series, now)

    def drain(self, seconds: float) -> Waiting:
        """Feed the index and make deliveries, for at most so long; what still waits stays for the next pass."""
        until = time.monotonic() + seconds
        # Halves, so that a dead index never keeps a ticket from its executor, nor a dead receiver a post from search.
        sent = self.outbox.drain(seconds / 2)
        fed = self.feeder.drain(max(0.0, until - time.monotonic()))
        errors = [*sent.errors, *([fed.error] if fed.error else [])]
        return Waiting(fed.waiting, sent.waiting, sent.dead, tuple(errors))

    def keep_images(self, seconds: float) -> Waiting:
        """Fetch the images of reports, for at most so long; sweep what an erasure that died left behind."""
        if time.monotonic() >= self.sweep_at:
            sweep(self.database, self.album, self.city.key)
            self.sweep_at = time.monotonic() + _SWEEP_EVERY
        kept = self.keeper.keep(seconds)
        return Waiting(errors=kept.errors, images=kept.waiting)


def sources_of(city: City) -> dict[str, Source]:
    """The sources of a city by key, and the one of given posts."""
    given = Source(INGEST, "given", "", city.zone, SourceRole.INTAKE, home=city.home)
    return {INGEST: given, **{source.key: source for source in city.sources}}


def finder_of(city: City) -> PlaceFinder:
    """The finder of places with the gazetteer that a city file names."""
    return PlaceFinder(gazetteer_of(city.gazetteer, city.home), city.home, city.gazetteer.aliases)


def rubric_file(home: Path, city: str) -> Path:
    """Where an installation keeps what the queries of a city's rubric require."""
    return home / f"rubric-{city}.json"


def topic_model_of(city: City, kept: Path | None = None) -> Teller | None:
    """The model of topics that a city file names, else its rubric, None where that is empty. `kept` as in RubricModel.
    OtklikError where either cannot be read.
    """
    if city.topic_model:
        return TopicModel(load(city.topic_model))
    return rubric_model(city.rubric, kept) if city.rubric else None
