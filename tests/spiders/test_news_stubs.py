"""Articles that their site keeps back, over HTTP: counted, told, marked, and never silently empty."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from demo.servers.local import Answer
from demo.servers.news import NewsArticle, NewsServer
from spiders.news import NewsSpider
from tests.crawling import Crawled, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Sakhalin")
LEAD = "Подрядчик, который третий год строит школу в Северном, попросил у города ещё восемьдесят миллионов рублей."
REST = "Мы прочитали сметы и посчитали, сколько ушло на фундамент, который пришлось переделывать дважды за зиму."
GATE = "<div><b>Продолжение доступно подписчикам</b><p>299 рублей в месяц.</p></div>"
WALL = (
    "<html><body><h1>Мы ценим вашу конфиденциальность</h1><p>Мы и партнёры используем файлы cookie и показываем "
    "персонализированную рекламу.</p><p>Примите условия обработки персональных данных.</p><button>Принять все</button>"
    "</body></html>"
)


class WalledServer(NewsServer):
    """A news site that puts `wall` behind the first paragraph of its pages, or a `page` in place of them."""

    wall = ""
    page = ""

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:
        answer = super().answer(path, query, {} if self.wall or self.page else headers)
        if not path.startswith("/news/"):
            return answer
        if self.page:
            return Answer(self.page.encode(), type="text/html; charset=utf-8")
        told = answer.body.decode().replace(f"<p>{REST}</p>", self.wall or f"<p>{REST}</p>")
        return Answer(told.encode(), type="text/html; charset=utf-8")


def town(lead: str = "") -> WalledServer:
    at = (NOW - timedelta(hours=2)).astimezone(ZONE)
    return WalledServer("Деловой", [NewsArticle("school", "Школа за миллиард", f"{LEAD}\n\n{REST}", at, lead=lead)])


def crawl(server: NewsServer, cursor: str = "", at: datetime = NOW) -> Crawled[NewsSpider]:
    return run_spider(NewsSpider, source_at(server.feed_url, platform="news"), cursor, at=at)


def test_behind_a_paywall_the_beginning_is_kept_and_marked() -> None:
    with town(lead="Школа подорожала.") as server:
        server.wall = GATE
        crawled = crawl(server)
        (post,) = crawled.posts
        assert (post.text, post.stub, post.title) == (LEAD, "paywall", "Школа за миллиард")
        assert crawled.spider.errors == {"paywall": 1}
        assert not crawled.spider.broken


def test_a_feed_that_has_more_than_the_page_stands_in_and_is_marked() -> None:
    with town(lead=f"{LEAD} {REST}") as server:
        server.wall = GATE
        (post,) = crawl(server).posts
    assert (post.text, post.stub) == (f"{LEAD} {REST}", "paywall")


def test_a_paywall_that_opens_gives_the_whole_and_one_that_closes_takes_nothing() -> None:
    with town() as server:
        server.wall = GATE
        first = crawl(server)
        server.wall = ""
        opened = crawl(server, first.cursor, NOW + timedelta(hours=1))
        assert [(post.text, post.stub) for post in opened.posts] == [(f"{LEAD}\n{REST}", "")]
        assert opened.posts[0].id == first.posts[0].id
        server.wall = GATE
        closed = crawl(server, opened.cursor, NOW + timedelta(hours=4))
        assert closed.posts == []
        assert closed.spider.errors == {"paywall": 1}


def test_in_place_of_a_wall_of_consent_the_text_of_the_feed_is_taken() -> None:
    with town() as server:
        server.page = WALL
        crawled = crawl(server)
        assert [(post.text, post.title, post.stub) for post in crawled.posts] == [(LEAD, "Школа за миллиард", "")]
        assert crawled.spider.errors == {"cookie wall": 1}
        server.page = ""
        again = crawl(server, crawled.cursor, NOW + timedelta(hours=1))
        assert [post.text for post in again.posts] == [f"{LEAD}\n{REST}"]
