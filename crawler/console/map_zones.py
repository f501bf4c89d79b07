"""The zones of the map in words, and those of now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.console.asked import Asked
from crawler.console.lately import LatelyOf
from crawler.console.shapes import shown
from crawler.model.text import Text
from search.state.chunks import chunks
from search.state.tables import incidents
from search.zones import Kind, Zone, zones

GOOD, OLD = timedelta(seconds=10), timedelta(minutes=5)
"""Zones of so long ago are given; of the second they are too, and looked for anew meanwhile."""
KINDS = {
    Kind.RISK: Text("риск", "risk"),
    Kind.ACCIDENT: Text("авария", "accident"),
    Kind.REPEAT: Text("повторы", "repeats"),
}
_FOUND: LatelyOf[str, tuple[Zone, ...]] = LatelyOf(GOOD, OLD)


def zones_of(asked: Asked) -> tuple[Zone, ...]:
    """The zones of the city."""

    def look() -> tuple[Zone, ...]:
        with asked.installation.database.read() as connection:
            return zones(connection, asked.city, asked.now)

    return _FOUND[asked.installation].get(asked.city.key, asked.now, look)


def opened_in(
    connection: sa.Connection, city: str, found: Sequence[Zone], stretch: tuple[datetime | None, datetime | None]
) -> dict[str, list[datetime]]:
    """Of the zones that have an incident which was opened in a stretch of time, by key: when their incidents were
    opened, in order. An end that is None is open.
    """
    table, when = incidents.c, dict[int, datetime]()
    for some in chunks({number for zone in found for number in zone.numbers}):
        here = (table.city == city, table.number.in_(some))
        when |= {row[0]: row[1] for row in connection.execute(sa.select(table.number, table.opened_at).where(*here))}
    first, last = stretch
    opened = {zone.key: sorted({when[number] for number in zone.numbers if number in when}) for zone in found}
    return {
        key: moments
        for key, moments in opened.items()
        if any((first is None or at >= first) and (last is None or at < last) for at in moments)
    }


def chosen_of(found: Sequence[Zone], key: str) -> Zone | None:
    """The zone that an address names, None where it is not there (any more)."""
    return next((zone for zone in found if zone.key == key), None)


def named(zone: Zone) -> str:
    """«авария: Вода (4)»: the kind, what it is of, how many incidents."""
    return f"{KINDS[zone.kind]}: {shown(zone.title)} ({len(zone.numbers)})"
