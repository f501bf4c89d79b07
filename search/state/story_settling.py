"""Which story each post is of. News follow the earlier news that they are most like, by (published_at, id); what
residents write follows the news that it is most like, earlier or later, and nothing follows it.

Worked out anew for the posts whose links changed, and for those behind them as far as anything changes.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from search.state import apart
from search.state.bulk import upserting
from search.state.chunks import chunks
from search.state.tables import story_links, story_members, story_texts

LONGEST = timedelta(days=10)
"""What is published later than this after the first post of a story is not of it."""
_MEMBERS = upserting(upsert(story_members), "city", "post")


class _Place(NamedTuple):
    """Where a post stands: its story, when that began, whom it follows, how alike they are; itself where it begins."""

    story: str
    since: datetime
    follows: str
    score: float


# News first, in the order of publication; then what follows them and is followed by none.
_Order = tuple[bool, datetime, str]


class _Graph:
    """The posts around those that are settled, read as they are needed."""

    def __init__(self, connection: sa.Connection, city: str) -> None:
        self._connection, self._city = connection, city
        self.order: dict[str, _Order] = {}
        self.places: dict[str, _Place] = {}
        self.near: dict[str, dict[str, float]] = {}
        self._apart = apart.pairs(connection, city)

    def read(self, ids: Iterable[str]) -> None:
        """Read these posts, what they are like, and where those stand."""
        wanted = set(ids) - self.near.keys()
        for some in chunks(wanted):
            self.near.update({post: {} for post in some})
            here = sa.and_(story_links.c.city == self._city, story_links.c.post.in_(some))
            links = sa.select(story_links.c.post, story_links.c.other, story_links.c.score).where(here)
            for post, other, score in self._connection.execute(links):
                self.near[post][other] = score
        near = [*(self.near[post] for post in wanted), *(self._apart.get(post, ()) for post in wanted)]
        known = wanted.union(*near) - self.order.keys()
        for some in chunks(known):
            table = story_texts.c
            here = sa.and_(table.city == self._city, table.post.in_(some))
            for post, at, news in self._connection.execute(sa.select(table.post, table.at, table.news).where(here)):
                self.order[post] = (not news, at, post)
                self.places[post] = _Place(post, at, "", 0.0)
            members = story_members.c
            mine = sa.and_(members.city == self._city, members.post.in_(some))
            query = sa.select(members.post, members.story, members.since, members.follows, members.score)
            for post, *place in self._connection.execute(query.where(mine)):
                self.places[post] = _Place(*place)

    def placed(self, post: str) -> _Place:
        """Where a post belongs as those before it stand now."""
        mine = self.order[post]
        # Of two that people keep apart the one that is placed later yields.
        barred = {self.places[other].story for other in self._kept_apart(post) if self.order[other] < mine}
        before = [
            (-self.near[post][other], *self.order[other]) for other in self.near[post] if self.order[other] < mine
        ]
        for score, is_resident, _, other in sorted(before):
            place = self.places[other]
            if not is_resident and place.story not in barred and mine[1] - place.since <= LONGEST:
                return _Place(place.story, place.since, other, -score)
        return _Place(post, mine[1], "", 0.0)

    def behind(self, post: str) -> list[str]:
        """Those that may follow a post, or that it keeps from a story."""
        return [other for other in {*self.near[post], *self._kept_apart(post)} if self.order[other] > self.order[post]]

    def _kept_apart(self, post: str) -> list[str]:
        return [other for other in self._apart.get(post, ()) if other in self.order]


def settle(connection: sa.Connection, city: str, ids: Collection[str], gone: Collection[str]) -> set[str]:
    """Find the stories of these posts anew, after those of `gone` are no more; the posts whose story is another now."""
    if not ids and not gone:
        return set()
    left = _leave(connection, city, gone)
    graph = _Graph(connection, city)
    graph.read(ids)
    moved = {**left, **_place(graph, [post for post in ids if post in graph.order])}
    now = {post: graph.places[post] for post in moved if post not in left}
    _MEMBERS.insert(connection, [(city, post, *place) for post, place in now.items() if place.follows])
    for some in chunks(post for post, place in now.items() if not place.follows):
        here = sa.and_(story_members.c.city == city, story_members.c.post.in_(some))
        connection.execute(sa.delete(story_members).where(here))
    return _others(
        connection, city, {post: (before, now[post].story if post in now else "") for post, before in moved.items()}
    )


def _leave(connection: sa.Connection, city: str, gone: Collection[str]) -> dict[str, str]:
    """Take posts out of their stories; the stories that they were of."""
    left: dict[str, str] = {}
    for some in chunks(gone):
        here = sa.and_(story_members.c.city == city, story_members.c.post.in_(some))
        for row in connection.execute(sa.select(story_members.c.post, story_members.c.story).where(here)):
            left[row.post] = row.story
        connection.execute(sa.delete(story_members).where(here))
    return left


def _place(graph: _Graph, ids: Collection[str]) -> dict[str, str]:
    """Place posts in the order of publication, and those behind one whose story is another; their stories before."""
    waiting = [graph.order[post] for post in ids]
    heapify(waiting)
    moved: dict[str, str] = {}
    done: set[str] = set()
    while waiting:
        *_, post = heappop(waiting)
        if post in done:
            continue
        done.add(post)
        before, place = graph.places[post], graph.placed(post)
        if place == before:
            continue
        moved[post] = before.story
        graph.places[post] = place
        if (place.story, place.since) != (before.story, before.since):
            behind = graph.behind(post)
            graph.read(behind)
            for other in behind:
                heappush(waiting, graph.order[other])
    return moved


def _others(connection: sa.Connection, city: str, moved: dict[str, tuple[str, str]]) -> set[str]:
    """The posts whose story is another: those that moved, and those that began to be the first of one, or ceased to."""
    balance: dict[str, int] = {}
    for post, (before, after) in moved.items():
        if before != post:
            balance[before] = balance.get(before, 0) - 1
        if after not in ("", post):
            balance[after] = balance.get(after, 0) + 1
    followers: dict[str, int] = {}
    for some in chunks(balance):
        here = sa.and_(story_members.c.city == city, story_members.c.story.in_(some))
        query = sa.select(story_members.c.story, sa.func.count()).where(here).group_by(story_members.c.story)
        followers.update((story, count) for story, count in connection.execute(query))
    changed = {post for post, (before, after) in moved.items() if before != after}
    for story, more in balance.items():
        now = followers.get(story, 0)
        if bool(now) != bool(now - more):
            changed.add(story)
    return changed
