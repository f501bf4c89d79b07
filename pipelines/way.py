"""The way of a post: the one ordered list of steps, run over batches, ending in one commit."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from crawler.model.city import Source
from crawler.model.crawled import Checkpoint, Gone, Skipped, SpiderItem, Window
from crawler.model.items import Post
from crawler.model.ports import Keys
from pipelines.act import Acts
from pipelines.authors import Authors
from pipelines.copies import Copies
from pipelines.dates import Dates
from pipelines.draft import Draft, Outcome, Step
from pipelines.event_times import EventTimes
from pipelines.normalize import Normalize
from pipelines.places import Finder, Places, Threads
from pipelines.topics import Topics
from pipelines.validate import Validate
from pipelines.words import Words
from search.topics.model import Teller

logger = logging.getLogger(__name__)

Other = Checkpoint | Window | Gone | Skipped


class Commit(Protocol):
    """The last step: what commits a batch (pipelines/record.py). `gone` counts the posts it marked as gone so far."""

    gone: int

    def commit(self, drafts: Sequence[Draft], items: Sequence[Other]) -> Sequence[Draft]:
        """Commit drafts and the spider's other items in one transaction; every draft comes back with an outcome."""
        ...


def steps(
    city: str,
    keys: Keys,
    finder: Finder,
    official: Collection[str] = (),
    topics: Teller | None = None,
    threads: Threads | None = None,
) -> tuple[Step, ...]:
    """STEPS of a city, by its key, in order. Record follows them. A new step is one module and one line here.

    `official` has the platforms' ids of its authorities, `topics` is its model of topics or its rubric, `threads` what
    is stored of them.
    """
    return (
        Validate(),
        Normalize(),
        Words(),
        Authors(city, keys, official),
        Dates(),
        Copies(),
        *reading_steps(finder, topics, threads),
    )


def reading_steps(finder: Finder, topics: Teller | None = None, threads: Threads | None = None) -> tuple[Step, ...]:
    """Those of them that make the reading of a post: they can be run again on what is stored."""
    return (Places(finder, threads), Acts(), EventTimes(), Topics(topics))


class Way:
    """Runs items through the steps and the commit; counts each under one word.

    A step that raises on a batch is run again post by post, and the post on which it raises is rejected as `error`:
    one poisonous post never takes its neighbours with it.
    """

    def __init__(self, sources: Mapping[str, Source], steps: Sequence[Step], record: Commit) -> None:
        self.sources = sources
        self.steps = steps
        self.record = record
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.listeners: list[Callable[[Sequence[Draft]], None]] = []

    def take(self, items: Sequence[SpiderItem]) -> None:
        """Run the items through every step and commit them. Raises what the commit raises; then nothing was stored."""
        posts = [item for item in items if isinstance(item, Post)]
        others = [item for item in items if not isinstance(item, Post)]
        drafts = read(posts, self.sources, self.steps)
        finished = self.record.commit(drafts, others)
        self._count(finished, others)
        for listener in self.listeners:
            listener(finished)

    def _count(self, drafts: Sequence[Draft], others: Sequence[Other]) -> None:
        for draft in drafts:
            self.outcomes[str(draft.outcome)] += 1
            if draft.reason:
                self.reasons[draft.reason] += 1
        if self.record.gone:
            self.outcomes[Outcome.GONE] = self.record.gone
        for item in others:
            if isinstance(item, Skipped):
                self.outcomes[Outcome.SKIPPED] += 1
                self.reasons[item.reason] += 1


def read(posts: Sequence[Post], sources: Mapping[str, Source], steps: Sequence[Step]) -> Sequence[Draft]:
    """The posts after every step but the commit: nothing is written."""
    return run(steps, [Draft(sources[post.source], post) for post in posts])


def run(steps: Sequence[Step], drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The drafts after these steps; one on which a step raised is rejected."""
    for step in steps:
        drafts = _run(step, drafts)
    return drafts


def _run(step: Step, drafts: Sequence[Draft]) -> Sequence[Draft]:
    open_drafts = [draft for draft in drafts if draft.outcome is None]
    try:
        done = iter(step.process(open_drafts))
    except Exception:  # noqa: BLE001 - whatever a step raises, the batch goes on without the post that caused it
        done = iter([_one(step, draft) for draft in open_drafts])
    return [next(done) if draft.outcome is None else draft for draft in drafts]


def _one(step: Step, draft: Draft) -> Draft:
    try:
        return step.process([draft])[0]
    except Exception:
        logger.exception("step %s failed on post %s; it is rejected", type(step).__name__, draft.post.id)
        return draft.rejected("error")
