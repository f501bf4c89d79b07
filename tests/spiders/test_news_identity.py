"""Which page and which item of a feed is which article: links that lie, pages that move, go and fail."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.fetching import reading
from crawler.fetching.reading import Reader
from crawler.model.crawled import Gone
from spiders.canonical import canonical_url
from spiders.news import NewsSpider
from spiders.news_cursor import NewsCursor
from tests.crawling import Crawled, Page, Pages, Site, pages, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECTION = (
    "<html><body><h1>Новости</h1><article>" + "<p>Все новости города за неделю.</p>" * 9 + "</article></body></html>"
)


def feed(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>Заречный</title>{''.join(items)}</channel></rss>"


def item(number: int, link: str, text: str = "", guid: str = "") -> str:
    told = f"<title>Прорыв трубы {number}</title><description>{text or f'Коротко {number}'}</description>"
    return f"<item>{told}<link>{link}</link><guid>{guid or f'g{number}'}</guid></item>"


def page(number: int, head: str = "", title: str = "") -> str:
    lines = "".join(f"<p>Статья {number} о прорыве трубы на Лесной, строка {line}, без воды.</p>" for line in range(8))
    title = title or f"Прорыв трубы {number}"
    return f"<html><head>{head}</head><body><h1>{title}</h1><article>{lines}</article></body></html>"


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


def moved(url: str) -> Page:
    return Page(status=302, headers={"Location": url})


def three(site: Site) -> str:
    return feed(*(item(number, f"{site.url}/a{number}") for number in (1, 2, 3)))


def crawl(site: Site, cursor: str = "", *, hours: float = 0) -> Crawled[NewsSpider]:
    source = source_at(f"{site.url}/rss", platform="news", revisit=timedelta(days=2))
    return run_spider(NewsSpider, source, cursor, at=NOW + timedelta(hours=hours))


def names(crawled: Crawled[NewsSpider]) -> dict[str, str]:
    """Posts by what is behind the site in their ids; texts by their first words."""
    return {post.id.split("/", 3)[-1]: " ".join(post.text.split()[:2]) for post in crawled.posts}


def test_links_that_all_lead_to_one_page_stay_three_articles_of_the_feed() -> None:
    answers: Pages = {"/news/": SECTION, **{f"/a{number}": moved("/news/") for number in (1, 2, 3)}}
    with pages(answers) as site:
        answers["/rss"] = three(site)
        crawled = crawl(site)
    assert names(crawled) == {f"a{number}": f"Коротко {number}" for number in (1, 2, 3)}
    assert crawled.spider.errors == {"moved": 3}


@pytest.mark.parametrize("target", ["/news/", "/login?next=a1", "/captcha", "/a2", "/"])
def test_an_article_that_was_read_is_never_replaced_by_what_its_link_leads_to(target: str) -> None:
    answers: Pages = {f"/a{number}": page(number) for number in (1, 2, 3)}
    with pages(answers) as site:
        answers["/rss"] = three(site)
        first = crawl(site)
        answers.update({"/a1": moved(target), target: answers.get(target, SECTION)})
        answers["/rss"] = str(answers["/rss"]).replace("Коротко 1", "Исправлено 1")
        second = crawl(site, first.cursor, hours=2)
    assert [post for post in second.posts if post.id.endswith("/a1")] == []
    assert "news" not in names(second)
    assert second.spider.errors in ({"moved": 1}, {"front page": 1})


@pytest.mark.parametrize(
    ("link", "target", "body"),
    [
        ("/a1", "/2026/x", page(1)),
        ("/a1", "/2026/x", page(1, canonical("/a1"), "Совсем другое")),
        ("/news/12345", "/2026/12345-truba", page(1, title="Совсем другое")),
    ],
    ids=["title", "canonical", "number"],
)
def test_an_article_that_moved_is_read_where_it_is_and_stays_itself(link: str, target: str, body: str) -> None:
    answers: Pages = {link: moved(target), target: body}
    with pages(answers) as site:
        answers["/rss"] = feed(item(1, site.url + link))
        first = crawl(site)
        answers[target] = body.replace("без воды", "вода есть")
        second = crawl(site, first.cursor, hours=2)
    assert [len(crawled.posts) for crawled in (first, second)] == [1, 1]
    assert first.posts[0].id == second.posts[0].id
    assert "вода есть" in second.posts[0].text
    assert {**first.spider.errors, **second.spider.errors} == {}


def test_one_canonical_address_on_all_pages_merges_none_then_or_later() -> None:
    answers: Pages = {f"/a{number}": page(number, canonical("/all")) for number in (1, 2, 3, 4)}
    with pages(answers) as site:
        answers["/rss"] = three(site)
        first = crawl(site)
        assert len({post.id for post in first.posts}) == 3
        assert first.spider.errors == {"canonical": 1}
        # Later the first of them is long forgotten, and what several had is still nobody's.
        answers["/rss"] = feed(item(4, f"{site.url}/a4"))
        forgotten = str(NewsCursor(shared=NewsCursor.parse(first.cursor).shared))
        second = crawl(site, forgotten, hours=1)
    assert names(second) == {"a4": "Статья 4"}


def test_an_address_that_another_article_of_the_feed_has_is_not_taken() -> None:
    answers: Pages = {"/a1": page(1, canonical("/a2")), "/a2": page(2), "/a3": page(3, canonical("/a2"))}
    with pages(answers) as site:
        answers["/rss"] = three(site)
        crawled = crawl(site)
    assert names(crawled) == {f"a{number}": f"Статья {number}" for number in (1, 2, 3)}


def test_an_article_whose_address_another_one_took_before_it_was_listed_is_still_its_own() -> None:
    answers: Pages = {"/a1": page(1, canonical("/a2")), "/a2": page(2)}
    with pages(answers) as site:
        answers["/rss"] = feed(item(1, f"{site.url}/a1"))
        first = crawl(site)
        answers["/rss"] = feed(item(1, f"{site.url}/a1"), item(2, f"{site.url}/a2"))
        second = crawl(site, first.cursor, hours=0.1)
    assert names(first) == {"a2": "Статья 1"}
    assert names(second) == {"a2#own": "Статья 2"}


@pytest.mark.parametrize("path", ["/news", "/", ""])
def test_items_with_one_link_are_articles_of_the_feed_and_stay_them(path: str) -> None:
    answers: Pages = {"/news": SECTION, "/": SECTION}
    with pages(answers) as site:
        answers["/rss"] = feed(*(item(number, site.url + path) for number in (1, 2, 3)))
        first = crawl(site)
        assert sorted(post.text for post in first.posts) == ["Коротко 1", "Коротко 2", "Коротко 3"]
        answers["/rss"] = feed(item(3, site.url + path), *(item(number, f"{site.url}/{number}") for number in (4, 5)))
        second = crawl(site, first.cursor, hours=1)
    assert len({post.id for post in first.posts}) == 3
    assert sorted(post.text for post in second.posts) == ["Коротко 4", "Коротко 5"]
    assert "/news" not in site.paths


def test_an_item_told_twice_is_one_and_counted_if_it_differs() -> None:
    answers: Pages = {"/a1": page(1)}
    with pages(answers) as site:
        one = item(1, f"{site.url}/a1")
        answers["/rss"] = feed(one, one, item(1, f"{site.url}/a1", "Раньше"))
        crawled = crawl(site)
    assert names(crawled) == {"a1": "Статья 1"}
    assert crawled.spider.errors == {"same item": 1}


def test_pages_behind_a_hashbang_are_read_from_the_feed_one_by_one() -> None:
    with pages({"/": SECTION}) as site:
        answers = feed(*(item(number, f"{site.url}/#!/n/{number}") for number in (1, 2)), item(3, f"{site.url}/app#/3"))
        with pages({"/rss": answers}) as other:
            crawled = crawl(other)
    assert sorted(names(crawled)) == ["#!/n/1", "#!/n/2", "app#/3"]
    assert site.paths == []


def test_an_item_with_nothing_in_it_is_counted_once() -> None:
    with pages({"/rss": feed("<item><guid isPermaLink='false'>1</guid></item>")}) as site:
        first = crawl(site)
        second = crawl(site, first.cursor, hours=1)
    assert (first.posts, first.spider.errors) == ([], {"empty item": 1})
    assert second.spider.errors == {}


def gone(crawled: Crawled[NewsSpider]) -> list[str]:
    return [found.post for found in crawled.items if isinstance(found, Gone)]


def test_a_page_that_is_away_for_an_hour_is_gone_and_one_that_comes_back_is_not() -> None:
    answers: Pages = {f"/a{number}": page(number) for number in (1, 2, 3)}
    with pages(answers) as site:
        answers["/rss"] = three(site)
        crawled = crawl(site)
        del answers["/a1"], answers["/a2"]
        answers["/a3"] = Page(status=410)
        crawled = crawl(site, crawled.cursor, hours=1)
        assert [post.rpartition("/")[2] for post in gone(crawled)] == ["a3"]
        answers["/a2"] = page(2)
        for hours in (1.2, 1.9):
            crawled = crawl(site, crawled.cursor, hours=hours)
            assert gone(crawled) == []
        crawled = crawl(site, crawled.cursor, hours=2)
        assert [post.rpartition("/")[2] for post in gone(crawled)] == ["a1"]
        assert crawled.spider.errors == {}
        answers["/a1"] = page(1)
        back = crawl(site, crawled.cursor, hours=5)
    assert "a1" in names(back)
    assert gone(back) == []


def test_a_page_that_cannot_be_read_costs_its_own_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Pages = {f"/a{number}": page(number) for number in (1, 2, 3)}
    answers["/a2"] = Page(page(2).replace("<body>", "<body>" + " " * 2_000_000))
    taken = canonical_url

    def breaks(url: str) -> str:
        if url.endswith("/a3"):
            raise LookupError(url)
        return taken(url)

    with pages(answers) as site:
        answers["/rss"] = three(site)
        monkeypatch.setattr("spiders.news.canonical_url", breaks)
        crawled = crawl(site)
    assert names(crawled) == {"a1": "Статья 1", "a2": "Коротко 2", "a3": "Коротко 3"}
    assert crawled.spider.errors == {"too large": 1, "bug": 1}
    assert crawled.spider.broken == ""
    assert len(NewsCursor.parse(crawled.cursor).articles) == 3


def test_a_site_of_endless_pages_is_read_from_its_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = Reader(0.4)
    monkeypatch.setattr(reading, "_READER", hurried)
    slow = f"<html><body>{'<h1>' * 240}{'слово ' * 120_000}</body></html>"
    answers: Pages = {f"/a{number}": slow for number in range(5)}
    with pages(answers) as site:
        answers["/rss"] = feed(*(item(number, f"{site.url}/a{number}") for number in range(5)))
        crawled = crawl(site)
    hurried.close()
    assert names(crawled) == {f"a{number}": f"Коротко {number}" for number in range(5)}
    assert crawled.spider.errors == {"slow page": 5}
    assert crawled.spider.broken == ""


def test_queries_in_windows_1251_are_articles_of_their_own() -> None:
    queries = ("%E2%EE%E4%E0", "%F1%E2%E5%F2")
    answers: Pages = {f"/n?q={query}": page(number) for number, query in enumerate(queries)}
    with pages(answers) as site:
        answers["/rss"] = feed(*(item(number, f"{site.url}/n?q={query}") for number, query in enumerate(queries)))
        crawled = crawl(site)
    assert sorted(names(crawled)) == [f"n?q={query}" for query in queries]
