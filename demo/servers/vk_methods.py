"""The methods of VK's API that read walls, on plain data: parameters in, the `response` out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from demo.servers.vk_data import Group, Person, Thread, Wall, WallPost, visible_posts
from demo.servers.vk_errors import VkError, wrong
from demo.servers.vk_limits import Token
from demo.servers.vk_objects import group_object, person_object, post_object, somebody
from demo.servers.vk_params import Params

Response = dict[str, Any] | list[Any]


@dataclass
class World:
    """What the methods read: walls by their owner, as they are at `now()`."""

    groups: dict[int, Group]
    people: dict[int, Person]
    now: Callable[[], datetime]
    thread_depth: int = 1
    pictures: str = ""

    @property
    def walls(self) -> list[Wall]:
        """Every wall."""
        return [*self.groups.values(), *self.people.values()]

    def named(self, name: str) -> Wall | None:
        """The wall of a short name, `club12`, `public12`, `event12` or `id12`; a plain number is a person's."""
        name = name.lower()
        for wall in self.walls:
            if wall.screen_name and wall.screen_name.lower() == name:
                return wall
        for prefix in ("club", "public", "event"):
            if name.startswith(prefix) and name[len(prefix) :].isdecimal():
                return self.groups.get(int(name[len(prefix) :]))
        number = name.removeprefix("id")
        return self.people.get(int(number)) if number.isdecimal() else None

    def owner(self, params: Params) -> Wall:
        """The wall that `owner_id`, else `domain`, names."""
        if params.text("owner_id"):
            number = params.number("owner_id")
            found: Wall | None = self.groups.get(-number) if number < 0 else self.people.get(number)
        elif params.text("domain"):
            found = self.named(params.text("domain"))
        else:
            raise wrong("owner_id is undefined")
        if found is None:
            raise wrong("owner_id is incorrect")
        return found

    def thread(self, post: WallPost) -> Thread:
        """The comments of a post as they are now."""
        return Thread(post, self.now(), self.thread_depth)

    def post(self, post: WallPost, wall: Wall, depth: int = 2) -> dict[str, Any]:
        """A post as the API tells it."""
        return post_object(post, wall.owner_id, self.thread(post), self.pictures, depth)

    def extended(self, params: Params, ids: Iterable[int]) -> dict[str, Any]:
        """The `profiles` and `groups` of these ids, where they were asked for."""
        if not params.flag("extended"):
            return {}
        fields, known = params.list("fields"), sorted({*ids} - {0})
        people = [self.people.get(one) or somebody(one) for one in known if one > 0]
        groups = [self.groups.get(-one) or Group(-one, f"club{-one}", f"Сообщество {-one}") for one in known if one < 0]
        return {
            "profiles": [person_object(one, fields, self.pictures) for one in people],
            "groups": [group_object(one, fields, self.pictures) for one in groups],
        }


def check_access(wall: Wall, token: Token) -> None:
    """The error that keeps a token from a wall: 15, 18 or 30."""
    if isinstance(wall, Person):
        if wall.deactivated:
            raise VkError(18)
        if wall.closed:
            raise VkError(30)
        return
    if wall.deactivated:
        raise VkError(15, "group is blocked" if wall.deactivated == "banned" else "group was deleted")
    if not wall.wall:
        raise VkError(15, "wall is disabled")
    if wall.closed and token.value not in wall.members:
        raise VkError(15, "this wall available only for community members")


def wall_get(world: World, params: Params, token: Token) -> Response:
    """wall.get: the pinned post, then the others, newest first."""
    wall = world.owner(params)
    chosen = params.text("filter") or "all"
    if chosen in {"postponed", "suggests", "archived", "donut"}:
        raise VkError(15, "no access to this filter")
    if chosen not in {"all", "owner", "others"}:
        raise wrong("filter is incorrect")
    check_access(wall, token)
    offset, count = params.page(20, 100)
    posts = visible_posts(wall, world.now())
    if chosen != "all":
        posts = [post for post in posts if (post.from_id == wall.owner_id) == (chosen == "owner")]
    shown = [world.post(post, wall) for post in posts[offset : offset + count]]
    more = {"next_from": str(offset + len(shown))} if offset + len(shown) < len(posts) else {}
    return {"count": len(posts), "items": shown, **world.extended(params, ids_in(shown)), **more}


def wall_get_by_id(world: World, params: Params, token: Token) -> Response:
    """wall.getById: those of the named posts that the token may see; the others are left out."""
    params.needed("posts")
    depth = params.number("copy_history_depth", 2, least=0)
    shown = []
    for word in params.list("posts", most=100):
        owner, _, number = word.partition("_")
        if not owner.removeprefix("-").isdecimal() or not number.partition("_")[0].isdecimal():
            raise wrong("posts is incorrect")
        wall: Wall | None = world.groups.get(-int(owner)) or world.people.get(int(owner))
        if wall is None or is_hidden(wall, token):
            continue
        named = int(number.partition("_")[0])
        shown += [world.post(post, wall, depth) for post in visible_posts(wall, world.now()) if post.id == named]
    return {"items": shown, **world.extended(params, ids_in(shown))}


def wall_search(world: World, params: Params, token: Token) -> Response:
    """wall.search: the posts of a wall with every word of the query."""
    wall = world.owner(params)
    check_access(wall, token)
    offset, count = params.number("offset", least=0), params.number("count", 20, least=0, most=100)
    found = [post for post in visible_posts(wall, world.now()) if has_words(post.text, params.text("query"))]
    if params.flag("owners_only"):
        found = [post for post in found if post.from_id == wall.owner_id]
    shown = [world.post(post, wall) for post in found[offset : offset + count]]
    return {"count": len(found), "items": shown, **world.extended(params, ids_in(shown))}


def newsfeed_search(world: World, params: Params, token: Token) -> Response:
    """newsfeed.search: posts of all open walls with every word, newest first; `start_from` goes on."""
    count = params.number("count", 30, least=0, most=200)
    since, until = params.number("start_time", least=0), params.number("end_time", 2**40, least=0)
    found = sorted(
        (
            (post.at, wall.owner_id, post.id, post, wall)
            for wall in world.walls
            if not is_hidden(wall, token)
            for post in visible_posts(wall, world.now())
            if since <= post.at.timestamp() <= until and has_words(post.text, params.text("q"))
        ),
        key=lambda one: one[:3],
        reverse=True,
    )
    start = params.number("start_from", least=0)
    shown = [world.post(post, wall) for *_, post, wall in islice(found, start, start + count)]
    more = {"next_from": str(start + len(shown))} if start + len(shown) < len(found) else {}
    told = {"count": len(found), "total_count": len(found), "items": shown}
    return told | world.extended(params, ids_in(shown)) | more


def ids_in(told: Iterable[dict[str, Any]]) -> set[int]:
    """Whoever posts and comments name: owners, authors, those answered, with what they repeat and their threads."""
    found: set[int] = set()
    for one in told:
        names = ("owner_id", "from_id", "signer_id", "reply_to_user", "created_by", "updated_by")
        found |= {one[name] for name in names if name in one}
        found |= ids_in(one.get("copy_history", ())) | ids_in(one.get("thread", {}).get("items", ()))
    return found


def is_hidden(wall: Wall, token: Token) -> bool:
    """Whether a token may not see a wall."""
    try:
        check_access(wall, token)
    except VkError:
        return True
    return False


def has_words(text: str, query: str) -> bool:
    """Whether every word of the query is in the text."""
    folded = text.casefold()
    return all(word in folded for word in query.casefold().split())
