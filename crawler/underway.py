"""A crawl under way: from its start to the health of its source, and whether the source could be read at all."""

import uuid
from collections import Counter
from collections.abc import Sequence
from statistics import median

from scrapy.crawler import Crawler

from crawler.health import Installation, SourceResult
from crawler.model.city import City, Source
from crawler.model.items import TimePrecision
from crawler.model.ports import Crawl
from pipelines.draft import Draft, Outcome
from search.state.health import SourceHealth
from spiders.base import SourceSpider

_OUT_OF_TIME = "out of time"


class Underway:
    """One crawl from its start to its result."""

    def __init__(self, city: City, source: Source, installation: Installation) -> None:
        self._id = uuid.uuid4().hex
        self._started = installation.clock.now()
        self._intake = installation.intake(city, source, self._id)
        self._intake.listeners.append(self._note)
        self._lags: list[float] = []
        cursor = installation.cursor(city.key, source.key)
        self.crawl = Crawl(
            city.key,
            source,
            cursor,
            installation.clock,
            installation.secrets,
            self._intake,
            installation.ledger,
            city.token_of(source),
        )

    def _note(self, drafts: Sequence[Draft]) -> None:
        """Keep how late the new posts came whose time is known to the minute."""
        for draft in drafts:
            post = draft.post
            exact = post.precision in {TimePrecision.SECOND, TimePrecision.MINUTE}
            if draft.outcome is Outcome.NEW and post.published_at is not None and exact:
                self._lags.append(max(0.0, (post.seen_at - post.published_at).total_seconds()))

    def result(self, crawler: Crawler | None, reason: str, failure: Exception | None = None) -> SourceResult:
        """What it came to; `reason` is Scrapy's word for its end, `failure` what kept it from running. Without a
        crawler there was no spider.
        """
        spider = crawler.spider if crawler and isinstance(crawler.spider, SourceSpider) else None
        errors: Counter[str] = Counter(spider.errors if spider else {})
        broken = spider.broken if spider else ""
        seen = spider.seen if spider else 0
        if reason == "shutdown" and spider and spider.failure is None:
            # A crawl that was stopped says nothing of its source.
            broken = ""
        if failure is not None:
            broken = "crash" if crawler else "no spider"
            errors[broken] += 1
        elif not broken and crawler and (silence := _silence(crawler, reason, errors)):
            errors[silence] += 1
            # A slow site is read over several crawls: running out of time on the way says that it answers.
            broken = "" if seen and silence == _OUT_OF_TIME else silence
        health = SourceHealth(
            self.crawl.city,
            self.crawl.source.key,
            self._id,
            self._started,
            self.crawl.clock.now(),
            published=seen if spider is None or spider.published is None else spider.published,
            outcomes={"seen": seen, **self._intake.outcomes, **({"broken": 1} if broken else {})},
            gaps=spider.gaps if spider else 0,
            # A first crawl reads the past: how old that is says nothing of how late we are.
            lag=median(self._lags) if self._lags and self.crawl.cursor else None,
            errors=dict(errors),
            quota=dict(spider.quota) if spider else {},
        )
        raised = failure or (spider.failure if spider else None)
        return SourceResult(self.crawl.source, health, broken, raised, tuple(spider.articles) if spider else ())


def _silence(crawler: Crawler, reason: str, errors: Counter[str]) -> str:
    """A word when a crawl without an error cannot have read its whole source: it ran out of time, or asked nothing."""
    if reason == "closespider_timeout":
        return _OUT_OF_TIME
    asks = not isinstance(crawler.spider, SourceSpider) or crawler.spider.asks
    if asks and reason == "finished" and not errors and not crawler.stats.get_value("response_received_count"):
        return "nothing asked"
    return ""


class CommandCrawl(Underway):
    """A crawl of the `scrapy` command: it writes its own health when the spider closes."""

    def __init__(self, city: City, source: Source, installation: Installation) -> None:
        super().__init__(city, source, installation)
        self._installation = installation

    def close(self, spider: SourceSpider, reason: str) -> None:
        """Write down how the crawl went."""
        result = self.result(spider.crawler, reason)
        self._installation.write_health(result.health, result.articles)
