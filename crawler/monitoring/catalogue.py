"""Every metric of Otklik's own: name, labels, meaning. docs/metrics.md says the same for people (a test compares).

Counters count in the process of `otklik run` and start at 0 with it, as Prometheus has it; gauges are read in the
state, so that what other processes did is in them. A label holds keys of the city file and words of the program,
nothing of a person.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric; a counter's name ends in `_total`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is a counter, else a gauge."""
        return self.name.endswith("_total")


_SOURCE = ("city", "source")

METRICS = {
    metric.name: metric
    for metric in (
        Metric("otklik_build_info", "1, with the versions in the labels.", ("version", "python")),
        Metric("otklik_well", "1 while all is well, as the heartbeat has it, else 0."),
        Metric("otklik_state_up", "1 when the state could be read for this scrape; at 0 its gauges are missing."),
        Metric("otklik_state_bytes", "Size of the state's file and its write-ahead log."),
        Metric("otklik_disk_free_bytes", "Free bytes on the disk of the installation."),
        Metric("otklik_crawls_total", "Crawls by result: read, broken, failed.", (*_SOURCE, "result")),
        Metric("otklik_posts_total", "Posts of crawls by outcome.", (*_SOURCE, "outcome")),
        Metric("otklik_errors_total", "Errors of crawls by word.", (*_SOURCE, "error")),
        Metric("otklik_source_last_crawl_timestamp_seconds", "When the last crawl ended.", _SOURCE),
        Metric("otklik_source_last_success_timestamp_seconds", "When the last crawl that read it ended.", _SOURCE),
        Metric("otklik_source_failures", "Crawls in a row that could not read it.", _SOURCE),
        Metric("otklik_source_lag_seconds", "Publication to arrival, median of the last crawl's new posts.", _SOURCE),
        Metric("otklik_source_gap_posts", "Posts that the source has and the last crawl did not see.", _SOURCE),
        Metric("otklik_source_drift", "1 while its articles have lost their body, title or date.", (*_SOURCE, "part")),
        Metric(
            "otklik_source_quota_left",
            "Calls of its token that the last crawl left for the day, by method.",
            (*_SOURCE, "method"),
        ),
        Metric("otklik_index_waiting", "Changes that wait for the index.", ("city",)),
        Metric("otklik_index_refused", "Posts that the index refused.", ("city",)),
        Metric("otklik_searches_broken", "Saved searches whose query cannot be read.", ("city",)),
        Metric("otklik_search_failures_total", "Times that a saved search could not be asked about a post.", ("city",)),
        Metric("otklik_incidents", "Incidents by state and severity.", ("city", "state", "severity")),
        Metric("otklik_incidents_overdue", "Open incidents past a deadline.", ("city", "severity", "deadline")),
        Metric("otklik_reports", "Reports by state.", ("city", "state")),
        Metric("otklik_deliveries", "Deliveries by destination and state.", ("city", "destination", "state")),
        Metric("otklik_delivery_oldest_seconds", "How long the oldest delivery waits.", ("city", "destination")),
        Metric("otklik_images", "Images of reports by what became of them.", ("city", "state")),
        Metric("otklik_images_bytes", "Bytes of the kept images.", ("city",)),
        Metric("otklik_heartbeats_total", "Heartbeats by result: sent, skipped (not well), failed.", ("result",)),
    )
}
