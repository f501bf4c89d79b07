"""Taking an installation back from a backup: checked whole beside its place, then put there in one step.

Nothing goes out of a restored copy: every city's deliveries are held until they are released, and each will first ask
its ticket system by key. What was erased after the backup was made is erased again before anybody sees it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crawler import bundle
from crawler.backup import newest_in
from crawler.bundle import STATE, Manifest, Reader
from crawler.environment import Environment, load_keys
from crawler.model.city import City
from crawler.model.errors import OtklikError
from crawler.model.ports import Keys, SystemClock
from crawler.model.text import Text
from search import erasure, index_queue
from search.document import Document
from search.engine import EngineError
from search.engines.embedded import Embedded
from search.engines.tables import indexes, is_prepared
from search.events import OTKLIK, Event, write
from search.feeder import Feeder, Projection
from search.images.album import Album, sweep
from search.outbox import held_name
from search.rebuild import needs_rebuild
from search.state import archive, erased, removal, snapshot
from search.state.database import Database
from search.state.erased import Erasure
from search.state.tables import deliveries, incidents, installation, posts
from search.state.values import keep_value
from search.states import Sending

_SPARE = 64 * 1024 * 1024
# Above every seq that the lost installation can have given since: an index that outlived it takes our changes.
_SEQ_LEAP = 1_000_000_000
_TAKEN = Text(
    "{home} не пуста. Назовите другую папку (--data) или добавьте --replace: прежняя станет {beside}",
    "{home} is not empty. Name another folder (--data), or add --replace: the present one becomes {beside}",
)
_NO_ROOM = Text(
    "{folder}: свободно {free} МБ, а нужно {need} МБ. Освободите место или назовите другую папку (--data)",
    "{folder}: {free} MB free, {need} MB are needed. Free some space, or name another folder (--data)",
)
_KEYS = Text(
    "{file}: копия другой установки или ключи сменились: в ней ключи {theirs}, а здесь {ours}. Верните файл ключей той "
    "установки (или её переменные окружения)",
    "{file}: the backup of another installation, or the keys changed: it has keys {theirs}, here are {ours}. Bring the "
    "key file of that installation back (or its environment variables)",
)
_FAILED = Text(
    "{folder}: не записать ({why}). Ничего не заменено.", "{folder}: cannot be written ({why}). Nothing was replaced."
)

_UNREADABLE = Text(
    "{file}: файл стираний не читается: {why}. Ничего не тронуто.",
    "{file}: the file of erasures cannot be read: {why}. Nothing was touched.",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: where from, its manifest, how many stored posts the erasures took out, the cities whose
    deliveries are held, those whose index is elsewhere and has to be rebuilt, and where the former folder went.
    """

    path: Path
    manifest: Manifest
    erased: int
    held: tuple[str, ...]
    to_rebuild: tuple[str, ...]
    former: Path | None


def restore(
    given: Path, home: Path, environment: Environment, *, replace: bool = False, erasures: Sequence[Path] = ()
) -> Restored:
    """Restore a backup, or the newest one of a folder, into `home`. `erasures` are further files of erasures.

    OtklikError, with nothing touched, for a backup that is not whole, for other keys, and for a folder in use.
    """
    keys = load_keys(environment, home, make=False)
    path = given if given.is_file() else newest_in(given, keys.fingerprint())
    former = home.with_name(f"{home.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    occupied = home.exists() and any(home.iterdir())
    if occupied and not replace:
        raise OtklikError(_TAKEN.filled(home=home, beside=former))
    known = _known([path.parent / erased.NAME, home / erased.NAME], erasures)
    try:
        with bundle.opened(path) as reader, _work(home) as work:
            _take(reader, path, work, keys.fingerprint())
            taken, held, to_rebuild = _settle(work, keys, [*known, *erased.read(work)])
            if occupied:
                home.rename(former)
            elif home.exists():
                home.rmdir()
            work.rename(home)
            return Restored(path, reader.manifest, taken, held, to_rebuild, former if occupied else None)
    except OSError as error:
        raise OtklikError(_FAILED.filled(folder=home.parent, why=error.strerror or error)) from error


def _known(files: Sequence[Path], needed: Sequence[Path]) -> list[Erasure]:
    """What these files say was erased; those that are needed must be there."""
    known: list[Erasure] = []
    for file in (*filter(Path.is_file, files), *needed):
        try:
            known += erased.read_file(file)
        except OSError as error:
            raise OtklikError(_UNREADABLE.filled(file=file, why=error.strerror or error)) from error
    return known


@contextmanager
def _work(home: Path) -> Iterator[Path]:
    """A folder beside the place to restore to; what a killed restore left of its own goes first."""
    home.parent.mkdir(parents=True, exist_ok=True)
    prefix, locked = f".{home.name}.restoring-", home.parent / f".{home.name}.restore.lock"
    handle = os.open(locked, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in home.parent.glob(f"{prefix}*/"):
            shutil.rmtree(left)
        work = Path(tempfile.mkdtemp(prefix=prefix, dir=home.parent))
        try:
            yield work
        finally:
            if work.exists():
                shutil.rmtree(work)


def _take(reader: Reader, path: Path, work: Path, ours: str) -> None:
    """Unpack the backup into `work`, every file as the manifest says it."""
    manifest = reader.manifest
    if manifest.keys != ours:
        raise OtklikError(_KEYS.filled(file=path, theirs=manifest.keys, ours=ours))
    free, need = shutil.disk_usage(work).free, 2 * manifest.size + _SPARE
    if free < need:
        raise OtklikError(_NO_ROOM.filled(folder=work.parent, free=free // 1024**2, need=need // 1024**2))
    for name in manifest.files:
        target = work / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        reader.take(name, target)
    contents = snapshot.examine(work / STATE)
    # Of an older one a table may be gone since.
    counted = {name: contents.counts.get(name, count) for name, count in manifest.counts.items()}
    if (contents.keys, counted) != (manifest.keys, manifest.counts):
        raise bundle.refused(path, STATE)


def _settle(work: Path, keys: Keys, known: Sequence[Erasure]) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Migrate the state, erase what was erased since, hold the deliveries; the posts erased, the cities held, and those
    whose index has to be rebuilt.
    """
    database = Database.open(work / STATE)
    try:
        cities = _cities(database)
        remote = tuple(city for city in cities if not _embedded(database, city))
        taken = sum(_erase_again(database, city, keys, known) for city in {one.city for one in known})
        with database.begin() as connection:
            _hold(connection, keys, cities)
            for city in remote:
                keep_value(connection, needs_rebuild(city), datetime.now(UTC).isoformat())
            erased.keep(connection, known)
            everything = erased.of_state(connection)
        erased.add(work, everything)
        if taken:
            database.compact()
        for city in cities:
            sweep(database, Album(work, keys), city)
        database.scrub()
    finally:
        database.close()
    return taken, cities, remote


def _cities(database: Database) -> tuple[str, ...]:
    with database.read() as connection:
        of_posts = connection.scalars(sa.select(posts.c.city).distinct()).all()
        of_incidents = connection.scalars(sa.select(incidents.c.city).distinct()).all()
    return tuple(sorted({*of_posts, *of_incidents}))


def _embedded(database: Database, city: str) -> bool:
    with database.read() as connection:
        return is_prepared(connection) and bool(indexes(connection, city))


def _hold(connection: sa.Connection, keys: Keys, cities: Collection[str]) -> None:
    now = datetime.now(UTC)
    for city in cities:
        keep_value(connection, held_name(city), now.isoformat())
        write(connection, keys, city, [Event(now, OTKLIK, "restored from a backup", None)])
    # Each of these may have been sent after the backup was made: the system is asked by key first, where it can be.
    table = deliveries.c
    unsent = table.state.in_([Sending.WAITING.value, Sending.SENDING.value, Sending.DEAD.value])
    untold = sa.case((table.payload_digest == "", "restored"), else_=table.payload_digest)
    state = sa.case((table.state == Sending.SENDING.value, Sending.WAITING.value), else_=table.state)
    connection.execute(deliveries.update().where(unsent).values(payload_digest=untold, state=state))
    connection.execute(sa.delete(installation).where(installation.c.name.startswith("reindex:")))
    connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'index_queue'", (_SEQ_LEAP,))


def _current(key: str, database: Database) -> Embedded:
    """The embedded index of a city, rebuilt where it has the form of another Otklik: that would keep what is erased."""

    def load(connection: sa.Connection, ids: Sequence[str]) -> list[Document]:
        return list(archive.documents(connection, key, ids).values())

    engine = Embedded(key, database)
    try:
        engine.refresh()
    except EngineError:
        Feeder(key, database, engine, load).reindex()
    return engine


class _Queue:
    """The way to an index that is elsewhere."""

    def __init__(self, city: str) -> None:
        self.city = city

    def removed(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        """Let the removal wait for it."""
        index_queue.enqueue(connection, self.city, ids, index_queue.DELETE)

    def changed(self, connection: sa.Connection, documents: Sequence[Document]) -> None:
        """Let the change wait for it."""
        index_queue.enqueue(connection, self.city, [document.id for document in documents], index_queue.PUT)


def _erase_again(database: Database, key: str, keys: Keys, known: Sequence[Erasure]) -> int:
    """Erase what was erased after the backup was made; how many posts. The city file is not needed for it."""
    city = City(key, key, ZoneInfo("UTC"), "", "", Path())
    mine = [one for one in known if one.city == key]
    with database.read() as connection:
        ids = [one.post for one in mine if one.post]
        authors = sorted({one.author for one in mine if one.author})
        wanted = erasure.plan(connection, city, ids, authors, with_comments=False)
    if not wanted.counts.get("posts"):
        return 0
    engine = _current(key, database) if _embedded(database, key) else None
    projection: removal.Projection = Projection(key, engine) if engine else _Queue(key)
    gone = erasure.carry_out(database, city, keys, SystemClock(), projection, wanted, OTKLIK, "restore", ())
    if engine:
        engine.purge()
    erasure.finish(database, key)
    return gone["posts"]
