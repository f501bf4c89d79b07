"""How many incidents each saved search raised, by the day that they were opened."""

from collections import Counter, defaultdict
from datetime import date, datetime

import sqlalchemy as sa

from crawler.model.city import City
from search.state.tables import incidents, reports
from search.wanted import TAKEN_BACK


def raised(connection: sa.Connection, city: City, since: datetime) -> dict[str, Counter[date]]:
    """By the id of a search, the incidents with a report of it that were opened since, each once; days of the city.
    What was registered by mistake and taken back raised none.
    """
    query = (
        sa.select(incidents.c.id, incidents.c.opened_at, reports.c.reasons)
        .join(reports, reports.c.incident == incidents.c.id)
        .where(incidents.c.city == city.key, incidents.c.opened_at >= since, reports.c.state != TAKEN_BACK)
    )
    opened: defaultdict[str, dict[int, datetime]] = defaultdict(dict)
    for incident, at, reasons in connection.execute(query):
        for reason in reasons:
            opened[reason["search"]][incident] = at
    return {search: Counter(at.astimezone(city.zone).date() for at in some.values()) for search, some in opened.items()}


def first_opened(connection: sa.Connection, city: City) -> date | None:
    """The day of the city that its first incident was opened on; None before there is any."""
    # By number, which an index has: what is split off later was opened no earlier than what it came from.
    query = sa.select(incidents.c.opened_at).where(incidents.c.city == city.key).order_by(incidents.c.number).limit(1)
    at = connection.scalar(query)
    return at.astimezone(city.zone).date() if at else None
