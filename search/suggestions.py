"""Which open incidents may be one problem: suggested to people with the reason, never merged by themselves."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.items import Place, PlaceKind
from crawler.model.text import Text
from search.address import fold, place_keys
from search.arrivals import UNSURE, is_of_rule, is_personal, is_unsure
from search.state import near
from search.state.chunks import chunks
from search.state.tables import incidents, posts, reports
from search.states import OPEN
from search.street_key import street_fits
from search.titles import place_of

ALIKE = {
    "copy": Text("тот же текст", "the same text"),
    "street": Text("та же улица и группа тем", "the same street and topic group"),
    "place": Text("то же место, та ли это тема, неизвестно", "the same place, whether the same topic is not known"),
}
"""What people call the reasons of a suggestion (Suggestion.why)."""
_SAME, _OTHER = incidents.alias("same"), incidents.alias("other")
# The first string above all those that begin so.
_AFTER_UNSURE = UNSURE[:-1] + chr(ord(UNSURE[-1]) + 1)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An incident that may be the same problem. `why` is "copy" (the same text), "street" or "place" (the very place,
    and nobody knows whether the topic is the same).
    """

    number: int
    title: str
    why: str


def suggest(connection: sa.Connection, city: City, row: sa.Row[Any]) -> tuple[Suggestion, ...]:
    """The other open incidents of the same topic group with a copy of the same text, or on the same street; at the very
    place also those of near topics (one group of the rubric), and those of which nobody knows what they are about.
    """
    if _stands_alone(row.group_key) or row.state not in OPEN:
        return ()
    copies = _with_copies(connection, city, row.id)
    table, place = incidents.c, place_of(row.place)
    here = sa.and_(
        table.city == city.key,
        _may_be_of(city, row),
        _may_be_there(place, copies),
        table.id != row.id,
    )
    query = sa.select(table.id, table.number, table.title, table.topic, table.place, table.group_key).where(here)
    found = []
    for other in connection.execute(query.order_by(table.number)):
        why = "" if _stands_alone(other.group_key) else _why(city, row, place, other, copies)
        if why:
            found.append(Suggestion(other.number, other.title, why))
    return tuple(found)


def _may_be_of(city: City, row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    """What is open and may be of the topic of an incident, more rather than less."""
    states = [state.value for state in OPEN]
    if is_unsure(row.group_key):
        return incidents.c.state.in_(states)
    # Two short looks into indexes: an OR of both would read every open incident of the city.
    same, other = _SAME.c, _OTHER.c
    near_topics = sorted(city.groups.beside(row.topic) | city.groups.rubric_group(row.topic))
    of_topic = sa.select(same.id).where(same.city == city.key, same.topic.in_(near_topics), same.state.in_(states))
    of_none = (other.city == city.key, other.group_key >= UNSURE, other.group_key < _AFTER_UNSURE)
    unsure = sa.select(other.id).where(*of_none, other.state.in_(states))
    return incidents.c.id.in_(of_topic.union_all(unsure))


def _may_be_there(place: Place | None, copies: Collection[int]) -> sa.ColumnElement[bool]:
    """What may be at the place of an incident or has a copy, more rather than less: a city has thousands open."""
    same_text = incidents.c.id.in_(copies)
    if place is None:
        return same_text
    street = incidents.c.place["street_key"].as_string()
    names = {key.partition("/")[0] for key in place.street_key.split("|")} - {""}
    if not names:
        return sa.or_(same_text, street.is_(None), street == "")
    return sa.or_(same_text, *(street.contains(name, autoescape=True) for name in sorted(names)))


def _why(city: City, row: sa.Row[Any], place: Place | None, other: Any, copies: Collection[int]) -> str:
    """Why two incidents may be one, "" where nothing says so. `place` is that of the first."""
    its = place_of(other.place)
    unsure = is_unsure(row.group_key) or is_unsure(other.group_key)
    if not unsure and city.group_of(other.topic) == city.group_of(row.topic):
        if other.id in copies:
            return "copy"
        return "street" if _one_street(place, its, city.home) else ""
    if unsure and other.id in copies:
        return "copy"
    near_topics = unsure or other.topic in city.groups.rubric_group(row.topic)
    return "place" if near_topics and _one_place(place, its, city.home) else ""


def _stands_alone(group_key: str) -> bool:
    """Whether it is never put together with another: a personal matter, or an alarm, whose posts have their own."""
    return is_personal(group_key) or is_of_rule(group_key)


def _with_copies(connection: sa.Connection, city: City, incident: int) -> set[int]:
    """The incidents with a report whose text is a copy of, or near, one of this incident's reports."""
    joined = reports.join(posts, sa.and_(posts.c.city == reports.c.city, posts.c.id == reports.c.post))
    query = sa.select(posts.c.copy_key).select_from(joined).where(reports.c.incident == incident)
    own = set(connection.scalars(query)) - {""}
    found: set[int] = set()
    for some in chunks(near.with_near(connection, city.key, own)):
        # By the copies' index to the posts, and from these to their reports: never through all the city's reports.
        copies = sa.select(posts.c.id).where(posts.c.city == city.key, posts.c.copy_key.in_(some))
        here = sa.and_(reports.c.city == city.key, reports.c.post.in_(copies))
        found |= set(connection.scalars(sa.select(reports.c.incident).where(here).distinct()))
    return found


def _one_place(one: Place | None, other: Place | None, home: str) -> bool:
    """Whether both are one house, crossing, landmark or street."""
    if not one or not other or PlaceKind.DISTRICT in (one.kind, other.kind):
        return False
    return not set(place_keys(one, home)).isdisjoint(place_keys(other, home))


def _one_street(one: Place | None, other: Place | None, home: str) -> bool:
    if not one or not other or fold(one.settlement or home) != fold(other.settlement or home):
        return False
    return any(street_fits(key, other.street_key) for key in one.street_key.split("|") if key)
