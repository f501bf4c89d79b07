"""Walls and threads that show fewer than they count: what VK hides is passed by, and what lies below it is read."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.model.crawled import SpiderItem, Window
from crawler.model.items import AuthorRole, Post
from crawler.platforms.vk import Call
from crawler.platforms.vk_address import Wall
from spiders.vk_comments import CommentsWalk
from spiders.vk_cursor import Cursor, Thread
from spiders.vk_reader import Reader
from spiders.vk_wall import WallWalk
from tests.crawling import FrozenClock, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLOCK = FrozenClock(NOW)
MOST_CALLS = 40


def walked(steps: Generator[Any, Any, Any], answer: Callable[[int], Any]) -> list[SpiderItem]:
    """The items of a walk that gets these answers by their offset."""
    items: list[SpiderItem] = []
    calls, step = 0, next(steps)
    while True:
        try:
            if isinstance(step, Call):
                calls += 1
                assert calls <= MOST_CALLS
                step = steps.send(answer(int(step.params["offset"])))
            else:
                items.append(step)
                step = next(steps)
        except StopIteration:
            return items


def numbers(items: list[SpiderItem], mark: str) -> set[int]:
    return {int(item.id.rpartition(mark)[2]) for item in items if isinstance(item, Post)}


def reader() -> Reader:
    return Reader("wall", -77, AuthorRole.UNKNOWN, NOW)


@pytest.mark.parametrize(
    "hidden", [range(820, 900), range(790, 900), range(760, 895), range(700, 900), range(500, 888)]
)
@pytest.mark.parametrize("newest", [0, 450])
def test_a_gap_is_read_past_hidden_posts(hidden: range, newest: int) -> None:
    last = int(NOW.timestamp())
    posts = [
        {"id": number, "owner_id": -77, "from_id": -77, "date": last - (1000 - number) * 60, "text": f"Запись {number}"}
        for number in range(999, 400, -1)
    ]

    def answer(offset: int) -> dict[str, Any]:
        shown = [post for post in posts[offset : offset + 100] if post["id"] not in hidden]
        return {"count": len(posts), "items": shown}

    cursor = Cursor(-77, newest, 50, NOW - timedelta(days=3)) if newest else Cursor()
    walk = WallWalk(
        source_at("http://127.0.0.1/club77", platform="vk", key="wall"),
        Wall(-77),
        cursor,
        reader(),
        CLOCK,
        lambda *_: None,
    )
    found = numbers(walked(walk.run(), answer), "_")
    assert found >= {*range(max(401, newest), 1000)} - {*hidden}
    assert walk.cursor.unread == 0


def comments(answer: Callable[[int], Any]) -> list[SpiderItem]:
    return walked(CommentsWalk(reader(), CLOCK, 5, Thread(), 350, whole=True).run(), answer)


def test_comments_below_hidden_ones_are_read_and_none_is_taken_for_gone() -> None:
    def answer(offset: int) -> dict[str, Any]:
        page = range(offset + 1, min(offset + 100, 350) + 1)
        shown: list[dict[str, Any]] = [
            {"id": one, "from_id": 11, "date": 1_772_430_000 + one, "text": f"Ответ {one}"} for one in page
        ]
        return {"count": 350, "current_level_count": 350, "items": [one for one in shown if not 90 < one["id"] < 300]}

    items = comments(answer)
    assert numbers(items, "#") == {*range(1, 91), *range(300, 351)}
    assert not [item for item in items if isinstance(item, Window)]


@pytest.mark.parametrize("odd", [[], None, {"count": 350, "items": []}, {"count": 350, "items": None}])
def test_an_odd_answer_does_not_make_comments_gone(odd: object) -> None:
    assert comments(lambda _: odd) == []


def test_where_there_are_no_comments_any_more_all_are_gone() -> None:
    (window,) = comments(lambda _: {"count": 0, "current_level_count": 0, "items": []})
    assert isinstance(window, Window)
    assert window.present == frozenset()
