"""News sites over HTTP: feeds, pages, re-visits, failures."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.model.city import SourceRole
from crawler.model.crawled import Checkpoint, Gone
from crawler.model.items import AuthorRole, Kind, TimePrecision, digest_of
from demo.servers.local import Answer
from demo.servers.news import NewsArticle, NewsServer
from spiders.news import NewsSpider
from tests.crawling import Crawled, Page, Pages, pages, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Sakhalin")
BODY = (
    "На улице Лесной третий день нет воды. Жители дома 5 звонят в управляющую компанию и не могут дозвониться.\n\n"
    "В компании объяснили, что трубу прорвало ещё в пятницу, а насос привезут только к среде. Воду подвозят дважды в "
    "день к магазину на Садовой.\n\nДиспетчерская принимает заявки круглые сутки."
)

LEAD = BODY.partition("\n\n")[0]


def article(slug: str, hours: float, **fields: Any) -> NewsArticle:
    told = {"title": f"Новость {slug}: на Лесной нет воды", "text": BODY, **fields}
    return NewsArticle(slug, at=(NOW - timedelta(hours=hours)).astimezone(ZONE), **told)


def town(*articles: NewsArticle, **fields: Any) -> NewsServer:
    return NewsServer(
        "Заречный сегодня",
        articles or (article("voda", 2), article("svet", 5), article("yama", 8)),
        imprint="Учредитель: ООО «Река», г. Саранск, ул. Кирова, д. 63",
        headlines=("В Луговом сгорел склад", "На Садовой упал столб", "Автобус № 7 сошёл с маршрута"),
        **fields,
    )


def crawl(server: NewsServer, cursor: str = "", *, at: datetime = NOW, **fields: Any) -> Crawled[NewsSpider]:
    return run_spider(NewsSpider, source_at(server.feed_url, platform="news", **fields), cursor, at=at)


def slugs(crawled: Crawled[NewsSpider]) -> list[str]:
    return sorted(post.url.rpartition("/")[2].partition("?")[0] for post in crawled.posts)


@pytest.mark.parametrize(
    "fields",
    [{}, {"charset": "windows-1251"}, {"charset": "koi8-r"}, {"atom": True}],
    ids=["utf8", "1251", "koi8", "atom"],
)
def test_an_article_is_read_from_its_page_without_what_stands_around_it(fields: dict[str, Any]) -> None:
    with town(article("voda", 2, author="Пётр Речной", image="https://img.example/1.jpg?w=5"), **fields) as server:
        crawled = crawl(server, role=SourceRole.MEDIA)
        (post,) = crawled.posts
        assert post.id == f"news:{server.url.replace('http', 'https')}/news/voda"
    assert (post.kind, post.title) == (Kind.ARTICLE, "Новость voda: на Лесной нет воды")
    assert post.text == BODY.replace("\n\n", "\n")
    assert (post.published_at, post.precision) == (NOW - timedelta(hours=2), TimePrecision.SECOND)
    assert [(media.url, media.key) for media in post.media] == [
        ("https://img.example/1.jpg?w=5", "https://img.example/1.jpg")
    ]
    assert post.author
    assert (post.author.role, post.author.name) == (AuthorRole.MEDIA, "Пётр Речной")
    assert b"<h1>" in post.raw
    assert crawled.spider.errors == {}
    assert crawled.spider.published == 1


def test_an_unchanged_feed_costs_one_request_and_its_cursor_moves_behind_the_posts() -> None:
    with town() as server:
        first = crawl(server)
        assert slugs(first) == ["svet", "voda", "yama"]
        marks = [item for item in first.items if isinstance(item, Checkpoint)]
        assert {id_ for mark in marks for id_ in mark.covers} == {post.id for post in first.posts}
        assert isinstance(first.items[-1], Checkpoint)
        before = server.requests
        second = crawl(server, first.cursor, at=NOW + timedelta(minutes=5))
        assert server.requests == before + 1
    assert second.posts == []
    assert json.loads(second.cursor)["etag"] == json.loads(first.cursor)["etag"] != ""


def test_a_new_article_is_read_and_the_others_are_left_alone() -> None:
    with town() as server:
        first = crawl(server)
        server.add(article("gaz", 0.1))
        server.asked.clear()
        second = crawl(server, first.cursor, at=NOW + timedelta(minutes=5))
        assert slugs(second) == ["gaz"]
        assert sorted(path for path in server.asked if path.startswith("/news")) == ["/news/gaz?utm_source=rss"]


def test_a_correction_and_a_withdrawal_are_seen_on_a_re_visit() -> None:
    with town() as server:
        first = crawl(server)
        server.edit("svet", BODY + "\n\nОбновлено: воду дали.")
        server.articles["svet"] = article("svet", 5, text=BODY + "\n\nОбновлено: воду дали.", lead=LEAD)
        server.gone.add("yama")
        second = crawl(server, first.cursor, at=NOW + timedelta(hours=1))
    assert slugs(second) == ["svet"]
    assert second.posts[0].text.endswith("Обновлено: воду дали.")
    assert second.posts[0].published_at == NOW - timedelta(hours=5)
    (gone,) = [item for item in second.items if isinstance(item, Gone)]
    assert gone.post.endswith("/news/yama")
    assert second.spider.errors == {}


def test_re_visits_get_rarer_and_end() -> None:
    asked = []
    with town(article("voda", 0.1)) as server:
        cursor = crawl(server).cursor
        for quarter in range(1, 17):
            server.asked.clear()
            cursor = crawl(server, cursor, at=NOW + timedelta(minutes=15 * quarter), revisit=timedelta(hours=3)).cursor
            if server.asked["/news/voda?utm_source=rss"]:
                asked.append(quarter)
    assert asked == [1, 2, 4, 8]


def test_the_feeds_text_stands_in_for_a_page_that_fails_until_the_page_is_back() -> None:
    with town(article("voda", 2), article("svet", 3)) as server:
        server.failing_pages.add("voda")
        first = crawl(server)
        voda = next(post for post in first.posts if "voda" in post.url)
        assert voda.text == LEAD
        assert first.spider.errors == {"http 500": 1}
        server.failing_pages.clear()
        second = crawl(server, first.cursor, at=NOW + timedelta(minutes=20))
    whole = next(post for post in second.posts if "voda" in post.url)
    assert (whole.id, whole.text) == (voda.id, BODY.replace("\n\n", "\n"))


def test_an_article_that_never_had_a_page_is_not_taken_for_withdrawn() -> None:
    with town(article("voda", 2)) as server:
        server.missing.add("voda")
        first = crawl(server)
        second = crawl(server, first.cursor, at=NOW + timedelta(hours=1))
    assert [post.text for post in first.posts] == [LEAD]
    assert [item for item in second.items if isinstance(item, Gone)] == []


def test_a_page_that_was_read_is_not_replaced_by_the_feeds_text() -> None:
    with town(article("voda", 2)) as server:
        first = crawl(server)
        server.articles["voda"] = article("voda", 2, lead="Короткий пересказ изменился.")
        server.failing_pages.add("voda")
        second = crawl(server, first.cursor, at=NOW + timedelta(minutes=5))
        server.failing_pages.clear()
        third = crawl(server, second.cursor, at=NOW + timedelta(minutes=30))
    assert second.posts == []
    assert [digest_of(post) for post in third.posts] in ([], [digest_of(first.posts[0])])


def test_a_first_crawl_stops_at_the_backfill() -> None:
    with town(article("voda", 2), article("old", 24 * 30)) as server:
        first = crawl(server)
        second = crawl(server, first.cursor, at=NOW + timedelta(minutes=20))
    assert (slugs(first), slugs(second)) == (["voda"], [])


def test_the_rest_of_a_long_feed_is_read_by_the_next_crawl() -> None:
    articles = [article(f"n{number}", number) for number in range(8)]
    with town(*articles) as server:
        first = crawl(server, options={"articles": "5"})
        assert (len(first.posts), first.spider.gaps) == (5, 3)
        second = crawl(server, first.cursor, at=NOW + timedelta(minutes=5), options={"articles": "5"})
    assert len({post.id for post in [*first.posts, *second.posts]}) == 8


def test_a_crash_between_articles_loses_none() -> None:
    articles = [article(f"n{number:02}", number) for number in range(25)]
    with town(*articles) as server:
        whole = crawl(server)
        first_mark = next(index for index, item in enumerate(whole.items) if isinstance(item, Checkpoint))
        kept = whole.items[: first_mark + 1]
        mark = kept[-1]
        assert isinstance(mark, Checkpoint)
        assert json.loads(mark.cursor)["etag"] == ""
        again = crawl(server, mark.cursor, at=NOW + timedelta(minutes=1))
    stored = [post.id for post in whole.posts[:first_mark]]
    assert sorted([*stored, *(post.id for post in again.posts)]) == sorted(post.id for post in whole.posts)


def test_a_printed_date_is_handed_on_as_it_is_where_nothing_is_marked() -> None:
    with town(article("voda", 2), machine_dates=False) as server:
        feed = re.sub(rb"<pubDate>.*?</pubDate>", b"", server.answer("/rss", "", {}).body)
        server.failing.append(Answer(feed, type="application/rss+xml"))
        (post,) = crawl(server).posts
    assert (post.published_at, post.precision, post.published_text) == (None, TimePrecision.NONE, "2 марта 2026, 18:00")


@pytest.mark.parametrize(
    ("body", "word"),
    [("<html><body>Добро пожаловать</body></html>", "not a feed"), ("<rss version='2.0'><channel/></rss>", "no posts")],
)
def test_what_is_no_feed_and_an_empty_feed_are_told_apart(body: str, word: str) -> None:
    with pages({"/rss": body}) as site:
        crawled = run_spider(NewsSpider, source_at(f"{site.url}/rss", platform="news"))
    assert crawled.spider.broken == word
    assert crawled.posts == []


def test_a_feed_that_is_gone_is_an_error() -> None:
    with pages({}) as site:
        crawled = run_spider(NewsSpider, source_at(f"{site.url}/rss", platform="news"))
    assert crawled.spider.broken == "http 404"


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    with town() as server:
        body = server.answer("/rss", "", {}).body
        server.failing.append(Answer(body[: body.rindex(b"<item>") + 60], type="application/rss+xml"))
        crawled = crawl(server)
    assert len(crawled.posts) >= 2
    assert crawled.spider.errors["broken feed"] == 1


def test_a_moved_page_and_a_front_page_in_its_place() -> None:
    with town(article("voda", 2), article("svet", 3)) as server:
        feed: Pages = {"/rss": server.answer("/rss", "", {}).body.decode().replace(server.url, "SITE")}
        page = server.answer("/news/voda", "", {}).body.decode().replace(server.url, "SITE")
    with pages(feed) as site:
        feed["/rss"] = str(feed["/rss"]).replace("SITE", site.url)
        feed["/news/voda?utm_source=rss"] = Page(status=301, headers={"Location": "/2026/voda"})
        feed["/2026/voda"] = page.replace("SITE/news", site.url + "/2026")
        feed["/news/svet?utm_source=rss"] = Page(status=302, headers={"Location": "/"})
        feed["/"] = "<html><body><h1>Заречный сегодня</h1><p>Все новости города на одной странице.</p></body></html>"
        crawled = run_spider(NewsSpider, source_at(f"{site.url}/rss", platform="news"), at=NOW)
    posts = {post.url.rpartition("/")[2].partition("?")[0]: post for post in crawled.posts}
    assert posts["voda"].id.endswith("/2026/voda")
    assert posts["svet"].text == LEAD
    assert crawled.spider.errors == {"front page": 1}


def test_a_redirect_to_a_section_or_a_login_never_overwrites_an_article() -> None:
    with town(article("voda", 2), article("svet", 3)) as server:
        feed: Pages = {"/rss": server.answer("/rss", "", {}).body.decode().replace(server.url, "SITE")}
        voda, svet = (server.answer(f"/news/{slug}", "", {}).body.decode() for slug in ("voda", "svet"))
        server_url = server.url
    section = "<html><body><h1>Новости</h1><p>Все новости города за неделю, по дням и по рубрикам.</p></body></html>"
    with pages(feed) as site:
        feed["/rss"] = str(feed["/rss"]).replace("SITE", site.url)
        feed["/news/voda?utm_source=rss"] = voda.replace(server_url, site.url)
        feed["/news/svet?utm_source=rss"] = svet.replace(server_url, site.url)
        source = source_at(f"{site.url}/rss", platform="news", revisit=timedelta(days=2))
        first = run_spider(NewsSpider, source, at=NOW)
        feed["/news/voda?utm_source=rss"] = Page(status=302, headers={"Location": "/news/"})
        feed["/news/svet?utm_source=rss"] = Page(status=302, headers={"Location": "/login?next=svet"})
        feed["/news/"] = feed["/login?next=svet"] = section
        second = run_spider(NewsSpider, source, first.cursor, at=NOW + timedelta(hours=2))
    assert len(first.posts) == 2
    assert second.posts == []
    assert second.spider.errors == {"moved": 2}


def test_an_item_without_a_page_is_read_from_the_feed() -> None:
    item = "<item><title>Отключение</title><description>Завтра на Лесной нет света</description></item>"
    body = f"<rss version='2.0'><channel>{item}</channel></rss>"
    with pages({"/rss": body}) as site:
        source = source_at(f"{site.url}/rss", platform="news")
        first = run_spider(NewsSpider, source, at=NOW)
        second = run_spider(NewsSpider, source, first.cursor, at=NOW + timedelta(hours=1))
    assert [post.text for post in first.posts] == ["Завтра на Лесной нет света"]
    assert second.posts == []


def test_last_modified_alone_is_a_condition_too() -> None:
    with town(article("voda", 2)) as server:
        feed, page = (server.answer(path, "", {}).body.decode() for path in ("/rss", "/news/voda"))
    since = "Mon, 02 Mar 2026 08:00:00 GMT"
    answers: Pages = {}
    with pages(answers) as site:
        for path, body in {"/rss": feed, "/news/voda?utm_source=rss": page}.items():
            body_here = re.sub(r"http://127.0.0.1:\d+", site.url, body)
            answers[path] = Page(
                body_here, headers={"Content-Type": "text/html; charset=utf-8", "Last-Modified": since}
            )
        source = source_at(f"{site.url}/rss", platform="news")
        first = run_spider(NewsSpider, source, at=NOW)
        run_spider(NewsSpider, source, first.cursor, at=NOW + timedelta(hours=1))
    assert [told.get("If-Modified-Since") for told in site.headers if "If-Modified-Since" in told] == [since, since]


def f1(text: str, gold: str) -> float:
    """F1 over tokens."""
    ours, theirs = (Counter(re.findall(r"\w+", words.lower())) for words in (text, gold))
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


@pytest.mark.real
def test_recorded_feeds_are_read_as_a_person_reads_them(real_data: Path) -> None:
    expected = {
        "onliner_rss_2021-10-26.xml": (30, "В России сделали вакцину «Спутник», которую надо закапывать в нос", 19),
        "miniflux_windows-1251.xml": (50, "Цитата #17703", 7),
        "miniflux_koi8r.xml": (2, "Первая новость", 10),
        "feedparser_koi8r.xml": (1, "Как пережить новогоднюю ночь", None),
    }
    for name, (count, title, hour) in expected.items():
        body = (real_data / "rss" / name).read_bytes()
        outside = re.sub(rb"https?://(?!www\.w3)", b"http://127.0.0.1:9/", body)
        with pages({"/rss": Page(outside, headers={"Content-Type": "application/xml"})}) as site:
            source = source_at(f"{site.url}/rss", platform="news", backfill=timedelta(days=9000))
            crawled = run_spider(NewsSpider, source, settings={"RETRY_ENABLED": False})
        assert len(crawled.posts) == count, name
        post = next(post for post in crawled.posts if post.title == title)
        assert (post.published_at.hour if post.published_at else None) == hour
        assert re.search("[а-я]{4}", post.text)
        assert "Читать далее" not in post.text


@pytest.mark.real
def test_recorded_pages_give_the_body_and_the_date_that_people_marked(real_data: Path) -> None:
    folder = real_data / "news"
    bodies = [json.loads(line) for line in (folder / "bodies" / "gold.jsonl").read_text().splitlines()]
    dates = [json.loads(line) for line in (folder / "dates" / "gold.jsonl").read_text().splitlines()]
    files = {gold["id"]: folder / "bodies" / f"{gold['id']}.html" for gold in bodies}
    files |= {gold["file"]: folder / "dates" / gold["file"] for gold in dates}
    answers: Pages = {
        f"/{name}": Page(path.read_bytes(), headers={"Content-Type": "text/html"}) for name, path in files.items()
    }
    with pages(answers) as site:
        items = "".join(f"<item><title>x</title><link>{site.url}/{name}</link></item>" for name in files)
        answers["/rss"] = f"<rss version='2.0'><channel>{items}</channel></rss>"
        source = source_at(f"{site.url}/rss", platform="news", zone=ZoneInfo("Europe/Moscow"))
        posts = {post.url.rpartition("/")[2]: post for post in run_spider(NewsSpider, source).posts}
    assert {gold["id"]: f1(posts[gold["id"]].text, gold["articleBody"]) > 0.98 for gold in bodies} == {
        gold["id"]: True for gold in bodies
    }
    found = {name: post.published_at for name, post in posts.items()}
    for gold in dates:
        at = found[gold["file"]]
        assert at
        assert at.astimezone(ZoneInfo("Europe/Moscow")).date().isoformat() == gold["date"], gold["url"]
