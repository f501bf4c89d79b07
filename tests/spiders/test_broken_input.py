"""Every example and every recorded page, spoilt: cut at random places, bytes flipped, in a wrong charset.

Nothing may crash, and what is read from a page cut short must be what is read from the whole one: half a post would
look like a correction later.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.model.items import AuthorRole, Post
from demo.servers.local import Answer
from demo.servers.news import NewsArticle, NewsServer
from demo.servers.telegram import Channel, ChannelPost, TelegramServer
from spiders.article import Article, read_article
from spiders.feed import Entry, NotAFeedError, read_feed
from spiders.news import NewsSpider
from spiders.news_cursor import NewsCursor
from spiders.telegram import TelegramSpider
from spiders.telegram_message import Reader
from spiders.telegram_page import ChannelPage, is_whole, read_page
from tests.crawling import run_spider, source_at

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*/*") if path.suffix in {".html", ".xml"})
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Sakhalin")
READER = Reader("source", 0, "zarechny_talk", AuthorRole.UNKNOWN, NOW)
CHARSETS = ("utf-8", "cp1251", "koi8-r", "utf-16", "cp866")


def cuts(body: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    places = random.Random(seed)
    for _ in range(count):
        yield body[: places.randrange(len(body))]


def spoilt(body: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """With a dozen bytes changed, a stretch doubled, or in another charset; and nothing but noise."""
    chance = random.Random(seed)
    for _ in range(count):
        changed = bytearray(body)
        for _ in range(12):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        yield bytes(changed)
        start = chance.randrange(len(body))
        yield body[: start + 300] + body[start:]
    for charset in CHARSETS:
        yield body.decode("utf-8", "replace").encode(charset, "replace")
        yield body.decode(charset, "replace").encode()
    yield chance.randbytes(2000)
    yield b""


def posts_of(page: ChannelPage) -> dict[str, Post]:
    return {post.id: replace(post, raw=b"") for post in page.posts}


def entries_of(body: bytes) -> tuple[Entry, ...]:
    try:
        return read_feed(body, "http://zarechny.example/rss", ZONE).entries
    except NotAFeedError:
        return ()


def check_page_of_a_channel(body: bytes, times: int) -> None:
    whole = posts_of(read_page(body, READER))
    for cut in cuts(body, times):
        page = read_page(cut, READER)
        known = replace(READER, channel=page.channel)
        assert not page.whole or is_whole(body)
        for id_, post in posts_of(page).items():
            # a page cut so early that nothing tells the channel's number is read under its name
            expected = whole.get(id_) or posts_of(read_page(body, known)).get(id_)
            assert expected is None or replace(post, author=None) == replace(expected, author=None)
            assert expected is not None or id_.startswith("tg:@")
    for noise in spoilt(body, times // 4):
        assert isinstance(read_page(noise, READER), ChannelPage)


def check_feed(body: bytes, times: int) -> None:
    whole = entries_of(body)
    for cut in cuts(body, times):
        read = entries_of(cut)
        assert [entry.digest for entry in read] == [entry.digest for entry in whole[: len(read)]]
    for noise in random.Random(0).sample(list(spoilt(body, times)), times):
        assert isinstance(entries_of(noise), tuple)


def check_article(body: bytes, times: int) -> None:
    noises = random.Random(0).sample(list(spoilt(body, times)), times)
    for broken in (*cuts(body, times), *noises):
        assert isinstance(read_article(broken, "http://zarechny.example/a", ZONE), Article)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.name for path in EXAMPLES])
def test_broken_examples(path: Path) -> None:
    body = path.read_bytes()
    if path.parent.name == "telegram":
        check_page_of_a_channel(body, 60)
    elif path.suffix == ".xml":
        check_feed(body, 30)
    else:
        check_article(body, 12)


@pytest.mark.real
def test_broken_recorded_messages(real_data: Path) -> None:
    for path in sorted((real_data / "telegram").glob("*.html")):
        check_page_of_a_channel(path.read_bytes(), 8)


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["onliner_rss_2021-10-26", "miniflux_windows-1251", "miniflux_koi8r", "feedparser_koi8r"]
)
def test_broken_recorded_feeds(real_data: Path, name: str) -> None:
    check_feed((real_data / "rss" / f"{name}.xml").read_bytes()[:12_000], 6)


@pytest.mark.real
def test_broken_recorded_articles(real_data: Path) -> None:
    for path in sorted((real_data / "news").glob("*/*.html")):
        check_article(path.read_bytes()[:40_000], 2)


@pytest.mark.parametrize("seed", range(4))
def test_a_crawl_over_spoilt_pages_ends_and_the_next_one_has_everything(seed: int) -> None:
    chance = random.Random(seed)
    posts = [ChannelPost(number, f"Сообщение {number}", NOW - timedelta(hours=70 - number)) for number in range(1, 61)]
    with TelegramServer([Channel("zarechny_talk", "Подслушано", 1500000001, posts)]) as server:
        for before in ("", "before=41"):
            body = server.answer("/s/zarechny_talk", before, {}).body
            server.failing.append(Answer(body[: chance.randrange(2000, len(body))]))
        source = source_at(server.address("zarechny_talk"), platform="telegram")
        first = run_spider(TelegramSpider, source, at=NOW)
        second = run_spider(TelegramSpider, source, first.cursor, at=NOW)
    assert first.spider.errors
    assert "bug" not in {*first.spider.errors, *second.spider.errors}
    assert {post.id for post in [*first.posts, *second.posts]} == {f"tg:-1001500000001/{n}" for n in range(1, 61)}
    texts = {post.id: post.text for post in second.posts}
    assert all(texts.get(post.id, post.text) == post.text for post in first.posts)


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_articles_do_not_stop_the_others(seed: int) -> None:
    chance = random.Random(seed)
    articles = [NewsArticle(f"n{number}", f"Новость {number}", "Текст. " * 40, NOW) for number in range(6)]
    with NewsServer("Заречный сегодня", articles) as server:
        feed = server.answer("/rss", "", {})
        server.failing = [feed, *(Answer(chance.randbytes(500), type="text/html") for _ in range(3))]
        crawled = run_spider(NewsSpider, source_at(server.feed_url, platform="news"), at=NOW)
    assert len(crawled.posts) == 6
    assert "bug" not in crawled.spider.errors
    assert len(NewsCursor.parse(crawled.cursor).articles) == 6
