"""How far a channel has been read: the newest message, and the stretches below it that are still to be read.

A crash in the middle of paging back leaves such a stretch, and the next crawl goes on with it.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """`gaps` are stretches [low, high] of unread numbers, newest first, both ends included; all below `newest`.

    `since` is where the first crawl began: nothing older is ever read. `channel` is the channel's number.
    """

    channel: int = 0
    newest: int = 0
    since: datetime | None = None
    gaps: tuple[tuple[int, int], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """A cursor written by `str()`; ValueError if it is none. "" is that of a first crawl."""
        if not text:
            return cls()
        try:
            data = json.loads(text)
            return cls(
                channel=int(data["channel"]),
                newest=int(data["newest"]),
                since=datetime.fromisoformat(data["since"]).astimezone(UTC),
                gaps=tuple((int(low), int(high)) for low, high in data["gaps"]),
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(text) from error

    def __str__(self) -> str:
        return json.dumps(
            {
                "channel": self.channel,
                "newest": self.newest,
                "since": self.since.isoformat() if self.since else "",
                "gaps": [list(gap) for gap in self.gaps],
            }
        )

    @property
    def unread(self) -> int:
        """How many numbers are still to be read."""
        return sum(high - low + 1 for low, high in self.gaps)

    def is_unread(self, number: int) -> bool:
        """Whether a number was never covered."""
        return number > self.newest or any(low <= number <= high for low, high in self.gaps)

    def unread_in(self, low: int, high: int) -> int:
        """How many numbers from `low` to `high` were never covered."""
        above = max(0, high - max(low - 1, self.newest))
        return above + sum(max(0, min(high, top) - max(low, bottom) + 1) for bottom, top in self.gaps)

    def covered(self, low: int, high: int) -> "Cursor":
        """After a page that shows everything from `low` to `high`: what lies between it and `newest` is a new gap."""
        gaps = list(self.gaps)
        if low > self.newest + 1:
            gaps.insert(0, (self.newest + 1, low - 1))
        left = [
            piece
            for bottom, top in gaps
            for piece in ((max(bottom, high + 1), top), (bottom, min(top, low - 1)))
            if piece[0] <= piece[1]
        ]
        return replace(self, newest=max(self.newest, high), gaps=tuple(left))

    def finished_below(self, number: int) -> "Cursor":
        """Nothing below `number` is wanted any more: the channel began there, or it is older than `since`."""
        cut = [(max(low, number), high) for low, high in self.gaps]
        return replace(self, gaps=tuple(gap for gap in cut if gap[0] <= gap[1]))
