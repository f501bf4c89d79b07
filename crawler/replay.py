"""Given posts through the same steps as crawled ones: what `otklik ingest` runs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from crawler.given import BadLine, given_post, read_lines
from crawler.installation import Desk
from crawler.model.items import Post

BATCH = 200
# A wrong export can have a million wrong lines: all are counted, the first are shown.
SHOWN = 100


@dataclass
class Replayed:
    """What became of the lines: every one is in `outcomes` or in `bad`; the first wrong ones are in `shown`."""

    lines: int = 0
    bad: int = 0
    shown: list[BadLine] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def stored(self) -> bool:
        """Whether every line became a post of the state."""
        return not self.bad and not self.outcomes["rejected"]


def ingest(desk: Desk, stream: BinaryIO, done: Callable[[int], None] = lambda _: None) -> Replayed:
    """Take every line of the stream through the steps, in batches and in order; `done` hears of each batch's lines."""
    way = desk.way()
    replayed = Replayed(outcomes=way.outcomes, reasons=way.reasons)
    batch: list[Post] = []
    waiting = 0
    for line in read_lines(stream):
        replayed.lines += 1
        waiting += 1
        post = line if isinstance(line, BadLine) else given_post(line, desk.sources, desk.clock.now())
        if isinstance(post, BadLine):
            replayed.bad += 1
            replayed.shown += [post] if len(replayed.shown) < SHOWN else []
        else:
            batch.append(post)
        if waiting == BATCH:
            way.take(batch)
            done(waiting)
            batch, waiting = [], 0
    way.take(batch)
    done(waiting)
    return replayed
