"""The zones of the map in words, and those of now."""

from collections.abc import Sequence
from datetime import timedelta

from crawler.console.asked import Asked
from crawler.console.lately import LatelyOf
from crawler.console.shapes import shown
from crawler.model.text import Text
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


def chosen_of(found: Sequence[Zone], key: str) -> Zone | None:
    """The zone that an address names, None where it is not there (any more)."""
    return next((zone for zone in found if zone.key == key), None)


def named(zone: Zone) -> str:
    """«авария: Вода (4)»: the kind, what it is of, how many incidents."""
    return f"{KINDS[zone.kind]}: {shown(zone.title)} ({len(zone.numbers)})"
