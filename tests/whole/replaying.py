"""A city's day crawled as `otklik run` crawls it: every source again and again while the clock goes on."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler.checking import load_city
from crawler.environment import Environment
from crawler.health import SourceHealth
from crawler.installation import Installation
from crawler.model.city import City, Source, Token
from crawler.runner import crawl_sources
from search.state.tables import post_versions, posts
from tests.crawling import QUICK, NoSecrets, in_reactor
from tests.whole.city_day import Made
from tests.whole.day_servers import RATE, TOKEN, DayServers

LATE = timedelta(minutes=90)
"""When a comment of VK should be there that gave no sign: one came while another went, and the count is the same."""


@dataclass
class Replay:
    """An installation of Тихоозёрск whose sources are those of the day.

    `shown` is what any visit could have seen, `unexplained` how much of it, by source, was LATE at a visit: neither
    stored nor said to be missing.
    """

    servers: DayServers
    folder: Path
    sources: tuple[Source, ...]
    a_day: dict[str, int] = field(default_factory=dict)
    shown: set[Made] = field(default_factory=set)
    healths: list[SourceHealth] = field(default_factory=list)
    unexplained: Counter[str] = field(default_factory=Counter)

    @property
    def city(self) -> City:
        """The invented town with these sources and no receiver of tickets but the one that takes everything."""
        town = load_city("tikhoozersk")
        destinations = tuple(replace(one, system="blackhole", url="", secret="") for one in town.destinations)
        tokens = {"vk": Token(TOKEN, "service", a_second=RATE, a_day=self.a_day)}
        return replace(town, sources=self.sources, destinations=destinations, tokens=tokens)

    def run(self, moments: Iterable[datetime], before: Callable[[datetime], None] = lambda _: None) -> None:
        """Crawl every source at each of these moments; `before` is told of each when the servers are there."""
        environment = Environment({"XDG_CONFIG_HOME": str(self.folder / "config")})
        city, keys = self.city, {source.key for source in self.sources}
        with Installation.open(
            environment, self.folder / "data", [city], self.servers.clock, NoSecrets()
        ) as installation:
            for moment in moments:
                self.servers.go_to(moment)
                before(moment)
                self.shown |= {made for made in self.servers.day.visible(moment) if made.source in keys}
                results = in_reactor(crawl_sources(city, self.sources, installation, settings=QUICK))
                assert [str(result.failure) for result in results if result.failure] == []
                self.healths += [result.health for result in results]
                self.stored = _stored(installation, city)
                self.unexplained += self.untold()
            waiting = installation.drain(60)
            self.gone = _gone(installation, city)
            assert (waiting.index, waiting.errors) == (0, ())

    @property
    def missing(self) -> list[Made]:
        """What is there to be seen now and is not in the state."""
        keys, day, now = {source.key for source in self.sources}, self.servers.day, self.servers.clock.now()
        there = [made for made in day.visible(now) if made.source in keys]
        return [made for made in there if self.servers.id_of(made) not in self.stored]

    def untold(self) -> Counter[str]:
        """By source: how much is missing of which the last crawl says neither that it could read nothing of the
        source nor that it left gaps as large, and why.
        """
        last = {health.source: health for health in self.healths}
        due = self.servers.clock.now() - LATE
        missing = Counter(made.source for made in self.missing if made.at <= due)
        told = {
            source: one.errors and (not one.outcomes["seen"] or one.gaps >= missing[source])
            for source, one in last.items()
        }
        return Counter({source: count for source, count in missing.items() if not told[source]})


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
