"""`otklik demo`: the invented town, served on this machine, crawled twice, ending with its incidents."""

import asyncio
import shutil
import signal
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
import typer

from crawler.checking import load_city
from crawler.commands.crawl import print_results
from crawler.commands.incidents import show_queue
from crawler.commands.shell import JsonOption, Settings, out, plain, print_json, table
from crawler.commands.verb import Verb
from crawler.environment import CHECKOUT
from crawler.health import SourceResult
from crawler.installation import Installation
from crawler.model.city import City
from crawler.model.ports import SystemClock
from crawler.model.text import Text
from crawler.reactor import in_reactor
from crawler.runner import crawl_sources
from demo.town import SECRET, Town
from search.state.tables import incidents, matches, posts, readings, reports

NO_SERVE = Text(
    "закончить сразу, не оставляя страницы города открытыми", "end at once, without keeping the town's pages open"
)
FIRST = Text("Первый обход: {name}, {pages} запросов", "First pass: {name}, {pages} requests")
SECOND = Text("Второй обход: правки и удаление", "Second pass: edits and a deletion")
NEXT = Text(
    "Дальше: otklik --data {data} incidents tikhoozersk show 1 (или confirm 1)",
    "Next: otklik --data {data} incidents tikhoozersk show 1 (or confirm 1)",
)
OPEN = Text(
    "Страницы города: {telegram} и {news}. Закончить: Ctrl-C.", "The town's pages: {telegram} and {news}. Stop: Ctrl-C."
)
# The town is served by us and asked by us: politeness to strangers would only make people wait.
QUICK = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class DemoSecrets:
    """The one secret of the invented town."""

    def get(self, name: str) -> str:  # noqa: ARG002 - the town has only one
        """The secret of the duty desk."""
        return SECRET


def _demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help=str(NO_SERVE))] = False, as_json: JsonOption = False
) -> None:
    home = Settings.environment.home(Settings.data) / "demo"
    shutil.rmtree(home, ignore_errors=True)
    city = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml"))
    clock = SystemClock()
    with Town(clock.now()) as town:
        served = town.served(city)
        with Installation.open(Settings.environment, home, [served], clock, DemoSecrets()) as installation:
            first, second = in_reactor(_two_passes(installation, served, town))
            waiting = installation.drain(30)
            counts = _counts(installation, served)
            if not as_json:
                _show(town, first, second, counts)
            count = show_queue(installation.desk(city.key), as_json=as_json)
        if as_json:
            outcomes = sum((Counter(one.health.outcomes) for one in [*first, *second]), Counter[str]())
            print_json({"incidents": count, **counts, "outcomes": outcomes, "to_deliver": waiting.deliveries})
        else:
            out.print(NEXT.format(data=home), markup=False, highlight=False, soft_wrap=True)
        if not no_serve:
            _keep_open(town)
    if any(one.broken or one.failure for one in [*first, *second]):
        raise typer.Exit(1)


async def _two_passes(
    installation: Installation, city: City, town: Town
) -> tuple[list[SourceResult], list[SourceResult]]:
    first = await crawl_sources(city, city.sources, installation, settings=QUICK)
    town.second_visit()
    return first, await crawl_sources(city, city.sources, installation, settings=QUICK)


def _counts(installation: Installation, city: City) -> dict[str, int]:
    """How many posts there are, and how many of them are copies, placed, matched and reports."""
    current = sa.and_(
        readings.c.city == posts.c.city, readings.c.post == posts.c.id, readings.c.version == posts.c.version
    )
    with installation.database.read() as connection:
        contents = connection.execute(
            sa.select(readings.c.copy_of, readings.c.content).join(posts, current).where(posts.c.city == city.key)
        ).all()

        def count(table: sa.Table, column: sa.ColumnElement[object]) -> int:
            return connection.scalar(sa.select(sa.func.count(column)).where(table.c.city == city.key)) or 0

        return {
            "posts": len(contents),
            "copies": sum(bool(row.copy_of) for row in contents),
            "placed": sum(bool(row.content.get("places")) for row in contents),
            "matched": count(matches, sa.distinct(matches.c.post)),
            "reports": count(reports, reports.c.id),
            "raised": count(incidents, incidents.c.id),
        }


def _show(town: Town, first: list[SourceResult], second: list[SourceResult], counts: dict[str, int]) -> None:
    pages = town.telegram.requests + town.news.requests
    out.print(plain(FIRST.format(name=town.channel.title, pages=pages)), style="bold", markup=False, highlight=False)
    print_results(first)
    out.print(str(SECOND), style="bold")
    print_results(second)
    words = {
        "posts": Text("публикаций", "posts"),
        "copies": Text("из них копии", "of them copies"),
        "placed": Text("с местом", "with a place"),
        "matched": Text("совпали с запросами", "matched by searches"),
        "reports": Text("обращений", "reports"),
        "raised": Text("поднято инцидентов", "incidents raised"),
    }
    columns = [Text("что", "what"), Text("число", "count")]
    out.print(table(Text("Путь", "The way"), columns, [(words[word], count) for word, count in counts.items()]))


def _keep_open(town: Town) -> None:
    urls = {"telegram": town.telegram.address(town.channel.name), "news": town.news.url}
    out.print(OPEN.format(**urls), markup=False, highlight=False, soft_wrap=True)

    async def waiting() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()

    asyncio.run(waiting())


demo = Verb(_demo, Text("показать придуманный город", "show the invented town"))
