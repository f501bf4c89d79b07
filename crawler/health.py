"""What a crawl comes to, and what crawls ask of the installation. Read by verbs that load no Scrapy."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from crawler.model.articles import ArticleRead
from crawler.model.city import City, Source
from crawler.model.crawled import SpiderItem
from crawler.model.ports import Clock, Ledger, Secrets
from crawler.schedule import LastCrawl
from pipelines.draft import Draft
from search.state.health import SourceHealth

__all__ = ["CrawlIntake", "Installation", "SourceHealth", "SourceResult", "Waiting"]


@dataclass(frozen=True, slots=True)
class SourceResult:
    """How a crawl went. `broken` says in one word why the source could not be read, "" if it could; `failure` is what
    our own side raised: posts were not stored. `articles` are the pages of articles that it read.
    """

    source: Source
    health: SourceHealth
    broken: str = ""
    failure: Exception | None = None
    articles: Sequence[ArticleRead] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a drain left: changes of the index and deliveries that could not be made yet, deliveries given up (dead),
    what went wrong, and images of reports that are not fetched yet.
    """

    index: int = 0
    deliveries: int = 0
    dead: int = 0
    errors: tuple[str, ...] = ()
    images: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        return Waiting(
            self.index + other.index,
            self.deliveries + other.deliveries,
            self.dead + other.dead,
            self.errors + other.errors,
            self.images + other.images,
        )


class CrawlIntake(Protocol):
    """The way of a post for one crawl (pipelines/way.py), with its counts."""

    outcomes: Counter[str]
    listeners: list[Callable[[Sequence[Draft]], None]]

    def take(self, items: Sequence[SpiderItem]) -> None:
        """As Intake has it."""
        ...


class Installation(Protocol):
    """What crawls need of the state and the ways. Every method may block and is called in a thread."""

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        ...

    @property
    def secrets(self) -> Secrets:
        """Secrets by name."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What counts the calls of tokens."""
        ...

    def cursor(self, city: str, source: str) -> str:
        """The committed cursor of a source, "" before its first checkpoint."""
        ...

    def intake(self, city: City, source: Source, crawl: str) -> CrawlIntake:
        """A fresh way of a post for this crawl, its counts at zero."""
        ...

    def last_crawls(self, city: str) -> Mapping[str, LastCrawl]:
        """Each crawled source of a city: the start of its last crawl, and how many in a row were "broken"."""
        ...

    def write_health(self, health: SourceHealth, articles: Sequence[ArticleRead]) -> None:
        """Keep the health of a crawl, and look whether the pages of articles that it read have lost something."""
        ...

    def expire(self, seconds: float) -> int:
        """Remove what is kept no longer, for at most so long; how many rows went."""
        ...

    def tick(self) -> int:
        """Let rules of silence look at the hours that have passed; how many incidents that opened."""
        ...

    def drain(self, seconds: float) -> Waiting:
        """Feed the index and make deliveries for at most so long."""
        ...

    def keep_images(self, seconds: float) -> Waiting:
        """Fetch the images of reports for at most so long."""
        ...
