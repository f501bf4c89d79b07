"""«Сюжет»: posts that tell of one event in their own words, why they are together, and a person's word against it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.archive import Line, lines_of
from crawler.console.asked import Asked, Trouble
from crawler.console.routing import NOWHERE, Page
from crawler.model.errors import OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from pipelines.parting import join, part
from pipelines.record import Projection
from search.query_show import shown_value
from search.state import archive
from search.state.apart import STORY, Decision, listed
from search.story_list import Member, in_order, members, newest
from search.tree import Query

_NO_POST = Text("Такой публикации в архиве нет: она стёрта или адрес неверен.", "The archive has no such post.")
_NEWEST = 30
_MOST = 200
"""Posts of a story that are shown."""
_EVERYTHING = Query("", None)
Change = Callable[[sa.Connection, str, Keys, Projection, Decision], None]


@dataclass(frozen=True, slots=True)
class Told:
    """A post of a story as it is shown, and what makes it one; `member` None for one that was taken out of it."""

    line: Line
    member: Member | None = None

    @property
    def id(self) -> str:
        """Of the post."""
        return self.line.stored.post.id


@dataclass(frozen=True, slots=True)
class Parted:
    """Two posts that a person said are not of one story."""

    decision: Decision
    post: Told
    other: Told


def _story(asked: Asked) -> Response:
    return _shown(asked, asked.value("post")[:2_000]) if asked.value("post") else _list(asked)


def _list(asked: Asked) -> Response:
    with asked.installation.database.read() as connection:
        stories = newest(connection, asked.city.key, _NEWEST)
    return rendering.render(asked, "stories.html", active="story", stories=stories)


def _shown(asked: Asked, post: str, refusal: OtklikError | None = None) -> Response:
    with asked.installation.database.read() as connection:
        if post not in archive.load(connection, asked.city.key, [post]):
            raise Trouble(404, NOWHERE, _NO_POST)
        ids = in_order(connection, asked.city.key, post)
        of_story = {*ids, post}
        apart = [one for one in listed(connection, asked.city.key) if one.what == STORY]
        decisions = [one for one in apart if {one.post, one.other} & of_story]
        named = [id_ for one in decisions for id_ in (one.post, one.other)]
        wanted = dict.fromkeys([*ids[:_MOST], post, *named])
        found = {one.post.id: one for one in members(connection, asked.city.key, post, wanted.keys())}
    told = {line.stored.post.id: Told(line) for line in lines_of(asked, _EVERYTHING, list(wanted))}
    return rendering.render(
        asked,
        "story.html",
        409 if refusal else 200,
        active="story",
        post=post,
        told=[Told(told[id_].line, one) for id_, one in found.items() if id_ in told],
        numbers={id_: number for number, id_ in enumerate(ids, 1)},
        alone=told.get(post),
        count=len(ids),
        query=f"story:{shown_value(told[post].line.stored.reading.story)}" if found and post in told else "",
        parted=[
            Parted(one, told[one.post], told[one.other]) for one in decisions if {one.post, one.other} <= told.keys()
        ],
        refusal=refusal,
        why=asked.value("why")[:500],
        done=asked.value("done"),
    )


def _decide(change: Change, asked: Asked) -> Response:
    """Keep two posts apart, or take that back. The page that follows is of the one that stays."""
    post, other = asked.value("post")[:2_000], asked.value("other")[:2_000]
    decision = Decision(STORY, post, other, asked.now, asked.user.name, asked.value("why")[:500])
    desk = asked.desk
    try:
        with desk.database.begin() as connection:
            change(connection, desk.city.key, desk.keys, desk.projection, decision)
    except OtklikError as error:
        return _shown(asked, post, error)
    asked.wake_courier()
    done = urlencode({"post": other, "done": "apart" if change is part else "together"})
    return RedirectResponse(f"/{asked.city.key}/story?{done}", 303)


PAGES = (
    Page("GET", "/{city}/story", _story),
    Page("POST", "/{city}/story/apart", partial(_decide, part), Permission.DECIDE),
    Page("POST", "/{city}/story/together", partial(_decide, join), Permission.DECIDE),
)
