"""How many sources need attention, as the foot of every page says it: looked at once in a while, not for every page."""

import time
from weakref import WeakKeyDictionary

from crawler.alarms import Level, alarms, sources_of
from crawler.desk import Desk
from crawler.installation import Installation
from crawler.token_alarms import concerned, token_alarms
from search.state import health

FOR = 20.0
"""Seconds for which a count is good."""
_known: WeakKeyDictionary[Installation, dict[str, tuple[float, int]]] = WeakKeyDictionary()


def in_need(installation: Installation, desk: Desk) -> int:
    """The number of sources of a city whose alarms need people."""
    cities = _known.setdefault(installation, {})
    until, number = cities.get(desk.city.key, (0.0, 0))
    if time.monotonic() >= until:
        with desk.database.read() as connection:
            now = installation.clock.now()
            found = alarms(connection, desk.city, now)
            tokens = token_alarms(desk.city, health.latest(connection, desk.city.key), now)
        number = len(sources_of(found, Level.ATTENTION) | concerned(tokens, Level.ATTENTION))
        cities[desk.city.key] = (time.monotonic() + FOR, number)
    return number
