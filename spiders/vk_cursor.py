"""How far a wall has been read: its newest post, the stretches below that are still to be read, and its threads.

`wall.get` pages by offset, and offsets move with every new post. Counted from the wall's end they stay: a stretch knows
how many posts lie at or below it, and the next crawl finds it again wherever it is by then.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

MOST_THREADS = 1_000
"""Posts whose counts of comments are remembered; of a wall one page alone shows a hundred."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Posts between `low` and `high` (both are read) that were not read. `below` posts of the wall lay beneath what was
    read, `known` of them were read before.
    """

    low: int
    high: int
    below: int
    known: int

    @property
    def unread(self) -> int:
        """How many posts it has; of the first crawl's nobody knows, and one stands for them."""
        return max(1, self.below - self.known) if self.low else 1


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments of a post: how many it had when they were read, the newest number among them, when all of them were
    read last (seconds since 1970, 0 for never), how many wait to be read. A crawl that read all of them and was cut off
    had come to `offset`, 0 where none was.
    """

    read: int = 0
    newest: int = 0
    at: int = 0
    waiting: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """`owner` is the wall's number; nothing older than `since` is read; `total` is how many posts the wall had; `deep`
    when the re-visit last went below the first page. `gaps` are newest first, `threads` are by the post's number.
    """

    owner: int = 0
    newest: int = 0
    total: int = 0
    since: datetime | None = None
    deep: int = 0
    gaps: tuple[Gap, ...] = ()
    threads: Mapping[int, Thread] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """A cursor written by `str()`; ValueError if it is none. "" is that of a first crawl."""
        if not text:
            return cls()
        try:
            data = json.loads(text)
            return cls(
                owner=int(data["owner"]),
                newest=int(data["newest"]),
                total=int(data["total"]),
                since=datetime.fromisoformat(data["since"]).astimezone(UTC),
                deep=int(data["deep"]),
                gaps=tuple(Gap(*map(int, gap)) for gap in data["gaps"]),
                threads={int(number): Thread(*map(int, thread)) for number, thread in data["threads"].items()},
            )
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(text) from error

    def __str__(self) -> str:
        return json.dumps(
            {
                "owner": self.owner,
                "newest": self.newest,
                "total": self.total,
                "since": self.since.isoformat() if self.since else "",
                "deep": self.deep,
                "gaps": [[gap.low, gap.high, gap.below, gap.known] for gap in self.gaps],
                "threads": {
                    number: [thread.read, thread.newest, thread.at, thread.waiting, thread.offset]
                    for number, thread in self.threads.items()
                },
            },
            separators=(",", ":"),
        )

    @property
    def unread(self) -> int:
        """How many posts and comments are known to be there and were not read."""
        return sum(gap.unread for gap in self.gaps) + sum(thread.waiting for thread in self.threads.values())

    def topped(self, numbers: frozenset[int], total: int, below: int, *, done: bool) -> "Cursor":
        """After the wall's first page, which shows these numbers and has `below` posts beneath it; `done` says that
        nothing beneath it is wanted.
        """
        if not numbers:
            return replace(self, total=total)
        low = min(numbers)
        gaps = self.gaps
        if not done and low > self.newest:
            gaps = (Gap(self.newest, low, below, self.total), *gaps)
        return replace(self, newest=max(self.newest, *numbers), total=total, gaps=gaps)

    def narrowed(self, gap: Gap, lowest: int, below: int, *, done: bool) -> "Cursor":
        """After a page of a gap that went down to `lowest`; `done` says that nothing beneath it is wanted."""
        left = replace(gap, high=min(gap.high, lowest), below=below)
        closed = done or left.high <= gap.low
        gaps = tuple(left if one == gap else one for one in self.gaps if one != gap or not closed)
        return replace(self, gaps=gaps)

    def counted(self, number: int, comments: int) -> "Cursor":
        """A post was seen to have so many comments."""
        known = self.threads.get(number, Thread())
        waiting = known.waiting if comments == known.read else max(1, comments - known.read)
        return self._with(number, replace(known, waiting=waiting))

    def threaded(self, number: int, thread: Thread) -> "Cursor":
        """The comments of a post were read."""
        return self._with(number, thread)

    def _with(self, number: int, thread: Thread) -> "Cursor":
        threads = {**self.threads, number: thread}
        # The oldest go first, but never one that waits.
        spare = sorted(one for one, known in threads.items() if not known.waiting)
        for one in spare[: max(0, len(threads) - MOST_THREADS)]:
            del threads[one]
        return replace(self, threads=threads)
