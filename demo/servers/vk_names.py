"""The methods of VK's API that tell who is who: parameters in, the `response` out."""

from demo.servers.vk_data import Group
from demo.servers.vk_errors import VkError, wrong
from demo.servers.vk_limits import Token
from demo.servers.vk_methods import Response, World
from demo.servers.vk_objects import group_object, person_object, somebody
from demo.servers.vk_params import Params


def groups_get_by_id(world: World, params: Params, token: Token) -> Response:
    """groups.getById: communities by number or short name; a community's token without either gets its own."""
    words = params.list("group_ids", most=500) or params.list("group_id", most=1)
    if not words and token.kind == "community":
        words = [str(token.group_id)]
    if not words:
        raise wrong("group_ids is undefined")
    named = (world.groups.get(int(word)) if word.isdecimal() else world.named(word) for word in words)
    groups = [group for group in named if isinstance(group, Group)]
    if not groups:
        raise wrong("group_ids is incorrect")
    fields = params.list("fields")
    return {"groups": [group_object(group, fields, world.pictures) for group in groups], "profiles": []}


def users_get(world: World, params: Params, token: Token) -> Response:  # noqa: ARG001
    """users.get: people by number or short name; an unknown short name is left out."""
    fields = params.list("fields")
    people = []
    for word in params.list("user_ids"):
        known = world.named(word)
        if known is None and word.removeprefix("id").isdecimal():
            known = somebody(int(word.removeprefix("id")))
        if known and not isinstance(known, Group):
            people.append(person_object(known, fields, world.pictures))
    return people


def utils_resolve_screen_name(world: World, params: Params, token: Token) -> Response:  # noqa: ARG001
    """utils.resolveScreenName: whose a short name is; error 104 where it is nobody's."""
    wall = world.named(params.needed("screen_name"))
    if wall is None:
        raise VkError(104)
    if isinstance(wall, Group):
        return {"type": "event" if wall.type == "event" else "group", "object_id": wall.id, "group_id": wall.id}
    return {"type": "user", "object_id": wall.id}


def execute(world: World, params: Params, token: Token) -> Response:  # noqa: ARG001
    """execute: this server runs no code; it says so as VK does of code that cannot be compiled."""
    params.needed("code")
    raise VkError(12, "this server runs no code")
