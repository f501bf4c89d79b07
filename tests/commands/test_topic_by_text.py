"""One problem told on two platforms, found by a search of a yard that names no topic: from the servers to the queue."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.servers.telegram import Channel, ChannelPost, TelegramServer
from demo.servers.vk import Group, Token, VkServer, WallPost
from demo.servers.webhook import TicketServer
from tests.shell import Otklik, posts, source

SECRET = "vk1.a.the-secret-of-the-town"
TOKENS = '\n[tokens]\nvk = { env = "TOWN_VK_TOKEN", kind = "service", a_second = 500 }\n'
YARD = """
[topics]
"Дороги" = ["Ямы на дорогах", "Ямы и разбитый асфальт"]

[[search]]
key = "yard"
name = "Наш двор"
query = "street:Садовая"

[[search]]
key = "roads"
name = "Дороги города"
topic = "Ямы на дорогах"
query = "яма асфальт"
"""
ROUTES = """
[[destination]]
key = "hole"
system = "blackhole"

[[route]]
key = "all"
executor = "Дежурная служба"
destination = "hole"
"""
NOW = datetime.now(UTC)


def wall_post(number: int, text: str, hours: float) -> WallPost:
    return WallPost(number, -77, text, NOW - timedelta(hours=hours))


@pytest.fixture
def vk() -> Iterator[VkServer]:
    wall = [
        wall_post(900, "Во дворе на Садовой, 5 огромная яма, разбит асфальт, колесо оставил", 9),
        wall_post(901, "Садовая, 5: батареи холодные, в квартире +14, мёрзнем", 8),
        wall_post(902, "Кто-нибудь с Садовой, 5 идёт сегодня на рынок?", 7),
    ]
    with VkServer([Group(77, "yard", "Наш двор", wall)], tokens=[Token(SECRET, rate=1_000)]) as server:
        yield server


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    first = [
        ChannelPost(5, "На улице Садовой, 5 всё та же яма на проезде, асфальт рассыпался", NOW - timedelta(hours=6))
    ]
    with TelegramServer([Channel("yard_ozersk", "Двор", 1_001, posts=first)]) as server:
        yield server


def test_two_platforms_one_problem_two_problems_one_yard_and_a_repeat(
    otklik: Otklik, vk: VkServer, telegram: TelegramServer
) -> None:
    otklik.environment["TOWN_VK_TOKEN"] = SECRET
    walls = source("wall", "vk", f"{vk.url}/yard") + source("live", "telegram", telegram.address("yard_ozersk"))
    city = otklik.city(searches=YARD, routes=ROUTES, sources=TOKENS + walls)
    done = otklik("crawl", city)
    assert done.code == 0, done.err
    incidents = {one["topic"]: one for one in otklik("incidents", city, "--json").lines}
    pit = next(one for topic, one in incidents.items() if topic.startswith("Ямы"))
    assert (pit["reports"], incidents["Холодные батареи"]["reports"], incidents[""]["reports"]) == (2, 1, 1)
    assert {report["post"] for report in _shown(otklik, city, pit)["reports"]} == {"vk:-77_900", "tg:-1000000001001/5"}

    why = otklik("explain", city, "vk:-77_901").out
    assert "the same topic “Холодные батареи” (read from the text: the search names none) and place, 1" in why
    assert "the text does not tell one" in otklik("explain", city, "vk:-77_902").out
    shown = otklik("incidents", city, "show", incidents[""]["number"]).out
    assert "no topic told" in shown
    assert f"May be the same: {pit['number']} " in shown
    assert "topic by its text: Холодные батареи" in (
        otklik("incidents", city, "show", incidents["Холодные батареи"]["number"]).out
    )

    for action in ("confirm", "in_work", "answered", "close"):
        assert otklik("incidents", city, action, pit["number"]).code == 0
    telegram.channels["yard_ozersk"].posts.append(
        ChannelPost(6, "Опять яма на Садовой, 5! Асфальт положили и снова разбит", NOW - timedelta(minutes=5))
    )
    assert otklik("crawl", city).code == 0
    again = next(one for one in otklik("incidents", city, "--json").lines if one["repeat_of"])
    assert (again["repeat_of"], again["reports"], again["topic"][:3]) == (pit["number"], 1, "Ямы")
    assert f"Repeat of incident {pit['number']}" in otklik("incidents", city, "show", again["number"]).out


def test_what_a_person_registers_of_a_post_is_no_second_report_of_it(otklik: Otklik, vk: VkServer) -> None:
    otklik.environment["TOWN_VK_TOKEN"] = SECRET
    city = otklik.city(searches=YARD, routes=ROUTES, sources=TOKENS + source("wall", "vk", f"{vk.url}/yard"))
    assert otklik("crawl", city).code == 0
    done = otklik("register", city, "--link", "https://vk.com/wall-77_901", "--topic", "Дороги")
    assert done.code == 0, done.err
    fitting = [one for one in otklik("incidents", city, "--json").lines if one["fitting"]]
    assert sorted((one["topic"], one["fitting"]) for one in fitting) == [("", 1), ("Ямы на дорогах", 2)]


def test_check_tells_that_a_rule_needs_a_topic_and_warns_of_no_route_for_one_without(otklik: Otklik) -> None:
    counted = YARD.replace(
        'query = "street:Садовая"', 'query = "street:Садовая"\nrule = "frequency"\nat_least = 5\nwithin = "1d"'
    )
    wrong = otklik("check", otklik.city(searches=counted, routes=ROUTES))
    assert (wrong.code, "a rule needs a topic" in wrong.out + wrong.err) == (1, True)
    right = otklik("check", otklik.city(searches=YARD, routes=ROUTES))
    assert (right.code, "no search looks for" in right.out + right.err) == (0, False)


DUTY = """
[[destination]]
key = "duty"
system = "webhook"
url = "{url}"
secret = "OTKLIK_TEST_DESK"
allow_private = ["{host}"]
{fields}

[[route]]
key = "all"
executor = "Дежурная служба"
destination = "duty"
deliver = "at once"
"""
HEAT = """
[[route]]
key = "heat"
topic = "Тепло и горячая вода"
executor = "Теплосеть"
destination = "duty"
"""


def test_a_ticket_tells_group_and_whom_such_ones_went_to_only_where_its_destination_asks(otklik: Otklik) -> None:
    otklik.environment["OTKLIK_TEST_DESK"] = "s"
    with TicketServer("s") as desk:

        def city(fields: str, routes: str = "") -> Path:
            duty = DUTY.format(url=desk.url, host=desk.url.split("/")[2], fields=fields)
            return otklik.city(searches=YARD, routes=duty + routes)

        cold = [f"Садовая, {house}: батареи холодные, в квартире +14, мёрзнем" for house in (5, 15, 25, 35, 45)]
        known = city("", HEAT)
        assert "route can never win" not in otklik("check", known).out
        otklik("ingest", known, input=posts(*cold[:3]))
        assert {one["executor"] for one in otklik("incidents", known, "--json").lines} == {"Теплосеть"}
        assert desk.tickets == {}

        otklik("ingest", city('fields = ["group", "suggested"]'), input=posts(cold[3], first=4))
        (told,) = [one.ticket for one in desk.tickets.values()]
        assert (told["topic"], told["group"]) == ("Холодные батареи", "Тепло и горячая вода")
        assert (told["executor"], told["suggested"]["executor"], told["suggested"]["cases"]) == (
            "Дежурная служба",
            "Теплосеть",
            3,
        )
        otklik("ingest", city(""), input=posts(cold[4], first=5))
        plain = next(one.ticket for one in desk.tickets.values() if one.ticket["number"] == 5)
        assert told.keys() - plain.keys() == {"group", "suggested"}


def _shown(otklik: Otklik, city: Path, one: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    shown: dict[str, list[dict[str, object]]] = otklik("incidents", city, "show", one["number"], "--json").lines[0]
    return shown
