"""Why a post stands where it stands: its copies, its reports, and the rule by which each joined its incident."""

from dataclasses import dataclass

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.text import Text
from search.arrivals import is_by_place, is_of_rule, is_personal
from search.state.archive import Stored
from search.state.tables import incidents, posts, reports

BY_PLACE = Text(
    "та же тема «{topic}» и то же место, {voices} в инциденте",
    "the same topic “{topic}” and place, {voices} in the incident",
)
BY_THREAD = Text(
    "место известно не до дома, остановки или перекрёстка: свой инцидент у каждой ветки и автора",
    "the place is not known to the house, landmark or crossing: an incident for each thread and author",
)
BY_RULE = Text(
    "тревога правила запроса, {voices} в инциденте",
    "an alarm of the search's rule, {voices} in the incident",
)
PERSONAL = Text("личное дело: никогда не объединяется", "a personal matter: never put together with others")


@dataclass(frozen=True, slots=True)
class Explained:
    """The post's copies, and its reports as {number, title, key, fits, why}."""

    copies: tuple[str, ...]
    reports: tuple[dict[str, object], ...]


def explain_post(connection: sa.Connection, city: City, stored: Stored) -> Explained:
    """What the state says of a post's copies and reports."""
    return Explained(_copies(connection, city, stored), _reports(connection, city, stored))


def _copies(connection: sa.Connection, city: City, stored: Stored) -> tuple[str, ...]:
    if not stored.copy_key or stored.reading.copy_of:
        return ()
    group = sa.and_(posts.c.city == city.key, posts.c.copy_key == stored.copy_key, posts.c.id != stored.post.id)
    return tuple(connection.scalars(sa.select(posts.c.id).where(group).order_by(posts.c.id)))


def _reports(connection: sa.Connection, city: City, stored: Stored) -> tuple[dict[str, object], ...]:
    query = (
        sa.select(reports, incidents.c.number, incidents.c.title, incidents.c.group_key, incidents.c.topic)
        .join(incidents, incidents.c.id == reports.c.incident)
        .where(reports.c.city == city.key, reports.c.post == stored.post.id)
        .order_by(incidents.c.number)
    )
    found = []
    for row in connection.execute(query):
        voices = connection.scalar(
            sa.select(sa.func.count()).select_from(reports).where(reports.c.incident == row.incident)
        )
        why = _why(row.group_key)
        found.append(
            {
                "number": row.number,
                "title": row.title,
                "key": row.key,
                "fits": row.fits,
                "why": why.format(topic=row.topic, voices=voices),
            }
        )
    return tuple(found)


def _why(group_key: str) -> Text:
    if is_personal(group_key):
        return PERSONAL
    if is_of_rule(group_key):
        return BY_RULE
    return BY_PLACE if is_by_place(group_key) else BY_THREAD
