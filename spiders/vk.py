"""Walls of communities and people on VK, with their comments, by the official API: one token, its rates and quotas."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.model.crawled import SpiderItem
from crawler.model.errors import OtklikError, RestingError
from crawler.model.items import Post
from crawler.model.ports import SPENT
from crawler.model.text import Text
from crawler.platforms.vk import BrokenAnswerError, Call, VkClient
from crawler.platforms.vk_address import parse_wall
from crawler.platforms.vk_errors import ADVICE, Handling, VkError
from spiders.base import SourceSpider, word_of
from spiders.vk_cursor import Cursor
from spiders.vk_reader import Reader
from spiders.vk_wall import NoWallError, OutOfCallsError, WallWalk

MOST_CALLS = 500
"""Calls of one crawl unless the source's option `calls` says otherwise; the rest is left to the next crawl."""
_LONGEST_PAUSE = 30.0
_AGAIN = frozenset({Handling.RETRY, Handling.SLOW})
# Words of a call whose answer did not come.
_LOST = frozenset({"timeout", "connection", "no connection", "cut off"})
TOLD = {
    "no wall": Text(
        ru="По этому имени нет ни сообщества, ни страницы: проверьте адрес, имя могли сменить.",
        en="Neither a community nor a page has this name: check the address, the name may have been changed.",
    ),
    "other wall": Text(
        ru="Это имя теперь у другого сообщества: проверьте, тот ли это источник. Новое читается с начала.",
        en="This name now belongs to another community: check whether it is still the one you want. It is read anew.",
    ),
    "other name": Text(
        ru="Сообщество сменило имя; оно читается по номеру. Поправьте адрес источника.",
        en="The community changed its name; it is read by its number. Mend the address of the source.",
    ),
    "cursor": Text(
        ru="Отметка о прочитанном испорчена, стена читается заново.",
        en="The mark of what was read is broken; the wall is read anew.",
    ),
    "no token": ADVICE["no token"],
}


class VkSpider(SourceSpider):
    """Reads a wall by one call after another: each is counted in the ledger and waits for its turn, then it is sent."""

    name = "vk"
    platform: ClassVar[str] = "vk"
    # The ledger alone says how fast.
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "DOWNLOAD_SLOTS": {"vk": {"concurrency": 1, "delay": 0, "jitter": 0.0}}
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.published = 0
        self._walk: WallWalk | None = None
        self._client: VkClient | None = None
        self._made = 0
        self._tries = 0

    async def start(self) -> AsyncIterator[SpiderItem | Request]:
        """Scrapy's entry: the first call."""
        source, clock = self.crawl.source, self.crawl.clock
        try:
            wall = parse_wall(source.address)
        except ValueError:
            self.trouble("address", source.address, entry=True)
            return
        try:
            cursor = Cursor.parse(self.crawl.cursor)
        except ValueError:
            self._tell("cursor", source.key)
            cursor = Cursor()
        if self.crawl.token is None:
            self._tell("no token", source.key, entry=True)
            return
        try:
            secret = self.crawl.secrets.get(self.crawl.token.env)
        except OtklikError as error:
            self.trouble("no token", source.key, str(error), entry=True)
            return
        self._client = VkClient(self.crawl.token, secret, self.crawl.ledger, clock, wall.api)
        self._most_calls = self.whole_option("calls", MOST_CALLS)
        self._retries = self.crawler.settings.getint("RETRY_TIMES")
        self._backoff = self.crawler.settings.getfloat("OTKLIK_BACKOFF")
        reader = Reader(source.key, 0, self.author_role, clock.now())
        self._reader = reader
        self._walk = WallWalk(source, wall, cursor, reader, clock, self._tell)
        self._steps = self._walk.run()
        async for step in self._go_on(None):
            yield step

    async def crawl_answer(self, response: Response, call: Call) -> AsyncIterator[SpiderItem | Request]:
        """An answer of the API: hand it to the walk, or call again where VK was in trouble."""
        assert self._client
        answer: Any = None
        error: OtklikError | None = None
        again = False
        try:
            answer = await asyncio.to_thread(self._client.read, call, response.status, response.body)
        except VkError as said:
            error, again = said, said.fault.handling in _AGAIN
        except BrokenAnswerError as broken:
            error, again = broken, response.status >= 500
        async for one in self._repeat(call) if again and self._tries < self._retries else self._go_on(answer, error):
            yield one

    async def crawl_failure(self, failure: Failure) -> AsyncIterator[SpiderItem | Request]:
        """The call did not come through: again after a pause, then the crawl ends."""
        request: Request = failure.request  # type: ignore[attr-defined]
        call: Call = request.cb_kwargs["call"]
        word = word_of(failure.value)
        again = word in _LOST and self._tries < self._retries
        steps = self._repeat(call) if again else self._go_on(None, BrokenAnswerError(call.method, word))
        async for one in steps:
            yield one

    def closed(self, reason: str) -> None:  # noqa: ARG002  Scrapy's signature
        """Scrapy's hook: what is still to be read counts as not seen; what is left of the token's calls is told."""
        if self._walk is None or self._client is None:
            return
        self.gaps += self._walk.cursor.unread
        self.quota = self._client.left()
        for name, count in {**self._reader.unknown, **self._reader.ignored}.items():
            self.crawler.stats.inc_value(f"vk/left_out/{name}", count)
            if name.startswith("attachment "):
                self.errors["attachment"] += count
        if self._reader.unreadable:
            self.errors["unreadable"] += self._reader.unreadable.total()
        if self._reader.unknown:
            known = ", ".join(f"{name} {count}" for name, count in sorted(self._reader.unknown.items()))
            self.logger.info("%s: VK says what this reader does not know: %s", self.crawl.source.key, known)

    async def _go_on(self, answer: Any, error: Exception | None = None) -> AsyncIterator[SpiderItem | Request]:
        """Take the walk to its next call: the items on the way, then its request."""
        self._tries = 0
        try:
            step = self._steps.throw(error) if error else self._steps.send(answer)
            while not isinstance(step, Call):
                if isinstance(step, Post):
                    self.published = (self.published or 0) + 1
                yield step
                step = next(self._steps)
            yield await self._request(step)
        except StopIteration:
            return
        except (OtklikError, NoWallError, OutOfCallsError) as end:
            self._end(end)

    async def _repeat(self, call: Call) -> AsyncIterator[SpiderItem | Request]:
        """The same call after a pause that doubles."""
        pause = self._backoff * 2**self._tries
        self._tries += 1
        await asyncio.sleep(min(pause, _LONGEST_PAUSE))
        try:
            yield await self._request(call)
        except (OtklikError, OutOfCallsError) as end:
            self._end(end)

    async def _request(self, call: Call) -> Request:
        """The request of a call, once it is counted and its turn has come."""
        assert self._client
        if self._made >= self._most_calls:
            raise OutOfCallsError
        self._made += 1
        await asyncio.sleep(await asyncio.to_thread(self._client.turn, call.method))
        prepared = self._client.prepare(call)
        return Request(
            prepared.url,
            self.crawl_answer,
            method="POST",
            headers=prepared.headers,
            body=prepared.body,
            errback=self.crawl_failure,
            cb_kwargs={"call": call},
            dont_filter=True,
            meta={
                # An API with a key is no page: robots.txt speaks to those who come without one.
                "dont_obey_robotstxt": True,
                # Repeated calls are counted like others, and the token goes to no other address.
                "dont_retry": True,
                "dont_redirect": True,
                "handle_httpstatus_all": True,
                "download_slot": "vk",
                "autothrottle_dont_adjust_delay": True,
            },
        )

    def _end(self, error: Exception) -> None:
        """The crawl ends here; what was read is kept, the rest is left to the next one."""
        assert self._walk
        if isinstance(error, OutOfCallsError):
            return
        word = _word(error)
        # Of a spent day the source is not to blame: its next crawls come as they would.
        entry = not self._walk.was_read and word != SPENT
        self.trouble(word, self.crawl.source.key, _told(error), entry=entry)

    def _tell(self, word: str, where: str, *, entry: bool = False) -> None:
        self.trouble(word, where, str(TOLD[word]), entry=entry)


def _word(error: Exception) -> str:
    match error:
        case VkError():
            return error.fault.word
        case RestingError():
            return error.why
        case BrokenAnswerError() | NoWallError():
            return error.word
        case _:
            return "not permitted"


def _told(error: Exception) -> str:
    return str(TOLD[error.word]) if isinstance(error, NoWallError) else str(error)
