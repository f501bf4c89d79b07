"""A site that changes its template between two crawls, as its administrator meets it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.checking import load_city
from crawler.environment import Environment
from crawler.installation import Installation
from crawler.model.articles import Part
from crawler.monitoring.gauges import gauges
from crawler.runner import crawl_sources
from demo.servers.local import Answer
from demo.servers.news import NewsArticle, NewsServer
from search.state.database import Database
from search.state.drift import Drift
from tests.crawling import QUICK, FrozenClock, in_reactor
from tests.shell import Otklik, source

REST = "Жителям обещают пересчёт за все дни, заявление нужно отнести в расчётный центр до конца месяца."
DRAWN = (
    "<!DOCTYPE html><html lang=ru><head><title>Вестник</title></head><body><header><a href='/'>Вестник</a></header>"
    "<div id='app'></div><footer>Учредитель: ООО «Река», г. Саранск, ул. Кирова, д. 63. Сайт сделан в студии."
    "</footer></body></html>"
)


class ChangingServer(NewsServer):
    """A news site whose pages are drawn by scripts from one day on."""

    is_drawn = False

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:
        if self.is_drawn and path.startswith("/news/"):
            return Answer(DRAWN.encode(), type="text/html; charset=utf-8")
        return super().answer(path, query, headers)


def article(number: int) -> NewsArticle:
    text = f"В доме {number} по улице Лесной нет горячей воды, трубу прорвало ночью.\n\n{number}. {REST}"
    at = datetime.now(UTC) - timedelta(hours=30 - number)
    return NewsArticle(f"n{number}", f"Нет воды в доме {number} на Лесной", text, at)


def crawl(otklik: Otklik, city: Path, hours: float = 0) -> list[Drift]:
    """A pass in so many hours as the command makes it, without its rests between pages; the alarms after it."""
    loaded = load_city(str(city))
    clock = FrozenClock(datetime.now(UTC) + timedelta(hours=hours))
    with Installation.open(Environment(otklik.environment), None, [loaded], clock) as installation:
        in_reactor(crawl_sources(loaded, loaded.sources, installation, settings=QUICK))
        return installation.drifts(loaded.key)


def drift_gauges(otklik: Otklik, city: Path) -> dict[str, float]:
    database = Database.open(otklik.home / "otklik.sqlite")
    with database.read() as connection:
        readings = list(gauges(connection, load_city(str(city)), datetime.now(UTC)))
    database.close()
    return {labels[2]: value for name, labels, value in readings if name == "otklik_source_drift"}


def test_a_site_whose_template_changes_is_told_until_it_is_mended(
    otklik: Otklik, caplog: pytest.LogCaptureFixture
) -> None:
    with ChangingServer("Вестник", map(article, range(12))) as site:
        city = otklik.city(sources=source("vestnik", "news", site.feed_url))
        assert crawl(otklik, city) == []
        assert drift_gauges(otklik, city) == {"body": 0, "title": 0, "date": 0}

        site.is_drawn = True
        for number in range(12, 18):
            site.add(article(number))
        alarms = crawl(otklik, city)
        assert {alarm.part for alarm in alarms} == {Part.BODY, Part.TITLE, Part.DATE}
        assert {(alarm.source, alarm.have, alarm.of, alarm.usual) for alarm in alarms} == {("vestnik", 12, 18, 1.0)}
        assert "ozersk/vestnik: articles lose: body" in caplog.text
        assert otklik.number("SELECT count(*) FROM posts") == 18  # the feed stands in

        # Another process, an unchanged feed: nothing is forgotten.
        passed = otklik("--locale", "ru", "crawl", city)
        assert "на страницах статей нет текста: есть на 12 из последних 18, раньше на 100 %" in passed.err
        assert f"Пример: {site.url}/news/n" in passed.err
        told = otklik("crawl", city, "--json").lines
        assert [line["lost"] for line in told if "lost" in line] == [["body", "date", "title"]]
        found = [line for line in otklik("doctor", city, "--json").lines if line["where"] == "vestnik"]
        assert sum("no body" in line["what"] for line in found) == 1
        assert all("open the example" in line["todo"] for line in found)
        assert drift_gauges(otklik, city) == {"body": 1, "title": 1, "date": 1}

        site.is_drawn = False
        assert crawl(otklik, city, hours=1) == []
        assert "ozersk/vestnik: articles have again: body" in caplog.text
        assert drift_gauges(otklik, city) == {"body": 0, "title": 0, "date": 0}
        assert otklik("doctor", city).code == 0
        assert len(otklik("search", city, "расчётный", "--json").lines) == 18
