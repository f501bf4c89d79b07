"""The methods of VK's API that read comments and discussions: parameters in, the `response` out."""

from collections.abc import Sequence
from typing import Any

from demo.servers.vk_attachments import Setting, attachment_object
from demo.servers.vk_data import Comment, Thread, Topic, Wall, WallPost, visible_posts
from demo.servers.vk_errors import VkError, wrong
from demo.servers.vk_limits import Token
from demo.servers.vk_methods import Response, World, check_access, ids_in
from demo.servers.vk_objects import comment_object, topic_object
from demo.servers.vk_params import Params


def wall_get_comments(world: World, params: Params, token: Token) -> Response:
    """wall.getComments: the comments under a post, or under the comment `comment_id`, with the first of their answers.

    `count` is of all comments of the post (of the thread), `current_level_count` of this level.
    """
    wall, post = _post(world, params, token)
    thread, top = world.thread(post), params.number("comment_id", least=0)
    if top and thread.comment(top) is None:
        raise VkError(15, "comment was not found")
    level = thread.level(top)
    shown, real_offset = _slice(level, params, 10)
    inner = params.number("thread_items_count", 0, least=0, most=10)
    items = []
    for comment in shown:
        told = _told(params, comment, post, wall.owner_id, thread, world.pictures)
        if len(told["parents_stack"]) < world.thread_depth:
            under = [
                _told(params, one, post, wall.owner_id, thread, world.pictures)
                for one in thread.level(comment.id)[:inner]
            ]
            told["thread"] = {"count": thread.answers(comment.id), "items": under, **_can_post()}
        items.append(told)
    return {
        "count": thread.answers(top) if top else thread.count,
        "items": items,
        "current_level_count": len(level),
        **_can_post(),
        **({"real_offset": real_offset} if params.text("start_comment_id") else {}),
        **world.extended(params, ids_in(items)),
        **({"post_author_id": post.from_id} if params.flag("extended") else {}),
    }


def wall_get_comment(world: World, params: Params, token: Token) -> Response:
    """wall.getComment: one comment, whatever post it is under."""
    wall, number = world.owner(params), params.needed_number("comment_id", least=0)
    check_access(wall, token)
    for post in visible_posts(wall, world.now()):
        thread = world.thread(post)
        comment = thread.comment(number)
        if comment:
            told = _told(params, comment, post, wall.owner_id, thread, world.pictures)
            return {"items": [told], **_can_post(), **world.extended(params, ids_in([told]))}
    raise VkError(211)


def board_get_topics(world: World, params: Params, token: Token) -> Response:
    """board.getTopics: the discussions of a community, fixed ones first, then the latest spoken in."""
    topics = _topics(world, params, token)
    chosen = {int(word) for word in params.list("topic_ids") if word.isdecimal()}
    offset, count = params.number("offset", least=0), params.number("count", 40, least=0, most=100)
    preview, length = params.number("preview"), params.number("preview_length", 90, least=0)
    told = []
    for topic in topics:
        thread = Thread(_as_post(topic), world.now())
        if thread.level() and (not chosen or topic.id in chosen):
            told.append(topic_object(topic, thread, preview))
    for one in told:
        for name in ("first_comment", "last_comment"):
            if length and len(one.get(name, "")) > length:
                one[name] = one[name][:length] + "…"
    told.sort(key=lambda one: (one["is_fixed"], one["updated"]), reverse=True)
    items = told[offset : offset + count]
    more = {"default_order": 1, "can_add_topics": 0}
    return {"count": len(told), "items": items, **more, **world.extended(params, ids_in(items))}


def board_get_comments(world: World, params: Params, token: Token) -> Response:
    """board.getComments: what was said in a discussion."""
    number = params.needed_number("topic_id", least=0)
    found = [topic for topic in _topics(world, params, token) if topic.id == number]
    if not found:
        raise wrong("topic_id is incorrect")
    level = Thread(_as_post(found[0]), world.now(), 0).level()
    shown, real_offset = _slice([one for one in level if not one.deleted], params, 20, most=100)
    items = []
    for comment in shown:
        setting = Setting(comment.from_id, int(comment.at.timestamp()), world.pictures)
        told = {"id": comment.id, "from_id": comment.from_id, "date": setting.date, "text": comment.text, "can_edit": 0}
        if comment.attachments:
            told["attachments"] = [attachment_object(one, setting) for one in comment.attachments]
        if params.flag("need_likes"):
            told["likes"] = {"can_like": 1, "count": comment.likes, "user_likes": 0, "can_publish": 1}
        items.append(told)
    more = {"real_offset": real_offset} if params.text("start_comment_id") else {}
    count = sum(not comment.deleted for comment in level)
    return {"count": count, "items": items, **more, **world.extended(params, ids_in(items))}


def _post(world: World, params: Params, token: Token) -> tuple[Wall, WallPost]:
    number = params.needed_number("post_id", least=0)
    wall = world.owner(params)
    check_access(wall, token)
    found = [post for post in visible_posts(wall, world.now()) if post.id == number]
    if not found:
        raise VkError(15, "post was not found check post_id param")
    if found[0].comments_closed:
        raise VkError(212)
    return wall, found[0]


def _slice(
    level: Sequence[Comment], params: Params, default: int, most: int | None = None
) -> tuple[list[Comment], int]:
    """The page of a level, and where in it that begins. `start_comment_id` is where it begins, whether or not that
    comment is still there; only with it may the offset be negative.
    """
    order = params.text("sort") or "asc"
    if order not in {"asc", "desc", "smart"}:
        raise wrong("sort is incorrect")
    count = min(params.number("count", default, least=0, most=most), 100)
    start, first = params.number("start_comment_id", least=0), 0
    comments = list(level)
    if order == "desc":
        comments.reverse()
        first = sum(comment.id > start for comment in comments) if start else 0
    elif start:
        first = sum(comment.id < start for comment in comments)
    first = max(0, first + params.number("offset", least=None if start else 0))
    return comments[first : first + count], first


def _told(
    params: Params, comment: Comment, post: WallPost, owner_id: int, thread: Thread, pictures: str
) -> dict[str, Any]:
    return comment_object(
        comment,
        post,
        owner_id,
        thread,
        pictures,
        likes=params.flag("need_likes"),
        preview=params.number("preview_length", 90, least=0),
    )


def _topics(world: World, params: Params, token: Token) -> list[Topic]:
    group = world.groups.get(params.needed_number("group_id", least=1))
    if group is None:
        raise wrong("group_id is incorrect")
    check_access(group, token)
    return group.topics


def _as_post(topic: Topic) -> WallPost:
    return WallPost(topic.id, topic.comments[0].from_id, topic.title, topic.comments[0].at, topic.comments)


def _can_post() -> dict[str, Any]:
    return {"can_post": True, "show_reply_button": True, "groups_can_post": True}
