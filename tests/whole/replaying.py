"""A city's day crawled as `otklik run` crawls it: every source again and again while the clock goes on."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crawler.checking import load_city
from crawler.environment import Environment
from crawler.health import SourceHealth
from crawler.installation import Installation
from crawler.model.city import City, Source
from crawler.runner import crawl_sources
from search.state.tables import post_versions, posts
from tests.crawling import QUICK, NoSecrets, in_reactor
from tests.whole.city_day import Made
from tests.whole.day_servers import DayServers


@dataclass
class Replay:
    """An installation of Тихоозёрск whose sources are those of the day. `shown` is what any visit could have seen."""

    servers: DayServers
    folder: Path
    sources: tuple[Source, ...]
    shown: set[Made] = field(default_factory=set)
    healths: list[SourceHealth] = field(default_factory=list)

    @property
    def city(self) -> City:
        """The invented town with these sources and no receiver of tickets but the one that takes everything."""
        town = load_city("tikhoozersk")
        destinations = tuple(replace(one, system="blackhole", url="", secret="") for one in town.destinations)
        return replace(town, sources=self.sources, destinations=destinations)

    def run(self, moments: Iterable[datetime]) -> None:
        """Crawl every source at each of these moments."""
        environment = Environment({"XDG_CONFIG_HOME": str(self.folder / "config")})
        city, keys = self.city, {source.key for source in self.sources}
        with Installation.open(
            environment, self.folder / "data", [city], self.servers.clock, NoSecrets()
        ) as installation:
            for moment in moments:
                self.servers.go_to(moment)
                self.shown |= {made for made in self.servers.day.visible(moment) if made.source in keys}
                results = in_reactor(crawl_sources(city, self.sources, installation, settings=QUICK))
                assert [str(result.failure) for result in results if result.failure] == []
                self.healths += [result.health for result in results]
            self.stored = _stored(installation, city)
            self.gone = _gone(installation, city)

    @property
    def missing(self) -> list[Made]:
        """What could have been seen and is not in the state."""
        return [made for made in self.shown if self.servers.id_of(made) not in self.stored]

    def untold(self) -> dict[str, int]:
        """By source: how much of what is missing is in no gap of its last crawl with a reason beside it."""
        last = {health.source: health for health in self.healths}
        missing = Counter(made.source for made in self.missing)
        told = {source: last[source].gaps if last[source].errors else 0 for source in missing}
        return {source: count - told[source] for source, count in missing.items() if count > told[source]}


def _stored(installation: Installation, city: City) -> dict[str, str]:
    """The text of the current version of each post of the state."""
    query = sa.select(posts.c.id, post_versions.c.content["text"].as_string()).join(
        post_versions,
        (post_versions.c.city == posts.c.city)
        & (post_versions.c.post == posts.c.id)
        & (post_versions.c.version == posts.c.version),
    )
    with installation.database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query.where(posts.c.city == city.key))}


def _gone(installation: Installation, city: City) -> set[str]:
    """The posts that the state says are taken away."""
    query = sa.select(posts.c.id).where(posts.c.city == city.key, posts.c.gone_at.is_not(None))
    with installation.database.read() as connection:
        return {row[0] for row in connection.execute(query)}
