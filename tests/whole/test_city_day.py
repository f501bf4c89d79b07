"""The day of a city: the same for a seed, as a day is, and shown by its servers as time goes."""

import urllib.request
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.servers.vk import Token
from tests.demo.calling import ask
from tests.whole.city_day import MIDNIGHT, NEXT_MIDNIGHT, SMALL, CityDay, Made, Size, make_day
from tests.whole.city_words import addresses
from tests.whole.day_servers import DayServers

ROOMY = [Token("t", rate=100_000)]


def listed(day: CityDay) -> list[Any]:
    return [(made.source, made.number, made.at, made.text, made.edited_at, made.gone_at) for made in day.everything]


def test_a_seed_gives_its_day_and_another_another() -> None:
    assert listed(make_day(7, SMALL)) == listed(make_day(7, SMALL))
    assert listed(make_day(7, SMALL)) != listed(make_day(8, SMALL))


def test_a_whole_day_has_what_a_city_has() -> None:
    day = make_day(1)
    assert (len(day.sources), len(day.posts), len(day.comments)) == (40, 1000, 8000)
    assert Size().sources == 40
    assert {made.source for made in day.posts} == set(day.sources)
    assert all(MIDNIGHT <= made.at < NEXT_MIDNIGHT for made in (*day.posts, *day.comments))
    assert [made.source for made in day.before if made.at < MIDNIGHT] == list(day.sources)
    hours = Counter(made.at.hour for made in day.everything)
    assert sum(hours[hour] for hour in range(6)) < 0.05 * hours.total() < sum(hours[hour] for hour in range(17, 22))
    comments = Counter(made.parent for made in day.comments)
    assert comments[day.accident] >= 700
    assert sum(count > 100 for count in comments.values()) >= 5
    edited, gone = (
        sum(bool(one) for one in ones) for ones in zip(*((m.edited_at, m.gone_at) for m in day.everything), strict=True)
    )
    assert edited >= 20
    assert gone >= 100


def test_what_is_under_a_post_is_later_and_gone_with_it() -> None:
    day = make_day(2, SMALL)
    for made in day.comments:
        assert made.parent
        assert made.at >= made.parent.at
        assert made.number > made.parent.number
        assert made.reply_to is None or (made.reply_to.parent is made.parent and made.reply_to.at <= made.at)
        assert made.parent.gone_at is None or made.at < made.parent.gone_at
    assert len({(made.source, made.number) for made in day.everything}) == len(day.everything)


def test_complaints_name_houses_of_the_town() -> None:
    day = make_day(1, SMALL)
    named = [made for made in day.everything if any(one.replace(", дом ", ", ") in made.text for one in addresses())]
    assert len(named) > 0.2 * len(day.everything)


def seen_on_walls(servers: DayServers) -> set[str]:
    """Every post and comment that a patient client gets from the API."""
    found = set()
    for group in servers.groups.values():
        offset = 0
        while page := ask(servers.vk, "wall.get", owner_id=group.owner_id, count=100, offset=offset)["items"]:
            offset += len(page)
            for post in page:
                found.add(f"vk:{group.owner_id}_{post['id']}")
                if post["comments"]["count"]:
                    found |= seen_comments(servers, group.owner_id, post["id"])
    return found


def seen_comments(servers: DayServers, owner: int, post: int, under: int = 0) -> set[str]:
    found: set[str] = set()
    offset = 0
    asked: dict[str, Any] = {"owner_id": owner, "post_id": post, "count": 100, "comment_id": under or None}
    while page := ask(servers.vk, "wall.getComments", offset=offset, **asked)["items"]:
        offset += len(page)
        for comment in page:
            if not comment.get("deleted"):
                found.add(f"vk:{owner}_{post}#{comment['id']}")
            if comment.get("thread", {}).get("count"):
                found |= seen_comments(servers, owner, post, comment["id"])
    return found


@pytest.mark.parametrize("hours", [9, 18, 24])
def test_the_walls_show_just_what_is_there(hours: int, tmp_path: Path) -> None:
    day = make_day(3, SMALL)
    with DayServers(day, tmp_path, tokens=ROOMY) as servers:
        servers.go_to(MIDNIGHT + timedelta(hours=hours))
        there = {servers.id_of(made) for made in day.visible(servers.clock.at) if made.platform == "wall"}
        assert seen_on_walls(servers) == there
        assert servers.vk.exceeded == 0


def body(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        text: str = answer.read().decode()
    return text


def test_channels_sites_and_tables_go_with_the_clock(tmp_path: Path) -> None:
    day = make_day(3, SMALL)

    def first(platform: str) -> Made:
        return next(made for made in day.posts if made.platform == platform and not made.changes)

    with DayServers(day, tmp_path) as servers:
        message, article, row = first("channel"), first("site"), first("table")
        channel = servers.telegram.address(servers.channels[message.source].name)
        mark = f'/{message.number}"'
        for made, where, sign in (
            (message, channel, mark),
            (article, servers.sites[article.source].feed_url, article.title),
        ):
            servers.go_to(made.at - timedelta(seconds=1))
            assert sign not in body(where)
            servers.go_to(made.at)
            assert sign in body(where)
        table = tmp_path / f"{row.source}.csv"
        servers.go_to(NEXT_MIDNIGHT)
        assert len(table.read_text("utf-8").splitlines()) == 2 + sum(made.source == row.source for made in day.posts)


def test_edits_are_shown_when_their_time_has_come(tmp_path: Path) -> None:
    day = make_day(4, Size(walls=2, channels=2, sites=2, tables=1, posts=400, comments=10))
    edited = [made for made in day.posts if made.edited_at and not made.gone_at]
    assert {made.platform for made in edited} == {"wall", "channel", "site"}
    with DayServers(day, tmp_path, tokens=ROOMY) as servers:
        servers.go_to(NEXT_MIDNIGHT)
        for made in edited:
            if made.platform == "wall":
                told = ask(servers.vk, "wall.getById", posts=servers.id_of(made).removeprefix("vk:"))["items"][0]
                assert (told["text"], told["edited"]) == (
                    made.edited,
                    int(made.edited_at.timestamp() if made.edited_at else 0),
                )
            elif made.platform == "site":
                assert made.edited.split("\n\n")[-1] in body(servers.page_of(made))
