"""Stories: posts that tell of the same event, whatever their order.

Links say which texts are alike, by the texts alone. News follow the earlier news that they are most like; those that
follow none begin a story if others follow them, and the story is called by their id. So what is like two stories joins
one and never makes them one, and what is stored follows from the posts that there are (search/state/story_settling.py).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from search.state.bulk import Rows
from search.state.chunks import chunks
from search.state.story_settling import settle
from search.state.story_window import Asked, window_of
from search.state.tables import posts, story_links, story_members, story_texts
from search.stories import ALIKE, STRONG, Profile, likenesses, unpacked

APART = timedelta(days=3)
"""Texts published farther apart than this are not compared."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = Rows(sa.insert(story_texts))
_LINKS = Rows(sa.insert(story_links).prefix_with("OR IGNORE", dialect="sqlite"))

_FIRST = story_members.alias("first")
_BEGUN = (
    sa.select(_FIRST.c.story)
    .where(_FIRST.c.city == posts.c.city, _FIRST.c.story == posts.c.id)
    .limit(1)
    .correlate(posts)
    .scalar_subquery()
)
_JOINED = (
    sa.select(story_members.c.story)
    .where(story_members.c.city == posts.c.city, story_members.c.post == posts.c.id)
    .correlate(posts)
    .scalar_subquery()
)
story: sa.ColumnElement[str] = sa.func.coalesce(_JOINED, _BEGUN, "").label("story")
"""In a query of `posts`: the story that a post is of, "" for none."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a post tells of: `profile` None where it says too little. `news` is what an authority or a medium wrote."""

    at: datetime
    news: bool
    profile: Profile | None


class _Text(NamedTuple):
    number: int
    post: str
    at: datetime
    news: bool
    profile: bytes


def keep(connection: sa.Connection, city: str, tellings: Mapping[str, Telling]) -> set[str]:
    """Keep what these posts tell of now and find their stories; the posts whose story is another than before."""
    stored = _stored(connection, city, tellings)
    fresh = {post: one for post, one in tellings.items() if not _is_stored(one, stored.get(post))}
    stale = stored.keys() & fresh.keys()
    near = _unlink(connection, city, stale)
    told = {post: one for post, one in fresh.items() if one.profile is not None}
    _TEXTS.insert(
        connection,
        [
            (city, post, one.at, slot_of(one.at), one.news, one.profile.packed() if one.profile else b"")
            for post, one in told.items()
        ],
    )
    linked = _link(connection, city, told)
    silent = stale - told.keys()
    return settle(connection, city, (linked | near | stale) - silent, silent)


def forget(connection: sa.Connection, city: str, ids: Collection[str]) -> set[str]:
    """Take these posts out of their stories; the other posts whose story is another than before."""
    gone = set(_stored(connection, city, ids))
    near = _unlink(connection, city, gone)
    return settle(connection, city, near, gone) - gone


def story_ids(connection: sa.Connection, city: str, ids: Iterable[str]) -> dict[str, str]:
    """The stories of those of these posts that are of one."""
    found: dict[str, str] = {}
    for some in chunks(ids):
        joined = sa.select(story_members.c.post, story_members.c.story)
        here = sa.and_(story_members.c.city == city, story_members.c.post.in_(some))
        found.update({row.post: row.story for row in connection.execute(joined.where(here))})
        begun = sa.select(story_members.c.story).distinct()
        found.update(
            (one, one)
            for one in connection.scalars(begun.where(story_members.c.city == city, story_members.c.story.in_(some)))
        )
    return found


def slot_of(at: datetime) -> int:
    """The number of the stretch of days in which a time lies: texts that are compared lie in neighbouring ones."""
    return (at - _EPOCH) // APART


def _is_stored(one: Telling, stored: _Text | None) -> bool:
    if one.profile is None or stored is None:
        return one.profile is None and stored is None
    return (one.at, one.news, one.profile.packed()) == (stored.at, stored.news, stored.profile)


def _stored(connection: sa.Connection, city: str, ids: Iterable[str]) -> dict[str, _Text]:
    table = story_texts.c
    query = sa.select(table.id, table.post, table.at, table.news, table.profile)
    found = {}
    for some in chunks(ids):
        for row in connection.execute(query.where(table.city == city, table.post.in_(some))):
            found[row.post] = _Text(*row)
    return found


def _unlink(connection: sa.Connection, city: str, ids: Collection[str]) -> set[str]:
    """Take texts and their links out; the posts that they were linked with."""
    near: set[str] = set()
    for some in chunks(ids):
        mine = sa.and_(story_links.c.city == city, story_links.c.post.in_(some))
        others = list(connection.scalars(sa.select(story_links.c.other).where(mine).distinct()))
        near.update(others)
        for part in chunks(others):
            back = sa.and_(story_links.c.city == city, story_links.c.post.in_(part), story_links.c.other.in_(some))
            connection.execute(sa.delete(story_links).where(back))
        connection.execute(sa.delete(story_links).where(mine))
        here = sa.and_(story_texts.c.city == city, story_texts.c.post.in_(some))
        connection.execute(sa.delete(story_texts).where(here))
    return near - set(ids)


def _link(connection: sa.Connection, city: str, told: Mapping[str, Telling]) -> set[str]:
    """Compare these texts with what is kept, themselves among it; the posts that have a new link."""
    asked = {
        post: Asked(slot_of(one.at), one.news, one.profile.hashes)
        for post, one in told.items()
        if one.profile is not None
    }
    if not asked:
        return set()
    like = window_of(connection, city).like(connection, city, asked)
    own = {post: text.number for post, text in _stored(connection, city, like).items()}
    texts = _numbered(connection, {*own.values(), *(number for numbers in like.values() for number in numbers)})
    pairs = {
        (min(own[post], number), max(own[post], number))
        for post, numbers in like.items()
        for number in numbers
        if number in texts and number != own[post] and _may_be_alike(texts[own[post]], texts[number])
    }
    links = {}
    for one, other, score in _scored(texts, sorted(pairs)):
        links[texts[one].post, texts[other].post] = links[texts[other].post, texts[one].post] = score
    _LINKS.insert(connection, [(city, one, other, score) for (one, other), score in sorted(links.items())])
    return {post for post, _ in links}


def _may_be_alike(one: _Text, other: _Text) -> bool:
    """Whether two texts are compared at all: what residents write is a story only beside news."""
    return (one.news or other.news) and abs(one.at - other.at) <= APART


def _scored(texts: Mapping[int, _Text], pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, float]]:
    """The pairs that are alike enough for what they are."""
    places = {number: place for place, number in enumerate(dict.fromkeys(number for pair in pairs for number in pair))}
    if not places:
        return
    profiles = [unpacked(texts[number].profile) for number in places]
    scores = likenesses(profiles, [(places[one], places[other]) for one, other in pairs])
    for (one, other), score in zip(pairs, scores, strict=True):
        if score >= (ALIKE if texts[one].news and texts[other].news else STRONG):
            yield one, other, score


def _numbered(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, _Text]:
    table = story_texts.c
    query = sa.select(table.id, table.post, table.at, table.news, table.profile)
    found = {}
    for some in chunks(numbers):
        found.update({row.id: _Text(*row) for row in connection.execute(query.where(table.id.in_(some)))})
    return found
