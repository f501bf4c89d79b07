"""Walls of VK as plain data that changes between visits; what is later than the clock is not shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from demo.servers.vk_attachments import Attachment


@dataclass(slots=True)
class Comment:
    """A comment; `reply_to` is the comment that it answers. A deleted one with replies stays as a mark without text."""

    id: int
    from_id: int
    text: str
    at: datetime
    reply_to: int = 0
    attachments: list[Attachment] = field(default_factory=list)
    likes: int = 0
    deleted: bool = False

    def edit(self, text: str) -> None:
        """Change the text: VK says nowhere that a comment was edited."""
        self.text = text

    def delete(self) -> None:
        """Take it away."""
        self.deleted = True


@dataclass(frozen=True, slots=True)
class Repost:
    """What a post repeats: a post of another wall. A chain of them is told by the `copy_of` of the inner post."""

    owner_id: int
    post: "WallPost"


@dataclass(slots=True)
class WallPost:
    """A post. `from_id` is the author (the community itself: minus its id), `signer_id` who signed it.

    `comments_closed` answers 212 to who asks for the comments. `ads` marks an advert, `geo` is (latitude, longitude).
    """

    id: int
    from_id: int
    text: str
    at: datetime
    comments: list[Comment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    copy_of: Repost | None = None
    pinned: bool = False
    edited_at: datetime | None = None
    deleted: bool = False
    comments_closed: bool = False
    signer_id: int = 0
    ads: bool = False
    geo: tuple[float, float] | None = None
    likes: int = 0
    reposts: int = 0
    views: int = 0

    def edit(self, text: str, at: datetime) -> None:
        """Change the text."""
        self.text, self.edited_at = text, at

    def delete(self) -> None:
        """Take it away with its comments."""
        self.deleted = True

    def add(self, comment: Comment) -> Comment:
        """Publish a comment."""
        self.comments.append(comment)
        return comment

    def comment(self, number: int) -> Comment:
        """The comment with this id."""
        return next(comment for comment in self.comments if comment.id == number)


@dataclass(slots=True)
class Topic:
    """A discussion of a community's board; its first comment is what it was opened with."""

    id: int
    title: str
    comments: list[Comment]
    closed: bool = False
    fixed: bool = False


@dataclass(slots=True)
class Group:
    """A community with its wall. `closed` 1 shows it to its members alone, 2 hides it; `deactivated` is "deleted" or
    "banned"; `wall` False is a wall that is switched off. `members` are the tokens of those who are in it.
    """

    id: int
    screen_name: str
    name: str
    posts: list[WallPost] = field(default_factory=list)
    type: Literal["group", "page", "event"] = "page"
    closed: Literal[0, 1, 2] = 0
    deactivated: Literal["", "deleted", "banned"] = ""
    wall: bool = True
    members: set[str] = field(default_factory=set)
    members_count: int = 1000
    topics: list[Topic] = field(default_factory=list)

    @property
    def owner_id(self) -> int:
        """The id of its wall: a negative number."""
        return -self.id

    def add(self, post: WallPost) -> WallPost:
        """Publish a post."""
        self.posts.append(post)
        return post

    def post(self, number: int) -> WallPost:
        """The post with this id."""
        return next(post for post in self.posts if post.id == number)


@dataclass(slots=True)
class Person:
    """A user with a wall. `closed` shows the wall to friends alone; `deactivated` is "deleted" or "banned"."""

    id: int
    first_name: str
    last_name: str
    screen_name: str = ""
    sex: Literal[0, 1, 2] = 0
    closed: bool = False
    deactivated: Literal["", "deleted", "banned"] = ""
    posts: list[WallPost] = field(default_factory=list)

    @property
    def owner_id(self) -> int:
        """The id of its wall."""
        return self.id


Wall = Group | Person


def visible_posts(wall: Wall, now: datetime) -> list[WallPost]:
    """What the wall shows: the pinned post, then the others, newest first."""
    shown = [post for post in wall.posts if post.at <= now and not post.deleted]
    return sorted(shown, key=lambda post: (post.pinned, post.at, post.id), reverse=True)


class Thread:
    """The comments of a post as VK shows them at a time.

    `depth` is how deep they nest: at 1, as on VK, an answer to an answer lies in the thread of the topmost comment.
    """

    def __init__(self, post: WallPost, now: datetime, depth: int = 1) -> None:
        self._known = {comment.id: comment for comment in post.comments if comment.at <= now}
        self._depth = depth
        self._under: dict[int, list[Comment]] = {}
        for comment in sorted(self._known.values(), key=lambda comment: (comment.at, comment.id)):
            parents = self.parents(comment)
            self._under.setdefault(parents[-1] if parents else 0, []).append(comment)

    @property
    def count(self) -> int:
        """How many comments the post has, answers included, deleted ones not."""
        return sum(not comment.deleted for comment in self._known.values())

    def comment(self, number: int) -> Comment | None:
        """The comment with this id, if it is shown."""
        found = self._known.get(number)
        return found if found and self._shown(found) else None

    def parents(self, comment: Comment) -> list[int]:
        """The ids of the comments above it, topmost first."""
        above: list[int] = []
        while comment.reply_to in self._known:
            comment = self._known[comment.reply_to]
            above.insert(0, comment.id)
        return above[: self._depth]

    def level(self, parent: int = 0) -> list[Comment]:
        """The comments right under `parent` (0: under the post), in the order of time."""
        return [comment for comment in self._under.get(parent, ()) if self._shown(comment)]

    def answers(self, parent: int) -> int:
        """How many living comments are under `parent`, at any depth."""
        return sum((not child.deleted) + self.answers(child.id) for child in self._under.get(parent, ()))

    def all(self) -> Iterator[Comment]:
        """Every comment that is shown."""
        return (comment for comment in self._known.values() if self._shown(comment))

    def _shown(self, comment: Comment) -> bool:
        return not comment.deleted or any(self._shown(child) for child in self._under.get(comment.id, ()))
