"""News sites: the feed (RSS, Atom), then the page of each new or changed article, and re-visits for corrections."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.fetching.reading import SlowPageError, read_apart
from crawler.model.crawled import Checkpoint, Gone, SpiderItem
from crawler.model.text import Text
from spiders.article import Article, read_article
from spiders.article_stub import COOKIE_WALL
from spiders.base import SourceSpider
from spiders.canonical import canonical_url, declared_address, is_front
from spiders.feed import Entry, Feed, NotAFeedError, read_feed
from spiders.news_advice import ADVICE
from spiders.news_cursor import Known, NewsCursor
from spiders.news_items import Item, Task, is_same_article, items_of
from spiders.news_posts import PostMaker, article_read

MOST_ARTICLES = 200
"""Pages of one crawl unless the source's option `articles` says otherwise; the rest is left to the next crawl."""
_CHECKPOINT_EVERY = 10
_PAGES = ("text/", "application/xhtml", "application/xml")
MOST_BYTES = 2_000_000
"""Of a page. The heaviest honest articles have a few hundred thousand."""
_MOST_SLOW = 3
_OWN = "own"


class NewsSpider(SourceSpider):
    """Reads a feed conditionally and the pages of its new items; the feed's own text stands in for a failed page."""

    name = "news"
    platform: ClassVar[str] = "news"
    advice: ClassVar[dict[str, Text]] = ADVICE
    handle_httpstatus_list: ClassVar[list[int]] = [304, 404, 410]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = 0
        self._covered: list[str] = []
        self._etag = self._modified = ""
        self._listed: set[str] = set()
        self._partial = False

    async def start(self) -> AsyncIterator[Request]:
        """Scrapy's entry: the feed, only if it changed."""
        self._begin_crawl()
        headers = _conditions(self._cursor.etag, self._cursor.modified)
        yield self.ask(self._source.address, self.crawl_feed, entry=True, headers=headers)

    def _begin_crawl(self) -> None:
        self._source, self._now = self.crawl.source, self.crawl.clock.now()
        self._posts = PostMaker(self._source.key, self.platform, self.author_role, self._now, self._source.zone)
        try:
            self._cursor = NewsCursor.parse(self.crawl.cursor)
        except ValueError:
            self._complain("cursor", self._source.address)
            self._cursor = NewsCursor()

    async def crawl_feed(self, response: Response) -> AsyncIterator[SpiderItem | Request]:
        """Read the feed and ask for what is new, changed, or due for a re-visit."""
        items: tuple[Item, ...] = ()
        listed: set[str] | None = None
        if response.status in {404, 410}:
            self.trouble(f"http {response.status}", response.url, entry=True)
        elif response.status != 304:
            feed = await self._read_feed(response)
            if feed is None:
                return
            items = self._items_listed(feed.entries)
            listed = {item.key for item in items}
            self._etag, self._modified = _header(response, "ETag"), _header(response, "Last-Modified")
        else:
            self._etag, self._modified = self._cursor.etag, self._cursor.modified
        for item in self._begin_all(items, listed):
            yield item

    def _begin_all(self, items: tuple[Item, ...], listed: set[str] | None) -> Iterator[SpiderItem | Request]:
        most = self.whole_option("articles", MOST_ARTICLES)
        wanted = list(self._wanted(items))
        tasks = wanted[:most]
        if len(wanted) > most:  # the rest is asked for next time, so the feed must be answered in full again
            self._etag = self._modified = ""
            self.gaps += len(wanted) - most
        kept = self._cursor.without_old(self._now, self._source.revisit, listed)
        self._cursor = replace(kept, unread=self._partial or len(wanted) > most)
        self._listed = listed or set()
        self._open = len(tasks)
        for task in tasks:
            yield from self._begin(task)
        if not tasks:
            yield from self._done(None)

    async def crawl_article(self, response: Response, task: Task) -> AsyncIterator[SpiderItem]:
        """Read an article's page; Scrapy's callback. Whatever goes wrong, the other articles and the mark go on."""
        try:
            items = await self._items_of(response, task)
        except Exception:
            self.logger.exception("%s: reading %s", self._source.key, response.url)
            self._complain("bug", response.url)
            items = list(self._without_page(task))
        for item in items:
            yield item

    async def _items_of(self, response: Response, task: Task) -> list[SpiderItem]:
        if response.status == 304:
            return list(self._keep(task, replace(task.known, away="")))
        if response.status in {404, 410}:
            return list(self._lost(response, task))
        article = await self._read_article(response)
        if article and article.stub:
            self._complain(article.stub, response.url)
        if article and article.stub == COOKIE_WALL:
            self.articles.append(article_read(task.known.post or f"news:{task.key}", response.url, article))
            return list(self._without_page(task))
        id_ = self._identity(response, article, task) if article else ""
        if id_ and article:
            self.articles.append(article_read(id_, response.url, article))
        if id_ and article and not article.text:
            self._complain("no text", response.url)
        if article is None or not article.text or not id_:
            return list(self._without_page(task))
        if article.stub and task.known.whole:
            # What was read whole is not replaced by its beginning.
            return list(self._keep(task, task.known))
        post = self._posts.of_page(id_, response.url, response.body, article, task)
        etag, modified = _header(response, "ETag"), _header(response, "Last-Modified")
        known = replace(task.known, post=post.id, whole=not post.stub, etag=etag, modified=modified, away="")
        return [post, *self._keep(task, known, post.id)]

    def _identity(self, response: Response, article: Article, task: Task) -> str:
        """The post that a page is; "" if it is another page than the one asked for, or another link's."""
        landed, told = canonical_url(response.url), declared_address(response.url, article.canonical)
        if told in self._cursor.shared:
            told = ""
        elsewhere = landed != task.key and (
            not is_same_article(task, landed, told, article.title) or self._is_anothers(landed, task)
        )
        if elsewhere:
            self._complain("front page" if is_front(landed) else "moved", response.url)
            return ""
        if task.known.post:
            return task.known.post
        if told not in {"", task.key} and self._is_anothers(told, task):
            self._cursor = self._cursor.with_shared(told)
            self._complain("canonical", response.url)
            told = ""
        id_ = f"news:{told or landed}"
        # An article that declared this address before it was listed keeps it.
        return f"{id_}#{_OWN}" if self._cursor.owner(id_, task.key) else id_

    def _is_anothers(self, address: str, task: Task) -> bool:
        own = {task.known.post, f"news:{task.key}"}
        if f"news:{address}" in own:
            return False
        return address in self._listed or bool(self._cursor.owner(f"news:{address}", task.key))

    async def _read_article(self, response: Response) -> Article | None:
        """The page as read; None, and the reason counted, for one that is too much to read."""
        kind = _header(response, "Content-Type")
        if len(response.body) > MOST_BYTES:
            self._complain("too large", response.url)
            return None
        if not kind.startswith(_PAGES):
            return Article("", "")
        try:
            # A site of such pages must not hold up the crawls of others.
            if self.errors["slow page"] < _MOST_SLOW:
                return await read_apart(read_article, response.body, response.url, self._source.zone, kind)
        except SlowPageError as error:
            self.trouble("slow page", response.url, f"{error}: {self.advice['slow page']}")
            return None
        self._complain("slow page", response.url)
        return None

    def page_failed(self, failure: Failure) -> Iterator[SpiderItem]:
        """The error callback of an article's page: the feed's text stands in, a re-visit waits for the next one."""
        self.count_failure(failure)
        request: Request = failure.request  # type: ignore[attr-defined]
        yield from self._without_page(request.cb_kwargs["task"])

    async def _read_feed(self, response: Response) -> Feed | None:
        kind = _header(response, "Content-Type")
        try:
            feed = await read_apart(read_feed, response.body, response.url, self._source.zone, kind)
        except NotAFeedError as error:
            self.trouble("not a feed", response.url, f"{error}: {self.advice['not a feed']}", entry=True)
            return None
        except SlowPageError:
            self._complain("slow page", response.url, entry=True)
            return None
        if feed.flaw:
            self.trouble("broken feed", response.url, f"{feed.flaw}: {self.advice['broken feed']}")
        if not feed.entries:
            self._complain("no posts", response.url, entry=True)
        self.published = len(feed.entries)
        return feed

    def _items_listed(self, entries: tuple[Entry, ...]) -> tuple[Item, ...]:
        items, dropped = items_of(entries, self._source.address, self._cursor.articles)
        for _ in range(dropped):
            self._complain("same item", self._source.address)
        return items

    def _wanted(self, items: tuple[Item, ...]) -> Iterator[Task]:
        """New and changed items of the feed, then articles due for a re-visit. A first crawl stops at `backfill`."""
        first = not self._cursor.articles
        now = self._now.isoformat()
        asked: set[str] = set()
        for item in items:
            entry = item.entry
            known = self._cursor.articles.get(item.key) or Known(item.url, "", now, now)
            if item.key in asked or known.digest == entry.digest:
                continue
            asked.add(item.key)
            known = replace(known, url=item.url, digest=entry.digest).with_moment(entry.published)
            if first and entry.published and entry.published.at < self._now - self._source.backfill:
                self._cursor.articles[item.key] = known
            else:
                yield Task(item.key, known, entry)
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
        """No such page: an article that was read there is gone if the server says so or it is away for an hour; any
        other is known by its feed alone.
        """
        known = task.known
        if not known.whole:
            if task.entry:
                self.trouble(f"http {response.status}", response.url)
            yield from self._without_page(task)
        elif response.status == 410 or known.is_gone(self._now):
            yield Gone(self._source.key, known.post, self._now)
            yield from self._keep(task, replace(known, whole=False, away="", etag="", modified=""))
        else:
            known = replace(known, away=known.away or self._now.isoformat())
            yield from self._keep(task, replace(known, digest="") if task.entry else known)

    def _without_page(self, task: Task) -> Iterator[SpiderItem]:
        """The feed's own text as a post, if this is no re-visit and the page was never read before."""
        entry = task.entry
        if entry is None or task.known.whole or not (entry.title or entry.text):
            if entry and not task.known.url:
                self._complain("empty item", self._source.address)
            # What has a page is asked for again.
            yield from self._keep(task, replace(task.known, digest="") if entry and task.known.url else task.known)
            return
        post = self._posts.of_feed(task, entry)
        yield post
        yield from self._keep(task, replace(task.known, post=post.id), post.id)

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

    def _complain(self, word: str, where: str, *, entry: bool = False) -> None:
        self.trouble(word, where, str(self.advice[word]), entry=entry)


def _conditions(etag: str, modified: str) -> dict[str, str]:
    return {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", modified)) if value}


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""
