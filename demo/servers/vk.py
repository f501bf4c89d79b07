"""VK's API 5.199 over HTTP, on plain data: tokens, rates and quotas that bite, the errors that the service answers."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from crawler.model.ports import Clock, SystemClock
from demo.servers.local import Answer, LocalServer
from demo.servers.pictures import picture
from demo.servers.vk_attachments import (
    Album,
    Attachment,
    Audio,
    Doc,
    Graffiti,
    Link,
    Other,
    Photo,
    Poll,
    Sticker,
    Video,
)
from demo.servers.vk_comments import board_get_comments, board_get_topics, wall_get_comment, wall_get_comments
from demo.servers.vk_data import Comment, Group, Person, Repost, Topic, Wall, WallPost
from demo.servers.vk_errors import WORDS, VkError
from demo.servers.vk_limits import Limits, Token
from demo.servers.vk_methods import Response, World, newsfeed_search, wall_get, wall_get_by_id, wall_search
from demo.servers.vk_names import execute, groups_get_by_id, users_get, utils_resolve_screen_name
from demo.servers.vk_params import Params

__all__ = [
    "Album",
    "Attachment",
    "Audio",
    "Comment",
    "Doc",
    "Graffiti",
    "Group",
    "Link",
    "Other",
    "Person",
    "Photo",
    "Poll",
    "Repost",
    "Sticker",
    "Token",
    "Topic",
    "Video",
    "VkServer",
    "Wall",
    "WallPost",
]

METHODS: dict[str, Callable[[World, Params, Token], Response]] = {
    "wall.get": wall_get,
    "wall.getById": wall_get_by_id,
    "wall.getComment": wall_get_comment,
    "wall.getComments": wall_get_comments,
    "wall.search": wall_search,
    "newsfeed.search": newsfeed_search,
    "board.getTopics": board_get_topics,
    "board.getComments": board_get_comments,
    "groups.getById": groups_get_by_id,
    "users.get": users_get,
    "utils.resolveScreenName": utils_resolve_screen_name,
    "execute": execute,
}

ANY = "*"
"""In place of a method's name: whichever is called next."""


class VkServer(LocalServer):
    """Serves `/method/NAME` by GET and by a posted form, the token a parameter or a Bearer; without `tokens` any
    value is a service token.

    What is later than `clock` is not shown, and quotas are counted by its days in `quota_zone`; rates are counted over
    a second of `ticks`. `calls` counts calls by method, `calls_by` by (token, method); `exceeded` is how often a client
    went over a rate or a quota, `exceeded_by` that by (token, "rate" or the method). `pictures` is the address of a
    PictureServer; without one this server makes the pictures itself. Threads nest `thread_depth` deep, on VK once.
    """

    def __init__(
        self,
        groups: Iterable[Group],
        *,
        tokens: Iterable[Token] = (),
        people: Iterable[Person] = (),
        clock: Clock | None = None,
        ticks: Callable[[], float] = time.monotonic,
        quota_zone: tzinfo | None = None,
        thread_depth: int = 1,
        pictures: str = "",
    ) -> None:
        super().__init__()
        self.clock = clock or SystemClock()
        self.groups = {group.id: group for group in groups}
        self.people = {person.id: person for person in people}
        self.limits = Limits(tokens, self._now, quota_zone or ZoneInfo("Europe/Moscow"), ticks)
        self.pictures = pictures
        self.thread_depth = thread_depth
        self.calls: Counter[str] = Counter()
        self.calls_by: Counter[tuple[str, str]] = Counter()
        self.answered: Counter[int] = Counter()
        self._refusals: dict[str, list[VkError]] = {}
        self._lock = threading.Lock()

    @property
    def api(self) -> str:
        """Where the methods are, with a slash at the end."""
        return f"{self.url}/method/"

    @property
    def exceeded_by(self) -> Counter[tuple[str, str]]:
        """How often which token went over its "rate" or the quota of which method."""
        return self.limits.exceeded

    @property
    def exceeded(self) -> int:
        """How often a client went over a rate or a quota."""
        return self.limits.exceeded.total()

    def fail(
        self, method: str | int, /, code: int = 10, *, times: int = 1, retry_after: int | None = None, **extra: Any
    ) -> None:
        """Answer the next calls of a method (ANY: of any) with an error of VK; a number is an HTTP status for all."""
        if isinstance(method, int):
            super().fail(method, times=times, retry_after=retry_after)
            return
        if code not in WORDS:
            raise ValueError(f"error {code} is not among those that the server knows: {sorted(WORDS)}")
        self._refusals.setdefault(method, []).extend([VkError(code, **extra)] * times)

    def mend(self) -> None:
        """Take back what the next requests and calls were to get."""
        super().mend()
        self._refusals.clear()

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:
        """A method called by GET, or a picture."""
        if path.startswith("/method/"):
            return self._call(path.removeprefix("/method/"), query, headers)
        return picture(path, self.url)

    def answer_post(self, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        """A method called by a form."""
        if not path.startswith("/method/"):
            return Answer(b"<h1>404</h1>", 404)
        return self._call(path.removeprefix("/method/"), "&".join(filter(None, (query, body.decode()))), headers)

    def _call(self, method: str, query: str, headers: dict[str, str]) -> Answer:
        given = dict(parse_qsl(query, keep_blank_values=True))
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given.setdefault("access_token", bearer.strip())
        with self._lock:
            try:
                told: dict[str, Any] = {"response": self._respond(method, given)}
            except VkError as error:
                self.answered[error.code] += 1
                told = error.body(self.url, given, method)
        return Answer(json.dumps(told, ensure_ascii=False).encode(), type="application/json; charset=utf-8")

    def _respond(self, method: str, given: dict[str, str]) -> Response:
        params, value = Params(given), given.get("access_token", "")
        self.calls[method] += 1
        self.calls_by[value, method] += 1
        if method not in METHODS:
            raise VkError(3)
        params.check_version()
        token = self.limits.token(value)
        self.limits.allow(token, method)
        for planned in (self._refusals.get(method), self._refusals.get(ANY)):
            if planned:
                raise planned.pop(0)
        world = World(self.groups, self.people, self._now, self.thread_depth, self.pictures or self.url)
        return METHODS[method](world, params, token)

    def _now(self) -> datetime:
        return self.clock.now()
