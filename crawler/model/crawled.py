"""What a spider yields beside posts: how far it came, what it saw whole, what is gone, what it skipped. All frozen."""

from dataclasses import dataclass
from datetime import datetime

from crawler.model.items import Post


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a source has been read: `cursor` (JSON of the spider's own) is true once every post of `covers` has an
    outcome. Checkpoints of a source commit in the order they were yielded.
    """

    source: str
    cursor: str
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch that a re-visit saw whole: stored posts of the source published strictly between `oldest` and
    `newest` (in `thread`, where one is named) that are not in `present` are gone from the platform. `seen_at` is when
    it was fetched, the moment of recording where it is None: it says nothing of posts that were seen later. `prefix`
    is how the ids begin that it speaks of: a name can pass to another channel.
    """

    source: str
    oldest: datetime
    newest: datetime
    present: frozenset[str]
    thread: str = ""
    seen_at: datetime | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """One post that its platform says is deleted (an article page that answers 404 or 410)."""

    source: str
    post: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something seen on a platform that is not a post and says so (a service message): counted, not stored."""

    source: str
    key: str
    reason: str


SpiderItem = Post | Checkpoint | Window | Gone | Skipped
