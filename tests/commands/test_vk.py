"""A wall of VK as the administrator of a city sees it: check, crawl, doctor."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from demo.servers.vk import Comment, Group, Token, VkServer, WallPost
from tests.shell import Otklik, source

SECRET = "vk1.a.the-secret-of-the-town"


@pytest.fixture
def vk() -> Iterator[VkServer]:
    now = datetime.now(UTC)
    answered = Comment(2000, 12, "И у нас на Ленина, 7 нет воды", now - timedelta(minutes=5))
    wall = [WallPost(900, -77, "Нет воды на Ленина, 5", now - timedelta(hours=1), [answered])]
    with VkServer([Group(77, "zarechny", "Заречный", wall)], tokens=[Token(SECRET, rate=1_000)]) as server:
        yield server


def tokens(kind: str = "service", **more: str) -> str:
    inner = ", ".join(f"{name} = {value}" for name, value in {"a_second": "500", **more}.items())
    return f'\n[tokens]\nvk = {{ env = "TOWN_VK_TOKEN", kind = "{kind}", {inner} }}\n'


def test_a_wall_is_crawled_and_its_comments_raise_incidents(otklik: Otklik, vk: VkServer) -> None:
    otklik.environment["TOWN_VK_TOKEN"] = SECRET
    city = otklik.city(sources=tokens() + source("talks", "vk", f"{vk.url}/zarechny", every='"1h"'))
    run = otklik("crawl", city, "--json")
    assert run.code == 0, run.err
    line = run.lines[0]
    assert (line["outcomes"]["new"], line["gaps"], line["errors"]) == (2, 0, {})
    assert line["quota"] == {"wall.get": 4_999}
    found = {post["id"] for post in otklik("search", city, "вода", "--json").lines}
    assert found == {"vk:-77_900", "vk:-77_900#2000"}
    assert len(otklik("incidents", city, "--json").lines) == 2
    assert "4998" in otklik("crawl", city).out
    assert (otklik("doctor", city).out, vk.exceeded) == ("All is well.\n", 0)
    assert SECRET not in run.out + run.err
    for file in otklik.home.iterdir():
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_two_cities_share_one_count(otklik: Otklik, vk: VkServer) -> None:
    otklik.environment["TOWN_VK_TOKEN"] = SECRET
    for key in ("ozersk", "berezov"):
        city = otklik.city(key, sources=tokens() + source("talks", "vk", f"{vk.url}/club77"))
        otklik("crawl", city)
    assert otklik.number("SELECT calls FROM token_calls WHERE method = 'wall.get'") == 2


def test_the_doctor_tells_of_tokens(otklik: Otklik, vk: VkServer) -> None:
    otklik.environment["TOWN_VK_TOKEN"] = SECRET
    often = source("talks", "vk", f"{vk.url}/club77", every='"5m"')
    city = otklik.city(sources=tokens(a_day='{ "wall.get" = 2 }') + often)
    assert otklik("crawl", city).code == 0
    vk.fail("wall.get", 14)
    captcha = otklik("crawl", city)
    assert captcha.code == 1
    assert "captcha" in captcha.err
    assert "never does that" in captcha.err
    findings = [(line["where"], line["what"]) for line in otklik("doctor", city, "--json").lines]
    assert [where for where, _ in findings] == ["vk", "vk", "vk", "talks"]
    assert "captcha" in findings[0][1]
    assert findings[1][1].startswith("2 of 2 calls of wall.get are made today, 0 are left until midnight")
    assert findings[2][1] == "the city's sources need 288 calls of wall.get a day, there are 2"


@pytest.mark.parametrize(
    ("head", "address", "said"),
    [
        ("", "club77", "a token is needed"),
        ('[tokens]\nvk = "TOWN_VK_TOKEN"\n', "club77", "name its kind"),
        (
            tokens("community"),
            "club77",
            "wall.get cannot be called with a token of kind community, allowed: service, user",
        ),
        (tokens(), "https://vk.com/feed", "a community or page of VK is expected"),
        (tokens(a_day='{ "wall.post" = 5 }'), "club77", "a_day: VK does not count wall.post"),
        (tokens(), "https://other.example/club77", "a community or page of VK is expected"),
    ],
)
def test_check_says_what_keeps_a_wall_from_being_read(otklik: Otklik, head: str, address: str, said: str) -> None:
    city = otklik.city(sources=f'\n{head}\n[[source]]\nkey = "talks"\nplatform = "vk"\naddress = "{address}"\n')
    run = otklik("check", city)
    assert run.code == 1
    assert said in run.out + run.err


def test_two_spellings_of_one_wall_are_one_address(otklik: Otklik) -> None:
    two = '[[source]]\nkey = "a"\nplatform = "vk"\naddress = "https://m.vk.com/public77"\n'
    city = otklik.city(sources=tokens() + two + two.replace('"a"', '"b"').replace("https://m.vk.com/public77", "-77"))
    run = otklik("check", city)
    assert (run.code, "has this address" in run.out + run.err) == (1, True)


def test_killed_crawls_lose_nothing_and_count_no_call_too_few(otklik: Otklik, vk: VkServer) -> None:
    otklik.environment["TOWN_VK_TOKEN"] = SECRET
    now, group = datetime.now(UTC), vk.groups[77]
    group.posts = [
        WallPost(number, -77, f"Запись {number}", now - timedelta(minutes=5_000 - number))
        for number in range(4_000, 4_450)
    ]
    for post in group.posts[-30:]:
        post.comments = [Comment(post.id + 10_000, 12, f"Ответ {post.id}", now - timedelta(minutes=1))]
    city = otklik.city(sources=tokens(a_second="20") + source("talks", "vk", f"{vk.url}/club77"))
    for calls in (2, 8, 20):
        running = otklik.start("crawl", city)
        until = vk.calls.total() + calls
        while vk.calls.total() < until:
            time.sleep(0.01)
        running.kill()
        running.end()
    last = otklik("crawl", city, "--json")
    assert (last.code, last.lines[0]["gaps"]) == (0, 0), last.err
    assert otklik.number("SELECT count(*) FROM posts") == 480
    assert otklik.number("SELECT count(*) FROM post_versions") == 480
    assert vk.calls.total() <= otklik.number("SELECT sum(calls) FROM token_calls") <= vk.calls.total() + 3
    assert vk.exceeded == 0
