"""`otklik apart CITY [list|copy|story] …`: what people decided against what Otklik put together."""

from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from crawler.commands.shell import CityArgument, JsonOption, full_time, opened, out, plain, print_json, who
from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from pipelines.parting import join, part
from search.state import near
from search.state.apart import COPY, Decision, listed


class Action(StrEnum):
    """What to decide, or to list what was decided."""

    LIST = "list"
    COPY = "copy"
    STORY = "story"


ACTION = Text(
    "list; copy: публикация — не копия; story: две публикации — не один сюжет",
    "list; copy: the post is no copy; story: two posts are not one story",
)
POST = Text("id публикации", "the id of a post")
OTHER = Text("id публикации сюжета, к которому она не относится", "the id of a post of whose story it is not")
WHY = Text("причина, попадёт в журнал (без личных данных)", "the reason, kept in the journal (no personal data)")
UNDO = Text("взять решение назад", "take the decision back")
NEEDS = {
    Action.COPY: Text("Какая публикация? otklik apart ГОРОД copy ID", "Which post? otklik apart CITY copy ID"),
    Action.STORY: Text("Какие две? otklik apart ГОРОД story ID ID", "Which two? otklik apart CITY story ID ID"),
}
DONE = {
    Action.COPY: Text("Больше не копия и не оригинал копий: {post}.", "No copy any more, nor has it any: {post}."),
    Action.STORY: Text("Не один сюжет: {post} и {other}.", "Not one story: {post} and {other}."),
}
UNDONE = Text("Решение взято назад.", "The decision is taken back.")
EMPTY = Text("Решений нет.", "There are no decisions.")
LINE = Text("{at}  {who}: {said} {why}", "{at}  {who}: {said} {why}")


def apart(
    city: CityArgument,
    action: Annotated[Action, typer.Argument(help=str(ACTION), show_default=False)] = Action.LIST,
    post: Annotated[str, typer.Argument(help=str(POST), show_default=False)] = "",
    other: Annotated[str, typer.Argument(help=str(OTHER), show_default=False)] = "",
    why: Annotated[str, typer.Option(help=str(WHY), show_default=False)] = "",
    undo: Annotated[bool, typer.Option("--undo", help=str(UNDO))] = False,
    as_json: JsonOption = False,
) -> None:
    """Keep posts apart, or list what is kept apart."""
    with opened(city) as desk:
        if action is Action.LIST:
            _list(desk, as_json=as_json)
            return
        if not post or bool(other) != (action is Action.STORY):
            raise OtklikError(NEEDS[action].filled())
        decision = Decision(action.value, post, other, desk.clock.now(), who(), why)
        near.prepare(desk.database, desk.city.key)
        with desk.database.begin() as connection:
            change = join if undo else part
            change(connection, desk.city.key, desk.keys, desk.projection, decision)
        desk.drain(15)
        if as_json:
            _list(desk, as_json=True)
        else:
            _say(str(UNDONE) if undo else _said(decision))


def _said(decision: Decision) -> str:
    return DONE[Action.COPY if decision.what == COPY else Action.STORY].format(post=decision.post, other=decision.other)


def said_of(decision: Decision, zone: ZoneInfo) -> str:
    """A decision as a line: when, who, what and why."""
    return LINE.format(at=full_time(decision.at, zone), who=decision.who, said=_said(decision), why=decision.why)


def _list(desk: Desk, *, as_json: bool) -> None:
    with desk.database.read() as connection:
        found = listed(connection, desk.city.key)
    for one in found:
        if as_json:
            print_json({name: getattr(one, name) for name in ("what", "post", "other", "at", "who", "why")})
        else:
            _say(said_of(one, desk.city.zone))
    if not found and not as_json:
        _say(str(EMPTY))


def _say(text: str) -> None:
    out.print(plain(text), markup=False, highlight=False)
