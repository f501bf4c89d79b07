"""The mark of a rebuild under way: one a city, the latest; none for ever after its process was killed.

While it stands the feeder keeps in the queue what the new index needs. Each step of the rebuild renews it; one that
was not renewed for `LEASE` has ended, whatever became of its process.
"""

import json
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.model.text import Text
from search.engine import EngineError
from search.state.tables import installation

LEASE = timedelta(minutes=15)


def rebuilt_from(connection: sa.Connection, city: str, now: datetime) -> int | None:
    """The seq from which a rebuild under way needs every change kept; None when there is none."""
    mark = _read(connection, city)
    return None if mark is None or _is_over(mark, now) else int(mark["seq"])


def was_cut_off(connection: sa.Connection, city: str, now: datetime) -> bool:
    """Whether the process of the last rebuild was killed: what it built is there still."""
    mark = _read(connection, city)
    return mark is not None and _is_over(mark, now)


def claim(connection: sa.Connection, city: str, owner: str, seq: int, now: datetime) -> None:
    """Begin a rebuild that needs every change from `seq` on. One that is under way ends at its next step."""
    _write(connection, city, owner, seq, now)


def renew(connection: sa.Connection, city: str, owner: str, now: datetime) -> None:
    """Say that the rebuild goes on. EngineError when another one took over, or when this one stood still for so long
    that the changes it needs may be gone.
    """
    mark = _read(connection, city)
    if mark is None or mark["owner"] != owner or _is_over(mark, now):
        raise EngineError(
            Text(
                "Индекс города {city} перестраивает уже другой процесс, или этот стоял дольше {minutes} мин. Здесь "
                "перестройка окончена, прежний индекс отвечает. Если другого нет, повторите: otklik reindex {city}",
                "By now another process rebuilds the index of {city}, or this one stood still for over {minutes} min. "
                "The rebuild ends here, the former index answers. If there is no other, repeat: otklik reindex {city}",
            ).filled(city=city, minutes=LEASE // timedelta(minutes=1))
        )
    _write(connection, city, owner, int(mark["seq"]), now)


def release(connection: sa.Connection, city: str, owner: str) -> None:
    """The rebuild has ended, well or not."""
    mark = _read(connection, city)
    if mark is not None and mark["owner"] == owner:
        connection.execute(sa.delete(installation).where(installation.c.name == _name(city)))


def _is_over(mark: dict[str, str | int], now: datetime) -> bool:
    return datetime.fromisoformat(str(mark["at"])) + LEASE < now


def _read(connection: sa.Connection, city: str) -> dict[str, str | int] | None:
    value = connection.scalar(sa.select(installation.c.value).where(installation.c.name == _name(city)))
    return None if value is None else json.loads(value)


def _write(connection: sa.Connection, city: str, owner: str, seq: int, now: datetime) -> None:
    value = json.dumps({"owner": owner, "seq": seq, "at": now.isoformat()})
    connection.execute(sa.delete(installation).where(installation.c.name == _name(city)))
    connection.execute(sa.insert(installation).values(name=_name(city), value=value))


def _name(city: str) -> str:
    return f"reindex:{city}"
