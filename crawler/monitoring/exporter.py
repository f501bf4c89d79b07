"""Everything that /metrics says, in Prometheus' text format, from a registry of its own."""

import logging
import platform
import shutil
from collections import defaultdict
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from crawler.installation import Installation
from crawler.monitoring.catalogue import METRICS
from crawler.monitoring.counted import Counted
from crawler.monitoring.gauges import Reading, gauges
from crawler.pulse import Pulse
from crawler.settings import OTKLIK_VERSION

logger = logging.getLogger(__name__)


class Exporter(Collector):
    """Collects at every scrape. `text` blocks on the state: call it in a thread."""

    def __init__(self, installation: Installation, counted: Counted, pulse: Pulse) -> None:
        self._installation = installation
        self._counted = counted
        self._pulse = pulse
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """The metrics of this moment."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Prometheus' hook: every metric of the catalogue that has a value."""
        found: defaultdict[str, list[tuple[tuple[str, ...], float]]] = defaultdict(list)
        for name, labels, value in self._readings():
            found[name].append((labels, value))
        for name, readings in self._counted.readings().items():
            found[name] += readings
        for metric in METRICS.values():
            kind = CounterMetricFamily if metric.counts else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=metric.labels)
            for labels, value in found[metric.name]:
                family.add_metric(labels, value)
            if found[metric.name]:
                yield family

    def _readings(self) -> list[Reading]:
        home = self._installation.home
        found: list[Reading] = [
            ("otklik_build_info", (OTKLIK_VERSION, platform.python_version()), 1),
            ("otklik_well", (), not self._pulse.complaint()),
            ("otklik_disk_free_bytes", (), shutil.disk_usage(home).free),
        ]
        for desk in self._installation.desks.values():
            # A scrape does not load the searches.
            if "monitor" in desk.__dict__:
                where = (desk.city.key,)
                found.append(("otklik_searches_broken", where, len(desk.broken)))
                found.append(("otklik_search_failures_total", where, desk.monitor.failures.total()))
        try:
            return [*found, *self._of_state(), ("otklik_state_up", (), 1)]
        except Exception as error:  # noqa: BLE001 - the scrape says it, whatever it was
            logger.warning("the state could not be read for /metrics: %s", type(error).__name__)
            return [*found, ("otklik_state_up", (), 0)]

    def _of_state(self) -> list[Reading]:
        database, now = self._installation.database, self._installation.clock.now()
        found: list[Reading] = []
        with database.read() as connection:
            for desk in self._installation.desks.values():
                found += gauges(connection, desk.city, now)
        files = [database.where, database.where.with_name(f"{database.where.name}-wal")]
        size = sum(path.stat().st_size for path in files if path.exists())
        return [*found, ("otklik_state_bytes", (), size)]
