"""How many sources need attention, as the foot of every page says it: looked at once in a while, not for every page."""

import time
from weakref import WeakKeyDictionary

from crawler.alarms import Level, alarms, sources_of
from crawler.desk import Desk
from crawler.installation import Installation

FOR = 20.0
"""Seconds for which a count is good."""
_known: WeakKeyDictionary[Installation, dict[str, tuple[float, int]]] = WeakKeyDictionary()


def in_need(installation: Installation, desk: Desk) -> int:
    """The number of sources of a city whose alarms need people."""
    cities = _known.setdefault(installation, {})
    until, number = cities.get(desk.city.key, (0.0, 0))
    if time.monotonic() >= until:
        with desk.database.read() as connection:
            found = alarms(connection, desk.city, installation.clock.now())
        number = len(sources_of(found, Level.ATTENTION))
        cities[desk.city.key] = (time.monotonic() + FOR, number)
    return number
