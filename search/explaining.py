"""Why a post stands where it stands: its copies, its reports, and the rule by which each joined its incident."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.text import Text
from search.arrivals import is_by_place, is_of_rule, is_personal, is_unsure, place_parts
from search.state import apart, near
from search.state.apart import Decision
from search.state.archive import Stored
from search.state.tables import incidents, post_versions, posts, reports
from search.story_list import Member, members
from search.subjects import told_topic

BY_PLACE = Text(
    "та же тема «{topic}» и то же место, {voices} в инциденте",
    "the same topic “{topic}” and place, {voices} in the incident",
)
BY_PLACE_AND_TEXT = Text(
    "та же тема «{topic}» (прочитана в тексте: запрос темы не называет) и то же место, {voices} в инциденте",
    "the same topic “{topic}” (read from the text: the search names none) and place, {voices} in the incident",
)
UNSURE = Text(
    "запрос темы не называет, а текст её не выдаёт: свой инцидент у каждой ветки и автора, объединяют люди",
    "the search names no topic and the text does not tell one: an incident for each thread and author, for people to "
    "put together",
)
BY_THREAD = Text(
    "место известно не до дома, остановки или перекрёстка: свой инцидент у каждой ветки и автора",
    "the place is not known to the house, landmark or crossing: an incident for each thread and author",
)
BY_PERSON = Text(
    "так решил человек (объединение, разделение, перенос, другое место или тема), {voices} в инциденте",
    "a person decided so (a join, a split, a move, another place or topic), {voices} in the incident",
)
BY_RULE = Text(
    "тревога правила запроса, {voices} в инциденте",
    "an alarm of the search's rule, {voices} in the incident",
)
PERSONAL = Text("личное дело: никогда не объединяется", "a personal matter: never put together with others")


class CopyKind(StrEnum):
    """What makes a post a copy: the same words, the same but for slips and what was cut away or added, and beside one
    of these that its platform says so.
    """

    EXACT = "exact"
    NEAR = "near"
    REPOST = "repost"


@dataclass(frozen=True, slots=True)
class Copy:
    """A post that is a copy of this one, or whose copy this one is. `score`: what share of both texts is the same."""

    post: str
    kind: CopyKind
    score: float


@dataclass(frozen=True, slots=True)
class Explained:
    """Why the post is a copy, the copies of an original, its reports as {number, title, key, fits, why},
    what makes it one of its story, and what people decided against.
    """

    copy: Copy | None
    copies: tuple[Copy, ...]
    reports: tuple[dict[str, object], ...]
    member: Member | None
    decisions: tuple[Decision, ...]


def explain_post(connection: sa.Connection, city: City, stored: Stored) -> Explained:
    """What the state says of a post's copies, story and reports."""
    alike = _alike(connection, city, stored)
    copy = next((one for one in alike if one.post == stored.reading.copy_of), None)
    member = next(iter(members(connection, city.key, stored.post.id, {stored.post.id})), None)
    decisions = tuple(one for one in apart.listed(connection, city.key) if stored.post.id in (one.post, one.other))
    return Explained(copy, () if copy else alike, _reports(connection, city, stored), member, decisions)


def _alike(connection: sa.Connection, city: City, stored: Stored) -> tuple[Copy, ...]:
    """The posts whose text is that of the post, or near it."""
    if not stored.copy_key:
        return ()
    scores = {stored.copy_key: 1.0, **near.scores(connection, city.key, stored.copy_key)}
    version = sa.and_(
        post_versions.c.city == posts.c.city,
        post_versions.c.post == posts.c.id,
        post_versions.c.version == posts.c.version,
    )
    here = sa.and_(posts.c.city == city.key, posts.c.copy_key.in_(scores), posts.c.id != stored.post.id)
    origin = post_versions.c.content["forwarded_from"]["post"].as_string()
    query = sa.select(posts.c.id, posts.c.copy_key, origin).join(post_versions, version).where(here)
    forwarded = stored.post.forwarded_from.post if stored.post.forwarded_from else ""
    found = []
    for id_, key, its_origin in connection.execute(query.order_by(posts.c.published_at, posts.c.id)):
        words = CopyKind.EXACT if key == stored.copy_key else CopyKind.NEAR
        told = id_ == forwarded or its_origin == stored.post.id
        found.append(Copy(id_, CopyKind.REPOST if told else words, scores[key]))
    return tuple(found)


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
        why = BY_PERSON if _is_elsewhere(row) else _why(row.group_key, told_topic(row.reasons))
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


def _is_elsewhere(row: sa.Row[Any]) -> bool:
    """Whether a person put a report there: by itself, or with the incident of another place that it came to."""
    group, place = place_parts(row.group_key)
    return row.placed or (bool(place) and (group, place) != (row.topic_group, row.place_key))


def _why(group_key: str, told: str) -> Text:
    if is_personal(group_key):
        return PERSONAL
    if is_of_rule(group_key):
        return BY_RULE
    if is_unsure(group_key):
        return UNSURE
    if not is_by_place(group_key):
        return BY_THREAD
    return BY_PLACE_AND_TEXT if told else BY_PLACE
