"""`otklik run CITY…`: for ever: what is due is crawled, the index fed, deliveries made; a clean stop on SIGTERM."""

from typing import Annotated

import typer

from crawler.checking import load_city
from crawler.commands.shell import CITY, Settings, err, plain
from crawler.installation import Installation
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.reactor import in_reactor, stop_on_signals
from crawler.runner import Progress, run_forever

STARTED = Text("Работаю: {cities}. Остановка: Ctrl-C или SIGTERM.", "Running: {cities}. Stop by Ctrl-C or SIGTERM.")
STOPPED = Text("Остановлено: всё, что прочитано, записано.", "Stopped: everything that was read is stored.")
CRAWLED = Text(
    "{source}: увидено {seen}, новых {new}, ошибок {errors}", "{source}: {seen} seen, {new} new, {errors} errors"
)
SAME = Text(
    "Город {city} назван дважды: ключи городов одной установки различны.", "{city} is named twice: keys must differ."
)


def run(cities: Annotated[list[str], typer.Argument(metavar="CITY…", help=str(CITY), show_default=False)]) -> None:
    """Work until SIGTERM or Ctrl-C."""
    loaded = [load_city(name) for name in cities]
    for city in loaded:
        if sum(other.key == city.key for other in loaded) > 1:
            raise OtklikError(SAME.filled(city=city.key))
    with Installation.open(Settings.environment, Settings.data, loaded) as installation:

        async def running() -> None:
            stop = stop_on_signals()
            err.print(STARTED.format(cities=", ".join(city.name for city in loaded)), highlight=False, markup=False)
            await run_forever(loaded, installation, stop, watch=_say)

        in_reactor(running())
    err.print(str(STOPPED))


def _say(at: Progress) -> None:
    if at.result:
        outcomes = at.result.health.outcomes
        line = CRAWLED.format(source=at.source.key, seen=at.seen, new=outcomes.get("new", 0), errors=at.errors)
        err.print(plain(line), markup=False, highlight=False)
