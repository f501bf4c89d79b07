from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.console.happening import happening
from crawler.model.items import Kind, Post
from crawler.model.text import locale_of
from pipelines.event_times import event_times

ZONE = ZoneInfo("Asia/Sakhalin")
NOW = datetime(2026, 1, 31, 12, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Воды не будет 4 февраля с 9:00 до 17:00", ["4 февраля, 09:00–17:00"]),
        ("Воды не будет 4 февраля с 18:00 до 24:00", ["4 февраля, 18:00–24:00"]),
        ("Воды не будет с 22:00 4 февраля до 6:00 5 февраля", ["4 февраля, 22:00 – 5 февраля, 06:00"]),
        ("Воды не будет с 4 по 6 февраля", ["4 февраля – 6 февраля"]),
        ("Воды не будет 4 февраля", ["4 февраля"]),
        ("Собрание 4 февраля в 19:00", ["4 февраля, 19:00"]),
        ("Подать заявку можно до 15 февраля", ["до 15 февраля"]),
        ("Воды не будет до 18:00 4 февраля", ["до 4 февраля, 18:00"]),
        ("Собрание сегодня в 19:00", ["сегодня, 19:00"]),
        ("Воды нет", []),
    ],
)
def test_times_are_told_as_the_text_tells_them(text: str, said: list[str]) -> None:
    post = Post("vk:1_1", "wall", "vk", Kind.POST, text, seen_at=NOW, published_at=NOW, version=1)
    with locale_of("ru"):
        assert happening(event_times(post, ZONE), ZONE, NOW) == said


def test_a_day_is_that_of_the_source_and_a_time_is_the_citys() -> None:
    now = datetime(2026, 1, 31, 5, tzinfo=UTC)
    moscow = ZoneInfo("Europe/Moscow")
    for text, said in (("Воды не будет 4 февраля", "4 февраля"), ("Эфир 4 февраля в 19:00", "5 февраля, 03:00")):
        post = Post("vk:1_1", "wall", "vk", Kind.POST, text, seen_at=now, published_at=now, version=1)
        with locale_of("ru"):
            assert happening(event_times(post, moscow), ZONE, now) == [said]
