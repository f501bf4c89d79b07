"""What a scrape of /metrics costs: a city of so many sources, each with all the crawls that are kept of it.

python -m benchmarks.scrape [--sources 40]
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.environment import Environment
from crawler.installation import Installation
from crawler.model.city import City, Source
from crawler.monitoring.counted import Counted
from crawler.monitoring.exporter import Exporter
from crawler.pulse import Pulse
from search.state.health import KEPT
from search.state.tables import source_health

TIMES = 50


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=40)
    count = parser.parse_args().sources
    zone, now = ZoneInfo("Europe/Moscow"), datetime.now(UTC)
    sources = tuple(Source(f"s{number}", "news", f"https://s{number}.example/", zone) for number in range(count))
    city = City("town", "Town", zone, "Town", "", Path("town.toml"), sources=sources)
    with tempfile.TemporaryDirectory() as folder:
        environment = Environment({"XDG_CONFIG_HOME": f"{folder}/config"})
        with Installation.open(environment, Path(folder) / "data", [city]) as installation:
            rows = [
                {
                    "city": city.key,
                    "source": source.key,
                    "crawl": f"{source.key}/{number}",
                    "started_at": now - timedelta(minutes=5 * number + 1),
                    "finished_at": now - timedelta(minutes=5 * number),
                    "published": 20,
                    "outcomes": {"seen": 20, "new": 1, "unchanged": 19, **({"broken": 1} if number % 10 == 0 else {})},
                    "gaps": 0,
                    "lag": 60.0,
                    "errors": {},
                    "quota": {},
                }
                for source in sources
                for number in range(KEPT)
            ]
            with installation.database.begin() as connection:
                connection.execute(source_health.insert(), rows)
            exporter = Exporter(installation, Counted(), Pulse())
            exporter.text()
            begun = time.process_time()
            for _ in range(TIMES):
                page = exporter.text()
            spent = (time.process_time() - begun) / TIMES
    print(f"{count} sources with {KEPT} crawls each: {1e3 * spent:.0f} ms of CPU a scrape, {len(page)} bytes")


if __name__ == "__main__":
    main()
