"""Stories as people see them: the newest ones, and of one its posts with what makes each of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crawler.model.items import Post
from search.analysis import analyze
from search.state import archive, stories
from search.state.chunks import chunks
from search.state.tables import posts, story_members
from search.stories import shared_words

_WORDS = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A post of a story. `follows` is the earlier post of it that this one is most like, by `score` from 0 to 1 and by
    `words`, the lemmas that weigh most in both; the first post follows none.
    """

    post: Post
    follows: str
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A story: the id and the post that it begins with, when its posts were published, how many, and where."""

    id: str
    first: Post
    since: datetime
    until: datetime
    posts: int
    platforms: tuple[str, ...]


def newest(connection: sa.Connection, city: str, limit: int) -> list[Story]:
    """The stories of a city, that first of which a post was published last."""
    here = sa.and_(posts.c.city == story_members.c.city, posts.c.id == story_members.c.post)
    last = sa.func.max(posts.c.published_at)
    query = (
        sa.select(story_members.c.story, sa.func.min(story_members.c.since).label("since"), last.label("until"))
        .join(posts, here)
        .where(story_members.c.city == city)
        .group_by(story_members.c.story)
        .order_by(last.desc(), story_members.c.story)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    first = archive.load(connection, city, [row.story for row in rows])
    return [
        Story(row.story, first[row.story].post, row.since, row.until, *_where(connection, city, row.story))
        for row in rows
        if row.story in first
    ]


def _where(connection: sa.Connection, city: str, story: str) -> tuple[int, tuple[str, ...]]:
    ids = [story, *_followers(connection, city, story)]
    platforms: set[str] = set()
    for some in chunks(ids):
        platforms.update(
            connection.scalars(sa.select(posts.c.platform).where(posts.c.city == city, posts.c.id.in_(some)).distinct())
        )
    return len(ids), tuple(sorted(platforms))


def _followers(connection: sa.Connection, city: str, story: str) -> list[str]:
    here = sa.and_(story_members.c.city == city, story_members.c.story == story)
    return list(connection.scalars(sa.select(story_members.c.post).where(here)))


def sizes(connection: sa.Connection, city: str, ids: Collection[str]) -> dict[str, int]:
    """How many posts each of these stories has."""
    query = sa.select(story_members.c.story, sa.func.count()).group_by(story_members.c.story)
    return {
        story: followers + 1
        for some in chunks(sorted(set(ids) - {""}))
        for story, followers in connection.execute(
            query.where(story_members.c.city == city, story_members.c.story.in_(some))
        )
    }


def beside(connection: sa.Connection, city: str, ids: Collection[str]) -> list[str]:
    """The other posts of the stories that these posts are of, the newest publication first. None of them is loaded."""
    found: set[str] = set()
    for story in set(stories.story_ids(connection, city, ids).values()):
        found.update((story, *_followers(connection, city, story)))
    return _sorted(connection, city, found - set(ids))[::-1]


def in_order(connection: sa.Connection, city: str, post: str) -> list[str]:
    """The ids of the posts of the story that a post is of, in the order of publication; [] where it is of none."""
    story = stories.story_ids(connection, city, [post]).get(post, "")
    return _sorted(connection, city, {story, *_followers(connection, city, story)}) if story else []


def members(connection: sa.Connection, city: str, post: str, only: Collection[str] | None = None) -> list[Member]:
    """The posts of the story that a post is of, or `only` these of them, in the order of publication; [] where it is of
    none. What is not asked for is not loaded: the words of a member take the morphology of two texts.
    """
    ids = [one for one in in_order(connection, city, post) if only is None or one in only]
    rows = {
        row.post: row
        for some in chunks(ids)
        for row in connection.execute(
            sa.select(story_members).where(story_members.c.city == city, story_members.c.post.in_(some))
        )
    }
    loaded = archive.load(connection, city, {*ids, *(row.follows for row in rows.values())})
    made = []
    for one in (loaded[id_].post for id_ in ids if id_ in loaded):
        row = rows.get(one.id)
        words = _shared(one, loaded[row.follows].post) if row and row.follows in loaded else ()
        made.append(Member(one, row.follows if row else "", row.score if row else 0.0, tuple(words)))
    return made


def _sorted(connection: sa.Connection, city: str, ids: Collection[str]) -> list[str]:
    """These posts in the order of publication; none of them is loaded."""
    query = sa.select(posts.c.published_at, posts.c.id).where(posts.c.city == city)
    rows = [
        (at, id_) for some in chunks(sorted(ids)) for at, id_ in connection.execute(query.where(posts.c.id.in_(some)))
    ]
    return [id_ for _, id_ in sorted(rows)]


def _shared(one: Post, other: Post) -> Sequence[str]:
    texts = [(post.title, post.text, analyze(post.title, post.text)) for post in (one, other)]
    return shared_words(*texts)[:_WORDS]
