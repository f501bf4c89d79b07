"""A person's word against what Otklik put together: this is no copy, these are two stories; and taken back.

Commits with the decision what follows from it: copies, stories, and what the index knows of both. No saved search is
asked again.
"""

from datetime import datetime

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from pipelines.copies import copy_key
from pipelines.record import Projection
from search import events
from search.events import Event
from search.likeness import folded
from search.state import apart, archive, copies
from search.state.apart import COPY, STORY, Decision
from search.state.story_settling import settle
from search.state.tables import posts

UNKNOWN = Text("В архиве города {city} нет публикации {post}.", "The archive of {city} has no post {post}.")
NO_REASON = Text("Решению нужна причина (--why).", "A decision needs a reason (--why).")
SAME = Text("Нужны две разные публикации.", "Two different posts are needed.")
NONE = Text("Такого решения нет: {post} {other}", "There is no such decision: {post} {other}")


def part(connection: sa.Connection, city: str, keys: Keys, projection: Projection, decision: Decision) -> None:
    """Keep a decision and do what follows from it. OtklikError for unknown posts or without a reason."""
    _check(connection, city, decision)
    if not decision.why.strip():
        raise OtklikError(NO_REASON.filled())
    if apart.keep(connection, city, decision):
        _follow(connection, city, projection, decision)
        _note(connection, city, keys, decision, f"apart: {decision.what}")


def join(connection: sa.Connection, city: str, keys: Keys, projection: Projection, decision: Decision) -> None:
    """Take a decision back. OtklikError where it does not stand; `who` and `at` are of the taking back."""
    _check(connection, city, decision)
    if not apart.take_back(connection, city, decision.what, decision.post, decision.other):
        raise OtklikError(NONE.filled(post=decision.post, other=decision.other))
    _follow(connection, city, projection, decision)
    _note(connection, city, keys, decision, f"together: {decision.what}")


def _check(connection: sa.Connection, city: str, decision: Decision) -> None:
    if decision.post == decision.other:
        raise OtklikError(SAME.filled())
    wanted = [decision.post] + ([decision.other] if decision.what == STORY else [])
    known = set(connection.scalars(sa.select(posts.c.id).where(posts.c.city == city, posts.c.id.in_(wanted))))
    for post in wanted:
        if post not in known:
            raise OtklikError(UNKNOWN.filled(city=city, post=post))


def _follow(connection: sa.Connection, city: str, projection: Projection, decision: Decision) -> None:
    if decision.what == COPY:
        touched = _copies(connection, city, decision.post) | {decision.post}
    else:
        touched = settle(connection, city, {decision.post, decision.other}, ())
    projection.changed(connection, list(archive.documents(connection, city, sorted(touched)).values()))


def _copies(connection: sa.Connection, city: str, post: str) -> set[str]:
    """Give the post the copy key that it has now; the other posts that became an original or are none any more."""
    stored = archive.load(connection, city, [post])[post].post
    is_alone = bool(apart.alone(connection, city, [post]))
    key = "" if is_alone else copy_key(stored.title, stored.text)
    texts = {key: folded(stored.title, stored.text)} if key else {}
    with copies.watched(connection, city, {post}, texts) as watch:
        here = sa.and_(posts.c.city == city, posts.c.id == post)
        connection.execute(sa.update(posts).where(here).values(copy_key=key))
    return watch.others


def _note(connection: sa.Connection, city: str, keys: Keys, decision: Decision, what: str) -> None:
    subjects = tuple(post for post in (decision.post, decision.other) if post)
    at: datetime = decision.at
    events.write(connection, keys, city, [Event(at, decision.who, what, None, subjects, decision.why.strip())])
