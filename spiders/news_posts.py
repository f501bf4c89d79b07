"""Posts of a news site: from an article's page, from its feed alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.model.articles import ArticleRead, mark_of
from crawler.model.items import Author, AuthorRole, Kind, Media, Post, TimePrecision
from spiders.article import Article
from spiders.feed import Entry
from spiders.news_items import Task
from spiders.printed_dates import Moment, read_date


@dataclass(frozen=True, slots=True)
class PostMaker:
    """Makes posts of one crawl: `source` is its source's key, `role` that of its authors, `now` its beginning,
    `zone` the one it prints times in, `shown_at` where an item without a page of its own is shown.
    """

    source: str
    platform: str
    role: AuthorRole
    now: datetime
    zone: ZoneInfo
    shown_at: str = ""

    def of_feed(self, task: Task, entry: Entry) -> Post:
        """The feed's own text as a post."""
        moment = task.known.moment()
        return Post(
            id=task.known.post or f"news:{task.key}",
            source=self.source,
            platform=self.platform,
            kind=Kind.ARTICLE,
            title=entry.title,
            text=entry.text,
            seen_at=self.now,
            url=entry.url or self.shown_at,
            author=self._author(entry.author, task.key),
            published_text="" if moment else entry.published_text,
            media=_pictures(entry.images),
            raw=entry.raw.encode(),
            **_time_of(moment),
        )

    def of_page(self, id_: str, url: str, body: bytes, article: Article, task: Task) -> Post:
        """A page as a post; the feed's time goes before the page's unless it is a bare day, the feed's text before the
        beginning that a paywall leaves where that is shorter.
        """
        entry, moment = task.entry, self._better(task.known.moment(), article)
        fuller = entry.text if entry and article.stub and len(entry.text) > len(article.text) else article.text
        return Post(
            id=id_,
            source=self.source,
            platform=self.platform,
            kind=Kind.ARTICLE,
            title=article.title or (entry.title if entry else ""),
            text=fuller,
            stub=article.stub,
            seen_at=self.now,
            url=url,
            author=self._author(article.author or (entry.author if entry else ""), task.key),
            published_text="" if moment else article.published_text or (entry.published_text if entry else ""),
            media=_pictures(article.images),
            raw=body,
            **_time_of(moment),
        )

    def _better(self, told: Moment | None, article: Article) -> Moment | None:
        """What the feed tells, unless that is a bare day and the page shows the time of it."""
        if told and told.precision is TimePrecision.DAY:
            shown = article.published or read_date(article.published_text, self.now, self.zone)
            return shown or told
        return told or article.published

    def _author(self, name: str, address: str) -> Author:
        """The signature if there is one, else the site."""
        site = urlsplit(address).netloc
        id_ = f"news:{site}/{name}" if name else f"news:{site}"
        return Author(self.role, platform_id=id_, name=name or site)


def article_read(post: str, url: str, article: Article) -> ArticleRead:
    """What a page gave: a stub gave no body."""
    body = "" if article.stub else mark_of(article.text)
    return ArticleRead(post, url, body, mark_of(article.title), bool(article.published or article.published_text))


def _time_of(moment: Moment | None) -> dict[str, Any]:
    return {"published_at": moment.at, "precision": moment.precision} if moment else {}


def _pictures(urls: tuple[str, ...]) -> tuple[Media, ...]:
    return tuple(Media("photo", url, url.partition("?")[0]) for url in urls)
