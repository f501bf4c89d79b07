"""Posts, comments, people and communities as VK's API 5.199 tells them."""

from collections.abc import Iterable
from typing import Any

from demo.servers.vk_attachments import Setting, attachment_object
from demo.servers.vk_data import Comment, Group, Person, Repost, Thread, Topic, WallPost

_FIRST = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Захар", "Ирина", "Кирилл")
_LAST = ("Ермак", "Ковалюк", "Лещенко", "Мельник", "Нагих", "Остапчук", "Подгорных", "Русских", "Сайко", "Черных")


def post_object(post: WallPost, owner_id: int, thread: Thread, pictures: str, depth: int = 2) -> dict[str, Any]:
    """A post of a wall; `depth` is how many posts it repeats are told."""
    count = thread.count
    told: dict[str, Any] = {
        "inner_type": "wall_wallpost",
        "donut": {"is_donut": False},
        "comments": {
            "can_post": int(not post.comments_closed),
            "can_view": int(not post.comments_closed),
            "count": 0 if post.comments_closed else count,
            "groups_can_post": not post.comments_closed,
        },
        "marked_as_ads": int(post.ads),
        "hash": f"{abs(owner_id):x}_{post.id:x}",
        "type": "post",
        **_content(post, owner_id, pictures),
        "likes": {"can_like": 1, "count": post.likes, "user_likes": 0, "can_publish": 1, "repost_disabled": False},
        "reposts": {"count": post.reposts, "wall_count": 0, "mail_count": 0, "user_reposted": 0},
        "views": {"count": post.views},
    }
    if post.pinned:
        told["is_pinned"] = 1
    if post.edited_at:
        told["edited"] = int(post.edited_at.timestamp())
    if post.copy_of and depth:
        told["copy_history"] = [_content(one.post, one.owner_id, pictures) for one in _chain(post.copy_of)][:depth]
    return told


def _content(post: WallPost, owner_id: int, pictures: str) -> dict[str, Any]:
    date = int(post.at.timestamp())
    if post.deleted:
        gone = {"is_deleted": True, "deleted_reason": "Запись удалена", "text": ""}
        return {"inner_type": "wall_wallpost", "id": post.id, "owner_id": owner_id, "from_id": owner_id, **gone}
    setting = Setting(owner_id, date, pictures)
    told: dict[str, Any] = {
        "inner_type": "wall_wallpost",
        "attachments": [attachment_object(attachment, setting) for attachment in post.attachments],
        "date": date,
        "from_id": post.from_id,
        "id": post.id,
        "is_favorite": False,
        "owner_id": owner_id,
        "post_source": {"type": "vk"},
        "post_type": "post",
        "text": post.text,
    }
    if post.signer_id:
        told["signer_id"] = post.signer_id
    if post.geo:
        told["geo"] = {"coordinates": f"{post.geo[0]} {post.geo[1]}", "showmap": 1, "type": "point"}
    return told


def _chain(repost: Repost | None) -> Iterable[Repost]:
    while repost:
        yield repost
        repost = repost.post.copy_of


def comment_object(
    comment: Comment, post: WallPost, owner_id: int, thread: Thread, pictures: str, *, likes: bool, preview: int
) -> dict[str, Any]:
    """A comment, without its thread. `preview` cuts the text (0: not at all)."""
    told: dict[str, Any] = {
        "id": comment.id,
        "from_id": comment.from_id,
        "date": int(comment.at.timestamp()),
        "text": comment.text,
        "post_id": post.id,
        "owner_id": owner_id,
        "parents_stack": thread.parents(comment),
    }
    if comment.deleted:
        return {**told, "from_id": 0, "text": "", "deleted": True}
    if preview and len(comment.text) > preview:
        told["text"] = comment.text[:preview] + "…"
    if comment.attachments:
        setting = Setting(comment.from_id, told["date"], pictures)
        told["attachments"] = [attachment_object(attachment, setting) for attachment in comment.attachments]
    if likes:
        told["likes"] = {"can_like": 1, "count": comment.likes, "user_likes": 0, "can_publish": 1}
    answered = thread.comment(comment.reply_to) if comment.reply_to else None
    if answered:
        told |= {"reply_to_user": answered.from_id if not answered.deleted else 0, "reply_to_comment": answered.id}
    if comment.from_id == post.from_id:
        told["is_from_post_author"] = True
    return told


def group_object(group: Group, fields: Iterable[str], pictures: str) -> dict[str, Any]:
    """A community with the fields that were asked for."""
    told: dict[str, Any] = {
        "id": group.id,
        "name": group.name,
        "screen_name": group.screen_name,
        "is_closed": group.closed,
        "type": group.type,
        **{f"photo_{side}": f"{pictures}/photo/club{group.id}_{side}x{side}.jpg" for side in (50, 100, 200)},
    }
    if group.deactivated:
        told["deactivated"] = group.deactivated
    more = {
        "members_count": group.members_count,
        "description": group.name,
        "wall": int(group.wall),
        "can_post": 0,
        "can_see_all_posts": 1,
        "verified": 0,
        "status": "",
        "activity": "Городское сообщество",
    }
    return told | {key: more[key] for key in fields if key in more}


def person_object(person: Person, fields: Iterable[str], pictures: str) -> dict[str, Any]:
    """A user with the fields that were asked for."""
    told: dict[str, Any] = {"id": person.id, "first_name": person.first_name, "last_name": person.last_name}
    if person.deactivated:
        return {**told, "first_name": "DELETED", "last_name": "", "deactivated": person.deactivated}
    told |= {"can_access_closed": not person.closed, "is_closed": person.closed}
    more = {
        "screen_name": person.screen_name or f"id{person.id}",
        "sex": person.sex,
        "online": 0,
        "verified": 0,
        **{f"photo_{side}": f"{pictures}/photo/id{person.id}_{side}x{side}.jpg" for side in (50, 100, 200)},
    }
    return told | {key: more[key] for key in fields if key in more}


def somebody(number: int) -> Person:
    """The person of an id that nobody described."""
    return Person(number, _FIRST[number % 10], _LAST[number // 10 % 10], sex=0)


def topic_object(topic: Topic, thread: Thread, preview: int) -> dict[str, Any]:
    """A discussion; `preview` 1 and 2 tell the first and the last comment, 3 both."""
    comments = thread.level()
    told: dict[str, Any] = {
        "id": topic.id,
        "title": topic.title,
        "created": int(topic.comments[0].at.timestamp()),
        "created_by": topic.comments[0].from_id,
        "updated": int(comments[-1].at.timestamp()),
        "updated_by": comments[-1].from_id,
        "is_closed": int(topic.closed),
        "is_fixed": int(topic.fixed),
        "comments": len(comments),
    }
    if preview & 1:
        told["first_comment"] = comments[0].text
    if preview & 2:
        told["last_comment"] = comments[-1].text
    return told
