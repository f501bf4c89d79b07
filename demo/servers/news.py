"""A news site from plain data: a feed with ETag and 304, pages with a sidebar of headlines and an imprint."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from html import escape

from crawler.model.ports import Clock
from demo.servers.local import Answer, LocalServer


@dataclass(frozen=True, slots=True)
class NewsArticle:
    """An article at `/news/SLUG`; an empty line in `text` parts paragraphs. The feed shows `lead`, else the first."""

    slug: str
    title: str
    text: str
    at: datetime
    author: str = ""
    lead: str = ""
    image: str = ""


class NewsServer(LocalServer):
    """Serves `articles` and their feed, newest first. `gone` answers 410, `missing` 404, `failing_pages` 500.

    `imprint` is in the footer of every page, `headlines` stand in the sidebar beside those of the other articles.
    `machine_dates` marks times for machines on the pages; without it they are printed words alone. What is later than
    `clock` is not there yet; without a clock everything is.
    """

    def __init__(
        self,
        title: str,
        articles: Iterable[NewsArticle],
        *,
        imprint: str = "",
        headlines: Iterable[str] = (),
        charset: str = "utf-8",
        machine_dates: bool = True,
        atom: bool = False,
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self.title = title
        self.articles = {article.slug: article for article in articles}
        self.imprint = imprint
        self.headlines = tuple(headlines)
        self.charset = charset
        self.machine_dates = machine_dates
        self.atom = atom
        self.clock = clock
        self.listed = 30
        self.gone: set[str] = set()
        self.missing: set[str] = set()
        self.failing_pages: set[str] = set()

    @property
    def feed_url(self) -> str:
        """What a city file's source would name."""
        return f"{self.url}/rss"

    def add(self, article: NewsArticle) -> None:
        """Publish an article."""
        self.articles[article.slug] = article

    def edit(self, slug: str, text: str) -> None:
        """Change the text of an article."""
        self.articles[slug] = replace(self.articles[slug], text=text)

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:  # noqa: ARG002
        """The feed, an article's page or 404."""
        if path == "/rss":
            body = (atom_feed if self.atom else rss_feed)(self).encode(self.charset, "xmlcharrefreplace")
            kind = "application/atom+xml" if self.atom else "application/rss+xml"
            return _conditional(body, headers, kind)
        slug = path.removeprefix("/news/")
        if slug in self.gone:
            return Answer(b"<h1>410</h1>", 410)
        if slug in self.failing_pages:
            return Answer(b"<h1>500</h1>", 500)
        if path == "/":
            return Answer(page(self, None).encode(self.charset, "xmlcharrefreplace"), type=self._html)
        if slug in self.missing or slug not in self.articles or not self.is_out(self.articles[slug]):
            return Answer(b"<h1>404</h1>", 404)
        body = page(self, self.articles[slug]).encode(self.charset, "xmlcharrefreplace")
        return _conditional(body, headers, self._html)

    @property
    def _html(self) -> str:
        return f"text/html; charset={self.charset}"

    @property
    def newest(self) -> list[NewsArticle]:
        """The articles that the feed lists, newest first."""
        out = [article for article in self.articles.values() if self.is_out(article)]
        return sorted(out, key=lambda article: article.at, reverse=True)[: self.listed]

    def is_out(self, article: NewsArticle) -> bool:
        """Whether an article is published already."""
        return self.clock is None or article.at <= self.clock.now()


def rss_feed(server: NewsServer) -> str:
    """The feed as RSS 2.0."""
    items = "".join(
        f"<item><title>{escape(article.title)}</title><link>{server.url}/news/{article.slug}?utm_source=rss</link>"
        f"<guid>{server.url}/news/{article.slug}</guid><pubDate>{format_datetime(article.at)}</pubDate>"
        f"<description><![CDATA[<p>{escape(lead_of(article))}</p>]]></description></item>\n"
        for article in server.newest
    )
    return (
        f'<?xml version="1.0" encoding="{server.charset}"?>\n<rss version="2.0"><channel><title>{escape(server.title)}'
        f"</title><link>{server.url}/</link><description>{escape(server.title)}</description>\n{items}</channel></rss>\n"
    )


def atom_feed(server: NewsServer) -> str:
    """The feed as Atom."""
    items = "".join(
        f'<entry><title>{escape(article.title)}</title><link href="{server.url}/news/{article.slug}"/>'
        f"<id>{server.url}/news/{article.slug}</id><published>{article.at.isoformat()}</published>"
        f"<updated>{article.at.isoformat()}</updated><summary>{escape(lead_of(article))}</summary></entry>\n"
        for article in server.newest
    )
    return (
        f'<?xml version="1.0" encoding="{server.charset}"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>'
        f"{escape(server.title)}</title><id>{server.url}/</id>\n{items}</feed>\n"
    )


def lead_of(article: NewsArticle) -> str:
    """What the feed shows of an article."""
    return article.lead or article.text.split("\n\n")[0]


def page(server: NewsServer, article: NewsArticle | None) -> str:
    """An article's page (the front page for None): header, body, sidebar of headlines, footer with the imprint."""
    headlines = [*server.headlines, *(other.title for other in server.newest if other is not article)]
    sidebar = "".join(f'<li><a href="/news/{place}">{escape(line)}</a></li>' for place, line in enumerate(headlines))
    head = f"<title>{escape(article.title if article else server.title)} — {escape(server.title)}</title>"
    if article:
        head += f'<link rel="canonical" href="{server.url}/news/{article.slug}">'
        head += f'<meta property="og:title" content="{escape(article.title)}">'
    if article and article.image:
        head += f'<meta property="og:image" content="{escape(article.image)}">'
    if article and server.machine_dates:
        head += f'<meta property="article:published_time" content="{article.at.isoformat()}">'
    return f"""<!DOCTYPE html>
<html lang="ru"><head><meta charset="{server.charset}">{head}</head>
<body>
<header><a href="/">{escape(server.title)}</a><nav><ul><li><a href="/city">Город</a></li>
<li><a href="/people">Люди</a></li><li><a href="/about">О редакции</a></li></ul></nav></header>
<div class="layout">
{_article(article) if article else ""}
<aside class="sidebar"><h3>Читайте также</h3><ul>{sidebar}</ul></aside>
</div>
<footer><p>© {escape(server.title)}. {escape(server.imprint)}</p></footer>
</body></html>
"""


def _article(article: NewsArticle) -> str:
    paragraphs = "\n".join(f"<p>{escape(part)}</p>" for part in article.text.split("\n\n"))
    author = f'<span class="author" rel="author">{escape(article.author)}</span>' if article.author else ""
    printed = f'<div class="date">{article.at.day} {_MONTHS[article.at.month - 1]} {article.at:%Y, %H:%M}</div>'
    return (
        f"<main><article><h1>{escape(article.title)}</h1>{printed}{author}\n"
        f'<div class="text">{paragraphs}</div>\n</article></main>'
    )


_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)


def _conditional(body: bytes, headers: dict[str, str], kind: str) -> Answer:
    """200 with an ETag, or 304 where the caller has this very body."""
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    if headers.get("if-none-match") == etag:
        return Answer(status=304, headers={"ETag": etag}, type=kind)
    return Answer(body, headers={"ETag": etag}, type=kind)
