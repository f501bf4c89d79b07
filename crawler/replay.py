"""Given posts through the same steps as crawled ones: what `otklik ingest` runs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from crawler.desk import INGEST, Desk
from crawler.given import BadLine, given_post, read_lines
from crawler.model.city import Source
from crawler.model.items import Post
from spiders.table_posts import Made, RowMaker
from spiders.table_reader import TableReader
from spiders.table_rows import BadRow

BATCH = 200
# A wrong export can have a million wrong lines: all are counted, the first are shown.
SHOWN = 100


@dataclass
class Replayed:
    """What became of the lines: every one is in `outcomes` or in `bad`; the first wrong ones are in `shown`, those of a
    table also where only a value was left out.
    """

    lines: int = 0
    bad: int = 0
    shown: list[BadLine | BadRow] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def stored(self) -> bool:
        """Whether every line became a post of the state."""
        return not self.bad and not self.outcomes["rejected"]


def ingest(
    desk: Desk, stream: BinaryIO, done: Callable[[int], None] = lambda _: None, source: str = INGEST
) -> Replayed:
    """Take every line of the stream through the steps, in batches and in order; `done` hears of each batch's lines.
    `source` is that of lines that name none.
    """
    way = desk.way()
    replayed = Replayed(outcomes=way.outcomes, reasons=way.reasons)
    batch: list[Post] = []
    waiting = 0
    for line in read_lines(stream):
        replayed.lines += 1
        waiting += 1
        post = line if isinstance(line, BadLine) else given_post(line, desk.sources, desk.clock.now(), source)
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


def ingest_table(
    desk: Desk, source: Source, path: str, format_: str, done: Callable[[int], None] = lambda _: None
) -> Replayed:
    """Take every row of a table through the steps, by the columns of its source. UnreadableError for a file that is no
    such table; what was read before is kept.
    """
    assert source.table
    way = desk.way()
    replayed = Replayed(outcomes=way.outcomes, reasons=way.reasons)
    maker = RowMaker(source, desk.clock.now())
    with TableReader(path, source.table, format_) as table:
        for rows in table:
            made = [Made(None, (row,)) if isinstance(row, BadRow) else maker.make(row) for row in rows]
            replayed.lines += len(made)
            for one in made:
                replayed.bad += one.post is None
                replayed.shown += one.wrong[: SHOWN - len(replayed.shown)]
            way.take([one.post for one in made if one.post])
            done(len(made))
    return replayed
