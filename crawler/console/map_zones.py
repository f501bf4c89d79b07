"""The zones of the map in words, and those of now, looked for again only where something has happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from crawler.console.asked import Asked
from crawler.console.shapes import shown
from crawler.installation import Installation
from crawler.model.text import Text
from search.live import latest_event
from search.zones import Kind, Zone, zones

FOR, ANYHOW = timedelta(minutes=1), timedelta(seconds=10)
"""So old zones may be where nothing happened, and in any case: a crawl opens incidents all the time."""
KINDS = {
    Kind.RISK: Text("риск", "risk"),
    Kind.ACCIDENT: Text("авария", "accident"),
    Kind.REPEAT: Text("повторы", "repeats"),
}
_Known = tuple[int, datetime, tuple[Zone, ...]]
_known: WeakKeyDictionary[Installation, dict[str, _Known]] = WeakKeyDictionary()


def zones_of(connection: sa.Connection, asked: Asked) -> tuple[Zone, ...]:
    """The zones of the city."""
    kept, now = _known.setdefault(asked.installation, {}), asked.now
    event, at, found = kept.get(asked.city.key, (-1, now, ()))
    if event < 0 or not timedelta(0) <= now - at <= FOR or (now - at > ANYHOW and event != latest_event(connection)):
        event, found = latest_event(connection), zones(connection, asked.city, now)
        kept[asked.city.key] = event, now, found
    return found


def chosen_of(found: Sequence[Zone], key: str) -> Zone | None:
    """The zone that an address names, None where it is not there (any more)."""
    return next((zone for zone in found if zone.key == key), None)


def named(zone: Zone) -> str:
    """«авария: Вода (4)»: the kind, what it is of, how many incidents."""
    return f"{KINDS[zone.kind]}: {shown(zone.title)} ({len(zone.numbers)})"
