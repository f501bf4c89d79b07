"""Pages that list news or notices: what is read of them, what changes, and that silence is told from success."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.checking import check_city
from crawler.fetching.browser import NO_BROWSER
from crawler.model.crawled import Window
from crawler.model.items import Post, TimePrecision
from crawler.platforms.selectors import check_list_options
from demo.servers.scripted import ScriptedItem, ScriptedSite
from spiders.page import PageSpider
from tests.crawling import Crawled, Page, Pages, pages, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODY = (
    "Третий день без холодной воды дома 5 и 7 по улице Лесной. Водоканал привёз новый насос и начал его ставить.\n\n"
    "Воду обещают дать к вечеру среды. До того цистерна стоит у магазина на Садовой с восьми утра."
)


def crawl(address: str, cursor: str = "", *, at: datetime = NOW, **fields: Any) -> Crawled[PageSpider]:
    settings = fields.pop("settings", {})
    return run_spider(PageSpider, source_at(address, platform="page", **fields), cursor, at=at, settings=settings)


def outages(*rows: tuple[str, str, str], body: str = "") -> str:
    """A table of (number, when, text)."""
    told = "".join(
        f'<tr class="o" data-n="{number}"><td>{when}</td><td>{text}</td></tr>' for number, when, text in rows
    )
    return f"<html><body><h1>Отключения</h1><table>{told}</table>{body}</body></html>"


TABLE = {"item": "tr.o", "link": "no", "date": "td:first-child", "text": "td:last-child", "key": "::attr(data-n)"}
THREE = (
    ("3", "02.03.2026 18:00", "Лесная, 5: нет воды"),
    ("2", "01.03.2026 12:00", "Садовая, 12: нет света"),
    ("1", "28.02.2026 10:00", "Речная, 1: нет тепла"),
)


def texts(crawled: Crawled[PageSpider]) -> list[str]:
    return [post.text for post in crawled.posts]


def test_items_without_pages_are_the_posts_and_an_edit_is_one_of_the_same() -> None:
    answers: Pages = {"/": outages(*THREE)}
    with pages(answers) as site:
        first = crawl(site.url + "/", options=TABLE)
        answers["/"] = outages(("3", "02.03.2026 18:00", "Лесная, 5: воду дали"), *THREE[1:])
        second = crawl(site.url + "/", first.cursor, options=TABLE)
    assert texts(first) == [text for _, _, text in THREE]
    assert first.posts[0].published_at == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert first.posts[0].precision is TimePrecision.MINUTE
    assert first.posts[0].url == site.url + "/"
    assert first.posts[0].id.startswith(f"news:{site.url.replace('http', 'https')}/#")
    assert [(post.id, post.text) for post in second.posts] == [(first.posts[0].id, "Лесная, 5: воду дали")]
    assert (first.spider.errors, first.spider.published) == ({}, 3)


def test_what_is_missing_between_others_is_gone() -> None:
    with pages({"/": outages(THREE[0], THREE[2])}) as site:
        crawled = crawl(site.url + "/", options=TABLE)
    (window,) = [item for item in crawled.items if isinstance(item, Window)]
    assert window.present == {post.id for post in crawled.posts}
    assert (window.oldest, window.newest) == tuple(post.published_at for post in reversed(crawled.posts))
    assert window.prefix == f"news:{site.url.replace('http', 'https')}/#"


def test_without_a_key_an_item_is_its_words_and_day_however_old_it_reads() -> None:
    rows = ("2 часа назад", "3 часа назад")
    answers: Pages = {"/": outages(*(("", when, f"Лесная, {at}: нет воды") for at, when in enumerate(rows)))}
    options = {name: TABLE[name] for name in ("item", "link", "date", "text")}
    with pages(answers) as site:
        first = crawl(site.url + "/", options=options)
        answers["/"] = outages(*(("", when, f"Лесная, {at}: нет воды") for at, when in enumerate(reversed(rows))))
        second = crawl(site.url + "/", first.cursor, options=options, at=NOW + timedelta(hours=1))
    assert len(first.posts) == 2
    assert second.posts == []


@pytest.mark.parametrize(
    ("page", "options", "word"),
    [
        (outages(), TABLE, "empty"),
        ("<html><body><h1>Новости</h1></body></html>", {}, "empty"),
        (outages(body="<script>load()</script>"), TABLE, "scripts"),
        ("<html><body><h1>DDoS-Guard</h1>Проверка браузера</body></html>", {}, "bot check"),
        ("", {}, "empty"),
        (Page("{}", headers={"Content-Type": "application/json"}), {}, "not a page"),
        (Page("<h1>gone</h1>", status=410), {}, "http 410"),
        (Page("<h1>sorry</h1>", status=403), {}, "http 403"),
    ],
)
def test_a_list_that_says_nothing_is_a_failure_with_a_word(page: Any, options: dict[str, str], word: str) -> None:
    with pages({"/": page}) as site:
        crawled = crawl(site.url + "/", options=options)
    assert crawled.spider.errors == {word: 1}
    assert crawled.spider.broken == word
    assert crawled.items == []


def test_a_selector_that_finds_nothing_any_more_is_told_and_the_rest_is_read() -> None:
    with pages({"/": outages(*THREE)}) as site:
        crawled = crawl(site.url + "/", options={**TABLE, "date": ".when"})
    assert crawled.spider.errors == {"markup": 1}
    assert crawled.spider.broken == ""
    assert len(crawled.posts) == 3


def listed(*numbers: int, more: str = "") -> str:
    items = "".join(
        f'<li class="n"><a href="/n/{at}">Новость {at}: насос на Лесной</a> <i class="date">{at:02}.02.2026</i></li>'
        for at in numbers
    )
    return f'<html><body><ul>{items}</ul><a class="more" href="{more}">Раньше</a></body></html>'


def article(at: int) -> str:
    return f"<html><body><article><h1>Новость {at}: насос на Лесной</h1><p>{BODY}</p></article></body></html>"


def test_a_list_is_paged_down_to_what_is_known() -> None:
    answers: Pages = {f"/n/{at}": article(at) for at in range(1, 29)}
    answers |= {"/": listed(20, 19, more="/?2"), "/?2": listed(18, 17, more="/?3"), "/?3": listed(16, 15, more="/")}
    options = {"next": "a.more"}
    with pages(answers) as site:
        first = crawl(site.url + "/", options=options, backfill=timedelta(days=60))
        answers |= {
            "/": listed(24, 23, more="/?2"),
            "/?2": listed(22, 21, more="/?3"),
            "/?3": listed(20, 19, more="/?4"),
        }
        site.asked.clear()
        second = crawl(site.url + "/", first.cursor, options=options, revisit=timedelta(0))
        paths = site.paths[:]
    assert len(first.posts) == 6
    assert sorted(post.url.rpartition("/")[2] for post in second.posts) == ["21", "22", "23", "24"]
    # The third page ends with what is known; nothing that is known is read again.
    assert "/?4" not in paths
    assert not {"/n/20", "/n/19"} & set(paths)


def test_a_list_longer_than_a_crawl_reads_is_told() -> None:
    answers: Pages = {f"/n/{at}": article(at) for at in range(1, 29)}
    answers["/"] = listed(12, 11, more="/?2")
    options = {"next": "a.more", "pages": "2"}
    with pages(answers) as site:
        first = crawl(site.url + "/", options=options)
        answers |= {"/": listed(28, 27, more="/?2"), "/?2": listed(26, 25, more="/?3")}
        second = crawl(site.url + "/", first.cursor, options=options)
    assert second.spider.errors == {"long list": 1}


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"item": "div..x"}, "item"),
        ({"item": "li::text"}, "item"),
        ({"title": "h3 >"}, "title"),
        ({"javascript": "да"}, "javascript"),
        ({"itme": "li"}, "itme"),
        ({"item": "li.n", "link": "no", "date": "time::attr(datetime)", "javascript": "yes", "pages": "3"}, ""),
    ],
)
def test_options_are_checked(options: dict[str, str], wrong: str) -> None:
    assert list(check_list_options(options)) == ([wrong] if wrong else [])


def test_a_bad_selector_is_an_error_with_its_line(tmp_path: Any) -> None:
    path = tmp_path / "town.toml"
    path.write_text(
        '[city]\nkey = "t"\nname = "Т"\nzone = "Europe/Moscow"\nhome = "Т"\n[[source]]\nkey = "s"\nplatform = "page"\n'
        'address = "https://site.example/news"\n[source.options]\nnext = "a.more"\nitem = "div..x"\n',
        encoding="utf-8",
    )
    (error,) = check_city(path).errors
    assert (error.line, error.key) == (12, "source[s].options.item")


def scripted(count: int = 3) -> ScriptedSite:
    items = [ScriptedItem(f"n{at}", f"Новость {at}", BODY, NOW - timedelta(hours=at + 1)) for at in range(count)]
    return ScriptedSite("Вестник", items, imprint="г. Саранск, ул. Кирова, д. 63")


def test_without_a_browser_a_site_in_javascript_is_not_asked() -> None:
    with scripted() as site:
        crawled = crawl(site.list_url, options={"javascript": "yes"}, settings={"OTKLIK_CHROMIUM": ""})
    assert (crawled.spider.errors, crawled.spider.broken) == ({NO_BROWSER: 1}, NO_BROWSER)
    assert not site.asked


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_a_site_in_javascript_is_read_as_any_other() -> None:
    options = {"javascript": "yes", "next": "a.more"}
    slow = {"DOWNLOAD_TIMEOUT": 60}
    with scripted() as site:
        site.listed = 2
        first = crawl(site.list_url, options=options, settings=slow)
        site.edit("n1", BODY + "\n\nОбновлено: воду дали.")
        site.gone.add("n2")
        second = crawl(site.list_url, first.cursor, options=options, settings=slow, at=NOW + timedelta(hours=2))
    assert first.spider.errors == {}
    posts: dict[str, Post] = {post.title: post for post in first.posts}
    assert set(posts) == {"Новость 0", "Новость 1", "Новость 2"}
    assert posts["Новость 0"].text == BODY.replace("\n\n", "\n")
    assert posts["Новость 0"].id == f"news:{site_id(first)}/news/n0"
    assert [post.text.rpartition("\n")[2] for post in second.posts if post.title == "Новость 1"] == [
        "Обновлено: воду дали."
    ]


def site_id(crawled: Crawled[PageSpider]) -> str:
    return crawled.posts[0].id.removeprefix("news:").partition("/news")[0]
