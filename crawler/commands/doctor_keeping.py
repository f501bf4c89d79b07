"""What the doctor looks at in keeping: backups, erasures, what a restore left to do, the disk."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler import bundle
from crawler.commands.finding import Finding
from crawler.desk import Desk, purge_name
from crawler.installation import Installation
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.erasure import UNDER_WAY
from search.outbox import HELD, held_name
from search.rebuild import needs_rebuild
from search.state import backups, erased
from search.state.tables import posts
from search.state.values import value_of

_BACKUP_AGE = timedelta(days=7)
_OVERDUE = timedelta(days=2)
_LOOKED_BACK = timedelta(days=7)
_DAYS_LEFT = 14
LEAST_DISK = 1024**3
_MAKE = Text("otklik backup, и поставьте её в cron", "otklik backup, and put it into cron")
_REPEAT = Text(
    "повторите ту же команду otklik erase: она продолжит", "repeat the same command otklik erase: it goes on"
)


def disk(installation: Installation, desk: Desk) -> Iterator[Finding]:
    """Little room, or room for few days at the growth of the last week."""
    home = installation.home
    free = shutil.disk_usage(home).free
    if free < LEAST_DISK:
        what = Text("свободно {mb} МБ", "{mb} MB free").filled(mb=free // 1024**2)
        yield Finding(str(home), what, Text("освободите диск: нужен хотя бы 1 ГБ", "free at least 1 GB"))
        return
    size = sum(bundle.size_of(path) for path in home.rglob("*") if path.is_file())
    total, recent = sa.func.count(), posts.c.first_seen_at >= desk.clock.now() - _LOOKED_BACK
    with desk.database.read() as connection:
        count = connection.scalar(sa.select(total).select_from(posts)) or 0
        new = connection.scalar(sa.select(total).select_from(posts).where(recent)) or 0
    daily = size / count * new / _LOOKED_BACK.days if count else 0
    # A week in which everything came is a beginning and says nothing of the next.
    if new < count and daily and free / daily < _DAYS_LEFT:
        what = Text(
            "данные {mb} МБ, растут на {daily} МБ в день: места на {days} дн.",
            "{mb} MB of data grow by {daily} MB a day: room for {days} days",
        ).filled(mb=size // 1024**2, daily=round(daily / 1024**2), days=int(free / daily))
        todo = Text(
            "освободите диск или сократите хранение: [[retention]] в файле города",
            "free some space, or keep less: [[retention]] in the city file",
        )
        yield Finding(str(home), what, todo)


def backup(installation: Installation, desk: Desk) -> Iterator[Finding]:
    """No backup though there is what to lose, an old one, or one that is not whole."""
    now = desk.clock.now()
    with desk.database.read() as connection:
        last = backups.last_of(connection)
        first = connection.scalar(sa.select(sa.func.min(posts.c.first_seen_at)))
    if last is None:
        if first and now - first > _BACKUP_AGE:
            yield Finding(str(installation.home), Text("копии нет ни одной", "there is no backup"), _MAKE)
        return
    if now - last.at > _BACKUP_AGE:
        what = Text("последней копии {days} дн.", "the last backup is {days} days old").filled(
            days=(now - last.at).days
        )
        yield Finding(last.path, what, _MAKE)
    try:
        with bundle.opened(Path(last.path)) as reader:
            reader.verify()
    except OtklikError as error:
        yield Finding(last.path, error.text, _MAKE)
    except OSError as error:
        what = Text("копия не читается: {why}", "the backup cannot be read: {why}")
        yield Finding(last.path, what.filled(why=error.strerror or error), _MAKE)


def erasures(installation: Installation, desk: Desk) -> Iterator[Finding]:
    """An erasure that was cut off, and tombstones that the file of erasures does not have."""
    with desk.database.read() as connection:
        cut_off = value_of(connection, UNDER_WAY + desk.city.key)
        known = erased.of_state(connection)
    if cut_off:
        what = Text("стирание начато и не окончено ({at})", "an erasure began and did not end ({at})")
        yield Finding(desk.city.key, what.filled(at=cut_off[:16]), _REPEAT)
    told = {(one.city, one.post, one.author) for one in erased.read(installation.home)}
    missing = [one for one in known if (one.city, one.post, one.author) not in told]
    if missing:
        what = Text(
            "стёртых в базе {known}, из них нет в файле {missing}",
            "{known} erasures in the state, {missing} of them not in the file",
        ).filled(known=len(known), missing=len(missing))
        todo = Text(
            "otklik backup: копия допишет файл; без него старая копия вернула бы стёртое",
            "otklik backup: it completes the file, without which an old backup would bring them back",
        )
        yield Finding(str(installation.home / erased.NAME), what, todo)


def retention(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    """What ought to be gone, from the state or from the index, for longer than a pass a day explains."""
    due = desk.expiry.due(desk.clock.now() - _OVERDUE)
    if due.posts or due.payloads or due.events:
        what = Text(
            "хранится дольше срока: публикаций {posts}, ответов площадок {payloads}, записей журнала {events}",
            "kept for too long: {posts} posts, {payloads} answers of platforms, {events} entries of the journal",
        ).filled(posts=due.posts, payloads=due.payloads, events=due.events)
        todo = Text("otklik retention {city}, и поставьте её в cron", "otklik retention {city}, and put it into cron")
        yield Finding(desk.city.key, what, todo.filled(city=desk.city.key))
    with desk.database.read() as connection:
        purge = value_of(connection, purge_name(desk.city.key))
    if purge and datetime.fromisoformat(purge) < desk.clock.now() - _OVERDUE:
        what = Text("индекс всё ещё хранит то, что убрано", "the index still holds what was removed")
        todo = Text(
            "наладьте индекс, если выше сказано о нём, затем otklik retention {city}",
            "mend the index where it is told of above, then otklik retention {city}",
        )
        yield Finding(desk.city.key, what, todo.filled(city=desk.city.key))


def restored(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001 - all looks take both
    """What a restore leaves to people: deliveries to release, an index to rebuild."""
    city = desk.city.key
    with desk.database.read() as connection:
        held = value_of(connection, held_name(city))
        rebuild = value_of(connection, needs_rebuild(city))
    if held:
        todo = Text("otklik deliveries {city} release", "otklik deliveries {city} release").filled(city=city)
        yield Finding(city, HELD.filled(city=city, since=held[:16]), todo)
    if rebuild:
        what = Text("индекс знает другое прошлое: состояние из копии", "the index knows another past than the state")
        yield Finding(desk.city.engine, what, Text("otklik reindex {city}", "otklik reindex {city}").filled(city=city))
