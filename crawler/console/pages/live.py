"""What an open page asks for while it is looked at: figures, clocks, states that colleagues changed, who else looks.

Nothing moves by itself: rows stay where they are, and only their figures are put in. Asked every ten seconds by every
open page, so it reads what is shown, by indexes, and answers only with what differs.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from starlette.responses import Response

from crawler.console import rendering
from crawler.console.asked import Asked
from crawler.console.badges import badges_of
from crawler.console.clocks import Clock, clock_of, clocks
from crawler.console.pages.queue import MOST, row_of
from crawler.console.presence import presence_of
from crawler.console.routing import Page
from search import live, queue
from search.incidents import incident_of
from search.live import Watched

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _live(asked: Asked) -> Response:
    since, at = asked.number("since", 0, 2**53, 0), asked.number("at", 0, 2**40, 0)
    after, open_one = asked.number("after", 0, 2**31 - 1, 0), asked.number("open", 0, 2**31 - 1, 0)
    seen = asked.number("seen", 0, 2**53, since)
    with asked.installation.database.read() as connection:
        if live.is_far_behind(connection, since):
            return rendering.render(asked, "live-behind.html", 200)
        figures = queue.counts(connection, asked.city, asked.now, asked.user.name)
        rows = live.watched(connection, asked.city, _numbers(asked), since)
        opened = live.watched_one(connection, asked.city, open_one, seen) if open_one else []
        lines = queue.lines_of(connection, asked.city, [one.id for one in rows if one.changed], asked.now)
        values = {
            "badges": badges_of(connection, asked, figures),
            "figures": figures,
            "arrived": queue.arrived(connection, asked.city, after, asked.now) if asked.value("after") else None,
            "latest": live.latest_event(connection),
            "clocks": _ticked(asked, connection, opened),
        }
    base = asked.value("back")
    if not base.startswith(f"/{asked.city.key}/queue"):
        base = f"/{asked.city.key}/queue"
    then = _EPOCH + timedelta(seconds=at)
    others = presence_of(asked.installation).looks(asked.city.key, open_one, asked.user.name) if opened else ()
    return rendering.render(
        asked,
        "live-part.html",
        200,
        base=base,
        after=after,
        changed=[row_of(asked, line, base) for line in lines],
        moved=[(one.number, clock) for one in rows if not one.changed and (clock := _moved(one, then, asked.now))],
        opened=open_one if opened else 0,
        outdated=any(one.changed for one in opened),
        others=[asked.people.called(name) for name in others],
        **values,
    )


def _numbers(asked: Asked) -> list[int]:
    """The rows that the page shows."""
    given = asked.value("rows").split("-")[:MOST]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 10]


def _moved(one: Watched, then: datetime, now: datetime) -> Clock | None:
    """The clock of a row where it shows something else than the page has."""
    before, clock = (clock_of(one.state, one.opened_at, one.due, at) for at in (then, now))
    return clock if clock != before else None


def _ticked(asked: Asked, connection: sa.Connection, opened: list[Watched]) -> list[Clock]:
    """The clocks of the incident that is open."""
    return [clock for one in opened for clock in clocks(incident_of(connection, asked.city, one.id), asked.now)]


PAGES = (Page("GET", "/{city}/live", _live, touches=False),)
"""The one address that pages ask by themselves."""
