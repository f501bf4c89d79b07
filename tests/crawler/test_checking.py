"""A city file is checked as a whole: every error at once, each where it stands and with what to do."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.checking import CityFileError, Gravity, Problem, check_cities, check_city, find_city, load_city
from crawler.checking.locator import locate
from crawler.checking.spiders import spider_names
from crawler.environment import CHECKOUT
from crawler.model.city import City, Deliver, ImageRules, SavedSearch, Severity, SourceRole, Token
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, Platform, check_channel
from tests.recording import CITY

WHOLE = """\
[city]
key = "town"
name = "Городок"
zone = "Asia/Sakhalin"
home = "Городок"
region = "Область"

[topics]
"Вода" = ["Нет воды"]
"Свет" = []

[tokens]
vk = "TOWN_VK_TOKEN"

[[source]]
key = "news"
platform = "news"
address = "https://news.example.org/rss"
zone = "Europe/Moscow"
role = "media"
every = "30m"
expectations = { at_least = 2, per = "1d" }

[[source]]
key = "channel"
platform = "telegram"
address = "@channel"

[[destination]]
key = "hole"
system = "blackhole"

[[calendar]]
key = "office"
weekdays = ["mon", "tue"]
start = "08:30"
end = 17:00:00
holidays = [2027-01-01, "2027-01-02"]

[[policy]]
key = "usual"
first_reaction = "4h"
resolution = "3d"
calendar = "office"

[[route]]
key = "rest"
executor = "Центр"
destination = "hole"
deliver = "at once"

[[search]]
key = "water"
name = "Нет воды"
query = '''
"нет вода"~3
OR "без воды"
'''
topic = "Нет воды"
severity = "high"

[[search]]
key = "light"
name = "Нет света"
query = "нет света"
topic = "Свет"
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(text: str = WHOLE, *changes: tuple[str, str], name: str = "town.toml") -> Path:
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def line_of(path: Path, text: str) -> int:
    return path.read_text(encoding="utf-8")[: path.read_text(encoding="utf-8").index(text)].count("\n") + 1


def problem(path: Path, key: str) -> Problem:
    found = [one for one in check_city(path).problems if one.key == key]
    assert len(found) == 1, [str(one) for one in check_city(path).problems]
    return found[0]


def test_a_whole_city(write: Callable[..., Path]) -> None:
    checked = check_city(write())
    assert checked.problems == ()
    city = checked.city
    assert isinstance(city, City)
    assert (city.key, city.zone.key, city.home, city.engine) == ("town", "Asia/Sakhalin", "Городок", "embedded:")
    news, channel = city.sources
    assert (news.zone.key, news.role, news.every) == ("Europe/Moscow", SourceRole.MEDIA, timedelta(minutes=30))
    assert (news.expectations.at_least, news.expectations.per) == (2, timedelta(days=1))
    assert (channel.zone.key, channel.home, channel.every) == ("Asia/Sakhalin", "Городок", timedelta(minutes=15))
    (calendar,) = city.calendars
    assert (calendar.round_the_clock, calendar.weekdays) == (False, frozenset({0, 1}))
    assert (calendar.start, calendar.end) == (time(8, 30), time(17))
    assert calendar.holidays == {date(2027, 1, 1), date(2027, 1, 2)}
    assert city.routes[0].deliver is Deliver.AT_ONCE
    assert city.searches[0].id == "file:water"
    assert city.searches[0].query == '"нет вода"~3 OR "без воды"'
    assert city.searches[0].severity is Severity.HIGH
    assert city.tokens == {"vk": Token("TOWN_VK_TOKEN")}
    assert city.group_of("Нет воды") == "Вода"


@given(st.lists(st.sampled_from(["", "Нет воды", "Мало воды", "Вода", "Мусор"]), max_size=6))
def test_searches_of_a_group_are_those_of_its_topics_and_those_without_a_topic(topics: list[str]) -> None:
    searches = tuple(SavedSearch(str(number), "", "", topic) for number, topic in enumerate(topics))
    city = replace(CITY, topics={"Вода": ("Нет воды", "Мало воды")}, searches=searches)
    for group in ("Вода", "Мусор", "Нет воды", ""):
        mine = {one for one in searches if not one.topic or city.group_of(one.topic) == group}
        assert set(city.searches_of(group)) == mine


def test_how_many_images_are_kept(write: Callable[..., Path]) -> None:
    usual = ImageRules()
    assert load_city(str(write())).images == usual
    rules = "[media]\nkeep = false\nmost_mb = 3\nmost_per_post = 4\ntotal_gb = 5\n"
    assert load_city(str(write(rules + WHOLE))).images == ImageRules(False, 3_000_000, 4, 5_000_000_000)
    for wrong in ("most_mb = 0", "most_mb = 51", "most_per_post = 1000", 'total_gb = "5"', 'keep = "yes"'):
        problem(write(f"[media]\n{wrong}\n{WHOLE}"), f"media.{wrong.partition(' ')[0]}")


def test_every_error_comes_at_once_with_its_line(write: Callable[..., Path]) -> None:
    path = write(
        WHOLE,
        ('zone = "Asia/Sakhalin"', 'zone = "Asia/Sahalin"'),
        ('every = "30m"', 'every = "30 minutes"'),
        ('system = "blackhole"', 'system = "blackhol"'),
        ('calendar = "office"', 'calendar = "ofice"'),
        ('query = "нет света"', 'qurey = "нет света"'),
    )
    checked = check_city(path)
    assert checked.city is None
    found = {one.key: (one.line, one.hint.en) for one in checked.errors}
    assert found["city.zone"] == (line_of(path, "Asia/Sahalin"), "Did you mean «Asia/Sakhalin»?")
    assert found["source[news].every"][0] == line_of(path, "30 minutes")
    assert found["destination[hole].system"] == (line_of(path, "blackhol"), "Did you mean «blackhole»?")
    assert found["policy[usual].calendar"] == (line_of(path, "ofice"), "Did you mean «office»?")
    assert found["search[light].qurey"] == (line_of(path, "qurey"), "Did you mean «query»?")
    assert found["search[light].query"][0] == line_of(path, 'key = "light"') - 1


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('key = "town"', 'key = "Город"', "city.key"),
        ('name = "Городок"\n', "", "city.name"),
        ('home = "Городок"', "home = 5", "city.home"),
        ('region = "Область"', 'region = "Область"\nengine = "solr:http://x"', "city.engine"),
        ('region = "Область"', 'region = "О"\nengine = "elasticsearch:ftp://host"', "city.engine"),
        ('platform = "news"', 'platform = "myspace"', "source[news].platform"),
        ('every = "30m"', 'every = "5s"', "source[news].every"),
        ('every = "30m"', "every = 30", "source[news].every"),
        ('address = "@channel"', 'address = "канал"', "source[channel].address"),
        ("at_least = 2", "at_least = -2", "source[news].expectations.at_least"),
        ("at_least = 2", "at_least = 2, at_most = 1", "source[news].expectations.at_most"),
        ('key = "channel"', 'key = "news"', "source[news].key"),
        ('weekdays = ["mon", "tue"]', 'weekdays = ["mon", "вт"]', "calendar[office].weekdays"),
        ('weekdays = ["mon", "tue"]', "weekdays = []", "calendar[office].weekdays"),
        ('start = "08:30"', 'start = "18:30"', "calendar[office].end"),
        ('"2027-01-02"', '"2 января"', "calendar[office].holidays"),
        ('resolution = "3d"', 'resolution = "3h"', "policy[usual].resolution"),
        ('resolution = "3d"', 'resolution = "3d"\nseverity = "awful"', "policy[usual].severity"),
        ('destination = "hole"', 'destination = "pit"', "route[rest].destination"),
        ('topic = "Свет"', 'topic = "Газ"', "search[light].topic"),
        ('topic = "Свет"', 'topic = "Свет"\nroute = "no"', "search[light].route"),
        ('topic = "Свет"', 'topic = "Свет"\npersonal = "yes"', "search[light].personal"),
        ('"Свет" = []', '"Свет" = ["Нет воды"]', "topics.Свет"),
        ('system = "blackhole"', 'system = "webhook"\nsecret = "TOWN_SECRET"', "destination[hole].url"),
        ('system = "blackhole"', 'system = "webhook"\nurl = "http://10.0.0.5/"', "destination[hole].secret"),
        ("[topics]", "[gazetteer]\naddresses = 'no.csv'\n\n[topics]", "gazetteer.addresses"),
        ('system = "blackhole"', 'system = "blackhole"\nfields = ["grup"]', "destination[hole].fields"),
        ("[topics]", "[colours]\n\n[topics]", "colours"),
        ('address = "@channel"', 'address = "https://vk.com/gorod"', "source[channel].address"),
        ('address = "@channel"', 'address = "https://t.me/+AbCdEf"', "source[channel].address"),
        ('address = "@channel"', 'address = "https://t.me/joinchat/AbCdEf"', "source[channel].address"),
        ('address = "@channel"', 'address = "http://127.0.0.1:8051/s/channel"', "source[channel].address"),
        ("https://news.example.org/rss", "http://10.0.0.5/rss", "source[news].address"),
        ("https://news.example.org/rss", "http://localhost:6379/rss", "source[news].address"),
        ("https://news.example.org/rss", "http://news.example.org:22/rss", "source[news].address"),
        ('key = "news"', 'key = "ingest"', "source[ingest].key"),
        ('role = "media"', 'allow_private = ["..."]', "source[news].allow_private"),
        ('role = "media"', 'allow_private = ["::"]', "source[news].allow_private"),
        ('role = "media"', 'allow_private = ["[::]:80"]', "source[news].allow_private"),
        ('role = "media"', 'allow_private = ["0.0.0.0"]', "source[news].allow_private"),
        ('role = "media"', 'allow_private = ["10.0.0.5:99999"]', "source[news].allow_private"),
        ('role = "media"', 'allow_private = ["10.0.0.555"]', "source[news].allow_private"),
        (
            'system = "blackhole"',
            'system = "webhook"\nsecret = "TOWN_SECRET"\nurl = "http://10.0.0.5/"',
            "destination[hole].url",
        ),
    ],
)
def test_one_error(write: Callable[..., Path], old: str, new: str, key: str) -> None:
    found = problem(write(WHOLE.replace(old, new, 1)), key)
    assert found.is_error
    assert found.line > 0
    assert found.expected.ru
    assert found.expected.en


def test_a_token_says_whose_it_is_and_what_it_may(write: Callable[..., Path]) -> None:
    whole = '{ env = "TOWN_VK_TOKEN", kind = "user", a_second = 2.5, a_day = { "wall.get" = 100 } }'
    checked = check_city(write(WHOLE, ('"TOWN_VK_TOKEN"', whole)))
    assert checked.city
    assert checked.city.tokens == {"vk": Token("TOWN_VK_TOKEN", "user", 2.5, {"wall.get": 100})}


@pytest.mark.parametrize(
    ("inner", "key"),
    [
        ('kind = "service"', "tokens.vk.env"),
        ('env = "TOWN_VK_TOKEN", a_second = 0', "tokens.vk.a_second"),
        ('env = "TOWN_VK_TOKEN", a_second = 0.001', "tokens.vk.a_second"),
        ('env = "TOWN_VK_TOKEN", a_second = "3"', "tokens.vk.a_second"),
        ('env = "TOWN_VK_TOKEN", a_day = { "wall.get" = -1 }', "tokens.vk.a_day.wall.get"),
        ('env = "TOWN_VK_TOKEN", kinds = "user"', "tokens.vk.kinds"),
    ],
)
def test_what_is_wrong_with_a_token(inner: str, key: str, write: Callable[..., Path]) -> None:
    assert problem(write(WHOLE, ('"TOWN_VK_TOKEN"', f"{{ {inner} }}")), key).is_error


def test_a_source_that_needs_no_token_names_none(write: Callable[..., Path]) -> None:
    named = write(WHOLE, ('address = "@channel"', 'address = "@channel"\ntoken = "vk"'))
    assert "without a token" in problem(named, "source[channel].token").expected.en
    unknown = write(WHOLE, ('address = "@channel"', 'address = "@channel"\ntoken = "vk2"'))
    assert problem(unknown, "source[channel].token").is_error


def test_a_query_error_shows_the_place_inside_the_query(write: Callable[..., Path]) -> None:
    found = problem(write(WHOLE, ('query = "нет света"', 'query = "нет OR OR света"')), "search[light].query")
    assert "⟦OR⟧" in found.found
    assert "8" in found.expected.en


SECRET = "a8f5f167f44f4964e6c998dee827110c"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('vk = "TOWN_VK_TOKEN"', f'vk = "{SECRET}"', "tokens.vk"),
        ('vk = "TOWN_VK_TOKEN"', f'vk = "{SECRET.upper()}"', "tokens.vk"),
        ('vk = "TOWN_VK_TOKEN"', f'vk = {{ env = "{SECRET}", kind = "service" }}', "tokens.vk.env"),
        ('vk = "TOWN_VK_TOKEN"', f'vk = {{ env = "TOWN_VK_TOKEN", value = "{SECRET}" }}', "tokens.vk.value"),
        ('system = "blackhole"', f'system = "blackhole"\nsecret = "{SECRET}"', "destination[hole].secret"),
        (
            'address = "https://news.example.org/rss"',
            f'address = "https://news.example.org/rss?access_token={SECRET}"',
            "source[news].address",
        ),
        (
            'address = "https://news.example.org/rss"',
            f'address = "https://me:{SECRET}@news.example.org/rss"',
            "source[news].address",
        ),
        (
            'region = "Область"',
            f'region = "О"\nengine = "elasticsearch:http://me:{SECRET}@host:9200"',
            "city.engine",
        ),
        (
            'region = "Область"',
            f'region = "О"\nengine = "elasticsearch:http://host:9200?api_key_env={SECRET}"',
            "city.engine",
        ),
        (
            'region = "Область"',
            f'region = "О"\nengine = "elasticsearch:http://host:9200?password={SECRET}"',
            "city.engine",
        ),
        ('role = "media"', f'role = "media"\noptions = {{ api_key = "{SECRET}" }}', "source[news].options.api_key"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(
    write: Callable[..., Path], old: str, new: str, key: str
) -> None:
    path = write(WHOLE, (old, new))
    assert problem(path, key).is_error
    shown = " ".join(one.text().ru + one.text().en + str(one.as_json()) for one in check_city(path).problems)
    assert SECRET not in shown.lower()


@pytest.mark.parametrize("url", ["https://[t/in", "https://t:port/in", "t.example.org"])
def test_an_address_that_is_none_is_a_problem_of_the_check(write: Callable[..., Path], url: str) -> None:
    path = write(WHOLE, ('system = "blackhole"', f'system = "webhook"\nsecret = "HOOK_SECRET"\nurl = "{url}"'))
    assert problem(path, "destination[hole].url").is_error


@pytest.mark.parametrize("value", ["много", "0", "-1", "1.5", "²"])
def test_an_option_that_is_no_whole_number_is_an_error(write: Callable[..., Path], value: str) -> None:
    path = write(WHOLE, ('address = "@channel"', f'address = "@channel"\noptions = {{ pages = "{value}" }}'))
    assert problem(path, "source[channel].options.pages").is_error


def test_an_option_that_is_a_whole_number_is_taken(write: Callable[..., Path]) -> None:
    path = write(WHOLE, ('address = "@channel"', 'address = "@channel"\noptions = { pages = "9" }'))
    assert load_city(str(path)).source("channel").options == {"pages": "9"}


def test_an_option_that_nobody_reads_is_an_error(write: Callable[..., Path]) -> None:
    told = problem(
        write(WHOLE, ('address = "@channel"', 'address = "@channel"\noptions = { page = "9" }')),
        "source[channel].options.page",
    )
    assert told.is_error
    assert "«pages»" in str(told.hint)
    system = write(WHOLE, ('system = "blackhole"', 'system = "blackhole"\noptions = { retries = "9" }'))
    assert problem(system, "destination[hole].options.retries").is_error


def test_a_platform_whose_spider_is_not_there_is_told(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PLATFORMS, "telegram", Platform(Text("Телеграм", "Telegram"), "telegramm", check_channel))
    told = problem(write(WHOLE), "source[channel].platform")
    assert not told.is_error
    assert "telegramm" in told.text().en
    assert "scrapy list" in told.text().en


def test_the_spiders_of_the_check_are_those_of_scrapy() -> None:
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    assert spider_names() == set(loader.list())


@pytest.mark.parametrize(
    "engine",
    ["embedded:", "elasticsearch:http://127.0.0.1:9200", "elasticsearch:https://a:9200,https://b?api_key_env=ES_KEY"],
)
def test_engines(write: Callable[..., Path], engine: str) -> None:
    path = write(WHOLE, ('region = "Область"', f'region = "О"\nengine = "{engine}"'))
    assert load_city(str(path)).engine == engine


def test_a_host_of_the_own_network_is_allowed_where_it_is_named(write: Callable[..., Path]) -> None:
    path = write(
        WHOLE,
        ('role = "media"', 'allow_private = ["10.0.0.5", "[fd00::5]:8080", "fd00::6", "intranet.local:8080"]'),
        ("https://news.example.org/rss", "http://10.0.0.5/rss"),
        ('address = "@channel"', 'address = "http://127.0.0.1:8051/s/channel"\nallow_private = ["127.0.0.1:8051"]'),
        (
            'system = "blackhole"',
            'system = "webhook"\nsecret = "TOWN_SECRET"\nurl = "http://desk:9/"\nallow_private = ["desk"]',
        ),
    )
    assert check_city(path).problems == ()


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://news.example.org/rss", "http://NEWS.example.org:80/rss/"),
        ("@gorod", "https://t.me/s/Gorod"),
        ("gorod", "t.me/gorod?before=5"),
    ],
)
def test_an_address_is_read_by_one_source(write: Callable[..., Path], address: str, other: str) -> None:
    platform = "news" if "/rss" in address else "telegram"
    source = '[[source]]\nkey = "{}"\nplatform = "{}"\naddress = "{}"\n'
    text = WHOLE.replace("https://news.example.org/rss", "https://another.example.org/rss")
    path = write(text + source.format("one", platform, address) + source.format("two", platform, other))
    found = problem(path, "source[two].address")
    assert found.is_error
    line = line_of(path, 'key = "one"') - 1
    assert f"«one» in line {line} " in found.expected.en
    given = text + source.format("one", "given", "слова") + source.format("two", "given", "слова")
    assert check_city(write(given)).problems == ()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("вода -вода", "no post can fit"),
        ("вода (свет -(яма OR свет))", "no post can fit"),
        ("вода since:2150-01-01", "no post can fit"),
        ("вода since:2025-02-01 until:2025-01-01", "no post can fit"),
        ("(вода -вода) OR (яма since:2150-01-01)", "no post can fit"),
        ("(вода -вода) OR свет", "no post can fit this part"),
        ("вода seen:2150-01-01", "no post can fit"),
        ("вода seen:-1h until:-30d", ""),
        ("вода не", "in many posts"),
        ("комунальный", "not in the dictionary"),
        ("source:channel platform:news", "is of telegram"),
        ("вода -холодная", ""),
        ("вода (яма OR -яма)", ""),
        ("вода since:2025-02-01 until:2150-01-01", ""),
    ],
)
def test_a_query_without_sense_is_a_warning(write: Callable[..., Path], query: str, says: str) -> None:
    checked = check_city(write(WHOLE, ('query = "нет света"', f'query = "{query}"')))
    assert checked.city is not None
    found = [one for one in checked.problems if one.key == "search[light].query"]
    assert bool(found) == bool(says)
    assert says in " ".join(one.expected.en for one in found)


@pytest.mark.parametrize("query", ["-яма", "-яма OR вода", "-(яма вода)", ",", "-(-вода)", "since:-1d"])
def test_a_query_that_requires_nothing_is_an_error(write: Callable[..., Path], query: str) -> None:
    path = write(WHOLE, ('query = "нет света"', f'query = "{query}"'))
    found = problem(path, "search[light].query")
    assert found.is_error
    assert found.line == line_of(path, f'query = "{query}"')


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("topic:Воды", "topic:Вода"),
        ("topic:'нет вады'", ""),
        ("topic:«нет вады»", 'topic:"Нет воды"'),
        ("act:жалоба", "act:complaint"),
        ("lang:rus", "lang:ru"),
        ("has:фото", "has:photo"),
        ("is:дубль", ""),
        ("author:житель", "author:resident"),
    ],
)
def test_a_query_with_a_value_that_there_is_not_is_an_error(write: Callable[..., Path], query: str, hint: str) -> None:
    found = problem(write(WHOLE, ('query = "нет света"', f'query = "яма {query}"')), "search[light].query")
    assert found.is_error
    assert "characters 5" in found.expected.en
    assert found.hint.en == (f"Perhaps: {hint}" if hint else "")


def test_a_query_names_topics_and_groups_of_the_city(write: Callable[..., Path]) -> None:
    for topic in ("Вода", "вода", "«нет воды»", "Свет"):
        path = write(WHOLE, ('query = "нет света"', f'query = "яма topic:{topic}"'))
        assert [one for one in check_city(path).problems if one.key.endswith("query")] == []


def with_polygons(write: Callable[..., Path], query: str, *features: str) -> Path:
    """A city with a file of polygons and a search."""
    square = "[[[0, 0], [1, 0], [1, 1], [0, 0]]]"
    shown = [
        f'{{"properties": {{"name": "{name}"}}, "geometry": {{"type": "Polygon", "coordinates": {square}}}}}'
        for name in features
    ]
    path = write(
        WHOLE,
        ("[topics]", '[gazetteer]\npolygons = "parks.geojson"\n\n[topics]'),
        ('query = "нет света"', f"query = 'темно {query}'"),
    )
    (path.parent / "parks.geojson").write_text(f'{{"features": [{", ".join(shown)}]}}', encoding="utf-8")
    return path


def test_a_query_names_polygons_of_the_city(write: Callable[..., Path]) -> None:
    path = with_polygons(write, 'in:"парке Победы"', "Парк Победы", "Набережная")
    assert check_city(path).problems == ()
    assert load_city(str(path)).gazetteer.polygons == path.parent / "parks.geojson"
    found = problem(with_polygons(write, 'in:"Парк Победа1"', "Парк Победы", "Набережная"), "search[light].query")
    assert found.is_error
    assert "There are: Парк Победы, Набережная" in found.expected.en
    assert found.hint.en == 'Perhaps: in:"Парк Победы"'
    found = problem(write(WHOLE, ('query = "нет света"', "query = 'темно in:Центр'")), "search[light].query")
    assert "the city has no polygon" in found.expected.en


def test_polygons_that_cannot_be_read_are_told_once(write: Callable[..., Path]) -> None:
    for features in (("Парк", "?!"), ("Парк победы", "Парк победе")):
        path = with_polygons(write, "in:Нигде", *features)
        assert [one.key for one in check_city(path).problems] == ["gazetteer.polygons"]
    (path.parent / "parks.geojson").unlink()
    assert [one.key for one in check_city(path).problems] == ["gazetteer.polygons"]


def test_a_query_of_a_book_is_an_error_of_one_line(write: Callable[..., Path]) -> None:
    found = problem(write(WHOLE, ('query = "нет света"', f'query = "{"яма " * 100_000}"')), "search[light].query")
    assert "20000" in found.expected.en
    assert len(str(found)) < 1_000


@pytest.mark.parametrize("value", ["[" * 3_000 + "]" * 3_000, "{a = " * 3_000 + "1" + "}" * 3_000])
def test_what_is_nested_too_deeply_is_an_error_of_its_line(write: Callable[..., Path], value: str) -> None:
    checked = check_city(write(f"[city]\na = {value}\n"))
    assert checked.city is None
    assert [one.line for one in checked.errors] == [2]


def test_a_number_too_long_to_read_is_an_error(write: Callable[..., Path]) -> None:
    assert check_city(write("a = " + "1" * 5_000)).errors


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('[city]\nkey = "a\n', 2, 9), ("[city]\nkey = \n", 2, 7), ("a = 1\na = 2\n", 2, 6), ("[city", 1, 6)],
)
def test_what_is_not_toml_has_line_and_column(write: Callable[..., Path], text: str, line: int, column: int) -> None:
    (found,) = check_city(write(text)).problems
    assert (found.line, found.column) == (line, column)
    assert found.is_error


def test_bytes_that_are_not_utf8_have_a_line(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_bytes(b"[city]\n" + 'name = "Город"'.encode("cp1251"))
    (found,) = check_city(path).problems
    assert (found.line, "UTF-8" in found.expected.en) == (2, True)


def test_included_searches_and_topics(write: Callable[..., Path], tmp_path: Path) -> None:
    extra = (
        '[topics]\n"Лифты" = ["Лифт"]\n'
        '[[search]]\nkey = "lift"\nname = "Лифт"\nquery = "лифт"\ntopic = "Лифт"\n'
        '[[search]]\nkey = "light"\nname = "Свет иначе"\nquery = "свет"\ntopic = "Свет"\n'
    )
    write(extra, name="extra.toml")
    path = write(WHOLE, ("[city]\n", '[city]\ninclude = ["extra.toml"]\n'))
    city = load_city(str(path))
    assert [search.id for search in city.searches] == ["file:water", "file:light", "file:lift"]
    assert city.searches[1].query == "нет света"
    assert city.topics["Лифты"] == ("Лифт",)

    write(extra.replace('topic = "Лифт"', 'topic = "Лифтт"') + '[[source]]\nkey = "x"\n', name="extra.toml")
    found = {one.key: (one.file.name, one.line) for one in check_city(path).problems}
    assert found == {"search[lift].topic": ("extra.toml", 7), "source": ("extra.toml", 13)}

    (tmp_path / "extra.toml").rename(tmp_path / "extras.toml")
    assert problem(path, "city.include").line == 2


def test_what_is_odd_in_a_query_is_told_beside_what_is_wrong_elsewhere(write: Callable[..., Path]) -> None:
    path = write(WHOLE, ('query = "нет света"', 'query = "комунальный"'), ('severity = "high"', 'severity = "hig"'))
    found = [(one.severity, one.line) for one in check_city(path).problems]
    assert found == [
        (Gravity.ERROR, line_of(path, '"hig"')),
        (Gravity.WARNING, line_of(path, "комунальный")),
    ]


def test_a_query_that_cannot_be_read_is_told_once(write: Callable[..., Path]) -> None:
    path = write(WHOLE, ('query = "нет света"', 'query = "(нет света"'))
    assert [one.severity for one in check_city(path).problems] == [Gravity.ERROR]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('resolution = "3d"', 'resolution = "3d"\nseverity = "danger"', "city"),
        ('"Вода" = ["Нет воды"]', '"Вода" = ["Нет воды", "Лёд"]', "topics.Вода"),
        ('executor = "Центр"', 'executor = "Центр"\ntopic = "Нет воды"', "search[light].topic"),
        (
            '[[search]]\nkey = "water"',
            '[[route]]\nkey = "again"\nexecutor = "Б"\ndestination = "hole"\n\n[[search]]\nkey = "water"',
            "route[again].key",
        ),
        (
            "[[route]]",
            (
                '[[policy]]\nkey = "a"\nseverity = "high"\nfirst_reaction = "1h"\nresolution = "1d"\n'
                '[[policy]]\nkey = "b"\nchannel = "official"\nfirst_reaction = "12h"\nresolution = "1d"\n[[route]]'
            ),
            "policy[b].channel",
        ),
    ],
)
def test_a_warning_does_not_stop_the_city(write: Callable[..., Path], old: str, new: str, key: str) -> None:
    path = write(WHOLE, (old, new))
    found = problem(path, key)
    assert not found.is_error
    assert check_city(path).city is not None


def test_cities_of_one_installation_have_different_keys(write: Callable[..., Path]) -> None:
    one, two, three = write(), write(name="two.toml"), write(WHOLE.replace('"town"', '"other"'), name="three.toml")
    first, second, third = check_cities([one, two, three])
    assert first.city
    assert third.city
    assert second.city is None
    assert [(found.key, found.line) for found in second.errors] == [("city.key", 2)]


def test_a_city_is_found_by_path_and_by_name(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write()
    write("[topics]\n", name="topics.toml")
    assert find_city(str(path), []) == path
    assert find_city("town", [tmp_path]) == path
    with pytest.raises(OtklikError) as caught:
        find_city("twon", [tmp_path])
    assert "Did you mean «town»" in caught.value.text.en
    assert "topics" not in caught.value.text.en.split("Cities there:")[1]


def test_loading_a_broken_city_raises_with_all_problems(write: Callable[..., Path]) -> None:
    path = write(WHOLE, ('every = "30m"', 'every = "?"'), ('topic = "Свет"', 'topic = "Мгла"'))
    with pytest.raises(CityFileError) as caught:
        load_city(str(path))
    assert {one.key for one in caught.value.problems} == {"source[news].every", "search[light].topic"}
    assert "source[news].every" in caught.value.text.ru


DOCUMENT = (CHECKOUT / "docs" / "city-file.md").read_text(encoding="utf-8")


def test_every_key_is_documented(write: Callable[..., Path]) -> None:
    """A key that is not known is answered with the list of those that are."""
    unknown = WHOLE.replace('key = "', 'nonsense = 1\nkey = "') + "[gazetteer]\nnonsense = 1\n"
    problems = [one for one in check_city(write(unknown)).problems if one.key.endswith("nonsense")]
    assert len(problems) == unknown.count("nonsense")
    for one in problems:
        kind = one.key.partition("[")[0].partition(".")[0]
        section = re.split(rf"\n## `\[+{kind}\]", DOCUMENT)[1].split("\n## ")[0]
        for key in one.expected.en.partition("allowed: ")[2].split(", "):
            assert f"`{key}`" in section, (kind, key)


def test_the_small_file_of_the_documentation_is_fine(write: Callable[..., Path]) -> None:
    assert (
        check_city(write(DOCUMENT.split("## A whole small file")[1].split("```toml\n")[1].split("```")[0])).problems
        == ()
    )


TRICKY = '''\
a.b."c.d" = 1  # not [here]
text = """
[no] x = 1
"""
raw = \'\'\'it's
[[no]]\'\'\'
list = [
  "a]", # comment ]
  { x = 1, y = [2,
    3] },
]
[[t]]
k = 1
[[t.u]]
k = 2
[[t.u]]
[t.u.v]
k = 3
[[t]]
"q\\u0041" = 2027-01-01 10:00:00
'''


def test_positions_in_tricky_toml() -> None:
    found = locate(TRICKY)
    assert found["a", "b", "c.d"] == (1, 1)
    assert found["text",] == (2, 1)
    assert found["raw",] == (5, 1)
    assert found["list", 0] == (8, 3)
    assert found["list", 1, "y", 1] == (10, 5)
    assert found["t", 0, "k"] == (13, 1)
    assert found["t", 0, "u", 0, "k"] == (15, 1)
    assert found["t", 0, "u", 1, "v", "k"] == (18, 1)
    assert found["t", 1, "qA"] == (20, 1)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [paths(child, (*path, key)) for key, child in children]
    return ({path} if path else set()).union(*below)


_keys = st.text(st.characters(codec="utf-8", exclude_characters='"\\\n\r', exclude_categories=["Cc", "Cs"]), max_size=4)
_leaves = st.one_of(st.integers(), st.booleans(), _keys)
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3), max_leaves=8
)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[\n" + ", # ] \n".join(written(one) for one in value) + " ]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {written(one)}' for key, one in value.items()) + "}"
    return str(value)


@given(st.dictionaries(_keys, _values, max_size=4))
def test_every_key_that_tomllib_reads_has_a_position(values: dict[str, Any]) -> None:
    text = "".join(f'"{key}" = {written(value)}\n' for key, value in values.items() if not nested_lists(value))
    assert set(locate(text)) == paths(tomllib.loads(text))


def nested_lists(value: Any) -> bool:
    """An inline table may not run over lines in TOML 1.0, so no list may stand in one here."""
    if isinstance(value, dict):
        return any(isinstance(one, list) or nested_lists(one) for one in value.values())
    return isinstance(value, list) and any(nested_lists(one) for one in value)


RUBRIC = """\
["Вода"."Протечки"]
queries = '''
протечка
"(течь|капать) труба"~3
'''
hints = "сыро"
examples = "Протечка в подвале"

["Вода"."Колодцы"]
queries = "колодец вода"
"""


def test_a_rubric_is_replaced_renamed_and_switched_off(write: Callable[..., Path]) -> None:
    write(RUBRIC, name="ours.toml")
    own = '[rubric]\nfiles = ["ours.toml"]\noff = ["Колодцы"]\n[rubric.rename]\n"Протечки" = "Течь"\n\n[topics]'
    checked = check_city(write(WHOLE, ("[topics]", own)))
    assert not checked.errors
    assert checked.city is not None
    (topic,) = checked.city.rubric
    assert (topic.group, topic.name, topic.hints) == ("Вода", "Течь", ("сыро",))
    assert topic.queries == ("протечка", '"(течь|капать) труба"~3')


def test_a_city_has_the_default_rubric_and_may_have_none(write: Callable[..., Path]) -> None:
    whole = check_city(write()).city
    none = check_city(write(WHOLE, ("[topics]", "[rubric]\nfiles = []\n\n[topics]"))).city
    assert whole
    assert none
    assert len(whole.rubric) > 190
    assert none.rubric == ()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"(течь|капать) труба"~3', "(течь", "Вода.Протечки.queries"),
        ('"(течь|капать) труба"~3', "topic:Вода", "Вода.Протечки.queries"),
        ('"(течь|капать) труба"~3', "-труба", "Вода.Протечки.queries"),
        ('queries = "колодец вода"', 'hints = "колодец"', "Вода.Колодцы.queries"),
        ('hints = "сыро"', 'hint = "сыро"', "Вода.Протечки.hint"),
        ('"Вода"."Колодцы"', '"Свет"."Протечки"', ""),
    ],
)
def test_what_is_wrong_in_a_rubric_is_told(write: Callable[..., Path], old: str, new: str, key: str) -> None:
    write(RUBRIC, (old, new), name="ours.toml")
    path = write(WHOLE, ("[topics]", '[rubric]\nfiles = ["ours.toml"]\n\n[topics]'))
    (found,) = check_city(path).errors
    assert (found.file.name, found.key) == ("ours.toml", key)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ('files = ["no.toml"]', "rubric.files"),
        ('off = ["Нет такой темы"]', "rubric.off"),
        ('[rubric.rename]\n"Нет такой темы" = "Другая"', "rubric.rename.Нет такой темы"),
    ],
)
def test_what_a_city_says_of_its_rubric_must_be_there(write: Callable[..., Path], said: str, key: str) -> None:
    (found,) = check_city(write(WHOLE, ("[topics]", f"[rubric]\n{said}\n\n[topics]"))).errors
    assert found.key == key


def test_an_example_of_an_own_rubric_told_otherwise_is_a_warning(write: Callable[..., Path]) -> None:
    write(RUBRIC, ("Протечка в подвале", "Ни слова о воде"), name="ours.toml")
    path = write(WHOLE, ("[topics]", '[rubric]\nfiles = ["ours.toml"]\n\n[topics]'))
    found = problem(path, "rubric.files")
    assert not found.is_error
    assert found.found == "«Ни слова о воде»"
