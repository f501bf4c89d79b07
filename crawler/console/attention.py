"""How many sources need attention, as the foot of every page says it: looked at once in a while, not for every page."""

from datetime import timedelta

from crawler.alarms import Level, alarms, sources_of
from crawler.console.lately import LatelyOf
from crawler.desk import Desk
from crawler.installation import Installation
from crawler.token_alarms import concerned, token_alarms
from search.state import health

FOR = timedelta(seconds=20)
"""So long a count is good."""
_COUNTED: LatelyOf[str, int] = LatelyOf(FOR, FOR)


def in_need(installation: Installation, desk: Desk) -> int:
    """The number of sources of a city whose alarms need people."""
    now = installation.clock.now()

    def count() -> int:
        with desk.database.read() as connection:
            found = alarms(connection, desk.city, now)
            tokens = token_alarms(desk.city, health.latest(connection, desk.city.key), now)
        return len(sources_of(found, Level.ATTENTION) | concerned(tokens, Level.ATTENTION))

    return _COUNTED[installation].get(desk.city.key, now, count)
