"""Dates: when a post was published, read from what its page prints, in the zone of its source, never in the future."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.model.items import Post, TimePrecision
from pipelines.draft import Draft
from spiders.printed_dates import Moment, read_date

# A platform's clock may be ahead of ours by a little; more than this is a wrong zone or a made-up date.
TOLERANCE = timedelta(minutes=10)
# Nothing that a city crawls is older: 1970 and 0001 are what broken feeds print for "unknown".
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)


class Dates:
    """Give every post a time of publication and say how exactly it is known."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts whose posts have `published_at`."""
        return [draft.with_post(dated(draft.post, draft.source.zone)) for draft in batch]


def dated(post: Post, zone: ZoneInfo) -> Post:
    """The post with a time that can be true: its own, else what its page prints, else its arrival (precision none)."""
    arrival = Moment(post.seen_at.astimezone(UTC), TimePrecision.NONE)
    if post.published_at is not None:
        read = Moment(post.published_at.astimezone(UTC), post.precision)
    else:
        read = read_date(post.published_text, post.seen_at, zone) or arrival
    if read.at < OLDEST:
        read = arrival
    if read.at > post.seen_at:
        # A day that has begun somewhere else, or a clock a little ahead: the arrival is as late as it can be.
        near = read.at - post.seen_at <= (timedelta(days=1) if read.precision is TimePrecision.DAY else TOLERANCE)
        read = Moment(arrival.at, read.precision) if near else arrival
    at = post.published_at
    if at is not None and at.tzinfo is UTC and (at, post.precision) == (read.at, read.precision):
        return post
    return replace(post, published_at=read.at, precision=read.precision)
