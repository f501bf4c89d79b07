"""Reads the stored posts of a city again: after a new gazetteer, rubric or model, or a new version of the readers.

A post gets another reading only where it says something else; the index follows. No saved search is asked: incidents of
the past stay as people know them, a search for the past is for the archive. Safe to kill and begin again.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.model.city import Source
from crawler.model.items import Reading
from crawler.model.ports import Clock
from pipelines.draft import Draft, Step
from pipelines.record import Projection, Threads
from pipelines.way import run
from search.state import archive
from search.state.database import Database

BATCH = 200
CHANGED, SAME, LEFT, FAILED = "changed", "same", "left", "failed"
"""What becomes of a post: another reading, the same one, its source is not in the city file, a step failed on it."""


@dataclass(frozen=True)
class Rereading:
    """One pass over what is stored. `steps` read, `progress` is told how many more posts are done."""

    city: str
    database: Database
    sources: Mapping[str, Source]
    steps: Sequence[Step]
    threads: Threads
    projection: Projection
    clock: Clock
    progress: Callable[[int], None]

    def run(self, since: datetime | None = None) -> Counter[str]:
        """Read every post again that was published at `since` or later; counts by CHANGED, SAME, LEFT, FAILED."""
        outcomes: Counter[str] = Counter()
        with self.database.read() as connection:
            last, end = "", archive.last_id(connection, self.city)
        while True:
            with self.database.read() as connection:
                ids = archive.ids_between(connection, self.city, last, end, BATCH, since)
                before = archive.load(connection, self.city, ids)
            if not ids:
                return outcomes
            outcomes += self._batch(before)
            last = ids[-1]
            self.progress(len(ids))

    def _batch(self, before: Mapping[str, archive.Stored]) -> Counter[str]:
        known = [stored for stored in before.values() if stored.post.source in self.sources]
        drafts = run(self.steps, [Draft(self.sources[stored.post.source], stored.post) for stored in known])
        read = [draft for draft in drafts if draft.outcome is None]
        changed = [draft for draft in read if draft.reading != _told(before[draft.post.id].reading)]
        if changed:
            self._keep(changed)
        return Counter(
            {
                CHANGED: len(changed),
                SAME: len(read) - len(changed),
                LEFT: len(before) - len(known),
                FAILED: len(drafts) - len(read),
            }
        )

    def _keep(self, changed: Sequence[Draft]) -> None:
        """Store the readings of the versions that are current still; posts of their threads may be placed anew."""
        with self.database.begin() as connection:
            now = self.clock.now()
            current = archive.current(connection, self.city, [draft.post.id for draft in changed])
            kept = [
                one for one in changed if one.post.id in current and current[one.post.id].version == one.post.version
            ]
            archive.read(connection, self.city, kept, now)
            anew = self.threads.placed_anew(connection, kept)
            archive.read(connection, self.city, anew, now)
            touched = dict.fromkeys(draft.post.id for draft in (*kept, *anew))
            self.projection.changed(connection, list(archive.documents(connection, self.city, touched).values()))


def _told(reading: Reading) -> Reading:
    """What the text says by itself: which post it copies, and its story, are told by other posts."""
    return replace(reading, copy_of="", story="")
