"""What the steps hand on: a post on its way, with its reading so far and, at some point, its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from crawler.model.city import Source
from crawler.model.items import EventTime, Place, Post, Reading
from search.analysis import Token, analyze


class Outcome(StrEnum):
    """The one word under which everything that came in is counted."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Draft:
    """A post on its way. One with an `outcome` is finished: later steps pass it on untouched.

    `tokens` are those of the normalized title and text, None before they are made. `reason` says in one word why it was
    rejected; `copy_key` is the hash of the folded text, "" for a short one.
    """

    source: Source
    post: Post
    reading: Reading = Reading()
    outcome: Outcome | None = None
    reason: str = ""
    copy_key: str = ""
    tokens: tuple[Token, ...] | None = field(default=None, repr=False)

    def words(self) -> tuple[Token, ...]:
        """The tokens of title and text, made here where no step has made them."""
        return analyze(self.post.title, self.post.text) if self.tokens is None else self.tokens

    def with_post(self, post: Post) -> "Draft":
        """The same draft with another post."""
        return self if post is self.post else replace(self, post=post)

    def with_places(self, places: tuple[Place, ...]) -> "Draft":
        """The same draft with these places in its reading."""
        return self if places == self.reading.places else replace(self, reading=replace(self.reading, places=places))

    def with_act(self, act: str) -> "Draft":
        """The same draft with this act in its reading."""
        return self if act == self.reading.act else replace(self, reading=replace(self.reading, act=act))

    def with_event_times(self, event_times: tuple[EventTime, ...]) -> "Draft":
        """The same draft with these times of events in its reading."""
        if event_times == self.reading.event_times:
            return self
        return replace(self, reading=replace(self.reading, event_times=event_times))

    def with_topic(self, topic: str, confidence: float) -> "Draft":
        """The same draft with this topic in its reading."""
        return replace(self, reading=replace(self.reading, topic=topic, topic_confidence=confidence))

    def rejected(self, reason: str) -> "Draft":
        """The same draft, finished: rejected for `reason`."""
        return replace(self, outcome=Outcome.REJECTED, reason=reason)


class Step(Protocol):
    """One step of the way: a plain object. It returns as many drafts as it is given, in the same order."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """The batch after this step."""
        ...
