import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.accounts.roles import Role
from crawler.installation import Installation
from crawler.model.articles import ArticleRead
from search.state.health import SourceHealth
from tests.consoles import Visitor, employ, served
from tests.crawler.console.conftest import opened
from tests.shell import Otklik, source

SOURCES = (
    source("adm", "telegram", "@ozersk_adm", expectations='{ at_least = 3, per = "1d" }')
    + source("pages", "news", "https://example.org/feed")
    + source("fine", "news", "https://example.net/feed")
    + source("stopped", "news", "https://example.com/feed")
    + source("never", "telegram", "@nobody_asks_this")
)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Installation]:
    otklik = Otklik(tmp_path)
    otklik.city(sources=SOURCES)
    with opened(otklik) as installation:
        employ(installation, reader=Role.READER)
        yield installation


def crawled(installation: Installation, key: str, ago: timedelta, **told: object) -> None:
    at = installation.clock.now() - ago
    installation.write_health(SourceHealth("ozersk", key, f"{key}{at}", at, at, **told))  # type: ignore[arg-type]


def test_what_is_wrong_stands_first_with_what_to_do(watching: Installation) -> None:
    hour = timedelta(hours=1)
    crawled(watching, "fine", hour, lag=240.0, quota={"wall.get": 12})
    crawled(watching, "adm", hour)
    crawled(watching, "stopped", 9 * hour)
    crawled(watching, "pages", 2 * hour, outcomes={"broken": 1}, errors={"<b>odd</b>": 1})
    crawled(watching, "pages", hour, outcomes={"broken": 1}, errors={"dns": 3})
    with served(watching) as port:
        reader = Visitor(port)
        reader.sign_in("reader")
        page = reader.get("/ozersk/sources").text
        rows = re.findall(r"<span>(\w+)<small", page)
        assert rows == ["adm", "pages", "stopped", "never", "fine"]
        assert "pages: cannot be read" in page
        assert "not read, 2 times running: dns 3 (its name is unknown: no internet, or a typo)" in page
        assert "start its first crawl" in page
        assert "otklik crawl" not in page
        assert "silent: 0 posts instead of 3" in page
        assert "stopped: not crawled for 8 h" in page or "stopped: not crawled for 9 h" in page
        assert "4 min" in page
        assert "left 12" in page
        assert "<b>odd" not in page
        reader.get("/language/ru?next=/")
        russian = reader.get("/ozersk/sources").text
        assert "не прочитан, раз подряд 2: адрес сайта не найден: нет интернета или в нём опечатка (3)" in russian
        assert not re.search(r">\s*(dns|p90)\b", russian)
        reader.get("/language/en?next=/")
        assert "&lt;b&gt;odd&lt;/b&gt;" in page
        attention = reader.get("/ozersk/sources?view=attention").text
        assert re.findall(r"<span>(\w+)<small", attention) == ["adm", "pages", "stopped"]
        assert "There are no such sources." in reader.get("/ozersk/sources?view=person%22").text
        assert "Sources in need of attention: 3" in reader.get("/ozersk/queue").text


def test_a_site_whose_articles_lose_their_body_needs_attention(watching: Installation) -> None:
    at = watching.clock.now()
    reads = [ArticleRead(f"p{n}", f"https://a.example/{n}", f"b{n}" * (n < 12), f"t{n}", dated=True) for n in range(18)]
    for key in ("fine", "pages"):
        watching.write_health(SourceHealth("ozersk", key, key, at, at), reads if key == "pages" else reads[:12])
    with served(watching) as port:
        reader = Visitor(port)
        reader.sign_in("reader")
        page = reader.get("/ozersk/sources").text
    assert "pages: articles have no body" in page
    assert "12 of the last 18 have it, 100 % had it before. Example: https://a.example/17" in page
    assert "open the example in a browser" in page
    assert "fine: articles" not in page


def test_where_all_is_well_the_foot_says_nothing(operator: Visitor) -> None:
    page = operator.get("/ozersk/sources")
    assert page.status == 200
    assert "in need of attention:" not in page.text.lower().replace("in need of attention 0", "")
