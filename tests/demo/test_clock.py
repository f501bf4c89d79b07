"""The clock of the town: whenever it is started, its texts stand in one order, and all of them were written."""

import json
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from demo.town.clock import TownClock
from demo.town.sites import Waterworks
from demo.town.texts import read

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def test_spans_and_days() -> None:
    clock = TownClock(NOON, MOSCOW)
    assert clock.when("3h 20m") == NOON - timedelta(hours=3, minutes=20)
    assert clock.when("2d 18:40") == datetime(2026, 11, 8, 15, 40, tzinfo=UTC)


def test_words() -> None:
    clock = TownClock(NOON, MOSCOW)
    assert clock.words("с {at 2h 38m} до {at -4h}, {day 1d} и {day -2d}") == "с 12:20 до 19:00, 9 ноября и 12 ноября"


def test_another_form_is_an_error() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        TownClock(NOON, MOSCOW).when("yesterday")


def test_a_page_prints_when_it_was_written_by_the_towns_clocks() -> None:
    """Read in the zone of its city, an accident of 03:40 is not told of at half past two the night before."""
    with Waterworks(TownClock(NOON, MOSCOW)).server as server, urlopen(f"{server.url}/api/news?p=1") as answer:
        printed = {one["slug"]: one["date"] for one in json.load(answer)["items"]}
    written = (NOON - timedelta(hours=6, minutes=10)).astimezone(MOSCOW)
    assert printed["avariya-rechnaya-18"] == f"10 ноября 2026, {written:%H:%M}"


@pytest.mark.parametrize("hour", range(24))
def test_the_order_is_that_of_the_files_at_any_hour(hour: int) -> None:
    clock = TownClock(NOON + timedelta(hours=hour), MOSCOW)
    posts = read("vk.toml")["post"]
    walls = [[post for post in posts if post["wall"] == wall["screen_name"]] for wall in read("vk.toml")["wall"]]
    threads = [[post, *post.get("c", [])] for post in posts]
    for told in (read("telegram.toml")["post"], read("office.toml")["post"], *walls, *threads):
        times = [clock.when(one["ago"]) for one in told]
        assert times == sorted(times)
        assert all(time < clock.now for time in times)
