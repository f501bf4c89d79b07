"""A wall of an invented town on the local VK server, and crawls of it as the runner makes them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.model.city import Source, SourceRole
from crawler.model.crawled import SpiderItem
from crawler.model.items import Post
from demo.servers.vk import Comment, Group, Person, VkServer, WallPost
from spiders.vk import VkSpider
from tests.crawling import Crawled, FrozenClock, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OWN = -77
PEOPLE = (Person(11, "Анна", "Речная"), Person(12, "Пётр", "Лесной"))


def post(number: int, text: str = "", *, ago: timedelta | None = None, **fields: Any) -> WallPost:
    """A post of the community; numbers and times rise together, 1000 is now."""
    at = NOW - (timedelta(minutes=1000 - number) if ago is None else ago)
    return WallPost(number, fields.pop("from_id", OWN), text or f"Запись {number}", at, **fields)


def comment(number: int, text: str = "", *, to: int = 0, who: int = 11, **fields: Any) -> Comment:
    """A comment of a resident, `to` another one; numbers and times rise together."""
    at = NOW - timedelta(seconds=100_000 - number)
    return Comment(number, who, text or f"Ответ {number}", at, reply_to=to, **fields)


@dataclass
class Town:
    """The community and whoever crawls it, again and again."""

    group: Group
    server: VkServer
    source: Source
    clock: FrozenClock
    cursor: str = ""

    def crawl(self, *, later: timedelta = timedelta(minutes=15), calls: int = 500, **given: Any) -> Crawled[VkSpider]:
        """One crawl from where the last one ended; then the clock goes on."""
        source = replace(self.source, options={"calls": str(calls)})
        got = run_spider(VkSpider, source, self.cursor, at=self.clock.at, **given)
        self.cursor = got.cursor or self.cursor
        self.clock.at += later
        return got


@contextmanager
def town(
    posts: Iterable[WallPost],
    *,
    address: str = "club77",
    role: SourceRole = SourceRole.PUBLIC,
    others: Iterable[Group] = (),
    **served: Any,
) -> Iterator[Town]:
    """A wall with these posts; what is later than its clock is not shown."""
    clock = FrozenClock(NOW)
    group = Group(77, "zarechny", "Подслушано в Заречном", list(posts))
    with VkServer([group, *others], people=PEOPLE, clock=clock, **served) as server:
        source = source_at(f"{server.url}/{address}", platform="vk", key="wall", role=role)
        yield Town(group, server, source, clock)


def ids(items: Iterable[SpiderItem]) -> list[str]:
    """Ids of the posts and comments, each once, in order."""
    return list(dict.fromkeys(item.id for item in items if isinstance(item, Post)))


def numbered(numbers: Iterable[int]) -> set[str]:
    """Ids of the town's posts."""
    return {f"vk:{OWN}_{number}" for number in numbers}
