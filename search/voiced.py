"""The incidents that one post is a voice of: which it is in, and which it opened."""

import sqlalchemy as sa

from search.state.tables import incidents, reports


def last(connection: sa.Connection) -> int:
    """The id of the incident that was opened last, 0 where there is none."""
    return connection.scalar(sa.select(sa.func.max(incidents.c.id))) or 0


def numbers(connection: sa.Connection, city: str, post: str) -> tuple[int, ...]:
    """The numbers of the incidents that a post is in."""
    return tuple(
        connection.scalars(sa.select(incidents.c.number).where(_with(city, post)).order_by(incidents.c.number))
    )


def opened_by(connection: sa.Connection, city: str, post: str, since: int) -> tuple[int, ...]:
    """The numbers of the incidents after the one of that id whose first report is one of the post."""
    other = reports.alias()
    opener = sa.select(other.c.post).where(other.c.incident == incidents.c.id).order_by(other.c.id).limit(1)
    first = opener.correlate(incidents).scalar_subquery()
    query = sa.select(incidents.c.number).where(_with(city, post), incidents.c.id > since, first == post)
    return tuple(connection.scalars(query.order_by(incidents.c.number)))


def _with(city: str, post: str) -> sa.ColumnElement[bool]:
    here = sa.select(reports.c.incident).where(reports.c.city == city, reports.c.post == post, reports.c.fits)
    return incidents.c.id.in_(here)
