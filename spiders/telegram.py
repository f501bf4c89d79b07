"""Telegram channels by their public preview pages, https://t.me/s/CHANNEL: no account, no token."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from scrapy.http import Request, Response

from crawler.model.crawled import Checkpoint, SpiderItem, Window
from crawler.model.items import Post
from crawler.model.text import Text
from spiders.base import SourceSpider
from spiders.telegram_cursor import Cursor
from spiders.telegram_message import Reader
from spiders.telegram_page import ChannelPage, PageState, preview_url, read_page

MOST_PAGES = 50
"""Pages of one crawl unless the source's option `pages` says otherwise; the rest is left to the next crawl."""
ADVICE = {
    "address": Text(
        ru="Адрес должен быть вида https://t.me/s/ИМЯ, t.me/ИМЯ или @ИМЯ.",
        en="The address must look like https://t.me/s/NAME, t.me/NAME or @NAME.",
    ),
    "no posts": Text(
        ru="В канале нет ни одной публикации. Проверьте адрес: возможно, канал переехал.",
        en="The channel has no posts. Check the address: the channel may have moved.",
    ),
    "no preview": Text(
        ru="У канала выключен предпросмотр, либо он закрытый, либо это группа или человек. Попросите владельца "
        "включить предпросмотр или подключите канал через бота.",
        en="The channel has its preview switched off, or is private, or is a group or a person. Ask its owner to "
        "switch the preview on, or connect the channel through a bot.",
    ),
    "no channel": Text(
        ru="Такого канала нет: проверьте имя, его могли сменить.",
        en="There is no such channel: check its name, it may have been changed.",
    ),
    "markup": Text(
        ru="Страница не похожа на предпросмотр канала: проверка на робота или новая разметка. Сообщите разработчикам.",
        en="The page does not look like a channel's preview: a bot check or a new markup. Tell the developers.",
    ),
    "cut off": Text(
        ru="Страница пришла не до конца; следующий обход прочтёт остальное.",
        en="The page was cut short; the next crawl reads the rest.",
    ),
    "other channel": Text(
        ru="Это имя теперь у другого канала: проверьте, тот ли это источник. Новый канал читается с начала.",
        en="This name now belongs to another channel: check whether it is still the source you want. It is read anew.",
    ),
    "cursor": Text(
        ru="Отметка о прочитанном испорчена, канал читается заново.",
        en="The mark of what was read is broken; the channel is read anew.",
    ),
}
_WORDS = {
    PageState.EMPTY: "no posts",
    PageState.NO_PREVIEW: "no preview",
    PageState.NO_CHANNEL: "no channel",
    PageState.UNKNOWN: "markup",
}


class TelegramSpider(SourceSpider):
    """Reads a channel from its newest page back: to what is known, through open gaps, and over `revisit`."""

    name = "telegram"
    platform: ClassVar[str] = "telegram"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.published = 0
        self._asked: set[int] = set()
        # The next page of the re-visit: below which number, and the time of the oldest post above it.
        self._revisit: tuple[int, datetime | None] = (0, None)

    async def start(self) -> AsyncIterator[Request]:
        """Scrapy's entry: the channel's newest page."""
        source, now = self.crawl.source, self.crawl.clock.now()
        try:
            self._url = preview_url(source.address)
        except ValueError:
            self._complain("address", source.address, entry=True)
            return
        try:
            cursor = Cursor.parse(self.crawl.cursor)
        except ValueError:
            self._complain("cursor", self.crawl.cursor)
            cursor = Cursor()
        self._cursor = cursor if cursor.since else replace(cursor, since=now - source.backfill)
        self._revisit_from = now - source.revisit
        self._most_pages = self.whole_option("pages", MOST_PAGES)
        yield self._page(0, None)

    def crawl_page(
        self, response: Response, before: int, newer_from: datetime | None
    ) -> Iterator[SpiderItem | Request]:
        """Read one page. `before` is what it was asked to lie below (0 for the newest page); `newer_from` is the time
        of the oldest post of the page right above it, None where that was not read.
        """
        source = self.crawl.source
        page = read_page(response.body, self._reader())
        if not page.whole:
            self._complain("cut off", response.url)
        if page.unreadable:
            self.errors["markup"] += page.unreadable.total()
        if not page.numbers:
            yield from self._page_without_messages(page, response, before)
            return
        if not page.channel:
            # Without the channel's number its posts would get other ids than they have.
            self._complain("markup", response.url, entry=not before)
            return
        if self._cursor.channel and page.channel != self._cursor.channel:
            self._complain("other channel", response.url)
            self._cursor = Cursor(since=self.crawl.clock.now() - source.backfill)
        posts = [item for item in page.items if not isinstance(item, Post) or self._is_wanted(item)]
        yield from posts
        dates = [post.published_at for post in page.posts if post.published_at]
        if page.whole and not page.unreadable and dates:
            prefix = page.posts[0].id.rpartition("/")[0] + "/"
            seen_at = page.posts[0].seen_at
            yield Window(
                source.key, min(dates), newer_from or max(dates), self._ids(page), seen_at=seen_at, prefix=prefix
            )
        self._advance(page, before, min(dates, default=None))
        self._walk(page, before, min(dates, default=None))
        covers = tuple(item.id for item in posts if isinstance(item, Post))
        self.published = (self.published or 0) + len(covers)
        yield Checkpoint(source.key, str(self._cursor), covers)
        yield from self._next(page, min(dates, default=None))

    def closed(self, reason: str) -> None:  # noqa: ARG002  Scrapy's signature
        """Scrapy's hook: what is still to be read counts as not seen."""
        if cursor := getattr(self, "_cursor", None):
            self.gaps += cursor.unread

    def _page_without_messages(
        self, page: ChannelPage, response: Response, before: int
    ) -> Iterator[SpiderItem | Request]:
        """Below the first message of a channel there is an empty page; anything else without messages is an error."""
        if page.state is PageState.EMPTY and before and page.whole:
            self._cursor = self._cursor.finished_below(before)
            yield Checkpoint(self.crawl.source.key, str(self._cursor))
            yield from self._next(page, None)
        elif page.state is PageState.POSTS:
            self._complain("markup", response.url, entry=not before)
        else:
            self._complain(_WORDS[page.state], response.url, entry=not before)

    def _advance(self, page: ChannelPage, before: int, oldest: datetime | None) -> None:
        """Move the cursor over what the page covers; numbers that it should show and does not are counted."""
        low, high = min(page.numbers), max(page.numbers)
        if before and page.whole:
            high = max(high, before - 1)
        cursor = replace(self._cursor, channel=page.channel)
        unread = sum(cursor.is_unread(number) for number in page.numbers)
        if self.crawl.cursor:
            # What was deleted before the first crawl was never missed.
            self.gaps += cursor.unread_in(low, high) - unread
        cursor = cursor.covered(low, high)
        assert cursor.since
        self._cursor = cursor.finished_below(low) if oldest and oldest < cursor.since else cursor

    def _walk(self, page: ChannelPage, before: int, oldest: datetime | None) -> None:
        """Move the re-visit, which goes from the newest page down as long as there can be edits."""
        assert self._cursor.since
        if before not in (0, self._revisit[0]):
            return
        goes_on = page.older and oldest and oldest > max(self._revisit_from, self._cursor.since)
        self._revisit = (min(page.numbers), oldest) if goes_on else (0, None)

    def _next(self, page: ChannelPage, oldest: datetime | None) -> Iterator[Request]:
        """The newest open gap first: a channel busier than the pages of a crawl must not keep it open for ever. Then
        the re-visit.
        """
        below = next((high + 1 for _, high in self._cursor.gaps if high + 1 not in self._asked), 0)
        newer_from = oldest if page.numbers and below == min(page.numbers) else None
        if not below:
            below, newer_from = self._revisit
        if below and below not in self._asked and len(self._asked) < self._most_pages:
            yield self._page(below, newer_from)

    def _page(self, before: int, newer_from: datetime | None) -> Request:
        self._asked.add(before)
        return self.ask(
            f"{self._url}?before={before}" if before else self._url,
            self.crawl_page,
            entry=not before,
            cb_kwargs={"before": before, "newer_from": newer_from},
            dont_filter=True,
        )

    def _reader(self) -> Reader:
        source = self.crawl.source
        name = self._url.rpartition("/")[2]
        return Reader(source.key, self._cursor.channel, name, self.author_role, self.crawl.clock.now())

    def _is_wanted(self, post: Post) -> bool:
        assert self._cursor.since
        return post.published_at is None or post.published_at >= self._cursor.since

    @staticmethod
    def _ids(page: ChannelPage) -> frozenset[str]:
        return frozenset(item.id if isinstance(item, Post) else item.key for item in page.items)

    def _complain(self, word: str, where: str, *, entry: bool = False) -> None:
        self.trouble(word, where, str(ADVICE[word]), entry=entry)
