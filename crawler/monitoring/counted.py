"""What the process of `otklik run` counts itself: crawls, posts, errors, heartbeats."""

import threading
from collections import Counter
from collections.abc import Mapping

from crawler.health import SourceResult
from crawler.model.city import City
from crawler.platforms import PLATFORMS

MOST_WORDS = 100
"""Words of errors that a source is counted under; what comes after is `other`. Prometheus keeps every word for ever."""
_NOT_POSTS = ("seen", "broken")


class Counted:
    """Counters by metric and labels. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[tuple[str, ...]]] = {}

    def begin(self, cities: list[City]) -> None:
        """Every source has its counters at 0 from the start: a rate over what was never there is none."""
        for city in cities:
            for source in city.sources:
                if not PLATFORMS[source.platform].spider:
                    continue  # nothing is crawled
                for result in ("read", "broken", "failed"):
                    self.add("otklik_crawls_total", (city.key, source.key, result), 0)

    def crawl(self, result: SourceResult) -> None:
        """A crawl has ended."""
        where = (result.health.city, result.health.source)
        ended = "failed" if result.failure else "broken" if result.broken else "read"
        self.add("otklik_crawls_total", (*where, ended), 1)
        for outcome, count in result.health.outcomes.items():
            if outcome not in _NOT_POSTS:
                self.add("otklik_posts_total", (*where, outcome), count)
        for word, count in result.health.errors.items():
            self.add("otklik_errors_total", (*where, self._word(where, word)), count)

    def add(self, metric: str, labels: tuple[str, ...], count: int) -> None:
        """Count further."""
        with self._lock:
            self._counts.setdefault(metric, Counter())[labels] += count

    def readings(self) -> Mapping[str, list[tuple[tuple[str, ...], float]]]:
        """Every counter of this moment."""
        with self._lock:
            return {metric: [*counts.items()] for metric, counts in self._counts.items()}

    def _word(self, where: tuple[str, str], word: str) -> str:
        with self._lock:
            known = [labels[2] for labels in self._counts.get("otklik_errors_total", ()) if labels[:2] == where]
        return word if word in known or len(known) < MOST_WORDS else "other"
