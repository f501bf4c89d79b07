"""When what a post tells of happens, as stretches that `when:` can be asked of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.model.items import EventTime, Post, Reading

_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)

Stretch = tuple[datetime, datetime]
"""The first and the last moment (UTC), both included."""


def stretches(post: Post, reading: Reading) -> Iterator[Stretch]:
    """The stretch of each event that a post tells the time of.

    An end that is not told is the end of the day on which the event begins: «с 1 декабря» would lie in every later day
    for ever. A begin that is not told is the publication, or the day of the end where that is earlier: «до 18:00» goes
    on already.
    """
    published = post.published_at or post.seen_at
    for one in reading.event_times:
        begins, ends = one.begins, one.ends
        if ends is None and begins is not None:
            ends = _midnight(begins, one) + _DAY
        elif begins is None and ends is not None:
            begins = min(published, _midnight(ends - _INSTANT, one))
        if begins is not None and ends is not None:
            yield begins.astimezone(UTC), max(begins, ends - _INSTANT).astimezone(UTC)


def _midnight(at: datetime, one: EventTime) -> datetime:
    return at.astimezone(ZoneInfo(one.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
