"""Times of events in texts of ours, labelled by hand: those of …_dev.jsonl to work on, those of …_test.jsonl aside.

A line has `text` and its `times`: offsets, `begins` and `ends` on the wall clock of the source, null where open.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crawler.model.items import EventTime, Kind, Post
from pipelines.event_times import event_times

HERE = Path(__file__).parent
DEV, TEST = HERE / "event_times_dev.jsonl", HERE / "event_times_test.jsonl"
ZONE = ZoneInfo("Asia/Sakhalin")
PUBLISHED = datetime(2026, 11, 25, 14, 30, tzinfo=ZONE)  # a Wednesday

Time = tuple[int, int, datetime | None, datetime | None, str]


class Score(NamedTuple):
    """F1 of times that are right in all (`exact`), and of those whose span overlaps with the right begin and end
    (`overlap`).
    """

    exact: float
    overlap: float


def rows(path: Path) -> list[dict[str, Any]]:
    """The labelled texts of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def expected(row: dict[str, Any]) -> list[Time]:
    """The times that a row is labelled with."""
    return [
        (one["start"], one["end"], _moment(one["begins"]), _moment(one["ends"]), one["precision"])
        for one in row["times"]
    ]


def ours(row: dict[str, Any]) -> list[Time]:
    """The times that our rules find."""
    post = Post("p", "s", "vk", Kind.POST, row["text"], PUBLISHED, published_at=PUBLISHED)
    return [_plain(one) for one in event_times(post, ZONE)]


def score(pairs: Iterable[tuple[list[Time], list[Time]]]) -> Score:
    """F1 over (labelled, found) pairs."""
    exact = overlap = total = 0
    for labelled, found in pairs:
        total += len(labelled) + len(found)
        exact += len(set(labelled) & set(found))
        overlap += sum(any(_alike(one, other) for other in found) for one in labelled)
    return Score(2 * exact / total, 2 * overlap / total)


def _alike(one: Time, other: Time) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2:4] == other[2:4]


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told).replace(tzinfo=ZONE)


def _plain(one: EventTime) -> Time:
    return one.start, one.end, one.begins, one.ends, one.precision.value
