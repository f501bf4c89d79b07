import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.accounts.roles import Role
from crawler.fetching.browser import NO_BROWSER, NO_SANDBOX
from crawler.installation import Installation
from crawler.model.articles import ArticleRead
from search.state.health import SourceHealth
from tests.consoles import Visitor, employ, served
from tests.crawler.console.conftest import opened
from tests.shell import SEARCHES, Otklik, posts, source

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


def test_a_source_goes_by_its_name_wherever_it_is_shown(tmp_path: Path) -> None:
    otklik = Otklik(tmp_path)
    named = source("vesti", "news", "https://example.net/feed", name='"Вести <b> Озёрска"')
    # A risk of what is written: its page names the sources it reached.
    rule = (
        SEARCHES + '[[search]]\nkey = "wave"\nname = "Пишут о газе"\nquery = "газ"\ntopic = "Запах газа"\nrisk = true\n'
    )
    otklik.city(sources=named, searches=rule + 'rule = "frequency"\nat_least = 2\nwithin = "1h"\n')
    lines = posts("Запах газа на улице Ленина, 5", "Опять запах газа на Ленина, 5", source="vesti")
    assert otklik("ingest", otklik.folder / "ozersk.toml", input=lines).code == 0
    with opened(otklik) as installation:
        employ(installation, analyst=Role.ANALYST)
        with served(installation) as port:
            analyst = Visitor(port)
            analyst.sign_in("analyst")
            shown = "Вести &lt;b&gt; Озёрска"
            for page in ("sources", "queue", "incidents/1", "search?q=газа", "search?q=source%3Avesti", "risks"):
                text = analyst.get(f"/ozersk/{quote(page, safe='/?=&%')}").text
                assert shown in text, page
                assert "Вести <b>" not in text, page
            assert f"source {shown}" in analyst.get("/ozersk/search?q=source%3Avesti").text
            offered = analyst.get("/ozersk/search/typing?q=source%3A&at=7").text
            assert ("vesti" in offered, shown in offered) == (True, True)


@pytest.mark.parametrize(
    ("word", "todo"), [(NO_BROWSER, "apt-get install -y --no-install-recommends chromium"), (NO_SANDBOX, "seccomp")]
)
def test_a_machine_that_cannot_open_pages_is_mended_there_not_in_a_browser(
    watching: Installation, word: str, todo: str
) -> None:
    crawled(watching, "pages", timedelta(hours=1), outcomes={"broken": 1}, errors={word: 1})
    page = told(watching)
    assert todo in page
    assert "open https://example.org/feed in a browser" not in page


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


@pytest.fixture
def walls(tmp_path: Path) -> Iterator[Installation]:
    """Two walls that are read with one token."""
    otklik = Otklik(tmp_path)
    tokens = '\n[tokens]\nvk = { env = "OTKLIK_TEST_VK", kind = "service", a_day = { "wall.get" = 100 } }\n'
    otklik.city(sources=source("one", "vk", "club1") + source("two", "vk", "club2") + tokens)
    with opened(otklik) as installation:
        employ(installation, reader=Role.READER)
        yield installation


def told(installation: Installation) -> str:
    with served(installation) as port:
        reader = Visitor(port)
        reader.sign_in("reader")
        return reader.get("/ozersk/sources").text


def test_a_token_that_has_expired_is_told_once_and_first(walls: Installation) -> None:
    for key in ("one", "two"):
        crawled(walls, key, timedelta(minutes=1), outcomes={"broken": 1}, errors={"token expired": 1})
    page = told(walls)
    assert re.findall(r'<h2 id="al-\d+">([^<]+)</h2>', page) == ["token vk: the token has expired"]
    assert "sources that cannot be read: 2 of 2 (one, two)" in page
    assert "Issue a new one and put it into the environment variable" in page
    # Their rows say both.
    assert page.count("cannot be read</span>") == 2
    assert "in need of attention 2" in page


@pytest.mark.parametrize("word", ["captcha", "not permitted"])
def test_what_was_refused_partway_is_no_alarm_that_nothing_is_read(walls: Installation, word: str) -> None:
    crawled(walls, "one", timedelta(minutes=1), outcomes={"seen": 9}, errors={word: 1})
    crawled(walls, "two", timedelta(minutes=1), outcomes={"seen": 9})
    page = told(walls)
    assert "sources that cannot be read" not in page
    assert "not read whole, the platform refused partway: 1 of 2 (one)" in page
    assert "in need of attention 0" in page
    assert "with a warning 1" in page
    crawled(walls, "two", timedelta(seconds=1), outcomes={"broken": 1}, errors={word: 1})
    page = told(walls)
    assert "sources that cannot be read: 1 of 2 (two)" in page
    assert "refused partway: 1 of 2 (one)" in page
    assert "in need of attention 1" in page


@pytest.mark.parametrize(
    ("left", "errors", "expected"),
    [
        (60, {}, []),
        (20, {}, ["token vk: the quota is nearly used: 20 of 100 are left"]),
        (0, {}, ["token vk: the day&#39;s quota is used up"]),
        # VK counts what others call with the token too.
        (60, {"quota": 1}, ["token vk: the day&#39;s quota is used up"]),
    ],
)
def test_a_quota_that_comes_to_its_end_is_told(
    walls: Installation, left: int, errors: dict[str, int], expected: list[str]
) -> None:
    crawled(walls, "one", timedelta(seconds=9), quota={"wall.get": 90})
    crawled(walls, "two", timedelta(seconds=4), quota={"wall.get": left}, errors=errors)
    page = told(walls)
    assert re.findall(r'<h2 id="al-\d+">([^<]+)</h2>', page) == expected
    assert ("raise `every` of the sources with this token" in page) == bool(expected)


def test_what_was_left_yesterday_says_nothing_of_today(walls: Installation) -> None:
    for key in ("one", "two"):
        crawled(walls, key, timedelta(hours=25), quota={"wall.get": 1})
    assert "quota is nearly used" not in told(walls)


def test_completeness_is_told_by_day_and_by_source(watching: Installation) -> None:
    crawled(watching, "fine", timedelta(seconds=1))
    crawled(watching, "pages", timedelta(seconds=2), gaps=4)
    crawled(watching, "pages", timedelta(seconds=1), gaps=3)
    page = told(watching)
    chart = re.findall(r'<div class="days7"[^>]*aria-label="([^"]+)"', page)[0]
    assert chart.count(":") == 7
    assert re.search(r"0[.,]0 %, 0 of 3$", chart)
    table = page.partition('id="cs"')[2]
    assert re.findall(r"<span>(\w+)</span></div></td>", table)[0] == "pages"
    assert "0 / 3" in table
    assert "4 / 1" in table
