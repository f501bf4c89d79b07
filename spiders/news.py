"""News sites: the feed (RSS, Atom), then the page of each new or changed article, and re-visits for corrections."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.model.items import Author, Checkpoint, Gone, Kind, Media, Post, SpiderItem, TimePrecision
from spiders.article import Article, read_article
from spiders.base import SourceSpider
from spiders.canonical import article_id, canonical_url, is_front
from spiders.feed import Entry, Feed, NotAFeedError, read_feed
from spiders.news_advice import ADVICE
from spiders.news_cursor import Known, NewsCursor
from spiders.printed_dates import Moment

MOST_ARTICLES = 200
"""Pages of one crawl unless the source's option `articles` says otherwise; the rest is left to the next crawl."""
_CHECKPOINT_EVERY = 10
_PAGES = ("text/", "application/xhtml", "application/xml")
# One thread: the reactor can breathe meanwhile, and trafilatura has caches of its own and never promised to be safe in
# several.
_EXTRACTING = ThreadPoolExecutor(1, thread_name_prefix="article")


@dataclass(frozen=True, slots=True)
class Task:
    """A page to ask for. `entry` is None on a re-visit of an article that the feed does not tell as new or changed."""

    key: str
    known: Known
    entry: Entry | None


class NewsSpider(SourceSpider):
    """Reads a feed conditionally and the pages of its new items; the feed's own text stands in for a failed page."""

    name = "news"
    platform: ClassVar[str] = "news"
    handle_httpstatus_list: ClassVar[list[int]] = [304, 404, 410]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = 0
        self._covered: list[str] = []
        self._etag = self._modified = ""

    async def start(self) -> AsyncIterator[Request]:
        """Scrapy's entry: the feed, only if it changed."""
        self._source, self._now = self.crawl.source, self.crawl.clock.now()
        try:
            self._cursor = NewsCursor.parse(self.crawl.cursor)
        except ValueError:
            self._complain("cursor", self._source.address)
            self._cursor = NewsCursor()
        headers = _conditions(self._cursor.etag, self._cursor.modified)
        yield self.ask(self._source.address, self.crawl_feed, entry=True, headers=headers)

    def crawl_feed(self, response: Response) -> Iterator[SpiderItem | Request]:
        """Read the feed and ask for what is new, changed, or due for a re-visit."""
        entries: tuple[Entry, ...] = ()
        listed: set[str] | None = None
        if response.status in {404, 410}:
            self.trouble(f"http {response.status}", response.url, entry=True)
        elif response.status != 304:
            feed = self._read_feed(response)
            if feed is None:
                return
            entries = feed.entries
            listed = {_key(entry, self._source.address) for entry in entries}
            self._etag, self._modified = _header(response, "ETag"), _header(response, "Last-Modified")
        else:
            self._etag, self._modified = self._cursor.etag, self._cursor.modified
        most = self.whole_option("articles", MOST_ARTICLES)
        wanted = list(self._wanted(entries))
        tasks = wanted[:most]
        if len(wanted) > most:  # the rest is asked for next time, so the feed must be answered in full again
            self._etag = self._modified = ""
            self.gaps += len(wanted) - most
        self._cursor = self._cursor.without_old(self._now, self._source.revisit, listed)
        self._open = len(tasks)
        for task in tasks:
            yield from self._begin(task)
        if not tasks:
            yield from self._done(None)

    async def crawl_article(self, response: Response, task: Task) -> AsyncIterator[SpiderItem]:
        """Read an article's page; Scrapy's callback."""
        for item in await self._items_of(response, task):
            yield item

    async def _items_of(self, response: Response, task: Task) -> list[SpiderItem]:
        if response.status == 304:
            return list(self._keep(task, task.known))
        if response.status in {404, 410}:
            return list(self._lost(response, task))
        article = await self._read_article(response)
        id_ = task.known.post or article_id(response.url, article.canonical)
        if is_front(canonical_url(response.url)) and not is_front(task.key):
            self._complain("front page", response.url)
            return list(self._without_page(task))
        if self._is_elsewhere(response, article, task):
            self._complain("moved", response.url)
            return list(self._without_page(task))
        if not article.text:
            self._complain("no text", response.url)
            return list(self._without_page(task))
        post = self._post(id_, response, article, task)
        etag, modified = _header(response, "ETag"), _header(response, "Last-Modified")
        known = replace(task.known, post=post.id, whole=True, etag=etag, modified=modified)
        return [post, *self._keep(task, known, post.id)]

    def _is_elsewhere(self, response: Response, article: Article, task: Task) -> bool:
        """Whether a redirect led to another page: a section that stands in for a removed article, a login, an article
        that another link of the feed is already.
        """
        landed = canonical_url(response.url)
        if landed == task.key:
            return False
        id_ = article_id(response.url, article.canonical)
        if task.known.whole:
            return id_ not in {task.known.post, f"news:{task.key}"}
        taken = any(known.post == id_ for key, known in self._cursor.articles.items() if key != task.key)
        return taken or task.key.startswith(landed.rstrip("/") + "/")

    async def _read_article(self, response: Response) -> Article:
        kind = _header(response, "Content-Type")
        if not kind.startswith(_PAGES):
            return Article("", "")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            _EXTRACTING, read_article, response.body, response.url, self._source.zone, kind
        )

    def page_failed(self, failure: Failure) -> Iterator[SpiderItem]:
        """The error callback of an article's page: the feed's text stands in, a re-visit waits for the next one."""
        self.count_failure(failure)
        request: Request = failure.request  # type: ignore[attr-defined]
        yield from self._without_page(request.cb_kwargs["task"])

    def _read_feed(self, response: Response) -> Feed | None:
        try:
            feed = read_feed(response.body, response.url, self._source.zone, _header(response, "Content-Type"))
        except NotAFeedError as error:
            self.trouble("not a feed", response.url, f"{error}: {ADVICE['not a feed']}", entry=True)
            return None
        if feed.flaw:
            self.trouble("broken feed", response.url, f"{feed.flaw}: {ADVICE['broken feed']}")
        if not feed.entries:
            self._complain("no posts", response.url, entry=True)
        self.published = len(feed.entries)
        return feed

    def _wanted(self, entries: tuple[Entry, ...]) -> Iterator[Task]:
        """New and changed items of the feed, then articles due for a re-visit. A first crawl stops at `backfill`."""
        first = not self._cursor.articles
        now = self._now.isoformat()
        asked: set[str] = set()
        for entry in entries:
            key = _key(entry, self._source.address)
            known = self._cursor.articles.get(key) or Known(entry.url, "", now, now)
            if key in asked or known.digest == entry.digest:
                continue
            asked.add(key)
            known = replace(known, url=entry.url, digest=entry.digest).with_moment(entry.published)
            if first and entry.published and entry.published.at < self._now - self._source.backfill:
                self._cursor.articles[key] = known
            else:
                yield Task(key, known, entry)
        for key, known in self._cursor.articles.items():
            if key not in asked and known.url and known.is_due(self._now, self._source.revisit):
                yield Task(key, known, None)

    def _begin(self, task: Task) -> Iterator[SpiderItem | Request]:
        if not task.known.url:
            yield from self._without_page(task)
            return
        headers = {} if task.entry else _conditions(task.known.etag, task.known.modified)
        request = self.ask(
            task.known.url, self.crawl_article, cb_kwargs={"task": task}, headers=headers, dont_filter=True
        )
        yield request.replace(errback=self.page_failed)

    def _lost(self, response: Response, task: Task) -> Iterator[SpiderItem]:
        """No such page: an article that was read there before is gone, any other is known by its feed alone."""
        if task.known.whole:
            self._cursor.articles.pop(task.key, None)
            yield Gone(self._source.key, task.known.post, self._now)
            yield from self._done(None)
        else:
            self.trouble(f"http {response.status}", response.url)
            yield from self._without_page(task)

    def _without_page(self, task: Task) -> Iterator[SpiderItem]:
        """The feed's own text as a post, if this is no re-visit and the page was never read before."""
        entry = task.entry
        if entry is None or task.known.whole or not (entry.title or entry.text):
            yield from self._keep(task, task.known if entry is None else replace(task.known, digest=""))
            return
        moment = task.known.moment()
        post = Post(
            id=task.known.post or f"news:{task.key}",
            source=self._source.key,
            platform=self.platform,
            kind=Kind.ARTICLE,
            title=entry.title,
            text=entry.text,
            seen_at=self._now,
            url=entry.url,
            author=self._author(entry.author, task.key),
            published_text="" if moment else entry.published_text,
            media=_pictures(entry.images),
            raw=entry.raw.encode(),
            **_time_of(moment),
        )
        yield post
        yield from self._keep(task, replace(task.known, post=post.id), post.id)

    def _post(self, id_: str, response: Response, article: Article, task: Task) -> Post:
        """A page as a post; the feed's time goes before the page's unless it is a bare day."""
        entry, moment = task.entry, _better(task.known.moment(), article.published)
        return Post(
            id=id_,
            source=self._source.key,
            platform=self.platform,
            kind=Kind.ARTICLE,
            title=article.title or (entry.title if entry else ""),
            text=article.text,
            seen_at=self._now,
            url=response.url,
            author=self._author(article.author or (entry.author if entry else ""), task.key),
            published_text="" if moment else article.published_text or (entry.published_text if entry else ""),
            media=_pictures(article.images),
            raw=response.body,
            **_time_of(moment),
        )

    def _keep(self, task: Task, known: Known, post: str = "") -> Iterator[SpiderItem]:
        self._cursor.articles[task.key] = replace(known, checked=self._now.isoformat())
        yield from self._done(post)

    def _done(self, post: str | None) -> Iterator[Checkpoint]:
        """One task less. The feed's ETag moves with the last, so that a crash asks for the whole feed again."""
        self._open -= 1
        if post:
            self._covered.append(post)
        if self._open <= 0:
            self._cursor = replace(self._cursor, etag=self._etag, modified=self._modified)
        if self._open <= 0 or len(self._covered) >= _CHECKPOINT_EVERY:
            yield Checkpoint(self._source.key, str(self._cursor), tuple(self._covered))
            self._covered = []

    def _author(self, name: str, address: str) -> Author:
        """The signature if there is one, else the site."""
        site = urlsplit(address).netloc
        id_ = f"news:{site}/{name}" if name else f"news:{site}"
        return Author(self.author_role, platform_id=id_, name=name or site)

    def _complain(self, word: str, where: str, *, entry: bool = False) -> None:
        self.trouble(word, where, str(ADVICE[word]), entry=entry)


def _key(entry: Entry, feed: str) -> str:
    """What an item is known by: its page, or, without one, the feed and the item's own number."""
    own = canonical_url(entry.url)
    told = (entry.guid or entry.title + entry.text).encode()
    return own or f"{canonical_url(feed)}#{hashlib.blake2b(told, digest_size=8).hexdigest()}"


def _better(told: Moment | None, shown: Moment | None) -> Moment | None:
    if told and told.precision is TimePrecision.DAY and shown:
        return shown
    return told or shown


def _time_of(moment: Moment | None) -> dict[str, Any]:
    return {"published_at": moment.at, "precision": moment.precision} if moment else {}


def _pictures(urls: tuple[str, ...]) -> tuple[Media, ...]:
    return tuple(Media("photo", url, url.partition("?")[0]) for url in urls)


def _conditions(etag: str, modified: str) -> dict[str, str]:
    return {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", modified)) if value}


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""
