"""`otklik run CITY…`: for ever: what is due is crawled, the index fed, deliveries made; a clean stop on SIGTERM."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

import typer

from crawler.checking import load_city
from crawler.commands.shell import CITY, Settings, err, plain
from crawler.endless import run_forever
from crawler.environment import HeartbeatPlan
from crawler.installation import Installation
from crawler.model.city import City
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.monitoring.counted import Counted
from crawler.monitoring.endpoint import Address, Endpoint
from crawler.monitoring.exporter import Exporter
from crawler.monitoring.heartbeat import Heartbeat
from crawler.pulse import Pulse
from crawler.reactor import in_reactor, stop_on_signals
from crawler.runner import Progress

STARTED = Text("Работаю: {cities}. Остановка: Ctrl-C или SIGTERM.", "Running: {cities}. Stop by Ctrl-C or SIGTERM.")
STOPPED = Text("Остановлено: всё, что прочитано, записано.", "Stopped: everything that was read is stored.")
CRAWLED = Text(
    "{source}: увидено {seen}, новых {new}, ошибок {errors}", "{source}: {seen} seen, {new} new, {errors} errors"
)
SAME = Text(
    "Город {city} назван дважды: ключи городов одной установки различны.", "{city} is named twice: keys must differ."
)


METRICS = Text(
    "отдавать метрики Prometheus: ХОСТ:ПОРТ, например 127.0.0.1:9464",
    "serve metrics for Prometheus: HOST:PORT, such as 127.0.0.1:9464",
)
SERVED = Text("Метрики: {url}", "Metrics: {url}")


def run(
    cities: Annotated[list[str], typer.Argument(metavar="CITY…", help=str(CITY), show_default=False)],
    metrics: Annotated[str, typer.Option(metavar="HOST:PORT", help=str(METRICS), show_default=False)] = "",
) -> None:
    """Work until SIGTERM or Ctrl-C."""
    loaded = [load_city(name) for name in cities]
    for city in loaded:
        if sum(other.key == city.key for other in loaded) > 1:
            raise OtklikError(SAME.filled(city=city.key))
    token = Settings.environment.metrics_token()
    watched = Watched(Address.read(metrics, token) if metrics else None, token, Settings.environment.heartbeat())
    with Installation.open(Settings.environment, Settings.data, loaded) as installation:
        in_reactor(watched.run(loaded, installation))
    err.print(str(STOPPED))


@dataclass
class Watched:
    """A run that is watched from outside: by whoever asks /metrics, and by whoever misses its heartbeat."""

    address: Address | None
    token: str
    plan: HeartbeatPlan | None
    pulse: Pulse = field(default_factory=Pulse)
    counted: Counted = field(default_factory=Counted)

    async def run(self, cities: list[City], installation: Installation) -> None:
        """Until a signal comes."""
        stop = stop_on_signals()
        err.print(STARTED.format(cities=", ".join(city.name for city in cities)), highlight=False, markup=False)
        self.counted.begin(cities)
        endpoint = Endpoint(Exporter(installation, self.counted, self.pulse).text, self.token)
        if self.address:
            url = await endpoint.start(self.address)
            err.print(SERVED.format(url=url), highlight=False, markup=False, soft_wrap=True)
        beating = self._beat(installation)
        try:
            await run_forever(cities, installation, stop, watch=self._watch, pulse=self.pulse)
        finally:
            await endpoint.stop()
            if beating:
                beating.cancel()

    def _beat(self, installation: Installation) -> asyncio.Task[None] | None:
        if self.plan is None:
            return None
        return asyncio.create_task(Heartbeat(self.plan, installation.database, self.pulse, self.counted).run())

    def _watch(self, at: Progress) -> None:
        if at.result:
            self.counted.crawl(at.result)
            outcomes = at.result.health.outcomes
            line = CRAWLED.format(source=at.source.key, seen=at.seen, new=outcomes.get("new", 0), errors=at.errors)
            err.print(plain(line), markup=False, highlight=False)
